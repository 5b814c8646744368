//! How long a hold or a booking that was answered takes to be seen on a secondary, and whether a
//! listing from there ever offers its seat.

use std::{ops::AddAssign, time::Instant};

use futures_util::future::try_join_all;
use mongodb::{
    Client, Collection,
    bson::{Bson, Document, doc, oid::ObjectId},
    options::{CollectionOptions, ReadConcern},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::Set;
use crate::{
    figures::{Spread, short, table},
    runtime::Environment,
    world::{DATABASE, User, World, text},
};

/// Whether somebody is seen to hold or buy at once.
const LANES: usize = 8;
/// Lanes share entities, so that they change pages under one another.
const ENTITIES: usize = 4;
/// How often a listing is asked for after each step.
const LOOKS: usize = 3;
/// What was seen.
#[derive(Serialize)]
pub struct Staleness {
    /// Milliseconds from the answer of a hold to the start of the first read on a secondary that
    /// shows it.
    hold_ms: Spread,
    /// The same for a booking and its seat.
    booking_ms: Spread,
    /// How many of those reads the first one on the secondary missed.
    missed_at_first: usize,
    /// What listings from secondaries offered.
    as_they_are: Offered,
    /// The same where one of the secondaries has stopped to apply what the primary writes.
    one_behind: Offered,
    /// How many finds it answered meanwhile: a listing makes two.
    finds_behind: i64,
}

/// Of listings that began after an answer, those that offered its seat all the same.
#[derive(Default, Serialize)]
struct Offered {
    /// After a hold, before it was confirmed.
    after_hold: Offers,
    /// After a booking.
    after_booking: Offers,
}

/// Listings, and those of them that offered the seat.
#[derive(Clone, Copy, Default, Serialize)]
struct Offers {
    listings: usize,
    offered: usize,
}

impl AddAssign for Offers {
    fn add_assign(&mut self, more: Self) {
        self.listings += more.listings;
        self.offered += more.offered;
    }
}

/// The seats of each entity.
pub async fn load(world: &World, holds: usize) -> anyhow::Result<Vec<Vec<ObjectId>>> {
    let mut all = Vec::new();
    for number in 0..ENTITIES {
        // A third for each of the measurements.
        all.push(world.load_seats(&entity(number), 3 * holds.div_ceil(ENTITIES)).await?);
    }
    Ok(all)
}

fn entity(number: usize) -> String {
    format!("stale-{number}")
}

/// Measures all, with a hold and a booking on every seat.
pub async fn measure(
    set: &Set<'_>,
    users: &[User],
    seats: &[Vec<ObjectId>],
) -> anyhow::Result<Staleness> {
    let booker = Booker::new(set).await?;
    let secondaries =
        try_join_all(set.members.all()[1..].iter().map(|member| member.direct())).await?;
    let (mut hold_ms, mut booking_ms) = (Vec::new(), Vec::new());
    let thirds: Vec<Vec<&[ObjectId]>> =
        seats.iter().map(|seats| seats.chunks(seats.len().div_ceil(3)).collect()).collect();
    let third =
        |which: usize| -> Vec<&[ObjectId]> { thirds.iter().map(|thirds| thirds[which]).collect() };
    let one_by_one: Vec<ObjectId> = third(0).concat();
    for (number, seat) in one_by_one.into_iter().enumerate() {
        let secondary = &secondaries[number % secondaries.len()];
        let token = booker.hold(&users[number % users.len()], seat).await?;
        let held = doc! {"appId": booker.app(), "seatIds": seat, "claimed": true};
        hold_ms.push(seen(secondary, "reservations", held).await?);
        booker.confirm(&users[number % users.len()], &token).await?;
        booking_ms.push(seen(secondary, "seats", doc! {"_id": seat, "status": "BOOKED"}).await?);
    }
    let as_they_are = booker.lanes(users, &third(1)).await?;
    let last_of_them = &secondaries[secondaries.len() - 1];
    set.members.stop_last().await?;
    let before = finds(last_of_them).await?;
    let one_behind = booker.lanes(users, &third(2)).await?;
    let finds_behind = finds(last_of_them).await? - before;
    Ok(Staleness {
        missed_at_first: hold_ms.iter().chain(&booking_ms).filter(|(_, reads)| *reads > 1).count(),
        hold_ms: Spread::of(hold_ms.into_iter().map(|(ms, _)| ms).collect()),
        booking_ms: Spread::of(booking_ms.into_iter().map(|(ms, _)| ms).collect()),
        as_they_are,
        one_behind,
        finds_behind,
    })
}

/// When, counted from now in milliseconds, the first majority read began that found it; and how
/// many it took.
async fn seen(client: &Client, collection: &str, filter: Document) -> anyhow::Result<(f64, usize)> {
    let since = Instant::now();
    let options = CollectionOptions::builder().read_concern(ReadConcern::majority()).build();
    let collection: Collection<Document> =
        client.database(DATABASE).collection_with_options(collection, options);
    for reads in 1.. {
        let began = since.elapsed();
        if collection.find_one(filter.clone()).await?.is_some() {
            return Ok((began.as_secs_f64() * 1e3, reads));
        }
    }
    anyhow::bail!("never seen")
}

/// How many finds a server has been asked for.
async fn finds(client: &Client) -> anyhow::Result<i64> {
    let status = client.database("admin").run_command(doc! {"serverStatus": 1}).await?;
    let finds = status.get_document("opcounters")?.get("query").cloned().unwrap_or(Bson::Int64(0));
    Ok(finds.as_i64().unwrap_or_else(|| finds.as_i32().unwrap_or_default().into()))
}

struct Booker<'a> {
    world: &'a World,
    reserve: Environment,
    confirm: Environment,
    /// Two, so that a page is remembered where its change is not made.
    list: [Environment; 2],
}

impl<'a> Booker<'a> {
    async fn new(set: &Set<'a>) -> anyhow::Result<Self> {
        const FROM: &str = "secondaryPreferred";
        Ok(Self {
            world: set.world,
            reserve: set.environment("reserve", FROM, LANES).await?,
            confirm: set.environment("confirm", FROM, LANES).await?,
            list: [
                set.environment("list-seats", FROM, LANES).await?,
                set.environment("list-seats", FROM, LANES).await?,
            ],
        })
    }

    fn app(&self) -> &str {
        self.world.tenant.app_id.as_str()
    }

    /// Holds a seat: the reservation's token.
    async fn hold(&self, user: &User, seat: ObjectId) -> anyhow::Result<String> {
        let body = json!({"seatId": seat.to_hex()});
        let answer = self
            .reserve
            .server()
            .call(self.world.event(Some(user), "POST", "/reserve-seat", &body))
            .await?;
        Ok(text(&answer.data(201)?, "reservationToken")?.to_owned())
    }

    async fn confirm(&self, user: &User, token: &str) -> anyhow::Result<()> {
        let body = json!({"reservationToken": token, "paymentId": format!("pay_ok_{token}")});
        let answer = self
            .confirm
            .server()
            .call(self.world.event(Some(user), "POST", "/confirm-booking", &body))
            .await?;
        answer.data(201).map(|_| ())
    }

    /// Asks for the entity's seats some times, and counts the answers that offer this one.
    async fn offers(&self, user: &User, entity: &str, seat: ObjectId) -> anyhow::Result<Offers> {
        let mut offered = 0;
        for look in 0..LOOKS {
            let target = format!("/seats?entityId={entity}");
            let event = self.world.event(Some(user), "GET", &target, &Value::Null);
            let answer = self.list[look % self.list.len()].server().call(event).await?;
            anyhow::ensure!(answer.status == 200, "listing: {}", answer.payload);
            let body = answer.payload["body"].as_str().unwrap_or_default();
            offered += usize::from(body.contains(&seat.to_hex()));
        }
        Ok(Offers { listings: LOOKS, offered })
    }

    /// Some users at once, each with seats of its own.
    async fn lanes(&self, users: &[User], seats: &[&[ObjectId]]) -> anyhow::Result<Offered> {
        let lanes = (0..LANES).map(|lane| {
            let (entity_of, first) = (lane % ENTITIES, lane / ENTITIES);
            let own =
                seats[entity_of].iter().skip(first).step_by(LANES / ENTITIES).copied().collect();
            self.lane(&users[lane], entity(entity_of), own)
        });
        let mut sum = Offered::default();
        for lane in try_join_all(lanes).await? {
            sum.after_hold += lane.after_hold;
            sum.after_booking += lane.after_booking;
        }
        Ok(sum)
    }

    /// Holds and buys seat after seat, and looks after each step.
    async fn lane(
        &self,
        user: &User,
        entity: String,
        seats: Vec<ObjectId>,
    ) -> anyhow::Result<Offered> {
        let mut seen = Offered::default();
        for (number, seat) in seats.into_iter().enumerate() {
            // So that a seat which is not offered is known to be one that would have been.
            let free = self.offers(user, &entity, seat).await?;
            anyhow::ensure!(free.offered == free.listings, "a free seat is not offered");
            let token = self.hold(user, seat).await?;
            // Every other one is bought at once, before a secondary may have heard of its hold.
            if number % 2 == 0 {
                seen.after_hold += self.offers(user, &entity, seat).await?;
            }
            self.confirm(user, &token).await?;
            seen.after_booking += self.offers(user, &entity, seat).await?;
        }
        Ok(seen)
    }
}

impl Staleness {
    /// For people.
    pub fn markdown(&self) -> String {
        let row = |what: &str, spread: &Spread| {
            vec![
                what.to_owned(),
                short(spread.p50),
                short(spread.p90),
                short(spread.p99),
                short(spread.max),
            ]
        };
        let head = [
            "from its answer until a majority read on a secondary sees it, ms",
            "p50",
            "p90",
            "p99",
            "largest",
        ];
        let rows = [row("a hold", &self.hold_ms), row("a booking, by its seat", &self.booking_ms)];
        let offered = |what: &str, seen: &Offered| {
            let of = |offers: Offers| format!("{} of {}", offers.offered, offers.listings);
            vec![what.to_owned(), of(seen.after_hold), of(seen.after_booking)]
        };
        let seats = [
            "listings that offered the seat, begun after the answer to",
            "its hold",
            "its booking",
        ];
        let rows_of_seats = [
            offered("secondaries as they are", &self.as_they_are),
            offered(
                &format!("one of the two stopped, with {} reads from it", self.finds_behind),
                &self.one_behind,
            ),
        ];
        format!(
            "{}\nOf {} such first reads, {} came too early.\n\n{}",
            table(&head, rows),
            self.hold_ms.count + self.booking_ms.count,
            self.missed_at_first,
            table(&seats, rows_of_seats),
        )
    }
}
