//! Many buyers at once who name no seats.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    invariants,
    people::{Hold, Tenant, User},
    reply::Reply,
    stacks,
};

async fn best(user: &User, quantity: usize) -> Reply {
    let best = json!({"entityId": user.tenant.entity, "quantity": quantity});
    user.post("/reserve-seat", &json!({"bestAvailable": best})).await
}

/// Rows of 25 seats.
async fn hall(tenant: &Tenant, rows: usize) -> Vec<String> {
    let numbers: Vec<String> =
        (0..rows).flat_map(|row| (1..=25).map(move |n| format!("{row}-{n}"))).collect();
    tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// Checks that every buyer has seats, or was refused when too few were left. Returns the holds.
fn checked_holds(
    users: &[User],
    replies: &[Reply],
    quantity: impl Fn(usize) -> usize,
) -> Vec<Hold> {
    let mut holds = Vec::new();
    let mut seats = BTreeSet::new();
    for (index, (_, reply)) in users.iter().zip(replies).enumerate() {
        if reply.status == 201 {
            let hold = Hold::of(reply);
            assert_eq!(hold.seats.len(), quantity(index), "{reply}");
            assert!(
                hold.seats.iter().all(|seat| seats.insert(seat.clone())),
                "sold twice: {reply}"
            );
            holds.push(hold);
        } else {
            let details = &reply.error(409, "NOT_ENOUGH_SEATS")["details"];
            let available = details["available"].as_u64().expect("a count");
            assert!(available < quantity(index) as u64, "{reply}");
        }
    }
    holds
}

#[tokio::test]
async fn two_hundred_buyers_at_once_share_five_hundred_seats() {
    let tenant = stacks::usual().await.tenant().await;
    hall(&tenant, 20).await;
    let users = tenant.users(200).await;
    // 600 seats are wanted, and 500 are there.
    let quantity = |index: usize| 1 + index % 5;
    let calls = users.iter().enumerate().map(|(index, user)| best(user, quantity(index)));
    let replies = join_all(calls).await;
    let holds = checked_holds(&users, &replies, quantity);
    let held: usize = holds.iter().map(|hold| hold.seats.len()).sum();
    let smallest = replies.iter().enumerate().filter(|(_, reply)| reply.status != 201);
    let smallest = smallest.map(|(index, _)| quantity(index)).min();
    // Whoever went without wanted more than what is left.
    assert!(smallest.is_some_and(|smallest| 500 - held < smallest), "{held} held");
    let free = users[0].free_seats().await;
    assert_eq!(free.len(), 500 - held);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn buyers_who_choose_and_buyers_who_let_choose_never_share_a_seat() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = hall(&tenant, 2).await;
    let users = tenant.users(30).await;
    let turns = users.iter().enumerate().map(|(index, user)| {
        let seat = seats[index].clone();
        async move {
            for turn in 0..4 {
                let reply = match (index + turn) % 2 {
                    0 => best(user, 2).await,
                    _ => user.reserve(&[&seat]).await,
                };
                match reply.status {
                    200 | 201 if turn < 3 => {
                        user.release(&Hold::of(&reply)).await.expect(200);
                    }
                    200 | 201 => {}
                    _ => {
                        let code = reply.code().to_owned();
                        let expected: &[&str] = match (index + turn) % 2 {
                            0 => &["NOT_ENOUGH_SEATS"],
                            _ => &["SEAT_ALREADY_LOCKED"],
                        };
                        assert!(expected.contains(&code.as_str()), "{reply}");
                    }
                }
            }
        }
    });
    join_all(turns).await;
    invariants::check(&tenant).await;
}
