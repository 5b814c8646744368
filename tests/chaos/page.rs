//! A page that watches the public seat feed during a run. Whatever fails, what it has seen never
//! goes back, and a sold seat is free again no more often than somebody cancels it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::world::World;
use crate::support::{feed::SOLD, runtime_api::Event};

const BUDGET: Duration = Duration::from_secs(3);

/// What a page has seen of one show.
#[derive(Default)]
struct Seen {
    newest: (i64, i64),
    by_seq: BTreeMap<i64, String>,
    sold: Vec<bool>,
    /// How often each seat was free after it was sold.
    freed: BTreeMap<usize, usize>,
}

impl Seen {
    /// Reads one response. `Err`: what it must not show.
    fn read(&mut self, body: &Value) -> Result<(), String> {
        let number = |name: &str| body[name].as_i64().ok_or_else(|| format!("no {name}: {body}"));
        let (order, text) = ((number("epoch")?, number("seq")?), body["states"].to_string());
        if order < self.newest {
            return Err(format!("the feed went back from {:?} to {order:?}", self.newest));
        }
        self.newest = order;
        let known = self.by_seq.entry(order.1).or_insert_with(|| text.clone());
        if *known != text {
            return Err(format!("the feed's {} is {known} and {text}", order.1));
        }
        let states = STANDARD.decode(body["states"].as_str().unwrap_or_default());
        let states = states.map_err(|_| format!("no base64: {body}"))?;
        let sold = states.iter().flat_map(|byte| (0..4).map(move |n| byte >> (2 * n) & 3 == SOLD));
        let sold: Vec<bool> = sold.collect();
        for (seat, (before, now)) in self.sold.iter().zip(&sold).enumerate() {
            if *before && !now {
                *self.freed.entry(seat).or_default() += 1;
            }
        }
        self.sold = sold;
        Ok(())
    }

    /// A seat that was free again more often than somebody began to cancel it.
    fn freed_alone(
        &self,
        seats: &[String],
        cancellations: &HashMap<String, usize>,
    ) -> Option<&usize> {
        let begun = |seat: usize| cancellations.get(&seats[seat]).copied().unwrap_or_default();
        self.freed.iter().find(|(seat, times)| **times > begun(**seat)).map(|(seat, _)| seat)
    }
}

fn event(key: &str) -> Event {
    let headers = json!({"host": "api.example.com", "x-forwarded-proto": "https"});
    let mut event = Event::with("GET", &format!("/feed/{key}"), headers);
    event.payload["pathParameters"] = json!({"feedKey": key});
    event
}

/// Watches the current shows until the run closes.
pub async fn watch(world: Arc<World>, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut pages: BTreeMap<&str, Seen> = BTreeMap::new();
    while !world.is_closing() {
        let show = world.houses.choose(&mut rng).expect("a tenant").show();
        let result = world.fleets.feed.call(&event(&show.feed_key), BUDGET, &mut rng).await;
        let seen = match &result.response {
            Some((200, body)) => {
                let page = pages.entry(show.feed_key.as_str()).or_default();
                let read = page.read(body);
                let entries = world.ledger.entries();
                let alone = page.freed_alone(&show.seats, &entries.cancellations);
                Some(read.and_then(|()| match alone {
                    Some(seat) => Err(format!("seat {seat} was sold, and is not: {body}")),
                    None => Ok(()),
                }))
            }
            Some((503, _)) | None => None,
            // The process was killed.
            Some((502, _)) if result.disturbed => None,
            Some((status, body)) => Some(Err(format!("the feed is {status}: {body}"))),
        };
        {
            let mut entries = world.ledger.entries();
            let count = entries.counts.entry("feed").or_default();
            *(if seen.is_some() { &mut count.ok } else { &mut count.unknown }) += 1;
        }
        if let Some(Err(what)) = seen {
            world.ledger.violation(what);
        }
        sleep(Duration::from_millis(rng.random_range(5..60))).await;
    }
}
