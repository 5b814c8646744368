//! Reading holds: one by its token or payment, the claims on seats, and those that are live.

use super::{
    StoreError, collect,
    hold_filters::{claims_on, fields, listed_fields, live_in, live_of, own},
    reservations::{Hold, HoldStatus, Reservations},
    server_time_limit, within_deadline,
};
use crate::domain::{AppId, EntityId, ReservationToken, Timestamp, UserId};
use mongodb::{
    ClientSession,
    bson::{Document, doc, oid::ObjectId},
};
use serde::Deserialize;

/// The part of a hold that a listing needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedHold {
    pub user_id: ObjectId,
    pub seat_ids: Vec<ObjectId>,
    pub status: HoldStatus,
    /// Milliseconds left when it was read, by the database's clock.
    pub remaining_ms: i64,
}

/// The part of a live hold that the limit per user needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CountedHold {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    /// Decides which of two holds is older.
    pub created_at: Timestamp,
    pub seat_ids: Vec<ObjectId>,
}

impl Reservations {
    /// The user's hold with this token. A majority read.
    pub(crate) async fn find(
        &self,
        app: &AppId,
        user: UserId,
        token: ReservationToken,
    ) -> Result<Option<Hold>, StoreError> {
        within_deadline(self.majority.find_one(own(app, user, token)).projection(fields())).await
    }

    /// The hold for which the payment with this id was started. A majority read.
    pub(crate) async fn find_by_payment(
        &self,
        app: &AppId,
        payment: &str,
    ) -> Result<Option<Hold>, StoreError> {
        let filter = doc! {"appId": app.as_str(), "payment.id": payment};
        within_deadline(self.majority.find_one(filter).projection(fields())).await
    }

    /// The hold with this token, whoever has it. A majority read.
    pub(crate) async fn find_by_token(
        &self,
        token: ReservationToken,
    ) -> Result<Option<Hold>, StoreError> {
        let filter = doc! {"reservationToken": token.to_string()};
        within_deadline(self.majority.find_one(filter).projection(fields())).await
    }

    /// The user's hold with this token. A linearizable read, so `None` proves that there is none.
    pub(crate) async fn find_linearizable(
        &self,
        app: &AppId,
        user: UserId,
        token: ReservationToken,
    ) -> Result<Option<Hold>, StoreError> {
        let find = self.linearizable.find_one(own(app, user, token)).projection(fields());
        within_deadline(find.max_time(server_time_limit())).await
    }

    /// The user's live holds in the app, oldest first.
    pub async fn live_for_user(&self, app: &AppId, user: UserId) -> Result<Vec<Hold>, StoreError> {
        let mut holds =
            collect(self.majority.find(live_of(app, user)).projection(fields())).await?;
        // Sorted here: they are few, and the server could not return the first before it has all.
        holds.sort_by_key(|hold| (hold.created_at, hold.id));
        Ok(holds)
    }

    /// The user's live holds in the app, in no order and without the fields that counting does not
    /// need. Every new hold may call this.
    pub(crate) async fn live_to_count(
        &self,
        app: &AppId,
        user: UserId,
    ) -> Result<Vec<CountedHold>, StoreError> {
        let fields = doc! {"createdAt": 1, "seatIds": 1};
        collect(self.counted.find(live_of(app, user)).projection(fields)).await
    }

    /// The live holds of an entity, for listings. `None` if there are more than `limit`.
    pub(crate) async fn live_for_entity(
        &self,
        app: &AppId,
        entity: &EntityId,
        limit: i64,
    ) -> Result<Option<Vec<ListedHold>>, StoreError> {
        let find =
            self.listing.find(live_in(app, entity)).projection(listed_fields()).limit(limit + 1);
        let holds = collect(find).await?;
        Ok((holds.len() as i64 <= limit).then_some(holds))
    }

    /// The claims (live, overdue or confirmed) on any of `seats`.
    ///
    /// A local read, as fresh as the unique index. It is good enough to refuse a reservation, but
    /// not to grant one.
    pub(crate) async fn claims(
        &self,
        app: &AppId,
        seats: &[ObjectId],
    ) -> Result<Vec<Hold>, StoreError> {
        collect(self.holds.find(claims_on(app, seats)).projection(fields())).await
    }

    /// The claims (live, overdue or confirmed) on any of `seats`, for listings.
    pub(crate) async fn listed_claims(
        &self,
        app: &AppId,
        seats: &[ObjectId],
    ) -> Result<Vec<ListedHold>, StoreError> {
        collect(self.listing.find(claims_on(app, seats)).projection(listed_fields())).await
    }

    /// The user's claims in the entity of `hold`: held and booked seats.
    pub(crate) async fn claims_in_entity(&self, hold: &Hold) -> Result<Vec<Hold>, StoreError> {
        let filter = doc! {
            "userId": hold.user_id, "status": {"$in": ["ACTIVE", "CONFIRMED"]},
            "appId": hold.app_id.as_str(), "entityId": hold.entity_id.as_str(),
        };
        collect(self.majority.find(filter).projection(fields())).await
    }

    /// Inside a transaction: whether a hold of the entity was made at or after `since`,
    /// whatever became of it.
    pub(super) async fn exist_since(
        &self,
        session: &mut ClientSession,
        app: &AppId,
        entity: &EntityId,
        since: Timestamp,
    ) -> mongodb::error::Result<bool> {
        let filter = doc! {
            "appId": app.as_str(), "createdAt": {"$gte": since}, "entityId": entity.as_str(),
        };
        let rows = self.holds.clone_with_type::<Document>();
        let find = rows.find_one(filter).projection(doc! {"_id": 1});
        Ok(find.session(session).await?.is_some())
    }
}
