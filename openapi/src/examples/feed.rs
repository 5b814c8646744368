//! Examples of the public seat feed.

use super::{Examples, SEATS};
use serde_json::{Value, json};

const SEATS_VERSION: i64 = 7;

pub(crate) fn feed() -> Examples {
    let feed = json!({
        "epoch": 1, "seq": 1_855_010_635_776_000_i64, "seatsVersion": SEATS_VERSION,
        "asOf": "2026-01-22T10:00:00.000Z", "states": "CQ==", "refreshMs": 1_500,
    });
    vec![("two seats, held and sold", feed)]
}

pub(crate) fn feed_seats_query() -> Value {
    json!({"v": SEATS_VERSION})
}

pub(crate) fn feed_seats() -> Examples {
    let seat = |id: &str, number: &str| {
        json!({
            "seatId": id, "seatNumber": number, "section": "stalls", "row": "A",
            "category": "standard", "flags": ["aisle"], "price": 45_000,
        })
    };
    let seats = [seat(SEATS[0], "A1"), seat(SEATS[1], "A2")];
    vec![("two seats", json!({"seatsVersion": SEATS_VERSION, "currency": "INR", "seats": seats}))]
}
