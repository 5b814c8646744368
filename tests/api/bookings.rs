//! `GET /bookings` and `GET /bookings/{bookingId}`.

use serde_json::Value;

use super::confirm::BOOKING;
use crate::support::{payment, reply::keys, reply::time, stacks, unique};

fn ids(bookings: &[Value]) -> Vec<&str> {
    bookings.iter().map(|b| b["bookingId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn ones_own_bookings_come_newest_first_page_by_page() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4", "A5"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let mut made = Vec::new();
    for seat in &seats[..4] {
        made.insert(0, ann.book(&[seat]).await);
    }
    bob.book(&[&seats[4]]).await;
    let all = ann.bookings().await;
    assert_eq!(ids(&all), made);
    for booking in &all {
        keys(booking, BOOKING, &[], "a booking");
    }
    let dates: Vec<i64> = all.iter().map(|b| time(&b["bookingDate"])).collect();
    assert!(dates.is_sorted_by(|a, b| a >= b), "{dates:?}");
    let (mut seen, mut pages, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let reply = ann.get(&format!("/bookings?limit=3{cursor}")).await;
        let data = reply.expect(200);
        keys(data, &["bookings"], &["nextCursor"], "a page");
        let page = data["bookings"].as_array().unwrap();
        pages.push(page.len());
        seen.extend(page.clone());
        match data.get("nextCursor") {
            Some(next) => cursor = format!("&cursor={}", next.as_str().unwrap()),
            None => break,
        }
    }
    assert_eq!(seen, all);
    assert_eq!(pages, [3, 1]);
}

#[tokio::test]
async fn twenty_bookings_are_a_page_unless_asked_otherwise() {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> = (1..=21).map(|n| format!("A{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let user = tenant.user().await;
    for seat in &seats {
        user.book(&[seat]).await;
    }
    let reply = user.get("/bookings").await;
    let data = reply.expect(200);
    assert_eq!(data["bookings"].as_array().unwrap().len(), 20);
    assert!(data["nextCursor"].is_string());
    assert_eq!(user.bookings().await.len(), 21);
}

#[tokio::test]
async fn every_status_is_shown() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let (one, two) = (user.hold(&[&seats[0]]).await, user.hold(&[&seats[1]]).await);
    user.confirm(&one, &unique("pay_fail")).await.error(402, "PAYMENT_FAILED");
    user.confirm(&two, &payment()).await.expect(201);
    user.confirm(&two, &payment()).await.error(409, "RESERVATION_ALREADY_CONFIRMED");
    let all = user.bookings().await;
    let statuses: Vec<&str> = all.iter().map(|b| b["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["REFUND_DUE", "CONFIRMED", "FAILED"]);
    for booking in &all {
        let reply =
            user.get(&format!("/bookings/{}", booking["bookingId"].as_str().unwrap())).await;
        assert_eq!(reply.expect(200), booking);
    }
}

#[tokio::test]
async fn one_booking_is_returned_as_confirm_returned_it() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seat]).await;
    let reply = user.confirm(&hold, &payment()).await;
    let made = reply.expect(201);
    let reply = user.get(&format!("/bookings/{}", made["bookingId"].as_str().unwrap())).await;
    assert_eq!(reply.expect(200), made);
    assert_eq!(user.bookings().await, std::slice::from_ref(made));
}

#[tokio::test]
async fn a_booking_of_another_user_or_app_does_not_exist() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let seat = tenant.seat().await;
    let booking = tenant.user().await.book(&[&seat]).await;
    let neighbour = tenant.user().await;
    let stranger = stack.tenant().await.user().await;
    let lower = booking.to_lowercase();
    let ids = [
        booking.as_str(),
        lower.as_str(),
        "BK-20260101-0000000000",
        "BK-1",
        "x",
        "%00",
        "BK-20260101-000000000%C3%A9",
    ];
    for id in ids {
        for user in [&neighbour, &stranger] {
            user.get(&format!("/bookings/{id}")).await.error(404, "BOOKING_NOT_FOUND");
        }
    }
    for user in [&neighbour, &stranger] {
        assert!(user.bookings().await.is_empty());
    }
}
