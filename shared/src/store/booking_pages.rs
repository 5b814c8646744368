//! Lists of bookings, page by page, newest first.

use super::{
    bookings::{Booking, BookingStatus, Bookings, PaymentStatus},
    collect, time_range,
};
use crate::{
    domain::{AppId, BookingId, Cursor, EntityId, PaymentId, Timestamp, UserId},
    error::Error,
};
use mongodb::bson::{Document, doc, oid::ObjectId};
use serde::Serialize;

/// Which bookings the admin wants to see. `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct BookingFilter {
    pub app: Option<AppId>,
    pub booking: Option<BookingId>,
    pub payment: Option<PaymentId>,
    pub entity: Option<EntityId>,
    /// Any of these seats.
    pub seats: Option<Vec<ObjectId>>,
    pub user: Option<UserId>,
    pub status: Option<BookingStatus>,
    pub payment_status: Option<PaymentStatus>,
    /// The earliest time, inclusive.
    pub from: Option<Timestamp>,
    /// The latest time, exclusive.
    pub to: Option<Timestamp>,
}

/// A page begins after this booking: its date in milliseconds since 1970 and its document's id.
pub type BookingCursor = Cursor<(i64, String)>;

impl Bookings {
    /// Up to `limit` of the user's bookings in the app, newest first.
    pub async fn list_for_user(
        &self,
        app: &AppId,
        user: UserId,
        after: Option<BookingCursor>,
        limit: i64,
    ) -> Result<(Vec<Booking>, Option<BookingCursor>), Error> {
        self.page(doc! {"userId": user.object_id(), "appId": app.as_str()}, after, limit).await
    }

    /// Up to `limit` of the bookings that match the filter, newest first.
    pub async fn list_all(
        &self,
        filter: BookingFilter,
        after: Option<BookingCursor>,
        limit: i64,
    ) -> Result<(Vec<Booking>, Option<BookingCursor>), Error> {
        let mut query = Document::new();
        let mut equal = |name: &str, value: Option<mongodb::bson::Bson>| {
            query.extend(value.map(|value| (name.to_owned(), value)));
        };
        equal("appId", filter.app.map(|app| app.as_str().into()));
        equal("bookingId", filter.booking.map(|booking| booking.as_str().into()));
        equal("paymentId", filter.payment.map(|payment| payment.as_str().into()));
        equal("entityId", filter.entity.map(|entity| entity.as_str().into()));
        equal("seatIds", filter.seats.map(|seats| doc! {"$in": seats}.into()));
        equal("userId", filter.user.map(|user| user.object_id().into()));
        equal("status", filter.status.map(|status| stored_name(&status)));
        equal("paymentStatus", filter.payment_status.map(|status| stored_name(&status)));
        equal("bookingDate", time_range(filter.from, filter.to).map(Into::into));
        self.page(query, after, limit).await
    }

    async fn page(
        &self,
        mut filter: Document,
        after: Option<BookingCursor>,
        limit: i64,
    ) -> Result<(Vec<Booking>, Option<BookingCursor>), Error> {
        // MongoDB considers the index on dates only if the query has a condition on the date.
        filter.entry("bookingDate").or_insert_with(|| doc! {"$gte": Timestamp::MIN}.into());
        if let Some(Cursor((ms, id))) = after {
            let at = Timestamp::from_millis(ms);
            let id = ObjectId::parse_str(id).map_err(|_| {
                Error::field("cursor", "must be the nextCursor of an earlier response")
            })?;
            // The condition on the date alone is the bound of the index scan. With only the `$or`,
            // MongoDB would scan the index from its beginning.
            let older = doc! {
                "bookingDate": {"$lte": at}, "$or": [{"bookingDate": {"$lt": at}}, {"_id": {"$lt": id}}],
            };
            filter = doc! {"$and": [filter, older]};
        }
        let find =
            self.majority().find(filter).sort(doc! {"bookingDate": -1, "_id": -1}).limit(limit + 1);
        let mut page = collect(find).await?;
        let more = page.len() as i64 > limit;
        page.truncate(limit as usize);
        let next = page
            .last()
            .filter(|_| more)
            .map(|last| Cursor((last.booking_date.as_millis(), last.id.to_hex())));
        Ok((page, next))
    }
}

/// A status as it is stored.
fn stored_name(status: &impl Serialize) -> mongodb::bson::Bson {
    mongodb::bson::serialize_to_bson(status).unwrap_or_default()
}
