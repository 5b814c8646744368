//! Whether a process grows: its memory after thousands of requests, one at a time, as a function
//! without concurrency has them, and sixteen at once.

use std::{path::Path, sync::Arc};

use futures_util::future::try_join_all;
use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    batch::put_through,
    figures::{Part, short, table, thousands},
    proc::{Memory, memory},
    summary::Row,
    world::{CURRENCY, PRICE, TTL_SECONDS, User, World},
};

/// After how many requests a process is looked at.
const LOOKS: [usize; 5] = [1_000, 2_000, 5_000, 10_000, 20_000];
const IN_THE_TABLE: usize = 10_000;
const TARGET_MIB: f64 = 32.0;
/// What a process may grow by from the 5,000th request to the last and still be called flat.
const FLAT_MIB: f64 = 1.0;
/// After so many requests the holds that they left are taken away: no user has thousands at once.
const STEP: usize = 500;
const LISTED: usize = 500;

#[derive(Clone, Copy)]
enum Of {
    Reserve,
    List,
    Confirm,
}

#[derive(Serialize)]
struct Grown {
    what: String,
    at_start: Memory,
    after: Vec<(usize, Memory)>,
    /// `None` where it was not looked at for long enough.
    flat: Option<bool>,
}

/// Measures the three functions that a rush calls, in a world of its own under `dir`; with `brief`
/// for 1,000 requests alone.
pub async fn run(dir: &Path, brief: bool) -> anyhow::Result<Part> {
    let world = &World::start(&dir.join("memory")).await?;
    let users = world.load_users(300).await?;
    let looks = if brief { &LOOKS[..1] } else { &LOOKS };
    let mut all = Vec::new();
    for (of, at_once) in [(Of::Reserve, 1), (Of::List, 1), (Of::Confirm, 1), (Of::Reserve, 16)] {
        all.push(grow(world, &users, of, at_once, looks).await?);
    }
    Ok(report(&all))
}

async fn grow(
    world: &World,
    users: &[User],
    of: Of,
    at_once: usize,
    looks: &[usize],
) -> anyhow::Result<Grown> {
    let (function, expected) = match of {
        Of::Reserve => ("reserve", 201),
        Of::List => ("list-seats", 200),
        Of::Confirm => ("confirm", 201),
    };
    let most = looks.last().copied().unwrap_or_default();
    let count = if matches!(of, Of::List) { LISTED } else { most };
    let entity = format!("memory-{function}-{at_once}");
    let seats = world.load_seats(&entity, count).await?;
    let process = world.environment(function, at_once).await?;
    let at_start = memory(process.pid())?;
    let (mut done, mut after) = (0, Vec::new());
    while done < most {
        let events = match of {
            Of::Reserve => {
                (done..done + STEP).map(|n| reserve(world, user(users, n), seats[n])).collect()
            }
            Of::List => (done..done + STEP).map(|n| list(world, user(users, n), &entity)).collect(),
            Of::Confirm => confirmations(world, users, &entity, &seats[done..done + STEP]).await?,
        };
        put_through(process.server(), events, expected).await?;
        done += STEP;
        if looks.contains(&done) {
            after.push((done, memory(process.pid())?));
        }
        clear(world).await?;
    }
    process.end().await;
    let rss = |requests| {
        after
            .iter()
            .find(|(done, _)| *done == requests)
            .map(|(_, memory): &(_, Memory)| memory.rss_mib)
    };
    let flat =
        rss(5_000).zip(rss(LOOKS[LOOKS.len() - 1])).map(|(early, late)| late - early <= FLAT_MIB);
    let what =
        if at_once == 1 { function.to_owned() } else { format!("{function}, {at_once} at once") };
    Ok(Grown { what, at_start, after, flat })
}

/// Takes the holds and the bookings of the last step away.
async fn clear(world: &World) -> anyhow::Result<()> {
    let all = ["reservations", "bookings"].map(|name| {
        let collection = world.database.collection::<Document>(name);
        async move { collection.delete_many(doc! {}).await }
    });
    try_join_all(all).await?;
    Ok(())
}

fn user(users: &[User], number: usize) -> &User {
    &users[number % users.len()]
}

fn reserve(world: &World, user: &User, seat: ObjectId) -> Arc<[u8]> {
    world.event(Some(user), "POST", "/reserve-seat", &json!({"seatId": seat.to_hex()}))
}

fn list(world: &World, user: &User, entity: &str) -> Arc<[u8]> {
    world.event(Some(user), "GET", &format!("/seats?entityId={entity}"), &Value::Null)
}

/// Writes a hold on each seat, as the store does, and says what confirms it.
async fn confirmations(
    world: &World,
    users: &[User],
    entity: &str,
    seats: &[ObjectId],
) -> anyhow::Result<Vec<Arc<[u8]>>> {
    let now = DateTime::now();
    let (mut holds, mut events) = (Vec::new(), Vec::new());
    for (number, seat) in seats.iter().enumerate() {
        let (user, token) = (user(users, number), Uuid::new_v4().to_string());
        let until =
            DateTime::from_millis(now.timestamp_millis() + 1_000 * i64::try_from(TTL_SECONDS)?);
        holds.push(doc! {
            "reservationToken": &token, "userId": user.id, "appId": world.tenant.app_id.as_str(), "entityId": entity,
            "seatIds": [seat], "amount": PRICE, "currency": CURRENCY, "status": "ACTIVE", "claimed": true,
            "expiresAt": until, "createdAt": now, "updatedAt": now,
        });
        let body =
            json!({"reservationToken": token, "paymentId": format!("pay_ok_{}", seat.to_hex())});
        events.push(world.event(Some(user), "POST", "/confirm-booking", &body));
    }
    world.database.collection::<Document>("reservations").insert_many(holds).await?;
    Ok(events)
}

fn report(all: &[Grown]) -> Part {
    let mut head = vec!["resident (peak), MiB".to_owned(), "at start".to_owned()];
    head.extend(LOOKS.map(|requests| thousands(requests as u64)));
    head.push("flat".to_owned());
    let cell = |memory: &Memory| format!("{} ({})", short(memory.rss_mib), short(memory.peak_mib));
    let cells = all.iter().map(|grown| {
        let mut cells = vec![format!("`{}`", grown.what), cell(&grown.at_start)];
        cells.extend(grown.after.iter().map(|(_, memory)| cell(memory)));
        cells.resize(LOOKS.len() + 2, "–".to_owned());
        cells.push(grown.flat.map_or("–", |flat| if flat { "yes" } else { "no" }).to_owned());
        cells
    });
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let markdown = format!(
        "After so many requests of 300 users in turn; a listing is of {LISTED} seats. Flat: no more than {FLAT_MIB} MiB from \
         the 5,000th to the last.\n\n{}",
        table(&head, cells)
    );
    let at = |grown: &Grown| {
        grown
            .after
            .iter()
            .find(|(done, _)| *done == IN_THE_TABLE)
            .map(|(_, memory)| memory.peak_mib)
    };
    let largest = all.iter().filter_map(at).fold(0.0, f64::max);
    let mut row =
        Row::at_most("memory of a process after 10,000 requests", largest, "MiB", TARGET_MIB);
    row.met &= all.iter().all(|grown| grown.flat == Some(true));
    Part { name: "memory", json: json!(all), markdown, rows: vec![row] }
}
