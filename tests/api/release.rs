//! `POST /release-seat`: released seats are free at once, and a repeat changes nothing.

use serde_json::json;
use uuid::Uuid;

use crate::support::{expiry::end_hold, invariants, payment, people::Hold, stacks};

#[tokio::test]
async fn a_released_seat_is_free_at_once_and_releasing_again_says_the_same() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let hold = ann.hold(&[&seats[0], &seats[1]]).await;
    for _ in 0..3 {
        assert_eq!(*ann.release(&hold).await.expect(200), json!({"released": true}));
    }
    invariants::no_locks_left_but(&tenant, &[]).await;
    assert!(ann.reservations().await.is_empty());
    bob.hold(&[&seats[0]]).await;
    let new = ann.hold(&[&seats[1]]).await;
    assert_ne!(new.token, hold.token);
    // A late repeat does not touch the new holds on these seats.
    ann.release(&hold).await.expect(200);
    let books = invariants::check(&tenant).await;
    assert_eq!(books.live().len(), 2);
    invariants::no_locks_left_but(&tenant, &[&seats[0], &seats[1]]).await;
}

#[tokio::test]
async fn a_hold_that_does_not_exist_or_is_anothers_is_not_found() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let stranger = stack.tenant().await.user().await;
    let hold = ann.hold(&[&seat]).await;
    let nobodys = Hold { token: Uuid::new_v4().to_string(), seats: Vec::new() };
    ann.release(&nobodys).await.error(404, "RESERVATION_NOT_FOUND");
    bob.release(&hold).await.error(404, "RESERVATION_NOT_FOUND");
    stranger.release(&hold).await.error(404, "RESERVATION_NOT_FOUND");
    assert_eq!(ann.reservations().await.len(), 1);
    invariants::no_locks_left_but(&tenant, &[&seat]).await;
}

#[tokio::test]
async fn a_sold_hold_cannot_be_released() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seat]).await;
    user.confirm(&hold, &payment()).await.expect(201);
    for _ in 0..2 {
        user.release(&hold).await.error(409, "RESERVATION_ALREADY_CONFIRMED");
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn an_overdue_hold_is_gone() {
    for swept in [false, true] {
        let tenant = stacks::usual().await.tenant().await;
        let seat = tenant.seat().await;
        let user = tenant.user().await;
        let hold = user.hold(&[&seat]).await;
        end_hold(&tenant, &hold).await;
        assert_eq!(user.free_seats().await, std::slice::from_ref(&seat));
        if swept {
            tenant.stack.invoke("expire-reservations", &json!({})).await;
        }
        for _ in 0..2 {
            user.release(&hold).await.error(410, "RESERVATION_EXPIRED");
        }
        let books = invariants::check(&tenant).await;
        assert_eq!(books.count("EXPIRED"), 1);
    }
}
