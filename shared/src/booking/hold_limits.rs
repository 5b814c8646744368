//! How many seats a user may hold: in an entity, and in the app.

use super::{BookingService, rules::over_limit};
use crate::{
    auth::Caller,
    clock::{self, Backoff},
    domain::UserId,
    error::{Code, Error, Result},
    locks::LockOutcome,
    store::{
        hold_ends::Overdue,
        reservations::{Hold, HoldStatus},
        wanted_seats::SalesRules,
    },
};
use std::time::{Duration, Instant};

/// How long a new hold waits until younger holds, which exceed a limit together with it, are
/// undone.
const WAIT_FOR_YOUNGER: Duration = Duration::from_secs(2);
/// No reserve call takes longer. So the call that made a hold of this age has returned or died.
const LONGEST_RESERVE: Duration = Duration::from_secs(10);
/// When to try again if the user's other holds have ended since they were counted.
const RETRY_WITHOUT_HOLDS_MS: i64 = 1_000;

/// A limit on how many seats a user has.
#[derive(Clone, Copy)]
enum UserSeatLimit {
    /// Held and booked in one entity.
    InEntity(usize),
    /// Held in the app.
    InApp(usize),
}

impl UserSeatLimit {
    fn seats(self) -> usize {
        match self {
            Self::InEntity(seats) | Self::InApp(seats) => seats,
        }
    }
}

/// How many seats a user has outside the hold that is checked.
#[derive(Default)]
struct OtherSeats {
    /// Booked, or in holds that are older.
    older: usize,
    /// In holds that are younger.
    younger: usize,
}

impl OtherSeats {
    fn add(&mut self, seats: usize, is_older: bool) {
        if is_older {
            self.older += seats;
        } else {
            self.younger += seats;
        }
    }
}

/// Whether the error is one of a limit. A hold that exceeds a limit is found after it was written,
/// and has to be undone.
pub(super) fn is_limit(code: Code) -> bool {
    matches!(code, Code::HoldLimitReached | Code::SeatLimitReached)
}

fn limit_in_entity(rules: Option<&SalesRules>) -> Option<UserSeatLimit> {
    rules.and_then(|rules| rules.max_seats_per_user).map(UserSeatLimit::InEntity)
}

impl BookingService {
    /// Checks the limits of seats per user after a new hold: in its entity, and in the app.
    pub(super) async fn check_limits_of_new(
        &self,
        caller: &Caller,
        hold: &Hold,
        taken: &LockOutcome,
        rules: Option<&SalesRules>,
    ) -> Result<()> {
        let in_entity = match limit_in_entity(rules) {
            Some(limit) => self.check_limit_of_new(hold, limit).await,
            None => Ok(()),
        };
        // Call this even if the hold will be refused: it also counts the hold as a change of its
        // entity.
        let upper_bound = self.held_seats_upper_bound(caller, hold, taken).await;
        in_entity?;
        match upper_bound {
            Some(held) if held <= self.max_held_seats => Ok(()),
            _ => self.check_limit_of_new(hold, UserSeatLimit::InApp(self.max_held_seats)).await,
        }
    }

    /// An upper bound of the seats that the user of a new hold holds, if Redis knows one. It
    /// includes everything that was locked before the hold was written, so it is never too low.
    /// Mostly it is within the limit, and MongoDB need not count.
    async fn held_seats_upper_bound(
        &self,
        caller: &Caller,
        hold: &Hold,
        taken: &LockOutcome,
    ) -> Option<usize> {
        let app = caller.app_id();
        let is_locked = matches!(taken, LockOutcome::All { .. });
        if !is_locked {
            self.gate.note_unseen_hold(app);
        }
        let known = self.gate.held_seats_upper_bound(app, &hold.entity_id, caller.user).await;
        known.filter(|_| is_locked)
    }

    /// Checks a hold that a repeated call has found. The first call made the hold and may still
    /// undo it, so the repeated call waits as the first one does. A hold older than
    /// [`LONGEST_RESERVE`] can no longer be undone.
    pub(super) async fn check_limits_of_repeat(
        &self,
        hold: Hold,
        rules: Option<&SalesRules>,
    ) -> Result<Hold> {
        if hold.age() > LONGEST_RESERVE {
            return Ok(hold);
        }
        self.check_limits_of_found(hold, rules).await
    }

    /// Checks a hold that another call has written, and perhaps not checked. The hold stays even if
    /// it exceeds a limit, because the other call may have returned it.
    pub(super) async fn check_limits_of_found(
        &self,
        hold: Hold,
        rules: Option<&SalesRules>,
    ) -> Result<Hold> {
        let began = Instant::now();
        for limit in self.limits(rules) {
            self.check_limit_of_new(&hold, limit).await?;
        }
        // The check may have waited for younger holds. That wait has used up some of the hold's
        // time.
        Ok(hold.after_write(began.elapsed()))
    }

    /// Checks a hold that was written just now.
    ///
    /// Of two new holds at once, the older one stays. But holds may become visible in another order
    /// than they were created. So a younger hold may have been counted, and returned, before this
    /// one was written. This call therefore waits for younger holds that exceed the limit with it,
    /// and is refused if they stay.
    async fn check_limit_of_new(&self, hold: &Hold, limit: UserSeatLimit) -> Result<()> {
        let (began, mut backoff) = (Instant::now(), Backoff::default());
        loop {
            let other_seats = self.count_other_seats(hold, limit).await?;
            let with_older = hold.seat_ids.len() + other_seats.older;
            if with_older + other_seats.younger <= limit.seats() {
                return Ok(());
            }
            let is_refused = with_older > limit.seats() || began.elapsed() > WAIT_FOR_YOUNGER;
            if is_refused || !backoff.pause().await {
                return Err(self.limit_error(hold, limit).await?);
            }
        }
    }

    /// Checks `hold` as if it had `seats` seats.
    ///
    /// # Errors
    /// `HOLD_LIMIT_REACHED` or `SEAT_LIMIT_REACHED`.
    pub(super) async fn check_limits(
        &self,
        hold: &Hold,
        seats: usize,
        rules: Option<&SalesRules>,
    ) -> Result<()> {
        for limit in self.limits(rules) {
            let other_seats = self.count_other_seats(hold, limit).await?;
            if seats + other_seats.older + other_seats.younger > limit.seats() {
                return Err(self.limit_error(hold, limit).await?);
            }
        }
        Ok(())
    }

    fn limits(&self, rules: Option<&SalesRules>) -> impl Iterator<Item = UserSeatLimit> + use<> {
        let in_app = UserSeatLimit::InApp(self.max_held_seats);
        limit_in_entity(rules).into_iter().chain([in_app])
    }

    async fn count_other_seats(&self, hold: &Hold, limit: UserSeatLimit) -> Result<OtherSeats> {
        let holds = &self.store.reservations;
        let position = (hold.created_at, hold.id);
        let mut other_seats = OtherSeats::default();
        match limit {
            UserSeatLimit::InEntity(_) => {
                for other in self.other_claims_in_entity(hold).await? {
                    let is_booked = other.status == HoldStatus::Confirmed;
                    let is_older = is_booked || (other.created_at, other.id) < position;
                    other_seats.add(other.seat_ids.len(), is_older);
                }
            }
            UserSeatLimit::InApp(_) => {
                let user = UserId::from(hold.user_id);
                for other in holds.live_to_count(&hold.app_id, user).await? {
                    if other.id != hold.id {
                        let is_older = (other.created_at, other.id) < position;
                        other_seats.add(other.seat_ids.len(), is_older);
                    }
                }
            }
        }
        Ok(other_seats)
    }

    /// What else the user holds, or has booked, in the entity of `hold`. Marks overdue holds as
    /// expired. An overdue hold inside a running sale may become a booking, so it counts.
    async fn other_claims_in_entity(&self, hold: &Hold) -> Result<Vec<Hold>> {
        let mut backoff = Backoff::default();
        loop {
            let mut claims = Vec::new();
            let mut has_changed = false;
            for other in self.store.reservations.claims_in_entity(hold).await? {
                if other.id == hold.id {
                    continue;
                }
                let is_overdue = other.status == HoldStatus::Active && !other.is_live();
                if !is_overdue {
                    claims.push(other);
                    continue;
                }
                match self.expire_overdue_on(&other.app_id, &other.seat_ids).await? {
                    Overdue::Marked(1..) => {}
                    Overdue::Marked(0) => has_changed = true,
                    Overdue::Busy => claims.push(other),
                }
            }
            if !has_changed {
                return Ok(claims);
            }
            if !backoff.pause().await {
                return Err(Error::unavailable("the user's other holds changed at every attempt"));
            }
        }
    }

    /// The error for a limit that is exceeded. For the limit in the app, its `Retry-After` is the
    /// time until the first of the user's other holds ends.
    async fn limit_error(&self, hold: &Hold, limit: UserSeatLimit) -> Result<Error> {
        let seats = match limit {
            UserSeatLimit::InEntity(seats) => return Ok(over_limit(seats)),
            UserSeatLimit::InApp(seats) => seats,
        };
        let user = UserId::from(hold.user_id);
        let live = self.store.reservations.live_for_user(&hold.app_id, user).await?;
        let others = live.iter().filter(|other| other.id != hold.id);
        let soonest = others.map(Hold::remaining_ms).min();
        let message = format!("At most {seats} seats can be held at once");
        let error = Error::new(Code::HoldLimitReached, message);
        Ok(error.retry_after(clock::others_seconds(soonest.unwrap_or(RETRY_WITHOUT_HOLDS_MS))))
    }
}
