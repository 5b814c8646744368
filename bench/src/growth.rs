//! Whether a hold costs the same when there is much of everything else: past reservations, seats of
//! an entity, tenants, live locks. Through the function with one in flight, and the bare write
//! beside it, in turn.

mod lab;
mod load;

use std::path::Path;

use mongodb::bson::oid::ObjectId;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    figures::{Part, short, table, thousands},
    say,
    world::{ORIGIN, User, World},
};
use lab::{Cost, HOLDS, Lab, Variant, Wanted};

const PAST: [usize; 4] = [0, 10_000, 100_000, 1_000_000];
const SEATS: [usize; 4] = [50, 500, 5_000, 50_000];
const TENANTS: usize = 10_000;
/// How many of the tenants ask, in turn: a first request costs each a bcrypt, so not all of them.
const ASKED: usize = 200;
const LOCKS: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];

/// One row: what was measured, with how much of something there.
#[derive(Serialize)]
struct Point {
    what: String,
    reserve: Cost,
    claim: Option<Cost>,
}

/// Measures in rounds of [`HOLDS`] holds of each variant, against `most` past reservations and
/// locks at most, in a world of its own under `dir`.
pub async fn run(dir: &Path, rounds: usize, most: usize) -> anyhow::Result<Part> {
    let world = World::start(&dir.join("growth")).await?;
    let lab = Lab::new(&world, rounds).await?;
    let users = world.load_users(20).await?;
    let entities = by_seats(&lab, &users).await?;
    let locks = by_locks(&lab, &users, most).await?;
    let tenants = by_tenants(&lab, &users).await?;
    let past = by_past(&lab, &users, most).await?;
    Ok(report(
        rounds,
        &[
            ("seats of the entity", entities),
            ("live locks", locks),
            ("tenants", tenants),
            past_of(past),
        ],
    ))
}

type Table = (&'static str, Vec<Point>);

fn past_of(points: Vec<Point>) -> Table {
    ("past reservations", points)
}

/// Fifty holds, spread over an entity.
fn holds(world: &World, users: &[User], entity: &str, seats: &[ObjectId]) -> Vec<Wanted> {
    let spread = seats.iter().step_by((seats.len() / HOLDS).max(1)).take(HOLDS);
    spread
        .zip(users.iter().cycle())
        .map(|(seat, user)| Wanted::new(world, user, entity, *seat))
        .collect()
}

async fn by_seats(lab: &Lab<'_>, users: &[User]) -> anyhow::Result<Vec<Point>> {
    let mut variants = Vec::new();
    for count in SEATS {
        let entity = format!("growth-of-{count}");
        let seats = lab.world.load_seats(&entity, count).await?;
        let wanted = holds(lab.world, users, &entity, &seats);
        variants.extend([Variant::Reserve(wanted.clone()), Variant::Claim(wanted)]);
    }
    load::settle(lab.world).await?;
    let costs = lab.measure(&variants).await?;
    let points = SEATS.iter().zip(costs.chunks_exact(2));
    Ok(points
        .map(|(count, costs)| {
            point(&format!("{} seats", thousands(*count as u64)), costs[0], Some(costs[1]))
        })
        .collect())
}

async fn by_locks(lab: &Lab<'_>, users: &[User], most: usize) -> anyhow::Result<Vec<Point>> {
    let wanted = some_holds(lab, users, "growth-locks").await?;
    let variants = [Variant::Reserve(wanted.clone()), Variant::Claim(wanted)];
    let (mut points, mut there) = (Vec::new(), 0);
    for count in LOCKS.into_iter().filter(|count| *count <= most) {
        load::locks(lab.world, there, count).await?;
        there = count;
        let costs = lab.measure(&variants).await?;
        points.push(point(&format!("{} locks", thousands(count as u64)), costs[0], Some(costs[1])));
    }
    load::unlock_all(lab.world).await?;
    Ok(points)
}

async fn by_tenants(lab: &Lab<'_>, users: &[User]) -> anyhow::Result<Vec<Point>> {
    let wanted = some_holds(lab, users, "growth-tenants").await?;
    let variants = [Variant::Reserve(wanted.clone()), Variant::Claim(wanted)];
    let alone = lab.measure(&variants).await?;
    let neighbours = load::tenants(lab.world, TENANTS, ASKED).await?;
    load::settle(lab.world).await?;
    let among = lab.measure(&variants).await?;
    let asked: Vec<Wanted> =
        neighbours.iter().map(|neighbour| of_neighbour(lab.world, neighbour)).collect();
    let all = lab.measure(&[Variant::Reserve(asked.clone()), Variant::Claim(asked)]).await?;
    Ok(vec![
        point("1 tenant", alone[0], Some(alone[1])),
        point(
            &format!("{} tenants, one asks", thousands(TENANTS as u64)),
            among[0],
            Some(among[1]),
        ),
        point(
            &format!("{} tenants, {ASKED} ask in turn", thousands(TENANTS as u64)),
            all[0],
            Some(all[1]),
        ),
    ])
}

fn of_neighbour(world: &World, neighbour: &load::Neighbour) -> Wanted {
    let headers = json!({
        "content-type": "application/json",
        "host": "api.example.com",
        "x-forwarded-proto": "https",
        "x-app-id": neighbour.app,
        "x-api-key": world.tenant.api_key,
        "origin": ORIGIN,
        "authorization": format!("Bearer {}", neighbour.token),
    });
    let body = json!({"seatId": neighbour.seat.to_hex()});
    Wanted {
        event: crate::world::event("POST", "/reserve-seat", &headers, &body),
        app: neighbour.app.clone(),
        user: neighbour.user,
        seat: neighbour.seat,
        entity: neighbour.entity.clone(),
    }
}

async fn by_past(lab: &Lab<'_>, users: &[User], most: usize) -> anyhow::Result<Vec<Point>> {
    const ENTITY: &str = "growth-past";
    let seats = lab.world.load_seats(ENTITY, 500).await?;
    let regular = lab.world.load_users(1).await?;
    let (new, old) =
        (holds(lab.world, users, ENTITY, &seats), holds(lab.world, &regular, ENTITY, &seats));
    let target = format!("/seats?entityId={ENTITY}");
    let listing = lab.world.event(users.first(), "GET", &target, &Value::Null);
    let variants = [
        Variant::Reserve(new.clone()),
        Variant::Claim(new.clone()),
        Variant::Reserve(old),
        Variant::List(new, listing),
    ];
    let (mut points, mut there) = (Vec::new(), 0);
    for count in PAST.into_iter().filter(|count| *count <= most) {
        say::line!("growth: {} past reservations …", thousands(count as u64));
        load::past(lab.world, ENTITY, regular[0].id, there, count).await?;
        load::settle(lab.world).await?;
        there = count;
        let costs = lab.measure(&variants).await?;
        let what = thousands(count as u64);
        points.push(point(&format!("{what}: a user without a past"), costs[0], Some(costs[1])));
        points.push(point(&format!("{what}: the user of one of ten"), costs[2], None));
        points.push(point(&format!("{what}: listing 500 seats"), costs[3], None));
    }
    Ok(points)
}

async fn some_holds(lab: &Lab<'_>, users: &[User], entity: &str) -> anyhow::Result<Vec<Wanted>> {
    let seats = lab.world.load_seats(entity, 500).await?;
    Ok(holds(lab.world, users, entity, &seats))
}

fn point(what: &str, reserve: Cost, claim: Option<Cost>) -> Point {
    Point { what: what.to_owned(), reserve, claim }
}

fn report(rounds: usize, tables: &[Table]) -> Part {
    let head = |of: &str| {
        let of = format!("against {of}");
        [
            of,
            "p50, ms".into(),
            "p90".into(),
            "our CPU".into(),
            "MongoDB's CPU".into(),
            "bare write p50".into(),
            "MongoDB's".into(),
        ]
    };
    let mut markdown = format!(
        "Reserving one seat through the function with 1 in flight, and the upsert of its hold bare, in turn: {rounds} rounds \
         of {HOLDS} each. CPU in ms a request. Listings are of the function alone, none from memory; the CPU of MongoDB \
         includes that of the hold before each.\n"
    );
    for (of, points) in tables {
        let rows = points.iter().map(|Point { what, reserve, claim }| {
            let bare = |cell: fn(&Cost) -> f64| {
                claim.as_ref().map_or_else(|| "–".to_owned(), |claim| short(cell(claim)))
            };
            vec![
                what.clone(),
                short(reserve.ms.p50),
                short(reserve.ms.p90),
                short(reserve.function_cpu_ms),
                short(reserve.mongodb_cpu_ms),
                bare(|claim| claim.ms.p50),
                bare(|claim| claim.mongodb_cpu_ms),
            ]
        });
        let head = head(of);
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        markdown += &format!("\n{}", table(&head, rows));
    }
    let json = tables.iter().map(|(of, points)| ((*of).to_owned(), json!(points))).collect();
    Part { name: "growth", json: Value::Object(json), markdown, rows: Vec::new() }
}
