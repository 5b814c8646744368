//! `POST /confirm-booking` with simulated payments: the sale, and which payments are refunded.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    expiry::end_hold,
    invariants::{self, Books},
    payment,
    people::{Hold, PRICE},
    reply::{keys, strings, time},
    stacks, unique,
};

/// The fields of a booking.
pub const BOOKING: &[&str] = &[
    "bookingId",
    "entityId",
    "reservationToken",
    "seatIds",
    "seats",
    "amount",
    "currency",
    "paymentId",
    "paymentStatus",
    "status",
    "bookingDate",
    "paidAmount",
    "refundedAmount",
    "refundStatus",
    "refunds",
    "cancellations",
];

#[track_caller]
pub fn is_a_booking_id(id: &Value) {
    let id = id.as_str().unwrap();
    let parts: Vec<&str> = id.split('-').collect();
    assert_eq!((parts.len(), parts[0], parts[1].len(), parts[2].len()), (3, "BK", 8, 10), "{id}");
    assert!(parts[1].bytes().all(|b| b.is_ascii_digit()), "{id}");
    assert!(parts[2].bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()), "{id}");
}

#[tokio::test]
async fn a_booking_has_all_its_fields_and_a_repeat_returns_the_same() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0], &seats[1]]).await;
    let paid = payment();
    let first = user.confirm(&hold, &paid).await;
    let data = first.expect(201);
    keys(data, BOOKING, &[], "confirm");
    is_a_booking_id(&data["bookingId"]);
    assert_eq!(data["entityId"], tenant.entity);
    assert_eq!(data["reservationToken"], hold.token);
    assert_eq!(strings(&data["seatIds"]), seats);
    assert_eq!((&data["amount"], &data["currency"]), (&json!(2 * PRICE), &json!("INR")));
    assert_eq!(data["paymentId"], paid);
    assert_eq!((&data["paymentStatus"], &data["status"]), (&json!("SUCCESS"), &json!("CONFIRMED")));
    let booked = time(&data["bookingDate"]);
    assert!((chrono::Utc::now().timestamp_millis() - booked).abs() < 60_000);
    let day =
        chrono::DateTime::from_timestamp_millis(booked).unwrap().format("BK-%Y%m%d-").to_string();
    assert!(data["bookingId"].as_str().unwrap().starts_with(&day), "{first}");
    for _ in 0..2 {
        let again = user.confirm(&hold, &paid).await;
        assert_eq!(again.expect(200), data);
    }
    let books = invariants::check(&tenant).await;
    invariants::money_is_accounted_for(&books, &[paid]);
    invariants::no_locks_left_but(&tenant, &[]).await;
    assert!(user.reservations().await.is_empty());
    assert!(user.free_seats().await.is_empty());
}

#[tokio::test]
async fn a_hold_that_does_not_exist_or_is_anothers_is_not_found() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let hold = ann.hold(&[&seat]).await;
    let nobodys = Hold { token: Uuid::new_v4().to_string(), seats: Vec::new() };
    let stranger = stack.tenant().await.user().await;
    ann.confirm(&nobodys, &payment()).await.error(404, "RESERVATION_NOT_FOUND");
    bob.confirm(&hold, &payment()).await.error(404, "RESERVATION_NOT_FOUND");
    stranger.confirm(&hold, &payment()).await.error(404, "RESERVATION_NOT_FOUND");
    ann.confirm(&hold, &payment()).await.expect(201);
    bob.confirm(&hold, &payment()).await.error(404, "RESERVATION_NOT_FOUND");
    assert!(bob.bookings().await.is_empty());
}

#[tokio::test]
async fn a_declined_payment_lets_the_seats_go_and_keeps_a_record() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let hold = ann.hold(&[&seat]).await;
    let declined = unique("pay_fail");
    for _ in 0..2 {
        let reply = ann.confirm(&hold, &declined).await;
        reply.error(402, "PAYMENT_FAILED");
        assert_ne!(reply.body["error"]["details"]["refundDue"], true, "{reply}");
    }
    let bookings = ann.bookings().await;
    assert_eq!(bookings.len(), 1);
    keys(&bookings[0], BOOKING, &[], "a failed booking");
    assert_eq!(
        (&bookings[0]["status"], &bookings[0]["paymentStatus"]),
        (&json!("FAILED"), &json!("FAILED"))
    );
    assert_eq!(bookings[0]["paymentId"], declined);
    invariants::no_locks_left_but(&tenant, &[]).await;
    bob.book(&[&seat]).await;
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn after_a_declined_payment_the_hold_is_released_and_other_money_is_due_back() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seat]).await;
    user.confirm(&hold, &unique("pay_fail")).await.error(402, "PAYMENT_FAILED");
    let paid = payment();
    for _ in 0..2 {
        let reply = user.confirm(&hold, &paid).await;
        assert_eq!(
            reply.error(409, "RESERVATION_RELEASED")["details"]["refundDue"],
            true,
            "{reply}"
        );
    }
    let books = invariants::check(&tenant).await;
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_keeps_the_hold() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seat]).await;
    user.confirm(&hold, "pay_unavailable").await.error(503, "SERVICE_UNAVAILABLE");
    assert!(user.bookings().await.is_empty());
    assert_eq!(user.reservations().await.len(), 1);
    user.confirm(&hold, &payment()).await.expect(201);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_second_payment_of_a_sold_hold_is_due_back() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seat]).await;
    let (first, second) = (payment(), payment());
    let sold = user.confirm(&hold, &first).await;
    for _ in 0..3 {
        let reply = user.confirm(&hold, &second).await;
        assert_eq!(
            reply.error(409, "RESERVATION_ALREADY_CONFIRMED")["details"]["refundDue"],
            true,
            "{reply}"
        );
    }
    let bookings = user.bookings().await;
    assert_eq!(bookings.len(), 2);
    let due = bookings.iter().find(|b| b["paymentId"] == second).unwrap();
    keys(due, BOOKING, &[], "a refund due");
    assert_eq!((&due["status"], &due["paymentStatus"]), (&json!("REFUND_DUE"), &json!("SUCCESS")));
    assert_eq!(due["amount"], PRICE);
    assert_eq!(user.confirm(&hold, &first).await.expect(200), sold.expect(201));
    let books = invariants::check(&tenant).await;
    invariants::money_is_accounted_for(&books, &[first, second]);
}

#[tokio::test]
async fn a_payment_pays_once_and_a_live_hold_is_kept() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let (one, two) = (ann.hold(&[&seats[0]]).await, bob.hold(&[&seats[1]]).await);
    let paid = payment();
    ann.confirm(&one, &paid).await.expect(201);
    for _ in 0..2 {
        let reply = bob.confirm(&two, &paid).await;
        reply.error(409, "PAYMENT_ALREADY_USED");
        assert_ne!(reply.body["error"]["details"]["refundDue"], true, "{reply}");
    }
    assert_eq!(bob.reservations().await.len(), 1);
    let other = payment();
    bob.confirm(&two, &other).await.expect(201);
    let books = invariants::check(&tenant).await;
    invariants::money_is_accounted_for(&books, &[paid, other]);
}

#[tokio::test]
async fn a_payment_that_is_due_back_cannot_pay_for_something_else() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let (one, two) = (user.hold(&[&seats[0]]).await, user.hold(&[&seats[1]]).await);
    let (paid, due) = (payment(), payment());
    user.confirm(&one, &paid).await.expect(201);
    user.confirm(&one, &due).await.error(409, "RESERVATION_ALREADY_CONFIRMED");
    let reply = user.confirm(&two, &due).await;
    assert_eq!(reply.error(409, "PAYMENT_ALREADY_USED")["details"]["refundDue"], true, "{reply}");
    assert_eq!(user.reservations().await.len(), 1);
    let books = invariants::check(&tenant).await;
    invariants::money_is_accounted_for(&books, &[paid, due]);
}

#[tokio::test]
async fn a_dead_hold_is_dead_whatever_its_payment_did_elsewhere() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let (sold, released) = (user.hold(&[&seats[0]]).await, user.hold(&[&seats[1]]).await);
    let paid = payment();
    user.confirm(&sold, &paid).await.expect(201);
    user.release(&released).await.expect(200);
    for _ in 0..2 {
        let reply = user.confirm(&released, &paid).await;
        reply.error(409, "RESERVATION_RELEASED");
        assert_ne!(
            reply.body["error"]["details"]["refundDue"], true,
            "the payment bought the other seat: {reply}"
        );
    }
    let books = invariants::check(&tenant).await;
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn the_same_payment_id_may_be_used_in_another_app() {
    let stack = stacks::usual().await;
    let paid = payment();
    for _ in 0..2 {
        let tenant = stack.tenant().await;
        let seat = tenant.seat().await;
        let user = tenant.user().await;
        let hold = user.hold(&[&seat]).await;
        user.confirm(&hold, &paid).await.expect(201);
    }
}

#[tokio::test]
async fn a_released_hold_cannot_be_paid_and_the_money_is_due_back_once() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let hold = ann.hold(&[&seat]).await;
    ann.release(&hold).await.expect(200);
    bob.book(&[&seat]).await;
    let paid = payment();
    for _ in 0..3 {
        let reply = ann.confirm(&hold, &paid).await;
        assert_eq!(
            reply.error(409, "RESERVATION_RELEASED")["details"]["refundDue"],
            true,
            "{reply}"
        );
    }
    let books = invariants::check(&tenant).await;
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn an_overdue_hold_is_gone_whether_or_not_the_sweeper_came_by() {
    for swept in [false, true] {
        let tenant = stacks::usual().await.tenant().await;
        let seat = tenant.seat().await;
        let user = tenant.user().await;
        let hold = user.hold(&[&seat]).await;
        end_hold(&tenant, &hold).await;
        if swept {
            tenant.stack.invoke("expire-reservations", &json!({})).await;
        }
        let paid = payment();
        for _ in 0..3 {
            let reply = user.confirm(&hold, &paid).await;
            assert_eq!(
                reply.error(410, "RESERVATION_EXPIRED")["details"]["refundDue"],
                true,
                "{reply}"
            );
        }
        let bookings = user.bookings().await;
        assert_eq!(bookings.len(), 1, "{bookings:?}");
        assert_eq!(
            (&bookings[0]["status"], &bookings[0]["paymentStatus"]),
            (&json!("REFUND_DUE"), &json!("SUCCESS"))
        );
        let books = invariants::check(&tenant).await;
        assert_eq!(books.count("EXPIRED"), 1);
        invariants::money_is_accounted_for(&books, &[paid]);
    }
}

#[tokio::test]
async fn a_refused_confirm_leaves_no_record() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seat]).await;
    for bad in ["", "pay 1", "/pay", "pay?1", "päy"] {
        user.confirm(&hold, bad).await.refuses("paymentId");
    }
    assert!(Books::read(&tenant).await.bookings.is_empty());
    user.confirm(&hold, &payment()).await.expect(201);
}
