//! What the world looks like between two steps: the documents, the locks, the calls under way.
//!
//! Everything that belongs to a user stands in its [`User`], locks and bookings too, so that users
//! can be renamed by sorting them, which `packed` does.

/// Users of the model.
pub const USERS: usize = 3;
/// Holds and payments that a user can have in use at once.
pub const EACH: usize = 2;
/// Both seats; a seat is one bit.
pub const BOTH: Seats = 0b11;
/// Some of the two seats, one bit each.
pub type Seats = u8;

/// Where a hold's document stands. `Live` and `Overdue` are the stored status ACTIVE, told apart by
/// the database's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// There is no document yet.
    #[default]
    Absent,
    /// ACTIVE, and its time has not come.
    Live,
    /// ACTIVE, and its time has come.
    Overdue,
    /// EXPIRED: somebody marked it.
    Expired,
    /// RELEASED, by its user or by a declined payment.
    Released,
    /// CONFIRMED.
    Confirmed,
}

impl Status {
    /// Whether the document is in the unique index on claimed seats.
    pub fn claims(self) -> bool {
        matches!(self, Self::Live | Self::Overdue | Self::Confirmed)
    }
}

/// A transaction that has written to a hold and has neither been committed nor aborted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tx {
    /// None: anybody may write.
    #[default]
    Closed,
    /// One that sells: the index entries stay.
    Selling,
    /// One that takes the index entries away.
    Ending,
}

/// A hold: its document, its locks in Redis, and the confirmed bookings made of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hold {
    /// The seats asked for; 0: this token is not in use.
    pub seats: Seats,
    /// The document.
    pub status: Status,
    /// An open transaction that has written to it.
    pub tx: Tx,
    /// The seats whose lock carries this hold's token.
    pub locks: Seats,
    /// CONFIRMED bookings made of it.
    pub sales: u8,
    /// The payment of the last of them, counted from 1.
    pub paid_by: u8,
    /// The payment of a confirm that was answered 200 and heard, counted from 1.
    pub acknowledged: u8,
}

impl Hold {
    /// Sold once, and to the payment that was acknowledged.
    fn is_sold(&self) -> bool {
        self.status == Status::Confirmed && self.sales == 1 && self.acknowledged == self.paid_by
    }
}

/// What the provider says of a payment; it does not change its mind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Not asked yet.
    #[default]
    Unasked,
    /// Taken.
    Taken,
    /// Declined.
    Declined,
}

/// A payment of a user, and what is recorded of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Payment {
    /// What the provider says.
    pub verdict: Verdict,
    /// CONFIRMED bookings that it paid.
    pub sales: u8,
    /// REFUND_DUE records.
    pub refunds: u8,
    /// For which holds it was recorded as FAILED, one bit each.
    pub failed: u8,
    /// A confirm with it got a 2xx or 4xx, and that was heard.
    pub answered: bool,
}

impl Payment {
    /// Nothing is wrong with it and, but for a sale, nothing is to be remembered of it.
    fn is_settled(&self) -> bool {
        match self.verdict {
            Verdict::Unasked => false,
            Verdict::Taken => {
                self.sales == 0 && self.refunds <= 1 && (self.refunds == 1 || !self.answered)
            }
            Verdict::Declined => self.sales + self.refunds == 0,
        }
    }
}

/// What the transaction of a confirm wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aim {
    /// To sell.
    Sell,
    /// To let go of a hold whose payment was declined.
    Decline,
    /// To end an overdue hold and record its payment for refund.
    Refund,
    /// To let go of a live hold whose seat is sold, and record its payment for refund.
    SeatGone,
}

/// What a call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Reserve: this one of the user's holds.
    Held(u8),
    /// Reserve: a 409.
    NotHeld,
    /// Confirm: 200.
    Sold,
    /// Confirm: a 4xx.
    NotSold,
    /// Confirm: another's or a later call's business; a 5xx, of which nothing is promised.
    Unavailable,
    /// Release: 200.
    Released,
    /// Release: a 4xx.
    NotReleased,
}

/// The next step of a call. One step is what one server does atomically.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum At {
    /// No call.
    #[default]
    Idle,
    /// Reserve: read the seats.
    ReadSeats,
    /// Reserve: upsert the hold, under the unique index.
    Claim,
    /// Reserve: mark overdue holds in the way.
    MarkOverdue,
    /// Reserve: read what is in the way.
    ReadClaims,
    /// Reserve: put back the locks of the caller's own hold.
    RestoreFound,
    /// Reserve: read that hold again.
    FindAgain,
    /// Reserve: take those locks away, since the hold has ended.
    Unrestore,
    /// Reserve: make older locks of the caller's own this hold's.
    RestoreOwn,
    /// Reserve: give back the locks of this call, then answer.
    GiveBack(Answer),
    /// Confirm: read the hold.
    Find,
    /// Confirm: ask the provider, having seen the hold so.
    Verify(Status),
    /// Confirm: open the transaction with its guarded write to the hold.
    Settle(Aim),
    /// Confirm: the other guarded writes, and the commit.
    Commit(Aim),
    /// Confirm: record a payment for refund; the hold had ended so.
    Record(Status),
    /// Confirm and release: mark the own overdue hold, then unlock and answer.
    Expire(Answer),
    /// Release: the guarded update.
    Release,
    /// Release: read why it did not match.
    FindReleased,
    /// Delete the locks, then answer.
    Unlock(Answer),
    /// First design, reserve: insert the hold.
    Insert,
    /// First design, confirm: is the lock ours?
    CheckLock,
    /// First design, confirm: delete the lock.
    DeleteLock,
    /// First design, confirm: one transaction without guards.
    CommitUnguarded,
    /// First design, release: mark the hold.
    MarkReleased,
    /// The call broke off for its user, who may repeat it.
    BrokeOff(Broken),
}

/// A call that broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Broken {
    /// A reserve of these seats.
    Reserve(Seats),
    /// A confirm.
    Confirm,
    /// A release.
    Release,
}

impl At {
    /// Whether a function works on the call.
    pub fn runs(self) -> bool {
        !matches!(self, Self::Idle | Self::BrokeOff(_))
    }
}

/// A call that a function works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Call {
    /// Its next step.
    pub at: At,
    /// Which of the user's holds it is about.
    pub token: u8,
    /// Which of the user's payments.
    pub payment: u8,
    /// How often the hold was tried to be written once more.
    pub tries: u8,
    /// Reserve: locks of the caller's own were met. Confirm: the provider has been asked.
    pub flag: bool,
}

/// A user, and all that is theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct User {
    /// The holds.
    pub holds: [Hold; EACH],
    /// The payments.
    pub payments: [Payment; EACH],
    /// The call whose answer the user waits for.
    pub call: Call,
    /// A call that the user has given up, and that goes on all the same.
    pub late: Call,
    /// The hold that the user knows the token of, counted from 1.
    pub known: u8,
    /// Calls made, up to those that are free.
    pub calls: u8,
}

/// The world between two steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The users.
    pub users: [User; USERS],
    /// Seats whose document says BOOKED.
    pub booked: Seats,
    /// Wipes of Redis left.
    pub wipes: u8,
    /// Crashes of a process left.
    pub crashes: u8,
    /// Answers left that get lost, to the client or to a function.
    pub losses: u8,
    /// Calls left beyond those that are free.
    pub extra: u8,
    /// Redis was wiped.
    pub wiped: bool,
    /// A delete took away a lock with another token.
    pub stolen: bool,
    /// A hold was ended by somebody who may not, or one that had ended was written anew.
    pub robbed: bool,
    /// A hold was sold that was overdue when its sale looked at the clock.
    pub sold_overdue: bool,
    /// A reserve was answered against what it had done.
    pub lied: bool,
}

impl State {
    /// All holds with their user's and their own number.
    pub fn holds(&self) -> impl Iterator<Item = (usize, usize, &Hold)> {
        self.users
            .iter()
            .enumerate()
            .flat_map(|(u, user)| user.holds.iter().enumerate().map(move |(t, hold)| (u, t, hold)))
    }

    /// The seats that others than `user` have locked.
    pub fn locked_by_others(&self, user: usize) -> Seats {
        self.holds().filter(|(u, ..)| *u != user).fold(0, |all, (.., hold)| all | hold.locks)
    }

    /// `take.lua`: all locks or none. `None`: refused; else whether own ones were met.
    pub fn take(&mut self, user: usize, token: usize, seats: Seats) -> Option<bool> {
        if self.locked_by_others(user) & seats != 0 {
            return None;
        }
        let own = self.users[user].holds.iter().fold(0, |all, hold| all | hold.locks) & seats;
        self.users[user].holds[token].locks |= seats & !own;
        Some(own != 0)
    }

    /// `restore.lua`: where nothing stands, or the caller's own.
    pub fn restore(&mut self, user: usize, token: usize) {
        let seats = self.users[user].holds[token].seats & !self.locked_by_others(user);
        for (t, hold) in self.users[user].holds.iter_mut().enumerate() {
            if t == token { hold.locks |= seats } else { hold.locks &= !seats }
        }
    }

    /// `release.lua`: only those that carry the token.
    pub fn compare_and_delete(&mut self, user: usize, token: usize) {
        let hold = &mut self.users[user].holds[token];
        hold.locks &= !hold.seats;
    }

    /// A plain DEL: whoever's they are.
    pub fn delete(&mut self, user: usize, token: usize) {
        let seats = self.users[user].holds[token].seats;
        for (u, one) in self.users.iter_mut().enumerate() {
            for (t, hold) in one.holds.iter_mut().enumerate() {
                self.stolen |= hold.locks & seats != 0 && (u, t) != (user, token);
                hold.locks &= !seats;
            }
        }
    }

    /// Ends a hold, by a call of `by` or, with `None`, by whoever comes along.
    pub fn end(&mut self, by: Option<usize>, user: usize, token: usize, status: Status) {
        let hold = &mut self.users[user].holds[token];
        self.robbed |= match status {
            Status::Expired => hold.status != Status::Overdue,
            _ => hold.status != Status::Live || by != Some(user),
        };
        hold.status = status;
    }

    /// Drops what no step can tell any more, so that states that differ in nothing else are one.
    pub fn forget(&mut self, free_calls: u8) {
        for user in &mut self.users {
            if user.call.at == At::Idle && user.calls >= free_calls && self.extra == 0 {
                user.known = 0;
                if user.late.at == At::Idle {
                    user.payments
                        .iter_mut()
                        .filter(|payment| payment.is_settled())
                        .for_each(|p| *p = Payment::default());
                    user.holds
                        .iter_mut()
                        .filter(|hold| hold.is_sold())
                        .for_each(|hold| hold.acknowledged = 0);
                }
            }
            for token in 0..EACH {
                let used = |call: &Call| {
                    (call.at.runs()
                        || matches!(call.at, At::BrokeOff(Broken::Confirm | Broken::Release)))
                        && usize::from(call.token) == token
                };
                let looked_at = |call: &Call| {
                    matches!(call.at, At::RestoreFound | At::FindAgain | At::Unrestore)
                        || matches!(call.at, At::GiveBack(Answer::Held(t)) if usize::from(t) == token)
                };
                let hold = &user.holds[token];
                let ended =
                    matches!(hold.status, Status::Absent | Status::Expired | Status::Released);
                let in_use = hold.locks != 0
                    || hold.tx != Tx::Closed
                    || hold.sales != 0
                    || hold.acknowledged != 0;
                let known = usize::from(user.known) == token + 1;
                let called =
                    [&user.call, &user.late].into_iter().any(|call| used(call) || looked_at(call));
                if ended && !in_use && !known && !called {
                    user.holds[token] = Hold::default();
                    user.payments.iter_mut().for_each(|payment| payment.failed &= !(1 << token));
                }
            }
        }
    }

    /// The same world with the two seats exchanged.
    pub(crate) fn mirrored(mut self) -> Self {
        let swap = |seats: Seats| (seats & 1) << 1 | seats >> 1;
        self.booked = swap(self.booked);
        for user in &mut self.users {
            for hold in &mut user.holds {
                hold.seats = swap(hold.seats);
                hold.locks = swap(hold.locks);
            }
            if let At::BrokeOff(Broken::Reserve(seats)) = &mut user.call.at {
                *seats = swap(*seats);
            }
        }
        self
    }
}
