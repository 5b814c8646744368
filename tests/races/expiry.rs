//! A hold that nobody confirms ends by itself, without a sweeper. In tests about time, holds last
//! two seconds, and no assertion has to come within them.

use std::time::Duration;

use futures_util::future::join_all;
use mongodb::bson::{Document, doc};
use serde_json::json;

use crate::support::{
    WAIT_TIMEOUT, expiry::end_hold, invariants, payment, people::Hold, poll::eventually, stacks,
};

#[tokio::test]
async fn a_seat_is_anybodys_again_when_its_hold_runs_out() {
    let tenant = stacks::short().await.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    ann.hold(&[&seat]).await;
    let got = || async {
        let reply = bob.reserve(&[&seat]).await;
        if reply.status == 201 {
            return Some(());
        }
        let error = reply.error(409, "SEAT_ALREADY_LOCKED");
        assert!(
            error["details"]["expiresIn"].as_i64().is_some_and(|s| (1..=2).contains(&s)),
            "{reply}"
        );
        None
    };
    eventually("Bob gets the seat", WAIT_TIMEOUT, got).await;
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn an_expired_hold_neither_releases_nor_buys_the_seat_of_the_next_hold() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let old = ann.hold(&[&seat]).await;
    end_hold(&tenant, &old).await;
    let new = bob.hold(&[&seat]).await;
    ann.release(&old).await.error(410, "RESERVATION_EXPIRED");
    bob.confirm(&new, &payment()).await.expect(201);
    let late = payment();
    let reply = ann.confirm(&old, &late).await;
    assert_eq!(reply.error(410, "RESERVATION_EXPIRED")["details"]["refundDue"], true, "{reply}");
    let books = invariants::check(&tenant).await;
    assert_eq!((books.count("EXPIRED"), books.count("CONFIRMED")), (1, 1));
    invariants::money_is_accounted_for(&books, &[late]);
}

#[tokio::test]
async fn repeating_a_reserve_does_not_extend_its_hold_and_makes_a_new_one_after_its_end() {
    let tenant = stacks::short().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let old = user.hold(&[&seat]).await;
    let again = || async {
        let reply = user.reserve(&[&seat]).await;
        match reply.status {
            201 => Some(Hold::of(&reply)),
            200 => {
                assert_eq!(Hold::of(&reply), old, "repeating does not make a hold longer");
                None
            }
            // The lock of the old hold may outlive it by a moment.
            _ => {
                reply.error(409, "SEAT_ALREADY_LOCKED");
                None
            }
        }
    };
    let new = eventually("a new hold", WAIT_TIMEOUT, again).await;
    assert_ne!(new.token, old.token);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn ones_own_hold_that_ran_out_is_followed_by_a_new_one_that_can_be_paid() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let old = user.hold(&[&seat]).await;
    end_hold(&tenant, &old).await;
    let new = user.hold(&[&seat]).await;
    assert_ne!(new.token, old.token);
    user.confirm(&new, &payment()).await.expect(201);
    invariants::check(&tenant).await;
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test decides when the sale commits")]
async fn a_hold_that_runs_out_inside_its_sale_counts_for_the_limit() {
    let mut tenant = stacks::usual().await.tenant().await;
    tenant.entity = tenant.new_entity("show", &json!({"maxSeatsPerUser": 2})).await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4"]).await;
    let user = tenant.user().await;
    let old = user.hold(&[&seats[0], &seats[1]]).await;
    end_hold(&tenant, &old).await;
    // The sale's transaction began before the hold ran out.
    let database = tenant.stack.database().await;
    let holds = database.collection::<Document>("reservations");
    let mut sale = database.client().start_session().await.unwrap();
    sale.start_transaction().await.unwrap();
    let sold = doc! {"$set": {"status": "CONFIRMED"}};
    let token = doc! {"reservationToken": &old.token};
    holds.update_one(token, sold).session(&mut sale).await.unwrap();
    user.reserve(&[&seats[2], &seats[3]]).await.error(409, "SEAT_LIMIT_REACHED");
    sale.commit_transaction().await.unwrap();
    user.reserve(&[&seats[2], &seats[3]]).await.error(409, "SEAT_LIMIT_REACHED");
}

#[tokio::test]
async fn confirms_at_the_very_moment_of_expiry_sell_once_or_pay_back() {
    let tenant = stacks::short().await.tenant().await;
    let numbers: Vec<String> = (1..=12).map(|n| format!("A{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let (ann, bob) = (&ann, &bob);
    let rounds = seats.iter().enumerate().map(|(n, seat)| async move {
        let hold = ann.hold(&[seat]).await;
        // Each seat is paid around the end of its hold, a little earlier or later than the others.
        tokio::time::sleep(Duration::from_millis(1_850 + 25 * n as u64)).await;
        let (paid, other) = (payment(), payment());
        let theirs = async {
            let reply = bob.reserve(&[seat]).await;
            if reply.status == 201 {
                Some(bob.confirm(&Hold::of(&reply), &other).await)
            } else {
                None
            }
        };
        let (mine, theirs) = tokio::join!(ann.confirm(&hold, &paid), theirs);
        let mut payments = vec![paid];
        match mine.status {
            201 => assert!(theirs.as_ref().is_none_or(|r| r.status >= 400), "sold twice"),
            _ => assert_eq!(
                mine.error(410, "RESERVATION_EXPIRED")["details"]["refundDue"],
                true,
                "{mine}"
            ),
        }
        if let Some(reply) = theirs {
            assert!(matches!(reply.status, 201 | 410), "{reply}");
            payments.push(other);
        }
        payments
    });
    let payments = join_all(rounds).await.concat();
    let books = invariants::check(&tenant).await;
    invariants::money_is_accounted_for(&books, &payments);
}
