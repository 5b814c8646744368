//! The specification of one seat, as a sequential object. The history of a run is compared with it.
//!
//! Holds end by time, so each state has an earliest time. An observation is impossible if it needs
//! a state that is later than the end of its call.

use std::collections::BTreeSet;

use todc_utils::Specification;

/// A time: microseconds since 1970. The servers of the run share this clock.
pub type Micros = u64;

/// The difference allowed between the database's clock and ours, with an
/// `expiresAt` rounded to milliseconds.
pub const EPSILON: Micros = 5_000;

/// A hold's number in the run.
pub type Token = u32;

/// What a call observed of a seat, or may have done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It got a new hold.
    Held { token: Token, expires: Micros },
    /// It still had that hold.
    Kept { token: Token, expires: Micros },
    /// It still had that hold, which lasts until then from now on.
    Extended { token: Token, expires: Micros },
    /// The hold's first confirmation sold it.
    Sold { token: Token, expires: Micros },
    /// It was already sold from that hold.
    SoldBefore { token: Token },
    /// The hold was released, now or before: by its owner, or because its payment was declined.
    LetGo { token: Token, expires: Micros },
    /// It is unknown whether the hold was released.
    MaybeLetGo { token: Token, expires: Micros },
    /// The hold had been released before.
    GoneBefore { token: Token },
    /// The hold's sale was cancelled, now or before.
    Cancelled { token: Token },
    /// It is unknown whether the hold's sale was cancelled.
    MaybeCancelled { token: Token },
    /// The hold had run out.
    RanOut { token: Token, expires: Micros },
    /// A response said that it is sold.
    SaidSold,
    /// A response said that it is free.
    SaidFree,
    /// What the database says at the end.
    Final { sold: Option<Token> },
}

/// A call's observation of one seat, between two times.
#[derive(Clone, Copy, Debug)]
pub struct Observation {
    pub seen: Seen,
    pub start: Micros,
    /// When the response arrived. Later than all others if none did.
    pub end: Micros,
}

/// The state of a seat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seat {
    /// The earliest time of this state.
    time: Micros,
    hold: Option<(Token, Micros)>,
    sold: Option<Token>,
    let_go: BTreeSet<Token>,
    cancelled: BTreeSet<Token>,
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

    fn cancel(&mut self, token: Token) -> bool {
        let was_sold = self.sold == Some(token);
        if was_sold {
            self.sold = None;
            self.cancelled.insert(token);
        }
        was_sold
    }

    /// Whether it was sold from this hold, and perhaps cancelled since.
    fn was_sold(&self, token: Token) -> bool {
        self.sold == Some(token) || self.cancelled.contains(&token)
    }

    /// Whether it has no hold. An expired hold does not count.
    fn is_free(&mut self) -> bool {
        if let Some((_, expires)) = self.hold {
            self.time = self.time.max(expires.saturating_sub(EPSILON));
            self.hold = None;
        }
        self.sold.is_none()
    }
}

/// The sequential object of one seat.
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
    // A hold that ends during a call may look live or ended to that call.
    let may_live = |expires: Micros| observation.start <= expires + EPSILON;
    match observation.seen {
        Seen::Held { token, expires } => {
            let free = seat.is_free();
            seat.hold = Some((token, expires));
            free
        }
        Seen::Kept { token, expires } => seat.holds(token) && may_live(expires),
        Seen::Extended { token, expires } => {
            let valid = seat.holds(token) && may_live(expires);
            seat.hold = Some((token, expires));
            valid
        }
        Seen::Sold { token, expires } => {
            let valid = seat.holds(token) && may_live(expires);
            (seat.hold, seat.sold) = (None, Some(token));
            valid
        }
        Seen::SoldBefore { token } => seat.was_sold(token),
        Seen::Cancelled { token } => seat.cancelled.contains(&token) || seat.cancel(token),
        Seen::MaybeCancelled { token } => seat.over || seat.cancel(token),
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
            !seat.was_sold(token) && !seat.let_go.contains(&token)
        }
        Seen::SaidSold => seat.sold.is_some(),
        Seen::SaidFree => seat.is_free(),
        Seen::Final { sold } => {
            seat.over = true;
            seat.sold == sold
        }
    }
}
