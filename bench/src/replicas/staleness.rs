//! How long a hold or a booking that was answered takes to be seen on a secondary, and whether a listing from there ever
//! offers its seat.

use std::time::Instant;

use futures_util::future::try_join_all;
use mongodb::{
    Client, Collection,
    bson::{Document, doc, oid::ObjectId},
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
    /// Milliseconds from the answer of a hold to the start of the first read on a secondary that shows it.
    hold_ms: Spread,
    /// The same for a booking and its seat.
    booking_ms: Spread,
    /// How many of those reads the first one on the secondary missed.
    missed_at_first: usize,
    /// Listings that began after the seat's hold was answered, and before it was confirmed.
    listings_after_hold: usize,
    /// Those that offered the seat.
    offered_after_hold: usize,
    /// Listings that began after the booking was answered.
    listings_after_booking: usize,
    /// Those that offered the seat.
    offered_after_booking: usize,
}

/// The seats of each entity.
pub async fn load(world: &World, holds: usize) -> anyhow::Result<Vec<Vec<ObjectId>>> {
    let mut all = Vec::new();
    for number in 0..ENTITIES {
        // The first half for the one measurement, the second for the other.
        all.push(world.load_seats(&entity(number), 2 * holds.div_ceil(ENTITIES)).await?);
    }
    Ok(all)
}

fn entity(number: usize) -> String {
    format!("stale-{number}")
}

/// Measures both, with a hold and a booking on every seat.
pub async fn measure(set: &Set<'_>, users: &[User], seats: &[Vec<ObjectId>]) -> anyhow::Result<Staleness> {
    let booker = Booker::new(set).await?;
    let secondaries = try_join_all(set.members.all()[1..].iter().map(|member| member.direct())).await?;
    let (mut hold_ms, mut booking_ms) = (Vec::new(), Vec::new());
    let halves: Vec<_> = seats.iter().map(|seats| seats.split_at(seats.len() / 2)).collect();
    let one_by_one = halves.iter().flat_map(|(first, _)| first.iter());
    for (number, seat) in one_by_one.enumerate() {
        let secondary = &secondaries[number % secondaries.len()];
        let token = booker.hold(&users[number % users.len()], *seat).await?;
        let held = doc! {"appId": booker.app(), "seatIds": seat, "claimed": true};
        hold_ms.push(seen(secondary, "reservations", held).await?);
        booker.confirm(&users[number % users.len()], &token).await?;
        booking_ms.push(seen(secondary, "seats", doc! {"_id": seat, "status": "BOOKED"}).await?);
    }
    let lanes = (0..LANES).map(|lane| {
        let (first, second) = (lane % ENTITIES, lane / ENTITIES);
        let own: Vec<_> = halves[first].1.iter().skip(second).step_by(LANES / ENTITIES).copied().collect();
        booker.lane(&users[lane], entity(first), own)
    });
    let mut staleness = Staleness {
        missed_at_first: hold_ms.iter().chain(&booking_ms).filter(|(_, reads)| *reads > 1).count(),
        hold_ms: Spread::of(hold_ms.into_iter().map(|(ms, _)| ms).collect()),
        booking_ms: Spread::of(booking_ms.into_iter().map(|(ms, _)| ms).collect()),
        listings_after_hold: 0,
        offered_after_hold: 0,
        listings_after_booking: 0,
        offered_after_booking: 0,
    };
    for lane in try_join_all(lanes).await? {
        staleness.listings_after_hold += lane.after_hold.0;
        staleness.offered_after_hold += lane.after_hold.1;
        staleness.listings_after_booking += lane.after_booking.0;
        staleness.offered_after_booking += lane.after_booking.1;
    }
    Ok(staleness)
}

/// When, counted from now in milliseconds, the first majority read began that found it; and how many it took.
async fn seen(client: &Client, collection: &str, filter: Document) -> anyhow::Result<(f64, usize)> {
    let since = Instant::now();
    let options = CollectionOptions::builder().read_concern(ReadConcern::majority()).build();
    let collection: Collection<Document> = client.database(DATABASE).collection_with_options(collection, options);
    for reads in 1.. {
        let began = since.elapsed();
        if collection.find_one(filter.clone()).await?.is_some() {
            return Ok((began.as_secs_f64() * 1e3, reads));
        }
    }
    anyhow::bail!("never seen")
}

/// Listings, and those of them that offered the seat.
type Offers = (usize, usize);

#[derive(Default)]
struct Lane {
    after_hold: Offers,
    after_booking: Offers,
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
            list: [set.environment("list-seats", FROM, LANES).await?, set.environment("list-seats", FROM, LANES).await?],
        })
    }

    fn app(&self) -> &str {
        self.world.tenant.app_id.as_str()
    }

    /// Holds a seat: the reservation's token.
    async fn hold(&self, user: &User, seat: ObjectId) -> anyhow::Result<String> {
        let body = json!({"seatId": seat.to_hex()});
        let answer = self.reserve.server().call(self.world.event(Some(user), "POST", "/reserve-seat", &body)).await?;
        Ok(text(&answer.data(201)?, "reservationToken")?.to_owned())
    }

    async fn confirm(&self, user: &User, token: &str) -> anyhow::Result<()> {
        let body = json!({"reservationToken": token, "paymentId": format!("pay_ok_{token}")});
        let answer = self.confirm.server().call(self.world.event(Some(user), "POST", "/confirm-booking", &body)).await?;
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
        Ok((LOOKS, offered))
    }

    /// Holds and buys seat after seat, and looks after each step.
    async fn lane(&self, user: &User, entity: String, seats: Vec<ObjectId>) -> anyhow::Result<Lane> {
        let mut lane = Lane::default();
        let add = |sum: &mut Offers, more: Offers| *sum = (sum.0 + more.0, sum.1 + more.1);
        for (number, seat) in seats.into_iter().enumerate() {
            let token = self.hold(user, seat).await?;
            // Every other one is bought at once, before a secondary may have heard of its hold.
            if number % 2 == 0 {
                add(&mut lane.after_hold, self.offers(user, &entity, seat).await?);
            }
            self.confirm(user, &token).await?;
            add(&mut lane.after_booking, self.offers(user, &entity, seat).await?);
        }
        Ok(lane)
    }
}

impl Staleness {
    /// For people.
    pub fn markdown(&self) -> String {
        let row = |what: &str, spread: &Spread| {
            vec![what.to_owned(), short(spread.p50), short(spread.p90), short(spread.p99), short(spread.max)]
        };
        let head = ["from its answer until a majority read on a secondary sees it, ms", "p50", "p90", "p99", "largest"];
        let rows = [row("a hold", &self.hold_ms), row("a booking, by its seat", &self.booking_ms)];
        format!(
            "{}\nOf {} such first reads, {} were too early. Of {} listings from secondaries that began after the answer of a \
             seat's hold, {} offered that seat; of {} after the answer of its booking, {}.\n",
            table(&head, rows),
            self.hold_ms.count + self.booking_ms.count,
            self.missed_at_first,
            self.listings_after_hold,
            self.offered_after_hold,
            self.listings_after_booking,
            self.offered_after_booking,
        )
    }
}
