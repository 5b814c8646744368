//! Many users and many repeats compete for one seat.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use crate::support::{invariants, people::Hold, reply::Reply, stacks};

#[tokio::test]
async fn of_two_hundred_reserves_by_twelve_users_one_wins() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let users = tenant.users(12).await;
    let seat = seat.as_str();
    let attempts = (0..200).map(|n| {
        let user = &users[n % users.len()];
        async move { (n % 12, user.reserve(&[seat]).await) }
    });
    let replies: Vec<(usize, Reply)> = join_all(attempts).await;
    let winners: Vec<&(usize, Reply)> = replies.iter().filter(|(_, r)| r.status == 201).collect();
    assert_eq!(
        winners.len(),
        1,
        "{:?}",
        winners.iter().map(|(_, r)| r.to_string()).collect::<Vec<_>>()
    );
    let (winner, first) = winners[0];
    let hold = Hold::of(first);
    for (user, reply) in &replies {
        match reply.status {
            201 => {}
            // The winner's own repeats get the same hold. While it is being written, they get a
            // conflict with it.
            200 => {
                assert_eq!(user, winner, "{reply}");
                assert_eq!(Hold::of(reply), hold);
            }
            _ => {
                reply.error(409, "SEAT_ALREADY_LOCKED");
            }
        }
    }
    let books = invariants::check(&tenant).await;
    assert_eq!(books.reservations.len(), 1, "the losers left no hold: {:?}", books.reservations);
    assert_eq!(books.live(), BTreeSet::from([hold.token.as_str()]));
    invariants::no_locks_left_but(&tenant, &[seat]).await;
    for (n, user) in users.iter().enumerate() {
        assert_eq!(user.reservations().await.len(), usize::from(n == *winner));
    }
}

#[tokio::test]
async fn one_user_who_asks_forty_times_at_once_gets_one_hold() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let basket = [seats[0].as_str(), seats[1].as_str()];
    let replies = join_all((0..40).map(|_| user.reserve(&basket))).await;
    let tokens: BTreeSet<String> = replies.iter().map(|r| Hold::of(r).token).collect();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    assert_eq!(replies.iter().filter(|r| r.status == 201).count(), 1);
    let books = invariants::check(&tenant).await;
    assert_eq!(books.reservations.len(), 1);
    invariants::no_locks_left_but(&tenant, &basket).await;
}

#[tokio::test]
async fn a_seat_that_is_taken_and_given_back_all_the_time_is_never_held_twice() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let users = tenant.users(9).await;
    let busy = users.iter().map(|user| async {
        let mut held = 0;
        // One fewer than the hold cycles that a user has on one seat.
        for _ in 0..9 {
            let reply = user.reserve(&[&seat]).await;
            if reply.status == 201 {
                user.release(&Hold::of(&reply)).await.expect(200);
                held += 1;
            } else {
                reply.error(409, "SEAT_ALREADY_LOCKED");
            }
        }
        held
    });
    let held: usize = join_all(busy).await.into_iter().sum();
    let books = invariants::check(&tenant).await;
    assert_eq!(books.count("RELEASED"), held);
    invariants::no_locks_left_but(&tenant, &[]).await;
    users[0].hold(&[&seat]).await;
}
