//! What one seat may do, as a sequential object: what the history of a run is compared with.
//!
//! Holds end by time. A state therefore knows the earliest time that it can stand at, and an
//! observation that needs a later one than its own call's end is impossible.

use std::collections::BTreeSet;

use todc_utils::Specification;

/// A time: microseconds since 1970, by the clock that the servers of the run have too.
pub type Micros = u64;

/// What a database's clock and ours, and the milliseconds of an `expiresAt`, may differ by.
pub const EPSILON: Micros = 5_000;

/// A hold's number in the run.
pub type Token = u32;

/// What a call has shown of a seat, or may have done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A new hold stands on it.
    Held { token: Token, expires: Micros },
    /// That hold still stood on it.
    Kept { token: Token, expires: Micros },
    /// It was sold from that hold: by the first confirmation.
    Sold { token: Token, expires: Micros },
    /// It was sold from that hold already.
    SoldBefore { token: Token },
    /// The hold was let go, by its owner or since its payment was declined; or had been.
    LetGo { token: Token, expires: Micros },
    /// Nobody heard whether the hold was let go.
    MaybeLetGo { token: Token, expires: Micros },
    /// The hold had been let go before.
    GoneBefore { token: Token },
    /// The hold had run out.
    RanOut { token: Token, expires: Micros },
    /// It is said to be sold.
    SaidSold,
    /// It is said to be free.
    SaidFree,
    /// What the database says when all is over.
    Final { sold: Option<Token> },
}

/// A call's observation of one seat, between two times.
#[derive(Clone, Copy, Debug)]
pub struct Observation {
    pub seen: Seen,
    pub start: Micros,
    /// When it was answered; after all others where it never was.
    pub end: Micros,
}

/// How a seat stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seat {
    /// Not earlier than this.
    time: Micros,
    hold: Option<(Token, Micros)>,
    sold: Option<Token>,
    let_go: BTreeSet<Token>,
    over: bool,
}

impl Seat {
    fn holds(&self, token: Token) -> bool {
        self.hold.is_some_and(|(held, _)| held == token)
    }

    fn end_hold(&mut self, token: Token) {
        self.hold = None;
        self.let_go.insert(token);
    }

    /// Whether no hold stands on it; one that has run out does not.
    fn is_free(&mut self) -> bool {
        if let Some((_, expires)) = self.hold {
            self.time = self.time.max(expires.saturating_sub(EPSILON));
            self.hold = None;
        }
        self.sold.is_none()
    }
}

/// The object.
pub struct SeatSpec;

impl Specification for SeatSpec {
    type State = Seat;
    type Operation = Observation;

    fn init() -> Seat {
        Seat::default()
    }

    fn apply(observation: &Observation, before: &Seat) -> (bool, Seat) {
        let mut seat = before.clone();
        seat.time = seat.time.max(observation.start);
        let valid = step(observation, &mut seat);
        (valid && seat.time <= observation.end.saturating_add(EPSILON), seat)
    }
}

fn step(observation: &Observation, seat: &mut Seat) -> bool {
    // A hold that ends while a call about it runs may be met as live or as ended.
    let may_live = |expires: Micros| observation.start <= expires + EPSILON;
    match observation.seen {
        Seen::Held { token, expires } => {
            let free = seat.is_free();
            seat.hold = Some((token, expires));
            free
        }
        Seen::Kept { token, expires } => seat.holds(token) && may_live(expires),
        Seen::Sold { token, expires } => {
            let valid = seat.holds(token) && may_live(expires);
            (seat.hold, seat.sold) = (None, Some(token));
            valid
        }
        Seen::SoldBefore { token } => seat.sold == Some(token),
        Seen::LetGo { token, expires } => {
            let valid = seat.let_go.contains(&token) || (seat.holds(token) && may_live(expires));
            if seat.holds(token) {
                seat.end_hold(token);
            }
            valid
        }
        Seen::MaybeLetGo { token, expires } => {
            let valid = seat.over || (seat.holds(token) && may_live(expires));
            if seat.holds(token) {
                seat.end_hold(token);
            }
            valid
        }
        Seen::GoneBefore { token } => seat.let_go.contains(&token),
        Seen::RanOut { token, expires } => {
            seat.time = seat.time.max(expires.saturating_sub(EPSILON));
            if seat.holds(token) {
                seat.hold = None;
            }
            seat.sold != Some(token) && !seat.let_go.contains(&token)
        }
        Seen::SaidSold => seat.sold.is_some(),
        Seen::SaidFree => seat.is_free(),
        Seen::Final { sold } => {
            seat.over = true;
            seat.sold == sold
        }
    }
}
