//! The `data` of an event: the object as it was after the change, if its document still has the
//! values of that time.

use crate::{
    domain::{EventType, ObjectId, Timestamp},
    error::{Error, Result},
    store::{
        Store,
        bookings::{Booking, BookingStatus, Stored},
        cancellations::Cancellation,
        entities::{Entity, event_fields},
        held_seats::HeldSeat,
        outbox::{Source, StoredEvent, Unsent},
        read_document,
        refunds::{Refund, RefundStatus},
        reservations::{Hold, HoldStatus},
    },
    views::{BookingView, DeletedEntityEvent, EntitySettingsView, HoldEvent, RefundEvent},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A body is below 20 KB.
const MAX_BODY_BYTES: usize = 20_000;

/// What a body leaves out, one after the other, until it is small enough.
const LEAST_NEEDED: [&str; 5] =
    ["refunds", "cancellations", "cancellationPolicy", "description", "seats"];

/// The object that an event is about.
pub(super) async fn event_object(
    store: &Store,
    source: Source,
    unsent: &Unsent,
    event: &StoredEvent,
    kind: EventType,
) -> Result<Value> {
    match source {
        Source::Holds => hold(store, unsent, event, kind).await,
        Source::Bookings => booking(store, unsent, event).await,
        Source::Refunds => refund(unsent, event, kind),
        Source::Entities => entity(store, unsent, event).await,
    }
}

/// The body of `data`, without the least needed fields if it would be too
/// large. `leftOut` names them.
pub(super) fn limited(
    mut data: Value,
    body_of: impl Fn(&Value) -> Result<String>,
) -> Result<String> {
    let mut body = body_of(&data)?;
    let mut left_out = Vec::new();
    for field in LEAST_NEEDED {
        if body.len() < MAX_BODY_BYTES {
            break;
        }
        let Some(data) = data.as_object_mut() else { break };
        if data.remove(field).is_some() {
            left_out.push(field);
            data.insert("leftOut".to_owned(), json!(left_out));
        }
        body = body_of(&json!(data))?;
    }
    Ok(body)
}

/// The fields of a hold that a later change has replaced.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EarlierHold {
    version: i64,
    #[serde(default)]
    seats: Vec<HeldSeat>,
    amount: i64,
    expires_at: Timestamp,
    paying: bool,
}

async fn hold(
    store: &Store,
    unsent: &Unsent,
    event: &StoredEvent,
    kind: EventType,
) -> Result<Value> {
    let mut hold: Hold = read_document(&unsent.document)?;
    hold.status = match kind {
        EventType::HoldReleased => HoldStatus::Released,
        EventType::HoldExpired => HoldStatus::Expired,
        _ => HoldStatus::Active,
    };
    let mut paying = hold.payment.is_some();
    if let Some(was) = &event.was {
        let was: EarlierHold = read_document(was)?;
        (hold.version, hold.seats, hold.amount) = (was.version, was.seats, was.amount);
        (hold.expires_at, paying) = (was.expires_at, was.paying);
    }
    if hold.status != HoldStatus::Active {
        // The end is the hold's last event, so it has the version after the last change.
        hold.version += 1;
        paying = false;
    }
    store.fill_seats(std::slice::from_mut(&mut hold)).await?;
    value(HoldEvent::new(hold, paying))
}

/// The fields of a booking that a later change has replaced.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EarlierBooking {
    status: Stored<BookingStatus>,
    version: i64,
    seat_ids: Vec<ObjectId>,
    cancellations: Vec<Cancellation>,
}

async fn booking(store: &Store, unsent: &Unsent, event: &StoredEvent) -> Result<Value> {
    let mut booking: Booking = read_document(&unsent.document)?;
    if let Some(was) = &event.was {
        let was: EarlierBooking = read_document(was)?;
        (booking.status, booking.version) = (was.status, was.version);
        (booking.seat_ids, booking.cancellations) = (was.seat_ids, was.cancellations);
    }
    store.fill_seats_and_refunds(std::slice::from_mut(&mut booking)).await?;
    let version = booking.version;
    let mut data = value(BookingView::for_admin(booking))?;
    data["version"] = version.into();
    Ok(data)
}

fn refund(unsent: &Unsent, event: &StoredEvent, kind: EventType) -> Result<Value> {
    #[derive(Deserialize)]
    struct Earlier {
        version: i64,
    }
    let mut refund: Refund = read_document(&unsent.document)?;
    refund.status = Stored::Known(match kind {
        EventType::RefundSucceeded => RefundStatus::Succeeded,
        EventType::RefundFailed => RefundStatus::Failed,
        _ => RefundStatus::Pending,
    });
    if let Some(was) = &event.was {
        refund.version = read_document::<Earlier>(was)?.version;
    }
    value(RefundEvent::from(refund))
}

async fn entity(store: &Store, unsent: &Unsent, event: &StoredEvent) -> Result<Value> {
    let app = &unsent.app_id;
    let mut document = unsent.document.clone();
    if let Some(was) = &event.was {
        for name in event_fields() {
            document.remove(name);
        }
        document.extend(was.clone());
    }
    if !document.contains_key("title") {
        return value(read_document::<DeletedEntityEvent>(&document)?);
    }
    let entity: Entity = read_document(&document)?;
    let id = &entity.row.entity_id;
    let counts = store.seat_counts(app, &[id]).await?.remove(id.as_str()).unwrap_or_default();
    let counts = if entity.row.seats_incomplete { counts.off_sale() } else { counts };
    let mut data = value(EntitySettingsView::new(entity, &counts))?;
    data["appId"] = json!(app);
    Ok(data)
}

fn value(view: impl Serialize) -> Result<Value> {
    serde_json::to_value(view).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::event_body;

    fn body(data: Value) -> Value {
        let at = Timestamp::from_millis(0);
        let body = limited(data, |data| event_body(EventType::BookingCancelled, at, data)).unwrap();
        assert!(body.len() < MAX_BODY_BYTES, "{}", body.len());
        serde_json::from_str(&body).unwrap()
    }

    #[test]
    fn a_body_that_is_small_enough_is_whole() {
        let data = json!({"bookingId": "BK-1", "refunds": [1, 2], "seats": ["A1"]});
        let body = body(data.clone());
        assert_eq!(body["data"], data);
        assert_eq!(body["type"], "booking.cancelled");
    }

    #[test]
    fn a_body_that_is_too_large_says_what_it_leaves_out() {
        let refunds: Vec<String> = (0..2_000).map(|number| format!("RF-{number:020}")).collect();
        let shown = body(json!({"bookingId": "BK-1", "refunds": refunds, "seats": ["A1"]}));
        let expected = json!({"bookingId": "BK-1", "seats": ["A1"], "leftOut": ["refunds"]});
        assert_eq!(shown["data"], expected);
        let seats = vec!["a".repeat(2_000); 10];
        let shown = body(json!({"bookingId": "BK-1", "refunds": refunds, "seats": seats}));
        let expected = json!({"bookingId": "BK-1", "leftOut": ["refunds", "seats"]});
        assert_eq!(shown["data"], expected);
    }
}
