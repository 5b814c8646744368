//! A change of a hold, against everything else that may happen to the hold at the same time.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    invariants, payment,
    people::{Hold, PRICE, User},
    reply::{Reply, strings},
    stacks,
};

async fn change(user: &User, hold: &Hold, seats: &[&str]) -> Reply {
    user.post("/reserve-seat", &json!({"reservationToken": hold.token, "seatIds": seats})).await
}

/// A sale has the seats and the price against which the payment was verified: the old ones or the
/// new ones, never a mix.
#[tokio::test]
async fn a_change_against_a_confirm_sells_one_version_whole() {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> = (1..=30).map(|n| format!("A{n}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let seats = tenant.seats(&numbers).await;
    let users = tenant.users(10).await;
    let races = users.iter().zip(seats.chunks(3)).map(async |(user, seats)| {
        let hold = user.hold(&[&seats[0]]).await;
        let wanted = [seats[1].as_str(), &seats[2]];
        let pay = payment();
        let (changed, sold) = tokio::join!(change(user, &hold, &wanted), user.confirm(&hold, &pay));
        let booking = sold.expect(201);
        let booked = strings(&booking["seatIds"]);
        if changed.status == 200 {
            assert_eq!((booked.as_slice(), &booking["amount"]), (&seats[1..], &json!(2 * PRICE)));
        } else {
            changed.error(409, "RESERVATION_ALREADY_CONFIRMED");
            assert_eq!((booked.as_slice(), &booking["amount"]), (&seats[..1], &json!(PRICE)));
        }
    });
    join_all(races).await;
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn of_many_changes_to_one_seat_one_wins_and_the_others_keep_their_holds() {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> = (0..=12).map(|n| format!("A{n}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let seats = tenant.seats(&numbers).await;
    let users = tenant.users(12).await;
    let own = &seats[1..];
    let holds = users.iter().zip(own).map(async |(user, seat)| user.hold(&[seat.as_str()]).await);
    let holds: Vec<Hold> = join_all(holds).await;
    let wanted = seats[0].as_str();
    let changes =
        users.iter().zip(&holds).map(async |(user, hold)| change(user, hold, &[wanted]).await);
    let replies = join_all(changes).await;
    let won = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(won, 1);
    for ((reply, user), seat) in replies.iter().zip(&users).zip(own) {
        let held = strings(&user.reservations().await[0]["seatIds"]);
        if reply.status == 200 {
            assert_eq!(held, [wanted]);
        } else {
            reply.error(409, "SEAT_ALREADY_LOCKED");
            assert_eq!(held, [seat.as_str()]);
        }
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn changes_of_one_hold_at_once_leave_one_of_their_results() {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> = (1..=9).map(|n| format!("A{n}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let seats = tenant.seats(&numbers).await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0]]).await;
    let wanted: Vec<[&str; 2]> =
        seats[1..].chunks(2).map(|two| [two[0].as_str(), &two[1]]).collect();
    let replies = join_all(wanted.iter().map(async |two| change(&user, &hold, two).await)).await;
    for reply in &replies {
        assert!(matches!(reply.status, 200 | 503), "{reply}");
    }
    let held = strings(&user.reservations().await[0]["seatIds"]);
    assert!(wanted.iter().any(|two| held == *two), "{held:?}");
    // Seats that no change kept are free.
    let free: BTreeSet<String> = tenant.user().await.free_seats().await.into_iter().collect();
    let expected: BTreeSet<String> =
        seats.iter().filter(|seat| !held.contains(seat)).cloned().collect();
    assert_eq!(free, expected);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_change_against_a_release_frees_every_seat() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    for _ in 0..5 {
        let user = tenant.user().await;
        let hold = user.hold(&[&seats[0]]).await;
        let wanted = [seats[1].as_str()];
        let (changed, released) = tokio::join!(change(&user, &hold, &wanted), user.release(&hold));
        released.expect(200);
        assert!(changed.status == 200 || changed.code() == "RESERVATION_RELEASED", "{changed}");
        assert_eq!(tenant.user().await.free_seats().await.len(), 2);
    }
    invariants::check(&tenant).await;
}
