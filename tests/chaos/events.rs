//! Events of the run: they are delivered all the time. At the end the receiver has the events of
//! exactly the changes that were made.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use mongodb::bson::{DateTime, Document, doc};
use rand::{SeedableRng as _, rngs::StdRng};
use tokio::time::{sleep, timeout};

use super::world::{House, World};
use crate::support::{outbox, runtime_api::Event};

/// A deliverer starts no attempt that might not end within its invocation.
const STAY: Duration = Duration::from_secs(60);
/// How long a run waits for a deliverer, which may be dead, before it invokes another one.
const DELIVERER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long all events may take after the faults.
const LIMIT: Duration = Duration::from_secs(120);

/// Invokes deliverers, often two at once. Nothing depends on their responses.
pub async fn deliver(world: Arc<World>) {
    let mut rng = StdRng::seed_from_u64(3);
    while !world.is_closing() {
        invoke(&world, &mut rng).await;
        sleep(Duration::from_millis(300)).await;
    }
}

async fn invoke(world: &World, rng: &mut StdRng) {
    let event = Event::scheduled();
    let call = world.fleets.deliver.call(&event, STAY, rng);
    // A killed process never responds.
    let _ = timeout(DELIVERER_TIMEOUT, call).await;
}

/// Invariant 11, at the receiver: after the faults, it gets every missing event of the house, and
/// no other. The documents' own changes are compared with their events elsewhere.
/// Returns how many there are.
pub async fn reach_their_receiver(world: &World, house: &House) -> usize {
    let Some(receiver) = &house.receiver else { return 0 };
    let mut rng = StdRng::seed_from_u64(4);
    let begun = Instant::now();
    let deliveries = world.stack.database().await.collection::<Document>("deliveries");
    loop {
        // The run does not wait for the pause after a lost attempt.
        let pending = doc! {"appId": &house.tenant.app_id, "status": "PENDING"};
        let due = doc! {"$set": {"nextAttemptAt": DateTime::from_millis(1_000)}};
        deliveries.update_many(pending, due).await.expect("a response");
        invoke(world, &mut rng).await;
        let made = outbox::ids(&house.tenant).await;
        let received = world.receivers.received(receiver);
        let received: BTreeSet<&str> =
            received.iter().map(|one| one.headers["webhook-id"].as_str()).collect();
        let made_up = received.iter().find(|id| !made.contains(**id));
        if let Some(id) = made_up {
            world.ledger.violation(format!("a receiver got {id}, and no change has this event"));
        }
        let missed: Vec<&String> =
            made.iter().filter(|id| !received.contains(id.as_str())).collect();
        if missed.is_empty() {
            return made.len();
        }
        if begun.elapsed() > LIMIT {
            let (count, first) = (missed.len(), missed[0]);
            world.ledger.violation(format!("a receiver misses {count} events, such as {first}"));
            return made.len();
        }
        sleep(Duration::from_millis(200)).await;
    }
}
