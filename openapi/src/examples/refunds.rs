//! Examples of what admins do to bookings and refunds.

use super::{APP, BOOKING, Examples, KEY_ID, PAYMENT, SEATS, USER, cancelled_booking};
use serde_json::{Value, json};

/// A refund that an event settles, and a failed one that an event makes again.
pub(super) const REFUND: &str = "RF-65b0c0ffee0123456789abff";
pub(super) const FAILED_REFUND: &str = "RF-65b0c0ffee0123456789abfe";

pub(crate) fn admin_cancel() -> Examples {
    vec![
        ("without a refund", json!({"refund": "NONE", "reason": "A ticket for the press"})),
        ("with all its price", json!({"refund": "FULL", "reason": "The band is ill."})),
        (
            "one seat, and a part of its price",
            json!({"seatIds": [SEATS[0]], "refund": {"amount": 20_000}, "reason": "Bad view"}),
        ),
    ]
}

pub(crate) fn any_booking() -> Examples {
    let bookings = cancelled_booking().into_iter().map(|(name, mut booking)| {
        (booking["appId"], booking["userId"]) = (APP.into(), USER.into());
        booking["cancellations"][0]["by"] = "ADMIN".into();
        booking["history"] = json!([{
            "at": "2026-02-01T10:00:00.000Z", "actor": KEY_ID, "action": "CANCEL",
            "reason": "The band is ill.", "refundId": REFUND, "amount": 88_000, "seatIds": SEATS,
        }]);
        booking["disputes"] = json!([]);
        (name, booking)
    });
    bookings.collect()
}

pub(crate) fn refund_booking() -> Examples {
    vec![("a part", json!({"amount": 100, "reason": "The bar was closed."}))]
}

fn a_refund() -> Value {
    json!({
        "refundId": REFUND, "appId": APP, "bookingId": BOOKING, "paymentId": PAYMENT, "amount": 100,
        "currency": "INR", "status": "SUBMITTED", "source": "API",
        "createdAt": "2026-02-01T10:00:00.000Z",
        "updatedAt": "2026-02-01T10:00:01.000Z",
    })
}

pub(crate) fn refund() -> Examples {
    vec![("on its way", a_refund())]
}

pub(crate) fn refunds_query() -> Value {
    json!({"appId": APP, "status": "FAILED", "from": "2026-01-01T00:00:00.000Z", "limit": 20})
}

pub(crate) fn refunds() -> Examples {
    let mut failed = a_refund();
    failed["refundId"] = FAILED_REFUND.into();
    failed["status"] = "FAILED".into();
    vec![("the last page", json!({"refunds": [failed]}))]
}

pub(crate) fn retry_refund() -> Examples {
    vec![("a retry", json!({"reason": "The buyer has a new card."}))]
}

pub(crate) fn retried_refund() -> Examples {
    let mut new = a_refund();
    new["retryOf"] = FAILED_REFUND.into();
    vec![("made again", new)]
}

pub(crate) fn settle_refund() -> Examples {
    vec![("a transfer", json!({"note": "Bank transfer of 3 February"}))]
}

pub(crate) fn settled_refund() -> Examples {
    let mut settled = a_refund();
    settled["status"] = "SUCCEEDED".into();
    settled["settled"] = json!({
        "at": "2026-02-03T10:00:00.000Z", "actor": "admin", "note": "Bank transfer of 3 February",
    });
    vec![("settled", settled)]
}
