//! What the organiser does: cancelling the entity, removing a seat.

use super::{Action, BookingModel, Flaw};
use crate::state::{Call, Entity, Hold, State, Status, Tx, User};
use crate::steps;

impl BookingModel {
    pub(crate) fn organiser_actions(&self, state: &State, actions: &mut Vec<Action>) {
        match state.entity {
            Entity::OnSale if self.bounds.entity_cancel => actions.push(Action::CancelEntity),
            Entity::Cancelled => {
                let due = |hold: &Hold| self.is_due(hold) && hold.tx == Tx::Closed;
                actions.extend(
                    state
                        .holds()
                        .filter(|(.., hold)| due(hold))
                        .map(|(u, t, _)| Action::EndClaim(u, t)),
                );
                if self.may_finish(state) {
                    actions.push(Action::FinishCancel);
                }
            }
            Entity::OnSale | Entity::Done => {}
        }
        for seat in [0b01, 0b10] {
            let free = (state.claimed() | state.booked | state.removed) & seat == 0;
            if state.removals > 0 && free {
                actions.push(Action::CheckSeat(seat));
            }
            if state.removing & seat != 0 {
                actions.push(Action::RemoveSeat(seat));
            }
        }
    }

    /// Whether the entity's cancel has to deal with this hold. The sweep ends overdue ones.
    fn is_due(&self, hold: &Hold) -> bool {
        match hold.status {
            Status::Live => true,
            Status::Confirmed => hold.listed || !self.has(Flaw::CancelsBookingsOnce),
            Status::Absent | Status::Overdue | Status::Expired => false,
            Status::Released | Status::Cancelled => false,
        }
    }

    /// Whether the entity's cancel may end: a read finds no claim, and CANCELLED is two minutes
    /// old. By then every call that began before it has met its deadline.
    fn may_finish(&self, state: &State) -> bool {
        let early = |call: &Call| call.step.runs() && call.before_cancel;
        let waited = !state.users.iter().flat_map(User::both_calls).any(early);
        let ended = |hold: &Hold| hold.status != Status::Overdue && !self.is_due(hold);
        state.holds().all(|(.., hold)| ended(hold)) && (waited || self.has(Flaw::CancelEndsAtOnce))
    }

    pub(crate) fn cancel_entity(&self, state: &mut State) {
        state.entity = Entity::Cancelled;
        for user in &mut state.users {
            for call in [&mut user.call, &mut user.background] {
                call.before_cancel = call.step.runs();
            }
            for hold in &mut user.holds {
                hold.listed =
                    self.has(Flaw::CancelsBookingsOnce) && hold.status == Status::Confirmed;
            }
        }
    }

    /// One guarded release, or one transaction that cancels the rest of a booking.
    pub(crate) fn end_claim(&self, state: &mut State, u: usize, t: usize) {
        let hold = &mut state.users[u].holds[t];
        hold.listed = false;
        if hold.status == Status::Live {
            state.end(None, u, t, Status::Released);
        } else {
            let rest = hold.booked();
            steps::cancel::apply(self, state, u, t, rest);
        }
    }

    pub(crate) fn remove_seat(&self, state: &mut State, seat: u8) {
        state.removing &= !seat;
        let available = state.booked & seat == 0;
        if available || self.has(Flaw::RemovesBookedSeat) {
            state.removed |= seat;
        }
    }
}
