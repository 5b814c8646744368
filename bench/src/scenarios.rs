//! What is measured: the scenarios, and the jobs that their windows are made of.

use std::sync::Arc;

use mongodb::bson::{Document, doc, oid::ObjectId};
use serde_json::{Value, json};

use crate::{
    floor::Step,
    holds::{self, Basket, Halls},
    measure::Expected,
    options::Options,
    places::Place,
    world::{PASSWORD, User, World},
};

/// How many users there are: of 16 and of 64 environments each has as many of its own. So few that
/// each is seen again within the five seconds for which a process knows how a user stands, and so
/// many that nobody holds a hall.
const USERS: usize = 256;
/// Halls whose seats are held and sold.
const HALLS: usize = 60;
/// How many ask for one seat at once: each of them once.
const CROWD: usize = 200;
const _: () = assert!(CROWD <= USERS);
/// How many different events a listing's window has; it goes round.
const EVENTS: usize = 2_000;
/// The largest page of the API.
const PAGE: i64 = 1_000;
/// The sizes of listed entities, and how many there are of each: uncached requests go round them.
const LISTED: [(usize, usize); 4] = [(50, 200), (500, 100), (5_000, 20), (50_000, 2)];
/// One seat in so many is held where seats are listed.
const HELD: usize = 50;

/// What a scenario does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Hold a basket of so many fresh seats.
    Reserve(usize),
    /// Pay for a hold.
    Confirm,
    /// Give a hold back.
    Release,
    /// Many ask for one seat; the refused are counted.
    Contended,
    /// A page of an entity of so many seats.
    List(usize, i64),
    /// Make an account.
    SignUp,
    /// Sign in.
    Login,
}

impl Kind {
    /// How many times as long as others its windows are: bcrypt lets few requests through.
    #[must_use]
    pub fn windows(self) -> u32 {
        if matches!(self, Self::SignUp | Self::Login) { 3 } else { 1 }
    }

    /// Whether the same jobs may be done again: pages are read, and the floor's refused are refused
    /// again.
    #[must_use]
    pub fn cycles(self, of_floor: bool) -> bool {
        matches!(self, Self::List(..)) || (of_floor && self == Self::Contended)
    }

    /// How many jobs a second are made ready for the first window, before anything is known: more
    /// than can be done.
    #[must_use]
    pub fn guess(self) -> f64 {
        match self {
            Self::Reserve(_) | Self::Confirm | Self::Release => 4_000.0,
            Self::Contended => 30_000.0,
            Self::List(..) => 15_000.0,
            Self::SignUp | Self::Login => 500.0,
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
    /// One environment, asked for the same entity again and again.
    OneCached,
    /// Many, likewise.
    ManyCached,
}

impl Variant {
    /// In tables and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::One => "one",
            Self::Many => "many",
            Self::OneCached => "one, cached",
            Self::ManyCached => "many, cached",
        }
    }

    /// Whether there is an environment for each request in flight.
    #[must_use]
    pub fn is_many(self) -> bool {
        matches!(self, Self::Many | Self::ManyCached)
    }

    /// Whether it asks for the same page all the time.
    #[must_use]
    pub fn is_cached(self) -> bool {
        matches!(self, Self::OneCached | Self::ManyCached)
    }
}

/// One line of the table, at each number in flight.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// In tables, and for `ONLY=`.
    pub name: &'static str,
    /// Which function it calls.
    pub function: &'static str,
    /// What it does.
    pub kind: Kind,
    /// So many requests at once. 64 password hashes at once on a few cores measure nothing but a
    /// queue.
    pub in_flight: &'static [usize],
}

const ALL: &[usize] = &[1, 16, 64];
const FEW: &[usize] = &[1, 16];

/// All of them, in the order in which they are run.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "reserve 1 seat",
        function: "reserve",
        kind: Kind::Reserve(1),
        in_flight: ALL,
    },
    Scenario {
        name: "reserve 4 seats",
        function: "reserve",
        kind: Kind::Reserve(4),
        in_flight: ALL,
    },
    Scenario { name: "confirm", function: "confirm", kind: Kind::Confirm, in_flight: ALL },
    Scenario { name: "release", function: "release", kind: Kind::Release, in_flight: ALL },
    Scenario {
        name: "contended reserve",
        function: "reserve",
        kind: Kind::Contended,
        in_flight: ALL,
    },
    Scenario {
        name: "list 50 seats",
        function: "list-seats",
        kind: Kind::List(50, PAGE),
        in_flight: ALL,
    },
    Scenario {
        name: "list 500 seats",
        function: "list-seats",
        kind: Kind::List(500, PAGE),
        in_flight: ALL,
    },
    Scenario {
        name: "list 100 of 5000 seats",
        function: "list-seats",
        kind: Kind::List(5_000, 100),
        in_flight: ALL,
    },
    Scenario {
        name: "list 1000 of 5000 seats",
        function: "list-seats",
        kind: Kind::List(5_000, PAGE),
        in_flight: ALL,
    },
    Scenario {
        name: "list 100 of 50000 seats",
        function: "list-seats",
        kind: Kind::List(50_000, 100),
        in_flight: ALL,
    },
    Scenario {
        name: "list 1000 of 50000 seats",
        function: "list-seats",
        kind: Kind::List(50_000, PAGE),
        in_flight: ALL,
    },
    Scenario { name: "signup", function: "signup", kind: Kind::SignUp, in_flight: FEW },
    Scenario { name: "login", function: "login", kind: Kind::Login, in_flight: FEW },
];

impl Scenario {
    /// How it is run with so many requests in flight. With one in flight, one environment is all
    /// there is.
    #[must_use]
    pub fn variants(&self, in_flight: usize) -> Vec<Variant> {
        let mut variants = vec![Variant::Floor, Variant::One];
        if in_flight > 1 {
            variants.push(Variant::Many);
        }
        if matches!(self.kind, Kind::List(..)) {
            variants.push(Variant::OneCached);
            if in_flight > 1 {
                variants.push(Variant::ManyCached);
            }
        }
        variants
    }

    /// What its answers have to be.
    #[must_use]
    pub fn expected(&self) -> Expected {
        match self.kind {
            Kind::Reserve(_) | Kind::Confirm | Kind::SignUp => Expected::only(201),
            Kind::Release | Kind::List(..) | Kind::Login => Expected::only(200),
            Kind::Contended => Expected { status: 409, beside: Some(201) },
        }
    }
}

/// The jobs of one window.
pub struct Jobs {
    /// Of a function's environments, one lane each.
    pub events: Vec<Vec<Arc<[u8]>>>,
    /// Of the floor: one lane.
    pub steps: Vec<Step>,
    /// Of uncached listings: each event's entity.
    pub listed: Arc<Vec<Vec<Arc<Place>>>>,
    baskets: Vec<Basket>,
}

impl Jobs {
    fn empty(lanes: usize, baskets: Vec<Basket>) -> Self {
        Self { events: vec![Vec::new(); lanes], steps: Vec::new(), listed: Arc::default(), baskets }
    }
}

/// The users and seats of a run.
pub struct Stage {
    users: Vec<User>,
    halls: Halls,
    listed: Vec<(usize, Vec<String>)>,
}

impl Stage {
    /// Writes what these scenarios need.
    ///
    /// # Errors
    /// When the servers refuse.
    pub async fn build(world: &World, options: &Options) -> anyhow::Result<Self> {
        let users = world.load_users(USERS).await?;
        let halls = Halls::build(world, HALLS).await?;
        let wanted = |size: usize| {
            SCENARIOS.iter().any(|scenario| {
                matches!(scenario.kind, Kind::List(seats, _) if seats == size)
                    && options.wants(scenario.name)
            })
        };
        let mut listed = Vec::new();
        for (size, count) in LISTED.into_iter().filter(|(size, _)| wanted(*size)) {
            let mut entities = Vec::new();
            for number in 0..count {
                let entity = format!("listed-{size}-{number}");
                let seats = world.load_seats(&entity, size).await?;
                let held = seats.iter().step_by(HELD).zip(users.iter().enumerate().cycle());
                let held =
                    held.map(|(seat, (index, user))| Basket::new(&entity, &[*seat], index, user));
                holds::hold_all(world, &held.collect::<Vec<_>>()).await?;
                entities.push(entity);
            }
            listed.push((size, entities));
        }
        Ok(Self { users, halls, listed })
    }

    /// The jobs of a window: about `count`, in so many lanes. What they work on is fresh, and
    /// written now.
    ///
    /// # Errors
    /// When the servers refuse.
    pub async fn jobs(
        &mut self,
        world: &World,
        kind: Kind,
        variant: Variant,
        lanes: usize,
        count: usize,
    ) -> anyhow::Result<Jobs> {
        let baskets = match kind {
            Kind::Reserve(size) => self.halls.baskets(count, size, &self.users)?,
            Kind::Confirm | Kind::Release => {
                let baskets = self.halls.baskets(count, 1, &self.users)?;
                holds::hold_all(world, &baskets).await?;
                baskets
            }
            Kind::Contended => self.crowds(count)?,
            Kind::List(seats, limit) => {
                return Ok(self.listings(world, seats, limit, variant, lanes, count));
            }
            Kind::SignUp | Kind::Login => {
                return Ok(self.accounts(world, kind, variant, lanes, count));
            }
        };
        let mut jobs = Jobs::empty(lanes, baskets);
        for (index, basket) in jobs.baskets.iter().enumerate() {
            if variant == Variant::Floor {
                jobs.steps.push(step(kind, basket));
            } else {
                let user = &self.users[basket.user_index];
                let (path, body) = request(kind, basket);
                jobs.events[index % lanes].push(world.event(Some(user), "POST", path, &body));
            }
        }
        Ok(jobs)
    }

    /// An event of each user for each lane that gets as far as the function's own work and no
    /// further, for warm caches.
    #[must_use]
    pub fn touches(&self, world: &World, kind: Kind, lanes: usize) -> Vec<Vec<Arc<[u8]>>> {
        let (method, path) = match kind {
            Kind::Reserve(_) | Kind::Contended => ("POST", "/reserve-seat"),
            Kind::Confirm => ("POST", "/confirm-booking"),
            Kind::Release => ("POST", "/release-seat"),
            Kind::List(..) => ("GET", "/seats"),
            Kind::SignUp => ("POST", "/auth/signup"),
            Kind::Login => ("POST", "/auth/login"),
        };
        let body = if method == "POST" { json!({}) } else { Value::Null };
        let mut touches = vec![Vec::new(); lanes];
        for (index, user) in self.users.iter().enumerate() {
            touches[index % lanes].push(world.event(Some(user), method, path, &body));
        }
        touches
    }

    /// One seat for each two hundred users, one seat after the other.
    fn crowds(&mut self, count: usize) -> anyhow::Result<Vec<Basket>> {
        let seats = self.halls.baskets(count.div_ceil(CROWD), 1, &self.users)?;
        let mut baskets = Vec::with_capacity(seats.len() * CROWD);
        for (number, seat) in seats.iter().enumerate() {
            for member in 0..CROWD {
                let index = (number * CROWD + member) % self.users.len();
                baskets.push(seat.wanted_by(index, &self.users[index]));
            }
        }
        Ok(baskets)
    }

    fn listings(
        &self,
        world: &World,
        seats: usize,
        limit: i64,
        variant: Variant,
        lanes: usize,
        count: usize,
    ) -> Jobs {
        let entities =
            self.listed.iter().find(|(size, _)| *size == seats).map_or(&[][..], |(_, all)| all);
        let mut places = Place::all(entities, seats, limit);
        if variant.is_cached() {
            places.truncate(1);
        }
        let mut jobs = Jobs::empty(lanes, Vec::new());
        if variant == Variant::Floor {
            let steps = (0..count)
                .map(|index| Step::List(Arc::clone(&places[index % places.len()]), limit));
            jobs.steps = steps.collect();
            return jobs;
        }
        let mut listed = vec![Vec::new(); lanes];
        let mut distinct = vec![Vec::new(); lanes];
        for index in 0..EVENTS {
            let (user, place) =
                (&self.users[index % self.users.len()], &places[index % places.len()]);
            let event = world.event(Some(user), "GET", &place.target(limit), &Value::Null);
            distinct[index % lanes].push((event, Arc::clone(place)));
        }
        for index in 0..count {
            let (lane, turn) = (index % lanes, index / lanes);
            let (event, place): &(Arc<[u8]>, Arc<Place>) =
                &distinct[lane][turn % distinct[lane].len()];
            jobs.events[lane].push(Arc::clone(event));
            listed[lane].push(Arc::clone(place));
        }
        jobs.listed = Arc::new(listed);
        jobs
    }

    fn accounts(
        &self,
        world: &World,
        kind: Kind,
        variant: Variant,
        lanes: usize,
        count: usize,
    ) -> Jobs {
        let mut jobs = Jobs::empty(lanes, Vec::new());
        for index in 0..count {
            let known = &self.users[index % self.users.len()].email;
            let new = format!("signup-{}@example.com", ObjectId::new());
            let sign_up = kind == Kind::SignUp;
            if variant == Variant::Floor {
                jobs.steps.push(if sign_up {
                    Step::SignUp(new)
                } else {
                    Step::SignIn(known.clone())
                });
            } else if sign_up {
                let body = json!({"email": new, "password": PASSWORD, "name": "Asha Rao"});
                jobs.events[index % lanes].push(world.event(None, "POST", "/auth/signup", &body));
            } else {
                let body = json!({"email": known, "password": PASSWORD});
                jobs.events[index % lanes].push(world.event(None, "POST", "/auth/login", &body));
            }
        }
        jobs
    }

    /// Puts back what a window's jobs changed.
    ///
    /// # Errors
    /// When the servers refuse.
    pub async fn reset(&self, world: &World, kind: Kind, jobs: &Jobs) -> anyhow::Result<()> {
        if kind == Kind::SignUp {
            let made = doc! {"email": {"$gte": "signup-", "$lt": "signup."}};
            world.database.collection::<Document>("users").delete_many(made).await?;
        }
        if jobs.baskets.is_empty() { Ok(()) } else { holds::forget(world, &jobs.baskets).await }
    }
}

fn step(kind: Kind, basket: &Basket) -> Step {
    match kind {
        Kind::Confirm => Step::Confirm(basket.clone()),
        Kind::Release => Step::Release(basket.clone()),
        Kind::Contended => Step::Contend(basket.clone()),
        Kind::Reserve(_) | Kind::List(..) | Kind::SignUp | Kind::Login => {
            Step::Hold(basket.clone())
        }
    }
}

fn request(kind: Kind, basket: &Basket) -> (&'static str, Value) {
    match kind {
        Kind::Confirm => (
            "/confirm-booking",
            json!({"reservationToken": basket.token, "paymentId": basket.payment}),
        ),
        Kind::Release => ("/release-seat", json!({"reservationToken": basket.token})),
        _ => {
            let seats: Vec<String> = basket.seats.iter().map(|seat| seat.to_hex()).collect();
            let body = if seats.len() == 1 {
                json!({"seatId": seats[0]})
            } else {
                json!({"seatIds": seats})
            };
            ("/reserve-seat", body)
        }
    }
}
