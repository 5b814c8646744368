//! Whether a hold and a listing cost the same when there is much of everything else: seats of an
//! entity, live locks, tenants, past reservations, held seats. At each level the function and the
//! floor take turns, with one request in flight.

use anyhow::Context as _;
use mongodb::{
    Collection,
    bson::{DateTime, Document, doc, oid::ObjectId},
    options::WriteConcern,
};
use uuid::Uuid;

use crate::{
    baskets::lock_value,
    figures::thousands,
    line,
    options::Options,
    report::Report,
    run::Rounds,
    scenarios::{Action, Fixtures, MAX_PAGE, Scenario, Variant, scenario},
    world::{CURRENCY, PRICE, TTL_MS, World},
};

const SEATS: [usize; 4] = [50, 500, 5_000, 50_000];
const LOCKS: [usize; 4] = [100, 10_000, 100_000, 1_000_000];
const TENANTS: [usize; 2] = [1, 10_000];
const PAST: [usize; 4] = [0, 10_000, 100_000, 1_000_000];
/// Held seats of an entity with [`MANY_SEATS`] seats.
const HELD: [usize; 2] = [0, 40_000];
const MANY_SEATS: usize = 50_000;
/// The greatest level with `BRIEF=1`.
const BRIEF_MAX: usize = 10_000;

/// How many seats there are in all at each level of the entity's size, so that a window
/// finds enough free ones.
const ALL_SEATS: usize = 10_000;
/// The size of halls and listed entities where that is not what grows.
const ENTITY_SEATS: usize = 500;
const LISTED: usize = 20;

const BATCH: usize = 1_000;
const DAY_MS: i64 = 24 * 3_600 * 1_000;

const RESERVE: Scenario = scenario("reserve 1 seat", "reserve", Action::Reserve(1));
const LIST: Scenario =
    scenario("list 500 seats", "list-seats", Action::List { seats: ENTITY_SEATS, limit: MAX_PAGE });

const LIST_SOME: Scenario = scenario(
    "list 100 of 50000 seats",
    "list-seats",
    Action::List { seats: MANY_SEATS, limit: 100 },
);

const BOTH: [Variant; 2] = [Variant::Floor, Variant::One];

/// Measures all levels except held seats, in a world of its own, and adds the outcomes to the
/// report.
pub async fn measure(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let world = World::start(&options.dir.join("growth")).await?;
    report.versions.clone_from(&world.versions);
    let rounds = Rounds::new(&world, options).await?;
    let mut growth = Growth { world: &world, rounds, report };
    let levels = |all| levels(options, all);

    for seats in levels(&SEATS) {
        let halls = ALL_SEATS.div_ceil(seats);
        let mut fixtures = Fixtures::build(&world, (halls, seats), &[]).await?;
        growth.level(&mut fixtures, &BOTH, &[RESERVE], seats, "seats of the entity").await?;
    }
    let halls = (ALL_SEATS / ENTITY_SEATS, ENTITY_SEATS);
    let mut fixtures = Fixtures::build(&world, halls, &[]).await?;
    let mut there = 0;
    for locks in levels(&LOCKS) {
        write_locks(&world, locks - there).await?;
        there = locks;
        growth.level(&mut fixtures, &BOTH, &[RESERVE], locks, "live locks").await?;
    }
    // In the background: it takes longer than the client waits.
    let mut flush = redis::Cmd::new();
    let flush = flush.arg(&["FLUSHDB", "ASYNC"]);
    flush.query_async::<()>(&mut world.redis_client.clone()).await?;
    let mut fixtures = Fixtures::build(&world, halls, &[(ENTITY_SEATS, LISTED)]).await?;
    let mut there = 1;
    for tenants in levels(&TENANTS) {
        write_tenants(&world, there, tenants).await?;
        there = tenants;
        growth.level(&mut fixtures, &BOTH, &[RESERVE], tenants, "tenants").await?;
    }
    let mut there = 0;
    for past in levels(&PAST) {
        write_past(&world, &fixtures, there, past).await?;
        there = past;
        growth.level(&mut fixtures, &BOTH, &[RESERVE, LIST], past, "past reservations").await?;
    }
    world.stop().await;
    Ok(())
}

/// Measures how long a listing takes while many seats are held, and adds that to the report.
/// The floor would read all holds of the entity, so it is left out.
pub async fn of_held_seats(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let world = World::start(&options.dir.join("held")).await?;
    report.versions.clone_from(&world.versions);
    let rounds = Rounds::new(&world, options).await?;
    let mut growth = Growth { world: &world, rounds, report };
    let mut fixtures = Fixtures::build(&world, (1, ENTITY_SEATS), &[]).await?;
    for held in levels(options, &HELD) {
        fixtures.list_with_held(&world, MANY_SEATS, held).await?;
        growth.level(&mut fixtures, &[Variant::One], &[LIST_SOME], held, "held seats").await?;
    }
    world.stop().await;
    Ok(())
}

/// The levels that a run measures.
fn levels(options: &Options, all: &'static [usize]) -> impl Iterator<Item = usize> + use<> {
    let most = if options.brief { BRIEF_MAX } else { usize::MAX };
    all.iter().copied().filter(move |level| *level <= most)
}

struct Growth<'a> {
    world: &'a World,
    rounds: Rounds<'a>,
    report: &'a mut Report,
}

impl Growth<'_> {
    async fn level(
        &mut self,
        fixtures: &mut Fixtures,
        variants: &[Variant],
        scenarios: &[Scenario],
        level: usize,
        axis: &str,
    ) -> anyhow::Result<()> {
        // Writes the new data to the disk now, not during a measurement.
        self.world.database.client().database("admin").run_command(doc! {"fsync": 1}).await?;
        let label = format!("{} {axis}", thousands(level as u64));
        line!("growth: {label} …");
        for scenario in scenarios {
            let mut outcomes = self.rounds.measure(fixtures, scenario, 1, variants).await?;
            for outcome in &mut outcomes {
                outcome.scenario = format!("{label}: {}", scenario.name);
            }
            self.report.growth.extend(outcomes);
        }
        Ok(())
    }
}

/// Writes locks of the tenant on seats that no request uses.
async fn write_locks(world: &World, count: usize) -> anyhow::Result<()> {
    let (app, now) = (world.tenant.app_id.as_str(), DateTime::now());
    for start in (0..count).step_by(BATCH) {
        let mut pipe = redis::pipe();
        for _ in start..count.min(start + BATCH) {
            let key = format!("seat:lock:{{{app}}}:{}", ObjectId::new());
            let value = lock_value(Uuid::new_v4(), ObjectId::new(), now);
            pipe.pset_ex(key, value, TTL_MS as u64).ignore();
        }
        pipe.query_async::<()>(&mut world.redis_client.clone()).await?;
    }
    Ok(())
}

/// Writes copies of the tenant under other ids.
async fn write_tenants(world: &World, from: usize, to: usize) -> anyhow::Result<()> {
    let apps = world.database.collection::<Document>("apps");
    let own = doc! {"appId": world.tenant.app_id.as_str()};
    let app = apps.find_one(own).await?.context("the tenant is missing")?;
    let copy = |number: usize| {
        let mut copy = app.clone();
        copy.insert("_id", ObjectId::new());
        copy.insert("appId", format!("neighbour-{}", from + number));
        copy
    };
    insert(&apps, to - from, copy).await
}

/// Writes past reservations as a year would leave them. Half are of the fixtures' listed entities,
/// one in ten is of the fixtures' users. Of twenty, eight were sold, four released, eight expired.
async fn write_past(
    world: &World,
    fixtures: &Fixtures,
    from: usize,
    to: usize,
) -> anyhow::Result<()> {
    let strangers: Vec<ObjectId> = (0..10_000).map(|_| ObjectId::new()).collect();
    let (entities, users) = (fixtures.entities(), &fixtures.users);
    let (app, now) = (world.tenant.app_id.as_str(), DateTime::now().timestamp_millis());
    let make = |number: usize| {
        let days = i64::try_from((from + number) * 7_919 % 365).unwrap_or_default();
        let made = now - (days + 1) * DAY_MS;
        let user = match number % 10 {
            7 => users[number % users.len()].id,
            _ => strangers[number % strangers.len()],
        };
        let entity = match number % 2 {
            0 => entities[number / 2 % entities.len()].clone(),
            _ => format!("past-{}", number % 1_000),
        };
        let status = match number % 20 {
            0..8 => "CONFIRMED",
            8..12 => "RELEASED",
            _ => "EXPIRED",
        };
        let mut document = doc! {
            "reservationToken": Uuid::new_v4().to_string(), "userId": user, "appId": app,
            "entityId": entity, "seatIds": [ObjectId::new()], "amount": PRICE,
            "currency": CURRENCY, "status": status,
            "expiresAt": DateTime::from_millis(made + 120_000),
            "createdAt": DateTime::from_millis(made), "updatedAt": DateTime::from_millis(made),
        };
        if status == "CONFIRMED" {
            document.insert("claimed", true);
        }
        document
    };
    insert(&world.database.collection("reservations"), to - from, make).await
}

/// Inserts `count` documents in batches, each in no order.
async fn insert(
    collection: &Collection<Document>,
    count: usize,
    make: impl Fn(usize) -> Document,
) -> anyhow::Result<()> {
    for start in (0..count).step_by(BATCH) {
        let batch = (start..count.min(start + BATCH)).map(&make);
        let insert = collection.insert_many(batch).ordered(false);
        insert.write_concern(WriteConcern::nodes(1)).await?;
    }
    Ok(())
}
