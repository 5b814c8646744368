//! The world between two steps: documents, locks, and the calls in progress.
//!
//! Everything that belongs to a user is in its [`User`], including locks and bookings. So users can
//! be renamed by sorting them, which `fingerprint` does.

mod call;
mod payment;

pub use call::{BrokenCall, Call, Response, Step};
pub use payment::{Payment, PaymentKey, Verdict};

/// Most users of a model.
pub const USERS: usize = 3;
/// Holds and payments that a user can have at once.
pub const PER_USER: usize = 2;
/// A set of the two seats, one bit each.
///
/// It is also an amount: each seat has a price of its own, so an amount is the set of seats
/// that it pays for.
pub type Seats = u8;
/// Both seats of the model, as bits.
pub const BOTH: Seats = 0b11;

/// The state of a hold's document. `Live` and `Overdue` are both stored as ACTIVE; the database's
/// clock tells them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// There is no document yet.
    #[default]
    Absent,
    Live,
    Overdue,
    Expired,
    Released,
    Confirmed,
    /// Every seat of its booking was cancelled.
    Cancelled,
}

impl Status {
    /// Whether the document is in the unique index on claimed seats.
    pub fn claims(self) -> bool {
        matches!(self, Self::Live | Self::Overdue | Self::Confirmed)
    }

    /// Whether a booking was made of the hold.
    pub fn sold(self) -> bool {
        matches!(self, Self::Confirmed | Self::Cancelled)
    }
}

/// A transaction that has written to a hold or its booking and is still open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tx {
    /// There is none: anybody may write.
    #[default]
    Closed,
    /// It sells: the index entries stay.
    Selling,
    /// It removes index entries.
    Ending,
}

/// A hold: its document, its locks in Redis, and its booking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hold {
    /// `seatIds` of the document. 0: this token is not in use.
    pub seats: Seats,
    pub status: Status,
    pub tx: Tx,
    /// The seats whose lock carries this hold's token.
    pub locks: Seats,
    /// Raised by every change of seats or payment.
    pub version: u8,
    /// The payment stored on the hold, counted from 1.
    pub payment: u8,
    /// How often a payment has extended it.
    pub extensions: u8,
    /// CONFIRMED bookings made of it.
    pub sales: u8,
    /// The seats of the booking, cancelled ones included.
    pub sold: Seats,
    /// The cancelled seats of the booking. The set only grows, so it is the booking's version too.
    pub cancelled: Seats,
    /// The payment of the booking, counted from 1.
    pub paid_by: u8,
    /// The payment of a confirm whose 200 reached the user, counted from 1.
    pub acknowledged: u8,
    /// The entity's cancel has read its booking (see [`crate::Flaw::CancelsBookingsOnce`]).
    pub listed: bool,
}

impl Hold {
    /// The seats of the booking that the bookings' unique index counts.
    pub fn booked(&self) -> Seats {
        if self.sales > 0 { self.sold & !self.cancelled } else { 0 }
    }

    /// Sold once, to the payment that was acknowledged.
    fn is_sold(&self) -> bool {
        self.status == Status::Confirmed && self.sales == 1 && self.acknowledged == self.paid_by
    }
}

/// What the transaction of a confirm is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    Sell,
    /// Release a hold after its payment was declined.
    Decline,
    /// End an overdue hold and record its payment as REFUND_DUE.
    Expire,
    /// Release a live hold that cannot be sold, and record its payment as REFUND_DUE.
    LetGo,
    /// Keep the hold, take its payment off it, and record that as REFUND_DUE: the amount is wrong.
    Mismatch,
}

/// A user with their holds, payments and calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct User {
    pub holds: [Hold; PER_USER],
    pub payments: [Payment; PER_USER],
    /// The call whose response the user waits for.
    pub call: Call,
    /// A call whose response the user does not wait for: one given up, or a provider's event.
    pub background: Call,
    /// The hold whose token the user knows, counted from 1.
    pub known_hold: u8,
    /// Calls made, up to those that every user has.
    pub calls: u8,
}

impl User {
    /// Both calls, running or not.
    pub fn both_calls(&self) -> [&Call; 2] {
        [&self.call, &self.background]
    }
}

/// The entity that both seats belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Entity {
    #[default]
    OnSale,
    /// CANCELLED, and the job that ends holds and bookings is at work.
    Cancelled,
    /// CANCELLED, and the job has ended.
    Done,
}

/// The world between two steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub users: [User; USERS],
    /// Seats whose document says BOOKED.
    pub booked: Seats,
    /// Seats that an administrator found free and is about to remove.
    pub removing: Seats,
    /// Seats whose document says `removed`.
    pub removed: Seats,
    pub entity: Entity,
    /// Wipes of Redis left.
    pub wipes: u8,
    /// How many more times a process may crash.
    pub crashes: u8,
    /// Lost replies left, to the client or to a function.
    pub lost_replies: u8,
    /// Calls left beyond those that every user has.
    pub extra_calls: u8,
    /// Changes of a hold left.
    pub changes: u8,
    /// How many more events the provider may send.
    pub events: u8,
    /// How many more times the organiser may remove a seat.
    pub removals: u8,
    /// Whether Redis has lost its locks.
    pub wiped: bool,
    /// A delete removed a lock with another token.
    pub foreign_lock_deleted: bool,
    /// A hold was ended by somebody who may not, or one that had ended was written again.
    pub hold_violated: bool,
    /// A hold was sold although it was overdue when its sale read the clock.
    pub overdue_sold: bool,
    /// A response contradicted what its call had done.
    pub wrong_response: bool,
    /// A cancelled seat was refunded a second time.
    pub refunded_twice: bool,
}

impl State {
    /// All holds with the numbers of their user and of themselves.
    pub fn holds(&self) -> impl Iterator<Item = (usize, usize, &Hold)> {
        self.users
            .iter()
            .enumerate()
            .flat_map(|(u, user)| user.holds.iter().enumerate().map(move |(t, hold)| (u, t, hold)))
    }

    /// The seats in the unique index on claims.
    pub fn claimed(&self) -> Seats {
        self.holds()
            .filter(|(.., hold)| hold.status.claims())
            .fold(0, |all, (.., hold)| all | hold.seats)
    }

    /// The seats that others than `user` have locked.
    pub fn locked_by_others(&self, user: usize) -> Seats {
        self.holds().filter(|(u, ..)| *u != user).fold(0, |all, (.., hold)| all | hold.locks)
    }

    /// `take.lua`: all locks or none. `None` if refused, else whether it met locks of the caller.
    pub fn take(&mut self, user: usize, token: usize, seats: Seats) -> Option<bool> {
        if self.locked_by_others(user) & seats != 0 {
            return None;
        }
        let own = self.users[user].holds.iter().fold(0, |all, hold| all | hold.locks) & seats;
        self.users[user].holds[token].locks |= seats & !own;
        Some(own != 0)
    }

    /// `restore.lua`: sets the hold's locks where there is none, or one of the caller's.
    pub fn restore(&mut self, user: usize, token: usize) {
        let seats = self.users[user].holds[token].seats & !self.locked_by_others(user);
        for (t, hold) in self.users[user].holds.iter_mut().enumerate() {
            if t == token { hold.locks |= seats } else { hold.locks &= !seats }
        }
    }

    /// `release.lua`: deletes the locks that carry the token.
    pub fn compare_and_delete(&mut self, user: usize, token: usize, seats: Seats) {
        self.users[user].holds[token].locks &= !seats;
    }

    /// A plain DEL: deletes the locks, whatever token they carry.
    pub fn delete(&mut self, user: usize, token: usize, seats: Seats) {
        for (u, one) in self.users.iter_mut().enumerate() {
            for (t, hold) in one.holds.iter_mut().enumerate() {
                self.foreign_lock_deleted |= hold.locks & seats != 0 && (u, t) != (user, token);
                hold.locks &= !seats;
            }
        }
    }

    /// Ends a hold, by a call of `by`. `None`: by any other request or the sweeper.
    pub fn end(&mut self, by: Option<usize>, user: usize, token: usize, status: Status) {
        let cancelled = self.entity != Entity::OnSale;
        let hold = &mut self.users[user].holds[token];
        self.hold_violated |= match status {
            Status::Expired => hold.status != Status::Overdue,
            _ => hold.status != Status::Live || !(by == Some(user) || cancelled),
        };
        hold.status = status;
    }

    /// Drops what no step can observe any more, so that states that differ in nothing else are one.
    /// `finished` says whether a user will make no more calls.
    pub fn forget(&mut self, finished: impl Fn(&Self, &User) -> bool) {
        for u in 0..USERS {
            let user = &self.users[u];
            let finished = user.call.step == Step::Idle && finished(self, user);
            let events = self.events > 0;
            let user = &mut self.users[u];
            if finished {
                user.known_hold = 0;
                if user.background.step == Step::Idle {
                    for p in 0..PER_USER {
                        let payment = &user.payments[p];
                        let may_matter = user.is_stored(p) || (events && payment.shown);
                        if payment.is_settled() && !may_matter {
                            user.payments[p] = Payment::default();
                        }
                    }
                    user.holds
                        .iter_mut()
                        .filter(|hold| hold.is_sold())
                        .for_each(|hold| hold.acknowledged = 0);
                }
            }
            for token in 0..PER_USER {
                if !user.may_observe(token) {
                    user.holds[token] = Hold::default();
                    user.payments.iter_mut().for_each(|payment| payment.failed &= !(1 << token));
                }
            }
        }
    }

    /// The same world with the two seats exchanged.
    pub(crate) fn mirrored(mut self) -> Self {
        let swap = |seats: &mut Seats| *seats = (*seats & 1) << 1 | *seats >> 1;
        swap(&mut self.booked);
        swap(&mut self.removing);
        swap(&mut self.removed);
        for user in &mut self.users {
            for hold in &mut user.holds {
                for seats in [&mut hold.seats, &mut hold.locks, &mut hold.sold, &mut hold.cancelled]
                {
                    swap(seats);
                }
            }
            for payment in &mut user.payments {
                swap(&mut payment.amount);
                swap(&mut payment.refunded);
            }
            for call in [&mut user.call, &mut user.background] {
                swap(&mut call.seats);
                swap(&mut call.read);
                if let Step::BrokenOff(
                    BrokenCall::Reserve(seats)
                    | BrokenCall::Change(seats)
                    | BrokenCall::Cancel(seats),
                ) = &mut call.step
                {
                    swap(seats);
                }
            }
        }
        self
    }
}

impl User {
    /// Whether a claim has this payment stored on it.
    fn is_stored(&self, payment: usize) -> bool {
        let stores = |hold: &Hold| usize::from(hold.payment) == payment + 1;
        self.holds.iter().any(|hold| stores(hold) && hold.status.claims())
    }

    /// Whether any later step can tell what this hold was.
    fn may_observe(&self, token: usize) -> bool {
        let hold = &self.holds[token];
        let about = |call: &Call| {
            let found = matches!(
                call.step,
                Step::RestoreFound | Step::FindAgain | Step::UndoRestore
            ) || matches!(call.step, Step::GiveBack(Response::Held(t)) if usize::from(t) == token);
            let repeats = matches!(call.step, Step::BrokenOff(broken) if !matches!(broken, BrokenCall::Reserve(_)));
            found || ((call.step.runs() || repeats) && usize::from(call.token) == token)
        };
        !matches!(hold.status, Status::Absent | Status::Expired | Status::Released)
            || hold.locks != 0
            || hold.tx != Tx::Closed
            || hold.sales != 0
            || hold.acknowledged != 0
            || usize::from(self.known_hold) == token + 1
            || self.both_calls().into_iter().any(about)
            || self
                .payments
                .iter()
                .any(|payment| matches!(payment.key, Some(key) if usize::from(key.token) == token))
    }
}
