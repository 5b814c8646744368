//! `GET /admin/bookings`: its filters and pages.

use serde_json::{Value, json};

use super::confirm::BOOKING;
use crate::support::{payment, reply::keys, stacks, stacks::Stack, unique};

async fn list(stack: &Stack, query: &str) -> Vec<Value> {
    let reply = stack.admin().await.get(&format!("/admin/bookings?{query}")).await;
    let data = reply.expect(200);
    keys(data, &["bookings"], &["nextCursor"], "admin bookings");
    let bookings = data["bookings"].as_array().unwrap().clone();
    for booking in &bookings {
        keys(booking, &[BOOKING, &["appId", "userId"]].concat(), &[], "a booking for the admin");
    }
    bookings
}

#[tokio::test]
async fn every_filter_narrows_the_list() {
    let stack = stacks::usual().await;
    let (one, two) = (stack.tenant().await, stack.tenant().await);
    let seats = one.seats(&["A1", "A2", "A3"]).await;
    let (ann, bob) = (one.user().await, one.user().await);
    let before = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    ann.book(&[&seats[0]]).await;
    bob.book(&[&seats[1]]).await;
    let hold = ann.hold(&[&seats[2]]).await;
    ann.confirm(&hold, &unique("pay_fail")).await.error(402, "PAYMENT_FAILED");
    let hold = ann.hold(&[&seats[2]]).await;
    ann.release(&hold).await.expect(200);
    ann.confirm(&hold, &payment()).await.error(409, "RESERVATION_RELEASED");
    let seat = two.seat().await;
    two.user().await.book(&[&seat]).await;

    let app = format!("appId={}", one.app_id);
    let all = list(&stack, &app).await;
    let statuses: Vec<&str> = all.iter().map(|b| b["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["REFUND_DUE", "FAILED", "CONFIRMED", "CONFIRMED"], "newest first");
    assert!(all.iter().all(|b| b["appId"] == one.app_id));
    let future = "2099-01-01T00:00:00Z";
    let text = |booking: &Value, name: &str| booking[name].as_str().unwrap().to_owned();
    let sold = all.iter().find(|booking| booking["userId"] == bob.user_id).unwrap();
    let (id, paid) = (text(sold, "bookingId"), text(sold, "paymentId"));
    let failed =
        text(all.iter().find(|booking| booking["status"] == "FAILED").unwrap(), "paymentId");
    let counts = [
        (format!("{app}&userId={}", ann.user_id), 3),
        (format!("{app}&userId={}&status=CONFIRMED", bob.user_id), 1),
        (format!("{app}&status=CONFIRMED"), 2),
        (format!("{app}&status=REFUND_DUE"), 1),
        (format!("{app}&status=FAILED"), 1),
        (format!("{app}&status=CANCELLED"), 0),
        (format!("{app}&paymentStatus=SUCCESS"), 3),
        (format!("{app}&paymentStatus=FAILED"), 1),
        (format!("{app}&status=CONFIRMED&paymentStatus=FAILED"), 0),
        (format!("{app}&from={before}"), 4),
        (format!("{app}&to={before}"), 0),
        (format!("{app}&from={future}"), 0),
        (format!("{app}&from={before}&to={future}"), 4),
        (format!("appId={}", two.app_id), 1),
        ("appId=no-such-app".to_owned(), 0),
        (format!("userId={}", ann.user_id), 3),
        (format!("bookingId={id}"), 1),
        (format!("{app}&bookingId={id}&status=FAILED"), 0),
        (format!("appId={}&bookingId={id}", two.app_id), 0),
        ("bookingId=BK-20260101-2345678923".to_owned(), 0),
        (format!("paymentId={paid}"), 1),
        (format!("{app}&paymentId={failed}"), 1),
        (format!("{app}&entityId={}", one.entity), 4),
        (format!("{app}&entityId={}", two.entity), 0),
        // A3 was never sold, but its bookings name it.
        (format!("{app}&seatNumber=A3"), 2),
        (format!("{app}&seatNumber=a3"), 0),
        (format!("{app}&entityId={}&seatNumber=A2", one.entity), 1),
        (format!("{app}&seatNumber=A9"), 0),
        (format!("seatNumber=A2&userId={}", bob.user_id), 1),
        (format!("{app}&bookingId=&entityId=&seatNumber="), 4),
    ];
    for (query, count) in counts {
        assert_eq!(list(&stack, &query).await.len(), count, "{query}");
    }
    for (query, field) in [("bookingId=1", "bookingId"), ("paymentId=%20", "paymentId")] {
        stack.admin().await.get(&format!("/admin/bookings?{query}")).await.refuses(field);
    }
}

#[tokio::test]
async fn a_booking_is_found_by_each_of_its_seats_cancelled_ones_too() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let booking = tenant.user().await.book(&[&seats[0], &seats[1]]).await;
    let app = format!("appId={}", tenant.app_id);
    for (number, seat) in ["A1", "A2"].into_iter().zip(&seats) {
        let body = json!({"seatIds": [seat], "refund": "FULL", "reason": "Rain"});
        let path = format!("/admin/bookings/{booking}/cancel");
        stack.admin().await.post(&path, &body).await.expect(200);
        let found = list(&stack, &format!("{app}&seatNumber={number}")).await;
        assert_eq!((found.len(), &found[0]["bookingId"]), (1, &json!(booking)), "{number}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4", "A5"]).await;
    let user = tenant.user().await;
    let mut made = Vec::new();
    for seat in &seats {
        made.insert(0, user.book(&[seat]).await);
    }
    let (mut seen, mut pages, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let path = format!("/admin/bookings?appId={}&limit=2{cursor}", tenant.app_id);
        let reply = stack.admin().await.get(&path).await;
        let data = reply.expect(200);
        let page = data["bookings"].as_array().unwrap();
        pages.push(page.len());
        seen.extend(page.iter().map(|b| b["bookingId"].as_str().unwrap().to_owned()));
        match data.get("nextCursor") {
            Some(next) => cursor = format!("&cursor={}", next.as_str().unwrap()),
            None => break,
        }
    }
    assert_eq!(seen, made);
    assert_eq!(pages, [2, 2, 1]);
}
