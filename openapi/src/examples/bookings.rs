//! Examples of holds and bookings.

use super::{APP, BOOKING, ENTITY, Examples, PAYMENT, RELEASED_TOKEN, SEATS, TOKEN, USER, with};
use serde_json::{Value, json};

pub(crate) fn reserve() -> Examples {
    vec![
        ("one seat", json!({"seatId": SEATS[0]})),
        ("several seats", json!({"seatIds": SEATS})),
        ("change a hold", json!({"reservationToken": TOKEN, "seatIds": SEATS})),
    ]
}

/// The seats of a hold, or with `status` of a booking.
fn held_seats(status: Option<&str>) -> Value {
    let seat = |(id, number): (&str, &str)| {
        let seat = json!({"seatId": id, "seatNumber": number, "price": 45_000});
        status.map_or(seat.clone(), |status| with(seat, json!({"status": status})))
    };
    SEATS.into_iter().zip(["A2", "A10"]).map(seat).collect()
}

fn a_hold() -> Value {
    json!({
        "reservationToken": TOKEN, "seatIds": SEATS, "expiresAt": "2026-01-22T10:02:00.000Z",
        "expiresIn": 120, "price": 90_000, "currency": "INR", "seats": held_seats(None),
    })
}

pub(crate) fn hold() -> Examples {
    vec![("two seats", a_hold())]
}

pub(crate) fn holds() -> Examples {
    let mut hold = a_hold();
    hold["entityId"] = ENTITY.into();
    vec![("one hold", json!({"reservations": [hold]}))]
}

pub(crate) fn confirm() -> Examples {
    vec![
        ("pay", json!({"reservationToken": TOKEN, "paymentId": PAYMENT})),
        ("a hold of price 0", json!({"reservationToken": TOKEN})),
    ]
}

pub(crate) fn release() -> Examples {
    vec![("release", json!({"reservationToken": RELEASED_TOKEN}))]
}

pub(crate) fn released() -> Examples {
    vec![("released", json!({"released": true}))]
}

fn a_booking() -> Value {
    json!({
        "bookingId": BOOKING, "entityId": ENTITY, "seatIds": SEATS, "reservationToken": TOKEN,
        "amount": 90_000, "currency": "INR", "paymentId": PAYMENT, "paymentStatus": "SUCCESS",
        "status": "CONFIRMED", "bookingDate": "2026-01-22T10:01:12.345Z",
        "seats": held_seats(Some("CONFIRMED")), "paidAmount": 90_000, "refundedAmount": 0,
        "refundStatus": "NONE", "refunds": [], "cancellations": [],
        "cancellationPolicy": super::entities::policy(),
    })
}

pub(crate) fn quote() -> Examples {
    let allowed = json!({
        "allowed": true, "seatIds": SEATS, "paid": 90_000, "fee": 2_000, "refund": 88_000,
        "currency": "INR", "changesAt": "2026-02-12T18:00:00.001Z",
    });
    let refused = json!({
        "allowed": false, "reason": "NO_POLICY", "seatIds": SEATS, "paid": 0, "fee": 0,
        "refund": 0, "currency": "INR",
    });
    vec![("both seats", allowed), ("nobody can cancel", refused)]
}

pub(crate) fn cancel_booking() -> Examples {
    vec![("the whole booking", json!({"bookingId": BOOKING}))]
}

pub(crate) fn cancelled_booking() -> Examples {
    let mut booking = a_booking();
    booking["status"] = "CANCELLED".into();
    booking["seats"] = held_seats(Some("CANCELLED"));
    booking["refundStatus"] = "PENDING".into();
    booking["refunds"] = json!([{
        "refundId": "RF-65b0c0ffee0123456789abff", "amount": 88_000, "status": "SUBMITTED",
        "createdAt": "2026-02-01T10:00:00.000Z",
    }]);
    booking["cancellations"] = json!([{
        "at": "2026-02-01T10:00:00.000Z", "by": "USER", "seatIds": SEATS, "paid": 90_000,
        "fee": 2_000, "kept": 0, "refund": 88_000,
    }]);
    vec![("cancelled", booking)]
}

pub(crate) fn booking() -> Examples {
    vec![("a sale", a_booking())]
}

pub(crate) fn bookings() -> Examples {
    vec![("the last page", json!({"bookings": [a_booking()]}))]
}

pub(crate) fn all_bookings() -> Examples {
    let mut booking = a_booking();
    (booking["appId"], booking["userId"]) = (APP.into(), USER.into());
    vec![("a page", json!({"bookings": [booking], "nextCursor": "WzE3NjkwNzYwNzIzNDUsIkJLIl0"}))]
}
