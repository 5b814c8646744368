//! Listings from replicas: what they take off the primary of a set of three, and how much older
//! than the primary they are.

mod members;
mod staleness;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, TryStreamExt as _};
use mongodb::bson::{Document, doc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    batch::put_through,
    figures::{Part, Spread, short, table},
    runtime::Environment,
    usage::cpu_ms,
    world::{DATABASE, World, connect},
};
use members::Members;
use staleness::Staleness;

/// Listings in a round.
const LISTINGS: usize = 600;
/// More pages than a process remembers, so that each listing asks MongoDB.
const ENTITIES: usize = 60;
const SEATS: usize = 500;
const AT_ONCE: usize = 16;
const PREFERENCES: [&str; 2] = ["primary", "secondaryPreferred"];

/// The world's tenant, users and seats on a set of three.
pub struct Set<'a> {
    pub world: &'a World,
    pub members: Members,
    pub settings: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Listings {
    preference: &'static str,
    per_second: Spread,
    ms: Spread,
    function_cpu_ms: f64,
    /// Of the primary, then of the others.
    members_cpu_ms: Vec<f64>,
}

#[derive(Default)]
struct Sum {
    per_second: Vec<f64>,
    ms: Vec<f64>,
    function_cpu_ms: f64,
    members_cpu_ms: Vec<f64>,
}

/// Measures in a world of its own under `dir`: so many rounds of each preference, and the staleness
/// of so many holds.
pub async fn run(dir: &Path, rounds: usize, holds: usize) -> anyhow::Result<Part> {
    let dir = dir.join("replicas");
    let world = World::start(&dir).await?;
    let folder = dir.join("data/members");
    let members = Members::start(&folder).await?;
    let mut settings = world.settings();
    settings.insert("MONGODB_URI".to_owned(), members.uri());
    let users = world.load_users(100).await?;
    for number in 0..ENTITIES {
        world.load_seats(&format!("replicas-{number}"), SEATS).await?;
    }
    let seats = staleness::load(&world, holds).await?;
    let set = Set { world: &world, members, settings };
    set.copy().await?;
    let listings = listings(&set, &users, rounds).await?;
    let staleness = staleness::measure(&set, &users, &seats).await?;
    Ok(report(rounds, &listings, &staleness))
}

impl Set<'_> {
    /// Starts a function over the set.
    pub async fn environment(
        &self,
        function: &str,
        preference: &str,
        at_once: usize,
    ) -> anyhow::Result<Environment> {
        let mut settings = self.settings.clone();
        settings.insert("LISTING_READ_PREFERENCE".to_owned(), preference.to_owned());
        Environment::start(function, &settings, at_once, &self.world.logs()).await
    }

    /// Makes the set's database one like the world's.
    async fn copy(&self) -> anyhow::Result<()> {
        let migrate = self.environment("migrate", PREFERENCES[0], 1).await?;
        migrate.server().call(Arc::from(b"{}".as_slice())).await?;
        migrate.end().await;
        let database =
            connect(&self.members.uri(), "unified-booking-bench").await?.database(DATABASE);
        for name in ["apps", "users", "entities", "seats"] {
            let from = self.world.database.collection::<Document>(name).find(doc! {}).await?;
            let mut batches = from.try_chunks(5_000);
            while let Some(batch) = batches.next().await {
                database.collection::<Document>(name).insert_many(batch?).await?;
            }
        }
        Ok(())
    }

    fn cpu(&self) -> Vec<f64> {
        self.members.all().iter().map(|member| cpu_ms(member.pid())).collect()
    }
}

async fn listings(
    set: &Set<'_>,
    users: &[crate::world::User],
    rounds: usize,
) -> anyhow::Result<Vec<Listings>> {
    let mut processes = Vec::new();
    for preference in PREFERENCES {
        processes.push(set.environment("list-seats", preference, AT_ONCE).await?);
    }
    let event = |number: usize| {
        let target = format!("/seats?entityId=replicas-{}", number % ENTITIES);
        set.world.event(Some(&users[number % users.len()]), "GET", &target, &Value::Null)
    };
    let events: Vec<Arc<[u8]>> = (0..LISTINGS).map(event).collect();
    let mut sums: [Sum; 2] = Default::default();
    // The first round is for warming up.
    for round in 0..=rounds {
        for (process, sum) in processes.iter().zip(&mut sums) {
            let before = (set.cpu(), cpu_ms(process.pid()), Instant::now());
            let mut ms = put_through(process.server(), events.clone(), 200).await?;
            let seconds = before.2.elapsed().as_secs_f64();
            if round == 0 {
                continue;
            }
            sum.ms.append(&mut ms);
            sum.per_second.push(LISTINGS as f64 / seconds);
            sum.function_cpu_ms += cpu_ms(process.pid()) - before.1;
            sum.members_cpu_ms.resize(before.0.len(), 0.0);
            for (sum, (after, before)) in
                sum.members_cpu_ms.iter_mut().zip(set.cpu().iter().zip(&before.0))
            {
                *sum += after - before;
            }
        }
        // Whatever the members still tell one another of the round before is not the next one's.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let each = 1.0 / (LISTINGS * rounds.max(1)) as f64;
    Ok(PREFERENCES
        .into_iter()
        .zip(sums)
        .map(|(preference, sum)| Listings {
            preference,
            per_second: Spread::of(sum.per_second),
            ms: Spread::of(sum.ms),
            function_cpu_ms: sum.function_cpu_ms * each,
            members_cpu_ms: sum.members_cpu_ms.iter().map(|ms| ms * each).collect(),
        })
        .collect())
}

fn report(rounds: usize, listings: &[Listings], staleness: &Staleness) -> Part {
    let rows = listings.iter().map(|listings| {
        let mut cells = vec![
            format!("`{}`", listings.preference),
            short(listings.per_second.p50),
            format!("{}–{}", short(listings.per_second.min), short(listings.per_second.max)),
            short(listings.ms.p50),
            short(listings.ms.p99),
            short(listings.function_cpu_ms),
        ];
        cells.extend(listings.members_cpu_ms.iter().map(|ms| short(*ms)));
        cells
    });
    let head = [
        "`LISTING_READ_PREFERENCE`",
        "listings/s",
        "range",
        "p50, ms",
        "p99",
        "our CPU",
        "primary's",
        "a secondary's",
        "the other's",
    ];
    let markdown = format!(
        "Listings of {SEATS} seats, none from memory, {AT_ONCE} in flight, a replica set of three: {rounds} rounds of \
         {LISTINGS} each, in turn. CPU in ms a request. All members share this machine's cores, so that what the primary is \
         relieved of makes no more requests a second here.\n\n{}\n{}",
        table(&head, rows),
        staleness.markdown()
    );
    Part {
        name: "replicas",
        json: json!({"listings": listings, "staleness": staleness}),
        markdown,
        rows: Vec::new(),
    }
}
