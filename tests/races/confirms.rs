//! Payments at the same time: two for one hold, one against a release, one for two holds.

use futures_util::future::join_all;

use crate::support::{
    invariants::{self, Books},
    payment, stacks, unique,
};

#[tokio::test]
async fn of_two_payments_at_once_one_buys_and_the_other_is_due_back() {
    let tenant = stacks::usual().await.tenant().await;
    let user = tenant.user().await;
    for round in 0..5 {
        let seat = tenant.seats_in(&format!("round-{round}"), &["A1"]).await.remove(0);
        let hold = user.hold(&[&seat]).await;
        let payments: Vec<String> = (0..4).map(|_| payment()).collect();
        let replies = join_all(payments.iter().map(|paid| user.confirm(&hold, paid))).await;
        assert_eq!(replies.iter().filter(|r| r.status == 201).count(), 1, "one of them buys");
        for reply in replies.iter().filter(|r| r.status != 201) {
            let error = reply.error(409, "RESERVATION_ALREADY_CONFIRMED");
            assert_eq!(error["details"]["refundDue"], true, "{reply}");
        }
        let books = invariants::check(&tenant).await;
        invariants::money_is_accounted_for(&books, &payments);
    }
}

#[tokio::test]
async fn of_a_confirm_and_a_release_at_once_one_happens() {
    let tenant = stacks::usual().await.tenant().await;
    let user = tenant.user().await;
    let mut payments = Vec::new();
    for round in 0..8 {
        let seat = tenant.seats_in(&format!("round-{round}"), &["A1"]).await.remove(0);
        let hold = user.hold(&[&seat]).await;
        let paid = payment();
        let (confirmed, released) = tokio::join!(user.confirm(&hold, &paid), user.release(&hold));
        match (confirmed.status, released.status) {
            (201, 409) => drop(released.error(409, "RESERVATION_ALREADY_CONFIRMED")),
            (409, 200) => {
                let error = confirmed.error(409, "RESERVATION_RELEASED");
                assert_eq!(error["details"]["refundDue"], true, "{confirmed}");
            }
            _ => panic!("both calls succeeded or both failed: {confirmed} and {released}"),
        }
        payments.push(paid);
        let books = invariants::check(&tenant).await;
        invariants::money_is_accounted_for(&books, &payments);
        invariants::no_locks_left_but(&tenant, &[]).await;
    }
}

#[tokio::test]
async fn of_one_payment_on_two_holds_at_once_one_is_paid_and_the_other_kept() {
    let tenant = stacks::usual().await.tenant().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    for round in 0..5 {
        let seats = tenant.seats_in(&format!("round-{round}"), &["A1", "A2"]).await;
        let (one, two) = (ann.hold(&[&seats[0]]).await, bob.hold(&[&seats[1]]).await);
        let paid = payment();
        let (first, second) = tokio::join!(ann.confirm(&one, &paid), bob.confirm(&two, &paid));
        let (lost, loser, hold) = match (first.status, second.status) {
            (201, 409) => (&second, &bob, &two),
            (409, 201) => (&first, &ann, &one),
            _ => panic!("one payment paid for both or none: {first} and {second}"),
        };
        lost.error(409, "PAYMENT_ALREADY_USED");
        let books = invariants::check(&tenant).await;
        assert!(books.live().contains(hold.token.as_str()), "the loser's hold is kept");
        invariants::money_is_accounted_for(&books, &[paid]);
        loser.confirm(hold, &payment()).await.expect(201);
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn of_a_declined_and_a_good_payment_at_once_the_outcome_is_one_of_both() {
    let tenant = stacks::usual().await.tenant().await;
    let user = tenant.user().await;
    for round in 0..5 {
        let seat = tenant.seats_in(&format!("round-{round}"), &["A1"]).await.remove(0);
        let hold = user.hold(&[&seat]).await;
        let (good, bad) = (payment(), unique("pay_fail"));
        let (paid, declined) = tokio::join!(user.confirm(&hold, &good), user.confirm(&hold, &bad));
        let books = invariants::check(&tenant).await;
        match paid.status {
            201 => assert!(matches!(declined.status, 402 | 409), "{declined}"),
            _ => {
                assert_eq!(
                    paid.error(409, "RESERVATION_RELEASED")["details"]["refundDue"],
                    true,
                    "{paid}"
                );
                declined.error(402, "PAYMENT_FAILED");
            }
        }
        invariants::money_is_accounted_for(&books, &[good]);
    }
}

#[tokio::test]
async fn a_whole_row_sold_to_a_crowd_is_sold_once() {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> = (1..=10).map(|n| format!("A{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let users = tenant.users(8).await;
    // Each user tries every seat in a different order, and pays at once for each seat held.
    let shoppers = users.iter().enumerate().map(|(n, user)| {
        let order: Vec<&str> =
            (0..seats.len()).map(|i| seats[(i * 3 + n) % seats.len()].as_str()).collect();
        async move {
            let mut bought = Vec::new();
            for seat in order {
                let reply = user.reserve(&[seat]).await;
                if reply.status == 201 {
                    let hold = crate::support::people::Hold::of(&reply);
                    let paid = payment();
                    user.confirm(&hold, &paid).await.expect(201);
                    bought.push(paid);
                } else {
                    assert!(
                        matches!(reply.code(), "SEAT_ALREADY_LOCKED" | "SEAT_ALREADY_BOOKED"),
                        "{reply}"
                    );
                    reply.error(409, reply.code());
                }
            }
            bought
        }
    });
    let payments = join_all(shoppers).await.concat();
    assert_eq!(payments.len(), seats.len());
    let books: Books = invariants::check(&tenant).await;
    assert_eq!(books.bookings.len(), seats.len());
    invariants::money_is_accounted_for(&books, &payments);
    invariants::no_locks_left_but(&tenant, &[]).await;
}
