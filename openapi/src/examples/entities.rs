//! Examples of entities and their seats.

use super::{ENTITY, Examples, FEED_KEY, LAYOUT, SEATS, with};
use serde_json::{Value, json};

fn settings() -> Value {
    json!({
        "title": "Jazz in the park", "description": "An evening with three bands.",
        "venue": "City Hall", "currency": "INR", "startsAt": "2026-01-22T18:00:00.000Z",
        "endsAt": "2026-01-22T21:00:00.000Z", "timeZone": "Asia/Kolkata",
        "salesCloseAt": "2026-01-22T17:00:00.000Z", "state": "ON_SALE", "maxSeatsPerUser": 6,
    })
}

pub(crate) fn entity_seats() -> Examples {
    let mut seat = super::seat(SEATS[0], "A1");
    seat["status"] = "LOCKED".into();
    seat["expiresAt"] = "2026-01-22T10:02:00.000Z".into();
    vec![("the last page", json!({"entityId": ENTITY, "seats": [seat]}))]
}

pub(crate) fn create_layout_seats() -> Examples {
    let prices = json!({"front": 90_000, "standard": 45_000});
    vec![("two categories", json!({"layoutId": LAYOUT, "prices": prices}))]
}

pub(crate) fn created_layout_seats() -> Examples {
    vec![("all", json!({"created": 500, "total": 500}))]
}

pub(crate) fn patch_seats() -> Examples {
    vec![
        ("a new price", json!({"where": {"section": "stalls"}, "set": {"price": 50_000}})),
        ("off sale", json!({"where": {"seatNumbers": ["A1", "A2"]}, "set": {"forSale": false}})),
    ]
}

pub(crate) fn changed_seats() -> Examples {
    let skipped = json!([{"seatNumber": "A1", "reason": "BOOKED"}]);
    vec![("one is sold", json!({"matched": 2, "changed": 1, "skipped": skipped}))]
}

pub(crate) fn remove_seats() -> Examples {
    vec![("two seats", json!({"where": {"seatNumbers": ["A1", "A2"]}}))]
}

pub(crate) fn removed_seats() -> Examples {
    let skipped = json!([{"seatNumber": "A1", "reason": "LOCKED"}]);
    vec![("one is held", json!({"removed": 1, "skipped": skipped}))]
}

pub(crate) fn policy() -> Value {
    json!({
        "tiers": [
            {"hoursBefore": 48, "refundPercent": 100}, {"hoursBefore": 2, "refundPercent": 50},
        ],
        "feePerSeat": 1_000,
    })
}

pub(crate) fn put_entity() -> Examples {
    let screening = json!({"title": "The last film", "currency": "INR"});
    vec![("a concert", settings()), ("without a date", screening)]
}

pub(crate) fn patch_entity() -> Examples {
    vec![
        ("pause the sale", json!({"state": "PAUSED"})),
        ("no end of the sale", json!({"salesCloseAt": null})),
    ]
}

fn an_entity() -> Value {
    let read_only = json!({
        "entityId": ENTITY, "releaseAccessible": false, "seatsVersion": 7, "feedKey": FEED_KEY,
        "version": 3,
        "seats": {"total": 500, "available": 441, "held": 9, "booked": 40, "notForSale": 10},
        "createdAt": "2026-01-02T09:00:00.000Z", "updatedAt": "2026-01-02T09:00:00.000Z",
    });
    with(settings(), read_only)
}

pub(crate) fn entity_settings() -> Examples {
    vec![("a concert", an_entity())]
}

pub(crate) fn cancel_entity() -> Examples {
    vec![("all money back", json!({"refundPercent": 100, "reason": "The band is ill."}))]
}

pub(crate) fn cancelled_entity() -> Examples {
    let change = json!({
        "state": "CANCELLED", "cancelling": {"bookings": 40, "done": 0, "refundsFailed": 0},
    });
    vec![("just cancelled", with(an_entity(), change))]
}

pub(crate) fn entity_settings_page() -> Examples {
    vec![("the last page", json!({"entities": [an_entity()]}))]
}

pub(crate) fn deleted_entity() -> Examples {
    vec![("deleted", json!({"entityId": ENTITY, "deleted": true}))]
}

pub(crate) fn new_feed_key() -> Examples {
    vec![("replaced", json!({"entityId": ENTITY, "feedKey": FEED_KEY}))]
}

fn a_listed_entity() -> Value {
    json!({
        "entityId": ENTITY, "title": "Jazz in the park", "venue": "City Hall",
        "startsAt": "2026-01-22T18:00:00.000Z", "endsAt": "2026-01-22T21:00:00.000Z",
        "timeZone": "Asia/Kolkata", "currency": "INR", "sales": "OPEN", "priceFrom": 45_000,
        "priceTo": 90_000, "seats": {"total": 500, "available": 441}, "feedKey": FEED_KEY,
    })
}

pub(crate) fn listed_entity() -> Examples {
    let section =
        json!({"section": "balcony", "available": 120, "priceFrom": 45_000, "priceTo": 45_000});
    vec![("a concert", with(a_listed_entity(), json!({"sections": [section]})))]
}

pub(crate) fn entity_page() -> Examples {
    vec![("the last page", json!({"entities": [a_listed_entity()]}))]
}
