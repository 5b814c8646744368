//! What the organiser does: cancelling the entity, removing a seat.

use super::{Action, BookingModel, Flaw};
use crate::state::{Entity, Hold, Noted, State, Status, Tx, User};
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
        if self.has(Flaw::CancelsInOnePass) {
            hold.noted != Noted::Nothing
        } else {
            matches!(hold.status, Status::Live | Status::Confirmed)
        }
    }

    /// Whether the entity's cancel may end. A read two minutes after CANCELLED finds no call at work
    /// that began before: by then every such call has met its deadline.
    fn may_finish(&self, state: &State) -> bool {
        if self.has(Flaw::CancelsInOnePass) {
            return state.holds().all(|(.., hold)| hold.noted == Noted::Nothing);
        }
        let early = |user: &User| {
            user.both_calls().into_iter().any(|call| call.step.runs() && call.before_cancel)
        };
        let waited = !state.users.iter().any(early);
        state.claimed() == 0 && (waited || self.has(Flaw::CancelEndsAtOnce))
    }

    pub(crate) fn cancel_entity(&self, state: &mut State) {
        state.entity = Entity::Cancelled;
        for user in &mut state.users {
            for call in [&mut user.call, &mut user.background] {
                call.before_cancel = call.step.runs();
            }
            for hold in &mut user.holds {
                hold.noted = match hold.status {
                    _ if !self.has(Flaw::CancelsInOnePass) => Noted::Nothing,
                    Status::Live => Noted::Live,
                    Status::Confirmed => Noted::Confirmed,
                    Status::Absent
                    | Status::Overdue
                    | Status::Expired
                    | Status::Released
                    | Status::Cancelled => Noted::Nothing,
                };
            }
        }
    }

    /// One guarded release, or one transaction that cancels the rest of a booking.
    pub(crate) fn end_claim(&self, state: &mut State, u: usize, t: usize) {
        let hold = &mut state.users[u].holds[t];
        let (status, noted) = (hold.status, std::mem::take(&mut hold.noted));
        let one_pass = self.has(Flaw::CancelsInOnePass);
        match status {
            Status::Live if !one_pass || noted == Noted::Live => {
                state.end(None, u, t, Status::Released);
            }
            Status::Confirmed if !one_pass || noted == Noted::Confirmed => {
                let rest = hold.booked();
                steps::cancel::apply(self, state, u, t, rest);
            }
            // The guard does not match: the single pass goes on to the next.
            _ => {}
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
