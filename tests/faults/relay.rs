//! The deliverer kills itself before and after each write about an event. A real receiver still
//! hears of exactly the changes that were made, each at least once.

use std::{collections::BTreeSet, os::unix::process::ExitStatusExt as _, time::Duration};

use mongodb::bson::{Document, doc};
use rustix::process::Signal;
use serde_json::json;

use super::{BUDGET, Bench, fault_slot, held, to_confirm, to_release};
use crate::support::{
    invariants, outbox, payment,
    receiver::{OK, Receivers},
    runtime_api::{Environment, Event},
};

/// The writes of the relay.
pub const WRITES: [&str; 2] = ["deliveries.insert", "outbox.forget"];

/// A deliverer starts no attempt that might not end within its invocation.
const STAY: Duration = Duration::from_secs(60);

/// Ends the lease of a deliverer that was killed. It would end by itself a moment later.
async fn end_lease(bench: &Bench) {
    let leases = bench.tenant.stack.database().await.collection::<Document>("leases");
    leases.delete_many(doc! {}).await.expect("an answer");
}

#[tokio::test]
async fn a_receiver_hears_of_every_change_wherever_the_deliverer_is_killed() {
    let _slot = fault_slot().await;
    let points = WRITES.map(|write| ["before", "after"].map(|side| format!("{write}:{side}")));
    let points = points.concat();
    let mut bench = Bench::new(2 * points.len()).await;
    bench.set("WEBHOOK_ALLOW_HOSTS", "127.0.0.1");
    let receivers = Receivers::start().await;
    let url = receivers.add(OK);
    let path = format!("/admin/apps/{}/webhooks", bench.tenant.app_id);
    bench.tenant.stack.admin().await.post(&path, &json!({"url": url})).await.expect(201);
    let (reserve, confirm, release) =
        tokio::join!(bench.start("reserve"), bench.start("confirm"), bench.start("release"));
    for (number, point) in points.iter().enumerate() {
        let sold = held(&reserve, &bench.ann, &[&bench.seats[2 * number]]).await;
        let given = held(&reserve, &bench.bob, &[&bench.seats[2 * number + 1]]).await;
        confirm.call(&to_confirm(&bench.ann, &sold, &payment()), BUDGET).await.expect(201);
        let killed = bench.with("FAILPOINTS", format!("{point}=return(kill)"));
        let killed = Environment::start("deliver-webhooks", &killed).await;
        end_lease(&bench).await;
        let run = killed.invoke(&Event::scheduled(), STAY);
        let status = killed.ended().await;
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{point}: {}", killed.log());
        drop(run);
        release.call(&to_release(&bench.bob, &given), BUDGET).await.expect(200);
        invariants::check(&bench.tenant).await;
    }
    let deliver = bench.start("deliver-webhooks").await;
    end_lease(&bench).await;
    deliver.invoke(&Event::scheduled(), STAY).value().await;
    let books = invariants::check(&bench.tenant).await;
    assert!(books.reservations.iter().all(|hold| !hold.contains_key("events")));
    let received = receivers.received(&url);
    let heard: BTreeSet<&str> =
        received.iter().map(|request| request.headers["webhook-id"].as_str()).collect();
    // A hold and its sale; a hold and its release.
    assert_eq!(heard.len(), 4 * points.len());
    let known = outbox::ids(&bench.tenant).await;
    assert_eq!(heard, known.iter().map(String::as_str).collect());
    for request in &received {
        let same = received
            .iter()
            .filter(|other| other.headers["webhook-id"] == request.headers["webhook-id"]);
        assert!(same.into_iter().all(|other| other.body == request.body), "two bodies");
    }
}
