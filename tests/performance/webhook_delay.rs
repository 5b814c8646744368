//! How soon the event of a sale reaches its receiver. It is a measurement, so it needs an idle
//! machine:
//! `cargo test --workspace --test integration -- --ignored --nocapture webhook_delay`.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    receiver::{OK, Receivers},
    reply::time,
    stacks::Plan,
};

const SELLING: Duration = Duration::from_secs(20);
const BUYERS: usize = 4;
/// Each buyer pauses after a sale: about 20 sales a second, which have 40 events.
const PAUSE: Duration = Duration::from_millis(100);
const LIMIT: Duration = Duration::from_secs(2);

#[tokio::test]
#[ignore = "a measurement: it needs an idle machine"]
async fn while_selling_95_of_100_events_are_sent_within_two_seconds() {
    let stack = Plan::new("delay").unlimited().start().await;
    let tenant = stack.tenant().await;
    let receivers = Receivers::start().await;
    let url = receivers.add(OK);
    let path = format!("/admin/apps/{}/webhooks", tenant.app_id);
    stack.admin().await.post(&path, &json!({"url": url})).await.expect(201);
    let numbers: Vec<String> = (0..1_000).map(|number| format!("A{number}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let users = tenant.users(BUYERS).await;
    // A deliverer that finds nothing to do ends at once. This one finds work, so it stays.
    users[0].hold(&[&seats[0]]).await;
    let deliverer = {
        let (stack, stay) = (stack.clone(), json!({"staySeconds": 10}));
        tokio::spawn(async move { stack.invoke("deliver-webhooks", &stay).await })
    };
    let end = Instant::now() + SELLING;
    let sales = join_all(users.iter().zip(seats[1..].chunks(seats.len() / BUYERS)).map(
        |(user, seats)| async move {
            let mut sold = 0;
            for seat in seats.iter().take_while(|_| Instant::now() < end) {
                user.book(&[seat]).await;
                sold += 1;
                tokio::time::sleep(PAUSE).await;
            }
            sold
        },
    ));
    let sold: usize = sales.await.into_iter().sum();
    deliverer.await.expect("it ends");
    let mut delays: Vec<i64> = receivers
        .received(&url)
        .iter()
        .map(|one| {
            let body: Value = serde_json::from_str(&one.body).expect("JSON");
            one.at.timestamp_millis() - time(&body["timestamp"])
        })
        .collect();
    delays.sort_unstable();
    let part = |percent: usize| delays[delays.len() * percent / 100];
    println!(
        "{} events of {sold} sales: p50 {} ms, p95 {} ms, the latest {} ms",
        delays.len(),
        part(50),
        part(95),
        delays[delays.len() - 1]
    );
    assert!(delays.len() >= 2 * sold, "an event is missing");
    assert!(part(95) <= LIMIT.as_millis() as i64, "p95 is {} ms", part(95));
}
