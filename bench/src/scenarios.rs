//! The scenarios to measure, and the requests of their windows.

use std::sync::Arc;

use mongodb::bson::oid::ObjectId;
use serde_json::{Value, json};

use crate::{
    baskets::{self, Basket, Halls},
    floor::Step,
    seat_pages::SeatPage,
    window::{Event, Expected},
    world::{User, World},
};

/// How many users there are. So few that a process sees each again while it still caches the user's
/// token cut-off, and so many that nobody holds a hall.
const USERS: usize = 256;
/// How many users request one contended seat, each of them once.
const CROWD: usize = 200;
const _: () = assert!(CROWD <= USERS);
/// How many different listings a window has; it repeats them.
const LISTINGS: usize = 2_000;
/// The largest page of the API.
pub const MAX_PAGE: i64 = 1_000;
/// Of listed seats, one in this many is held.
const ONE_HELD_IN: usize = 50;

/// What a scenario's requests do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Hold a basket of this many free seats.
    Reserve(usize),
    /// Hold this many of the best free seats. The service chooses them.
    Best(usize),
    /// Pay for a hold.
    Confirm,
    Release,
    /// Many users request one seat; the refusals are counted.
    Contend,
    /// Read a page of `limit` seats of an entity that has `seats`.
    List {
        seats: usize,
        limit: i64,
    },
    /// Read the seat feed of an entity with this many seats. None of them changes.
    Feed(usize),
}

impl Action {
    /// Whether a request can be repeated in a window. The floor's refusals change nothing.
    pub fn repeats(self, on_floor: bool) -> bool {
        matches!(self, Self::List { .. } | Self::Feed(_)) || (on_floor && self == Self::Contend)
    }

    /// Whether each request needs seats of its own.
    pub fn needs_seats(self) -> bool {
        matches!(self, Self::Reserve(_) | Self::Best(_) | Self::Confirm | Self::Release)
    }

    /// For how many requests a second the first window is prepared: more than can be served.
    pub fn first_rate(self) -> f64 {
        match self {
            Self::Reserve(_) | Self::Best(_) | Self::Confirm | Self::Release => 4_000.0,
            Self::Contend => 30_000.0,
            Self::List { .. } | Self::Feed(_) => 15_000.0,
        }
    }

    pub fn expected(self) -> Expected {
        let (status, uncounted) = match self {
            Self::Reserve(_) | Self::Best(_) | Self::Confirm => (201, None),
            Self::Release | Self::List { .. } | Self::Feed(_) => (200, None),
            Self::Contend => (409, Some(201)),
        };
        Expected { status, uncounted }
    }

    /// A request that the function refuses with 400 after it has authenticated the user.
    /// The feed authenticates nobody.
    fn refused(self) -> Option<(&'static str, &'static str, Value)> {
        Some(match self {
            Self::Reserve(_) | Self::Best(_) | Self::Contend => {
                ("POST", "/reserve-seat", json!({}))
            }
            Self::Confirm => ("POST", "/confirm-booking", json!({})),
            Self::Release => ("POST", "/release-seat", json!({})),
            Self::List { .. } => ("GET", "/seats", Value::Null),
            Self::Feed(_) => return None,
        })
    }
}

/// How a scenario is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// The databases' part alone.
    Floor,
    /// One environment that takes several events at once.
    One,
    /// Environments that take one event each.
    Many,
    /// One environment that gets requests for the same page again and again.
    OneCached,
    /// Many environments that get requests for the same page again and again.
    ManyCached,
    /// One environment, while a webhook endpoint of the tenant wants every event.
    OneWithWebhook,
}

impl Variant {
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::One => "one",
            Self::Many => "many",
            Self::OneCached => "one, cached",
            Self::ManyCached => "many, cached",
            Self::OneWithWebhook => "one, with a webhook",
        }
    }

    pub fn is_many(self) -> bool {
        matches!(self, Self::Many | Self::ManyCached)
    }

    pub fn is_cached(self) -> bool {
        matches!(self, Self::OneCached | Self::ManyCached)
    }
}

/// Some rows of the table.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// In the table, and for `ONLY=`.
    pub name: &'static str,
    pub function: &'static str,
    pub action: Action,
}

/// How many requests at once, in turn.
pub const IN_FLIGHT: [usize; 3] = [1, 16, 64];

pub const fn scenario(name: &'static str, function: &'static str, action: Action) -> Scenario {
    Scenario { name, function, action }
}

const fn listing(name: &'static str, seats: usize, limit: i64) -> Scenario {
    scenario(name, "list-seats", Action::List { seats, limit })
}

/// All scenarios, in the order in which they run.
pub const SCENARIOS: &[Scenario] = &[
    scenario("reserve 1 seat", "reserve", Action::Reserve(1)),
    scenario("reserve 4 seats", "reserve", Action::Reserve(4)),
    scenario("best available 1 seat", "reserve", Action::Best(1)),
    scenario("confirm", "confirm", Action::Confirm),
    scenario("release", "release", Action::Release),
    scenario("contended reserve", "reserve", Action::Contend),
    listing("list 50 seats", 50, MAX_PAGE),
    listing("list 500 seats", 500, MAX_PAGE),
    listing("list 100 of 5000 seats", 5_000, 100),
    listing("list 1000 of 5000 seats", 5_000, MAX_PAGE),
    listing("list 100 of 50000 seats", 50_000, 100),
    listing("list 1000 of 50000 seats", 50_000, MAX_PAGE),
    scenario("feed of 500 seats", "feed", Action::Feed(500)),
];

impl Scenario {
    /// The variants to run with `in_flight` requests at a time. With one request at a time, several
    /// environments measure the same as one.
    pub fn variants(&self, in_flight: usize) -> Vec<Variant> {
        use Variant::{Floor, Many, ManyCached, One, OneCached, OneWithWebhook};
        if matches!(self.action, Action::Feed(_)) {
            return vec![One];
        }
        let is_list = matches!(self.action, Action::List { .. });
        let has_events = matches!(self.action, Action::Reserve(1) | Action::Confirm);
        let runs = |variant: &Variant| match variant {
            OneWithWebhook => has_events && in_flight == 1,
            _ => (in_flight > 1 || !variant.is_many()) && (is_list || !variant.is_cached()),
        };
        [Floor, One, OneWithWebhook, Many, OneCached, ManyCached].into_iter().filter(runs).collect()
    }
}

/// The users and seats of a run.
pub struct Fixtures {
    pub users: Vec<User>,
    halls: Halls,
    listed: Vec<(usize, Vec<String>)>,
    /// The key of the entity whose feed is read, once it was read.
    feed: Option<Arc<str>>,
}

impl Fixtures {
    /// Writes users, halls (count and size), and entities to be listed (size and count).
    pub async fn build(
        world: &World,
        halls: (usize, usize),
        listed: &[(usize, usize)],
    ) -> anyhow::Result<Self> {
        let users = world.load_users(USERS).await?;
        let halls = Halls::build(world, halls.0, halls.1).await?;
        let mut fixtures = Self { users, halls, listed: Vec::new(), feed: None };
        for (size, count) in listed {
            let mut entities = Vec::new();
            for number in 0..*count {
                let entity = format!("listed-{size}-{number}");
                let seats = world.load_seats(&entity, *size).await?;
                fixtures.hold(world, &entity, seats.iter().step_by(ONE_HELD_IN)).await?;
                entities.push(entity);
            }
            fixtures.listed.push((*size, entities));
        }
        Ok(fixtures)
    }

    /// Writes the only entity that is listed from now on. `held` of its `size` seats are held.
    pub async fn list_with_held(
        &mut self,
        world: &World,
        size: usize,
        held: usize,
    ) -> anyhow::Result<()> {
        let entity = format!("listed-{size}-{held}-held");
        let seats = world.load_seats(&entity, size).await?;
        let is_held = |(number, _): &(usize, _)| number * held / size != (number + 1) * held / size;
        let held = seats.iter().enumerate().filter(is_held).map(|(_, seat)| seat);
        self.hold(world, &entity, held).await?;
        self.listed = vec![(size, vec![entity])];
        Ok(())
    }

    /// Holds these seats, each for the next user.
    async fn hold<'a>(
        &self,
        world: &World,
        entity: &str,
        seats: impl Iterator<Item = &'a ObjectId>,
    ) -> anyhow::Result<()> {
        let users = self.users.iter().enumerate().cycle();
        let held = seats.zip(users);
        let held = held.map(|(seat, (index, user))| Basket::new(entity, &[*seat], index, user));
        baskets::hold_all(world, &held.collect::<Vec<_>>()).await
    }

    /// The entities that are listed.
    pub fn entities(&self) -> Vec<String> {
        self.listed.iter().flat_map(|(_, entities)| entities.iter().cloned()).collect()
    }

    /// About `count` steps for a window. The holds that they need are written now.
    pub async fn steps(
        &mut self,
        world: &World,
        action: Action,
        is_cached: bool,
        count: usize,
    ) -> anyhow::Result<Vec<Step>> {
        let (step, baskets): (fn(Basket) -> Step, _) = match action {
            Action::Reserve(seats) => (Step::Hold, self.halls.baskets(count, seats, &self.users)),
            Action::Best(seats) => (Step::Choose, self.halls.baskets(count, seats, &self.users)),
            Action::Confirm => (Step::Confirm, self.halls.baskets(count, 1, &self.users)),
            Action::Release => (Step::Release, self.halls.baskets(count, 1, &self.users)),
            Action::Contend => (Step::Contend, self.crowds(count)),
            Action::List { seats, limit } => {
                let entities = self.listed.iter().find(|(size, _)| *size == seats);
                let mut pages = SeatPage::all(entities.map_or(&[], |(_, all)| all), seats, limit);
                if is_cached {
                    pages.truncate(1);
                }
                let pages = pages.into_iter().cycle().take(LISTINGS);
                return Ok(pages.map(|page| Step::List(page, is_cached)).collect());
            }
            Action::Feed(seats) => {
                let key = match &self.feed {
                    Some(key) => Arc::clone(key),
                    None => world.load_feed(seats).await?,
                };
                self.feed = Some(Arc::clone(&key));
                return Ok(vec![Step::Feed(key)]);
            }
        };
        if matches!(action, Action::Confirm | Action::Release) {
            baskets::hold_all(world, &baskets).await?;
        }
        Ok(baskets.into_iter().map(step).collect())
    }

    /// The requests for these steps, spread over the lanes of a window.
    pub fn events(&self, world: &World, steps: &[Step], lanes: usize) -> Vec<Vec<Event>> {
        let mut events = vec![Vec::new(); lanes];
        for (index, step) in steps.iter().enumerate() {
            let post = |basket: &Basket, path, body| {
                world.event(&self.users[basket.user_index], "POST", path, &body)
            };
            let (payload, page) = match step {
                Step::Hold(basket) | Step::Contend(basket) => {
                    let seats: Vec<String> = basket.seats.iter().map(|id| id.to_hex()).collect();
                    let body = match seats.as_slice() {
                        [seat] => json!({"seatId": seat}),
                        seats => json!({"seatIds": seats}),
                    };
                    (post(basket, "/reserve-seat", body), None)
                }
                Step::Choose(basket) => {
                    let best = json!({"entityId": basket.entity, "quantity": basket.seats.len()});
                    (post(basket, "/reserve-seat", json!({"bestAvailable": best})), None)
                }
                Step::Feed(key) => (world.feed_event(key), None),
                Step::Confirm(basket) => {
                    let (token, payment) = (basket.token, &basket.payment);
                    let body = json!({"reservationToken": token, "paymentId": payment});
                    (post(basket, "/confirm-booking", body), None)
                }
                Step::Release(basket) => {
                    let body = json!({"reservationToken": basket.token});
                    (post(basket, "/release-seat", body), None)
                }
                Step::List(page, is_cached) => {
                    let user = &self.users[index % self.users.len()];
                    let event = world.event(user, "GET", &page.target(), &Value::Null);
                    (event, (!is_cached).then(|| Arc::clone(page)))
                }
            };
            events[index % lanes].push(Event { payload, page });
        }
        events
    }

    /// A request of each user that is refused, to warm up the caches of each lane.
    pub fn warm_up(&self, world: &World, action: Action, lanes: usize) -> Vec<Vec<Arc<[u8]>>> {
        let mut events = vec![Vec::new(); lanes];
        let Some((method, path, body)) = action.refused() else { return events };
        for (index, user) in self.users.iter().enumerate() {
            events[index % lanes].push(world.event(user, method, path, &body));
        }
        events
    }

    /// All seats of the halls, to be put back after a window in which the service chose some.
    pub fn all_seats(&self) -> Vec<Basket> {
        self.halls.all_seats(&self.users)
    }

    /// One seat for each [`CROWD`] of users, one seat after the other.
    fn crowds(&mut self, count: usize) -> Vec<Basket> {
        let seats = self.halls.baskets(count.div_ceil(CROWD), 1, &self.users);
        let mut baskets = Vec::with_capacity(seats.len() * CROWD);
        for (number, seat) in seats.iter().enumerate() {
            for member in 0..CROWD {
                let index = (number * CROWD + member) % self.users.len();
                baskets.push(Basket::new(&seat.entity, &seat.seats, index, &self.users[index]));
            }
        }
        baskets
    }
}
