//! How many seats a user may hold: in an entity, and in the app.

use super::{BookingService, rules::Others};
use crate::{
    auth::Caller,
    clock,
    error::{Code, Error, Result},
    locks::Taken,
    store::{reservations::Hold, wanted_seats::SalesRules},
};

/// Whether a hold is undone that was written before the error was found.
pub(super) fn is_limit(code: Code) -> bool {
    matches!(code, Code::HoldLimitReached | Code::SeatLimitReached)
}

impl BookingService {
    /// Checks the limits of seats per user after a new hold: in its entity, and in the app.
    pub(super) async fn check_limits_of_new(
        &self,
        caller: &Caller,
        hold: &Hold,
        taken: &Taken,
        rules: Option<&SalesRules>,
    ) -> Result<()> {
        let in_entity =
            self.check_seat_limit(rules, hold, hold.seat_ids.len(), Others::Older).await;
        // It also counts the hold as a change of its entity.
        let in_app = self.check_hold_limit_of_new(caller, hold, taken).await;
        in_entity.and(in_app)
    }

    /// Checks the limit of held seats after a new hold.
    ///
    /// Redis gives an upper bound first. It includes everything that was locked before
    /// this hold was written, so it is never too low. Mostly it is within the limit, and
    /// MongoDB need not count.
    async fn check_hold_limit_of_new(
        &self,
        caller: &Caller,
        hold: &Hold,
        taken: &Taken,
    ) -> Result<()> {
        let (app, user) = (caller.app_id(), caller.user);
        if !matches!(taken, Taken::All { .. }) {
            self.gate.note_unseen_hold(app);
        }
        let upper_bound = self.gate.held_seats_upper_bound(app, &hold.entity_id, user).await;
        match upper_bound.filter(|_| matches!(taken, Taken::All { .. })) {
            Some(held) if held <= self.max_held_seats => Ok(()),
            _ => self.check_hold_limit(caller, hold).await,
        }
    }

    /// Counts the caller's holds up to this one, in order of creation. So of two holds at once,
    /// the older one stays.
    pub(super) async fn check_hold_limit(&self, caller: &Caller, hold: &Hold) -> Result<()> {
        let live = self.store.reservations.live_to_count(caller.app_id(), caller.user).await?;
        let position = (hold.created_at, hold.id);
        let older = live.iter().filter(|other| (other.created_at, other.id) < position);
        let held: usize = older.map(|other| other.seat_ids.len()).sum();
        if held + hold.seat_ids.len() <= self.max_held_seats {
            return Ok(());
        }
        Err(self.hold_limit_error(caller, hold).await?)
    }

    /// Says when the next of the user's other holds ends.
    pub(super) async fn hold_limit_error(&self, caller: &Caller, hold: &Hold) -> Result<Error> {
        let live = self.store.reservations.live_for_user(caller.app_id(), caller.user).await?;
        let others = live.iter().filter(|other| other.id != hold.id);
        let soonest = others.map(Hold::remaining_ms).min();
        let message = format!("At most {} seats can be held at once", self.max_held_seats);
        let error = Error::new(Code::HoldLimitReached, message);
        Ok(error.retry_after(clock::others_seconds(soonest.unwrap_or(1_000))))
    }
}
