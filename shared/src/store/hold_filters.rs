//! Filters, updates and projections on `reservations`. Only the database's clock (`$$NOW`) decides
//! whether a hold has expired.

use super::{payment_asks, reservations::Hold};
use crate::{
    domain::{AppId, EntityId, ReservationToken, Timestamp, UserId},
    faults::flawed,
};
use mongodb::bson::{Document, doc, oid::ObjectId};

pub(super) fn live_of(app: &AppId, user: UserId) -> Document {
    doc! {"userId": user.object_id(), "status": "ACTIVE", "appId": app.as_str(), "$expr": live()}
}

/// The holds of an entity that have not ended, live or overdue.
pub(super) fn active_in(app: &AppId, entity: &EntityId) -> Document {
    doc! {
        "appId": app.as_str(), "entityId": entity.as_str(), "status": "ACTIVE", "claimed": true,
    }
}

pub(super) fn live_in(app: &AppId, entity: &EntityId) -> Document {
    let mut filter = active_in(app, entity);
    filter.insert("$expr", live());
    filter
}

/// The claims on any of these seats: live, overdue or sold.
pub(super) fn claims_on(app: &AppId, seats: &[ObjectId]) -> Document {
    doc! {"appId": app.as_str(), "seatIds": {"$in": seats}, "claimed": true}
}

pub(super) fn live() -> Document {
    if flawed("own-clock") {
        return doc! {"$gt": ["$expiresAt", Timestamp::now()]};
    }
    doc! {"$gt": ["$expiresAt", "$$NOW"]}
}

pub(super) fn overdue() -> Document {
    doc! {"$lte": ["$expiresAt", "$$NOW"]}
}

pub(super) fn own(app: &AppId, user: UserId, token: ReservationToken) -> Document {
    doc! {"reservationToken": token.to_string(), "userId": user.object_id(), "appId": app.as_str()}
}

pub(super) fn live_own(app: &AppId, user: UserId, token: ReservationToken) -> Document {
    let mut filter = own(app, user, token);
    filter.extend(doc! {"status": "ACTIVE", "$expr": live()});
    filter
}

pub(super) fn overdue_own(app: &AppId, user: UserId, token: ReservationToken) -> Document {
    let mut filter = own(app, user, token);
    filter.extend(doc! {"status": "ACTIVE", "$expr": overdue()});
    filter
}

/// The live hold, at the version that was read.
pub(super) fn live_version(hold: &Hold) -> Document {
    let mut filter = live_own(&hold.app_id, hold.user_id.into(), hold.reservation_token);
    // Holds that never changed, and holds of earlier versions, have no version.
    let version = if hold.version == 0 {
        doc! {"$in": [null, 0]}
    } else {
        doc! {"$eq": hold.version}
    };
    filter.insert("version", version);
    filter
}

/// Ends a hold, removes its claim so that others can have the seats, and sets the fields `events`.
pub(super) fn unclaim(status: &str, events: Document) -> Vec<Document> {
    vec![with_status(status, events), doc! {"$unset": "claimed"}]
}

/// Ends a hold that was not sold. Its payment, if one was started, is asked about from now on.
pub(super) fn end_unsold(status: &str, events: Document) -> Vec<Document> {
    let mut stages = unclaim(status, events);
    stages.push(doc! {"$set": {"askAt": payment_asks::at_end()}});
    stages
}

/// Gives a hold another status, and sets the fields `events`.
pub(super) fn with_status(status: &str, events: Document) -> Document {
    let mut set = doc! {"status": status, "updatedAt": "$$NOW"};
    set.extend(events);
    doc! {"$set": set}
}

/// Removes the payment of a hold, so that another one can be started.
pub(super) fn without_payment(hold: &Hold, events: Document) -> Vec<Document> {
    let mut set = doc! {"version": hold.version + 1, "updatedAt": "$$NOW"};
    set.extend(events);
    vec![doc! {"$set": set}, doc! {"$unset": ["payment", "askAt"]}]
}

/// The fields of a hold that its events show.
pub(super) fn state_for_events() -> Document {
    doc! {
        "status": "$status", "version": {"$ifNull": ["$version", 0_i64]}, "seats": "$seats",
        "amount": "$amount", "expiresAt": "$expiresAt",
        "paying": {"$eq": [{"$type": "$payment"}, "object"]},
    }
}

/// The projection for [`ListedHold`].
pub(super) fn listed_fields() -> Document {
    doc! {"_id": 0, "userId": 1, "seatIds": 1, "status": 1, "remainingMs": remaining()}
}

/// The projection for [`Hold`].
pub(super) fn fields() -> Document {
    doc! {
        "reservationToken": 1, "userId": 1, "appId": 1, "entityId": 1, "seatIds": 1, "seats": 1,
        "amount": 1, "currency": 1, "version": 1, "payment": 1, "extended": 1,
        "adjacent": 1, "requestKey": 1,
        "terms": 1, "status": 1, "expiresAt": 1, "createdAt": 1, "updatedAt": 1,
        "remainingMs": remaining(),
    }
}

pub(super) fn remaining() -> Document {
    doc! {"$subtract": ["$expiresAt", "$$NOW"]}
}
