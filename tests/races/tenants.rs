//! Two tenants: neither sees or changes anything of the other.

use serde_json::json;

use crate::support::{invariants, payment, people::User, stacks};

/// Both have the same entity and seat numbers, so only the tenant distinguishes them.
const NUMBERS: &[&str] = &["A1", "A2", "A3"];

#[tokio::test]
async fn one_tenants_seats_holds_and_bookings_do_not_exist_for_another() {
    let stack = stacks::usual().await;
    let (one, two) = (stack.tenant().await, stack.tenant().await);
    let (here, there) = (one.seats_in("hall", NUMBERS).await, two.seats_in("hall", NUMBERS).await);
    let (ann, eve) = (one.user().await, two.user().await);
    let booking = ann.book(&[&here[0]]).await;
    ann.hold(&[&here[1]]).await;

    let reply = eve.get("/seats?entityId=hall&include=all").await;
    let map = reply.expect(200)["seats"].as_array().unwrap();
    assert_eq!(map.len(), 3);
    assert!(
        map.iter().all(|s| s["status"] == "AVAILABLE" && there.iter().any(|id| s["seatId"] == *id)),
        "{reply}"
    );
    for seat in &here {
        eve.reserve(&[seat]).await.error(404, "SEAT_NOT_FOUND");
        eve.reserve(&[&there[0], seat]).await.error(404, "SEAT_NOT_FOUND");
    }
    assert!(eve.reservations().await.is_empty());
    assert!(eve.bookings().await.is_empty());
    eve.get(&format!("/bookings/{booking}")).await.error(404, "BOOKING_NOT_FOUND");

    // The other tenant's seats with the same numbers can still be sold.
    eve.book(&[&there[0]]).await;
    eve.hold(&[&there[1]]).await;
    for tenant in [&one, &two] {
        let books = invariants::check(tenant).await;
        assert_eq!((books.reservations.len(), books.bookings.len()), (2, 1));
    }
    invariants::no_locks_left_but(&one, &[&here[1]]).await;
    invariants::no_locks_left_but(&two, &[&there[1]]).await;
}

/// One account in both apps: a hold in one app does not exist in the other, although the
/// user is the same.
#[tokio::test]
async fn one_persons_holds_and_bookings_stay_in_the_app_where_they_were_made() {
    let stack = stacks::usual().await;
    let (one, two) = (stack.tenant().await, stack.tenant().await);
    let here = one.seats_in("hall", NUMBERS).await;
    let there = two.seats_in("hall", NUMBERS).await;
    let ann = one.user().await;
    let reply =
        two.post("/auth/login", &json!({"email": ann.email, "password": ann.password})).await;
    let token = reply.expect(200)["token"].as_str().unwrap().to_owned();
    let abroad = User { tenant: two.clone(), token, ..ann.clone() };

    let booking = ann.book(&[&here[0]]).await;
    let hold = ann.hold(&[&here[1]]).await;
    assert!(abroad.bookings().await.is_empty());
    assert!(abroad.reservations().await.is_empty());
    abroad.get(&format!("/bookings/{booking}")).await.error(404, "BOOKING_NOT_FOUND");
    abroad.reserve(&[&here[2]]).await.error(404, "SEAT_NOT_FOUND");
    abroad.book(&[&there[0]]).await;
    assert_eq!((ann.bookings().await.len(), abroad.bookings().await.len()), (1, 1));
    ann.confirm(&hold, &payment()).await.expect(201);
    invariants::check(&one).await;
    invariants::check(&two).await;
}

/// A token names its app. With another app's headers it is refused.
#[tokio::test]
async fn a_token_of_one_app_opens_nothing_in_another() {
    let stack = stacks::usual().await;
    let (one, two) = (stack.tenant().await, stack.tenant().await);
    let seat = two.seat().await;
    let eve = User { tenant: two.clone(), ..one.user().await };
    eve.reserve(&[&seat]).await.error(403, "TOKEN_APP_MISMATCH");
    eve.get("/seats?entityId=hall").await.error(403, "TOKEN_APP_MISMATCH");
    eve.get("/bookings").await.error(403, "TOKEN_APP_MISMATCH");
    assert!(invariants::check(&two).await.reservations.is_empty());
}
