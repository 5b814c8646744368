//! What is measured: the scenarios, and the requests that their windows are made of.

use std::sync::Arc;

use mongodb::bson::{Document, doc, oid::ObjectId};
use serde_json::{Value, json};

use crate::{
    baskets::{self, Basket, Halls},
    floor::Step,
    seat_pages::SeatPage,
    window::{Event, Expected},
    world::{PASSWORD, User, World},
};

/// How many users there are. So few that a process sees each again while it still caches the user's
/// token cut-off, and so many that nobody holds a hall.
const USERS: usize = 256;
/// How many users ask for one contended seat, each of them once.
const CROWD: usize = 200;
const _: () = assert!(CROWD <= USERS);
/// How many different requests for pages there are; a window repeats them.
const PAGE_EVENTS: usize = 2_000;
/// The largest page of the API.
pub const MAX_PAGE: i64 = 1_000;
/// Of listed seats, one in this many is held.
const ONE_HELD_IN: usize = 50;

/// What a scenario's requests do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Hold a basket of so many free seats.
    Reserve(usize),
    /// Pay for a hold.
    Confirm,
    Release,
    /// Many users ask for one seat; the refusals are counted.
    Contend,
    /// A page of that length of an entity of so many seats.
    List {
        seats: usize,
        limit: i64,
    },
    SignUp,
    Login,
}

impl Action {
    /// How many times as long its windows are: bcrypt lets few requests through.
    pub fn window_factor(self) -> u32 {
        if matches!(self, Self::SignUp | Self::Login) { 3 } else { 1 }
    }

    /// Whether a request can be repeated in a window. The floor's refusals change nothing.
    pub fn repeats(self, on_floor: bool) -> bool {
        matches!(self, Self::List { .. }) || (on_floor && self == Self::Contend)
    }

    /// Whether each request needs seats of its own.
    pub fn needs_seats(self) -> bool {
        matches!(self, Self::Reserve(_) | Self::Confirm | Self::Release)
    }

    /// For how many requests a second the first window is prepared: more than can be served.
    pub fn first_rate(self) -> f64 {
        match self {
            Self::Reserve(_) | Self::Confirm | Self::Release => 4_000.0,
            Self::Contend => 30_000.0,
            Self::List { .. } => 15_000.0,
            Self::SignUp | Self::Login => 500.0,
        }
    }

    pub fn expected(self) -> Expected {
        match self {
            Self::Reserve(_) | Self::Confirm | Self::SignUp => {
                Expected { status: 201, uncounted: None }
            }
            Self::Release | Self::List { .. } | Self::Login => {
                Expected { status: 200, uncounted: None }
            }
            Self::Contend => Expected { status: 409, uncounted: Some(201) },
        }
    }

    fn route(self) -> (&'static str, &'static str) {
        match self {
            Self::Reserve(_) | Self::Contend => ("POST", "/reserve-seat"),
            Self::Confirm => ("POST", "/confirm-booking"),
            Self::Release => ("POST", "/release-seat"),
            Self::List { .. } => ("GET", "/seats"),
            Self::SignUp => ("POST", "/auth/signup"),
            Self::Login => ("POST", "/auth/login"),
        }
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
    /// One environment that is asked for one page again and again.
    OneCached,
    /// Many environments, likewise.
    ManyCached,
}

impl Variant {
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::One => "one",
            Self::Many => "many",
            Self::OneCached => "one, cached",
            Self::ManyCached => "many, cached",
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
    /// How many requests at once, in turn.
    pub in_flight: &'static [usize],
}

const ALL: &[usize] = &[1, 16, 64];
/// 64 password hashes at once on a few cores would measure only a queue.
const FEW: &[usize] = &[1, 16];

const fn scenario(
    name: &'static str,
    function: &'static str,
    action: Action,
    in_flight: &'static [usize],
) -> Scenario {
    Scenario { name, function, action, in_flight }
}

const fn listing(name: &'static str, seats: usize, limit: i64) -> Scenario {
    scenario(name, "list-seats", Action::List { seats, limit }, ALL)
}

/// All scenarios, in the order in which they run.
pub const SCENARIOS: &[Scenario] = &[
    scenario("reserve 1 seat", "reserve", Action::Reserve(1), ALL),
    scenario("reserve 4 seats", "reserve", Action::Reserve(4), ALL),
    scenario("confirm", "confirm", Action::Confirm, ALL),
    scenario("release", "release", Action::Release, ALL),
    scenario("contended reserve", "reserve", Action::Contend, ALL),
    listing("list 50 seats", 50, MAX_PAGE),
    listing("list 500 seats", 500, MAX_PAGE),
    listing("list 100 of 5000 seats", 5_000, 100),
    listing("list 1000 of 5000 seats", 5_000, MAX_PAGE),
    listing("list 100 of 50000 seats", 50_000, 100),
    listing("list 1000 of 50000 seats", 50_000, MAX_PAGE),
    scenario("signup", "signup", Action::SignUp, FEW),
    scenario("login", "login", Action::Login, FEW),
];

impl Scenario {
    /// How it is run with so many requests in flight. With one in flight, many environments would
    /// be one.
    pub fn variants(&self, in_flight: usize) -> Vec<Variant> {
        let all =
            [Variant::Floor, Variant::One, Variant::Many, Variant::OneCached, Variant::ManyCached];
        let is_list = matches!(self.action, Action::List { .. });
        let runs = |variant: &Variant| {
            (in_flight > 1 || !variant.is_many()) && (is_list || !variant.is_cached())
        };
        all.into_iter().filter(runs).collect()
    }
}

/// The requests of one window.
pub struct Jobs {
    /// For functions: one lane for each environment.
    pub events: Vec<Vec<Event>>,
    /// For the floor.
    pub steps: Vec<Step>,
    baskets: Vec<Basket>,
}

/// The users and seats of a run.
pub struct Fixtures {
    pub users: Vec<User>,
    halls: Halls,
    listed: Vec<(usize, Vec<String>)>,
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
        let mut fixtures = Self { users, halls, listed: Vec::new() };
        for (size, count) in listed {
            let mut entities = Vec::new();
            for number in 0..*count {
                let entity = format!("listed-{size}-{number}");
                let seats = world.load_seats(&entity, *size).await?;
                let users = fixtures.users.iter().enumerate().cycle();
                let held = seats.iter().step_by(ONE_HELD_IN).zip(users);
                let held =
                    held.map(|(seat, (index, user))| Basket::new(&entity, &[*seat], index, user));
                baskets::hold_all(world, &held.collect::<Vec<_>>()).await?;
                entities.push(entity);
            }
            fixtures.listed.push((*size, entities));
        }
        Ok(fixtures)
    }

    /// The entities that are listed.
    pub fn entities(&self) -> Vec<String> {
        self.listed.iter().flat_map(|(_, entities)| entities.iter().cloned()).collect()
    }

    /// About `count` jobs for a window with so many lanes. The holds that they need are written
    /// now.
    pub async fn jobs(
        &mut self,
        world: &World,
        action: Action,
        variant: Variant,
        lanes: usize,
        count: usize,
    ) -> anyhow::Result<Jobs> {
        let baskets = match action {
            Action::Reserve(seats) => self.halls.baskets(count, seats, &self.users),
            Action::Confirm | Action::Release => {
                let baskets = self.halls.baskets(count, 1, &self.users);
                baskets::hold_all(world, &baskets).await?;
                baskets
            }
            Action::Contend => self.crowds(count),
            Action::List { seats, limit } => {
                return Ok(self.listings(world, (seats, limit), variant, lanes, count));
            }
            Action::SignUp | Action::Login => {
                return Ok(self.accounts(world, action, variant, lanes, count));
            }
        };
        let mut jobs = Jobs { events: vec![Vec::new(); lanes], steps: Vec::new(), baskets };
        for (index, basket) in jobs.baskets.iter().enumerate() {
            if variant == Variant::Floor {
                jobs.steps.push(step(action, basket));
            } else {
                let user = &self.users[basket.user_index];
                let (method, path) = action.route();
                let payload = world.event(Some(user), method, path, &body(action, basket));
                jobs.events[index % lanes].push(Event { payload, page: None });
            }
        }
        Ok(jobs)
    }

    /// Requests of each user for each lane that are refused with 400 after the user was
    /// authenticated, to warm up the caches.
    pub fn warm_up(&self, world: &World, action: Action, lanes: usize) -> Vec<Vec<Arc<[u8]>>> {
        let (method, path) = action.route();
        let body = if method == "POST" { json!({}) } else { Value::Null };
        let mut events = vec![Vec::new(); lanes];
        for (index, user) in self.users.iter().enumerate() {
            events[index % lanes].push(world.event(Some(user), method, path, &body));
        }
        events
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

    fn listings(
        &self,
        world: &World,
        (seats, limit): (usize, i64),
        variant: Variant,
        lanes: usize,
        count: usize,
    ) -> Jobs {
        let entities = self.listed.iter().find(|(size, _)| *size == seats);
        let mut pages = SeatPage::all(entities.map_or(&[], |(_, all)| all), seats, limit);
        if variant.is_cached() {
            pages.truncate(1);
        }
        let mut jobs = Jobs { events: vec![Vec::new(); lanes], steps: Vec::new(), baskets: vec![] };
        if variant == Variant::Floor {
            let pages = pages.iter().cycle().take(count);
            jobs.steps = pages.map(|page| Step::List(Arc::clone(page))).collect();
            return jobs;
        }
        let users = self.users.iter().cycle();
        for (index, (user, page)) in users.zip(pages.iter().cycle()).take(PAGE_EVENTS).enumerate() {
            let payload = world.event(Some(user), "GET", &page.target(), &Value::Null);
            let page = (!variant.is_cached()).then(|| Arc::clone(page));
            jobs.events[index % lanes].push(Event { payload, page });
        }
        jobs
    }

    fn accounts(
        &self,
        world: &World,
        action: Action,
        variant: Variant,
        lanes: usize,
        count: usize,
    ) -> Jobs {
        let mut jobs = Jobs { events: vec![Vec::new(); lanes], steps: Vec::new(), baskets: vec![] };
        let (method, path) = action.route();
        for index in 0..count {
            let (step, body) = if action == Action::SignUp {
                let email = format!("signup-{}@example.com", ObjectId::new());
                let body = json!({"email": email, "password": PASSWORD, "name": "Asha Rao"});
                (Step::SignUp(email), body)
            } else {
                let email = self.users[index % self.users.len()].email.clone();
                let body = json!({"email": email, "password": PASSWORD});
                (Step::Login(email), body)
            };
            if variant == Variant::Floor {
                jobs.steps.push(step);
            } else {
                let payload = world.event(None, method, path, &body);
                jobs.events[index % lanes].push(Event { payload, page: None });
            }
        }
        jobs
    }

    /// Puts back what a window's jobs changed.
    pub async fn reset(&self, world: &World, action: Action, jobs: &Jobs) -> anyhow::Result<()> {
        if action == Action::SignUp {
            let made = doc! {"email": {"$gte": "signup-", "$lt": "signup."}};
            world.database.collection::<Document>("users").delete_many(made).await?;
        }
        baskets::reset(world, &jobs.baskets).await
    }
}

fn step(action: Action, basket: &Basket) -> Step {
    match action {
        Action::Confirm => Step::Confirm(basket.clone()),
        Action::Release => Step::Release(basket.clone()),
        Action::Contend => Step::Contend(basket.clone()),
        Action::Reserve(_) | Action::List { .. } | Action::SignUp | Action::Login => {
            Step::Hold(basket.clone())
        }
    }
}

fn body(action: Action, basket: &Basket) -> Value {
    match action {
        Action::Confirm => json!({"reservationToken": basket.token, "paymentId": basket.payment}),
        Action::Release => json!({"reservationToken": basket.token}),
        _ => match basket.seats.as_slice() {
            [seat] => json!({"seatId": seat.to_hex()}),
            seats => json!({"seatIds": seats.iter().map(|seat| seat.to_hex()).collect::<Vec<_>>()}),
        },
    }
}
