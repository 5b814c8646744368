//! Lists of bookings, page by page, newest first.

use super::{
    bookings::{Booking, BookingStatus, Bookings, PaymentStatus},
    paging::{Position, narrow, newest_first, stored_name},
    time_range,
};
use crate::{
    domain::{AppId, BookingId, EntityId, PaymentId, Timestamp, UserId},
    error::Error,
};
use mongodb::bson::{Document, doc, oid::ObjectId};

/// Which bookings the admin wants to see. `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct BookingFilter {
    pub app: Option<AppId>,
    pub booking: Option<BookingId>,
    pub payment: Option<PaymentId>,
    pub entity: Option<EntityId>,
    /// Any of these seats, sold or cancelled.
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
pub type BookingCursor = Position;

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
        narrow(
            &mut query,
            [
                ("appId", filter.app.map(|app| app.as_str().into())),
                ("bookingId", filter.booking.map(|booking| booking.as_str().into())),
                ("paymentId", filter.payment.map(|payment| payment.as_str().into())),
                ("entityId", filter.entity.map(|entity| entity.as_str().into())),
                ("$or", filter.seats.map(|seats| with_seats(&seats).into())),
                ("userId", filter.user.map(|user| user.object_id().into())),
                ("status", filter.status.map(|status| stored_name(&status))),
                ("paymentStatus", filter.payment_status.map(|status| stored_name(&status))),
                ("bookingDate", time_range(filter.from, filter.to).map(Into::into)),
            ],
        );
        self.page(query, after, limit).await
    }

    async fn page(
        &self,
        filter: Document,
        after: Option<BookingCursor>,
        limit: i64,
    ) -> Result<(Vec<Booking>, Option<BookingCursor>), Error> {
        let position = |booking: &Booking| (booking.booking_date, booking.id);
        newest_first(self.majority(), filter, "bookingDate", after, limit, position).await
    }
}

/// A cancelled seat leaves `seatIds` and stays in `seats`, which the first versions did not write.
fn with_seats(ids: &[ObjectId]) -> Vec<Document> {
    vec![doc! {"seatIds": {"$in": ids}}, doc! {"seats.seatId": {"$in": ids}}]
}
