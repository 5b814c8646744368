//! Reserving. A change shares the steps that read seats and claims.

use super::{BookingModel, Flaw, Next, Outcome, index_conflict, is_change, overlapping_holds};
use crate::state::{Call, Entity, Hold, Response, State, Status, Step, Tx};

/// How often a hold's write is repeated: enough for one claim that goes and one that comes.
const RETRIES: u8 = 1;

pub(super) fn step(
    model: &BookingModel,
    state: &mut State,
    u: usize,
    call: &mut Call,
    outcome: Outcome,
) -> Next {
    let t = usize::from(call.token);
    let held = state.users[u].holds[t].seats;
    let seats = if is_change(call) { call.added() } else { held };
    match call.step {
        Step::ReadSeats => {
            let unavailable = (state.booked | state.removed) & seats != 0;
            Next::Step(if unavailable || state.entity != Entity::OnSale {
                refused(call)
            } else {
                write(call)
            })
        }
        Step::WriteHold => write_hold(model, state, u, call, outcome),
        Step::MarkOverdue => {
            let mut marked = 0;
            for (v, w) in overlapping_holds(state, u, t, seats) {
                let hold = &state.users[v].holds[w];
                // The update waits for an open transaction, but only for a short time.
                if hold.status == Status::Overdue && hold.tx == Tx::Closed {
                    state.end(None, v, w, Status::Expired);
                    marked += 1;
                }
            }
            Next::Step(if marked > 0 { write(call) } else { Step::ReadClaims })
        }
        _ => {
            let other = &state.users[u].holds[1 - t];
            if !is_change(call) && other.status == Status::Live && other.seats == seats {
                return Next::Step(Step::RestoreFound);
            }
            let stays = |hold: &Hold| matches!(hold.status, Status::Live | Status::Confirmed);
            let mut claims = overlapping_holds(state, u, t, seats);
            if claims.any(|(v, w)| stays(&state.users[v].holds[w])) {
                return Next::Step(refused(call));
            }
            retry_write(call)
        }
    }
}

fn write_hold(
    model: &BookingModel,
    state: &mut State,
    u: usize,
    call: &Call,
    outcome: Outcome,
) -> Next {
    let t = usize::from(call.token);
    let Hold { status, seats, .. } = state.users[u].holds[t];
    let revives = model.has(Flaw::ReplayRevives) && status != Status::Live;
    if status == Status::Absent || revives {
        if let Some(conflict) = index_conflict(model, state, u, t, seats) {
            return conflict;
        }
        state.hold_violated |= status != Status::Absent;
        state.users[u].holds[t].status = Status::Live;
    }
    if outcome == Outcome::ReplyLost {
        state.lost_replies -= 1;
        return Next::Step(Step::WriteHold);
    }
    if call.met_own_locks {
        Next::Step(Step::RestoreOwn)
    } else {
        Next::Respond(Response::Held(call.token))
    }
}

/// Restores locks: of the caller's own hold on exactly these seats, or of the hold just written.
pub(super) fn restore(model: &BookingModel, state: &mut State, u: usize, call: &mut Call) -> Next {
    let found = 1 - usize::from(call.token);
    let mut restore = |t: usize| {
        if model.bounds.redis {
            state.restore(u, t);
        }
    };
    match call.step {
        Step::RestoreOwn => {
            restore(usize::from(call.token));
            if is_change(call) {
                Next::Step(Step::Unlock(Response::Changed))
            } else {
                Next::Respond(Response::Held(call.token))
            }
        }
        Step::RestoreFound => {
            restore(found);
            Next::Step(Step::FindAgain)
        }
        Step::FindAgain if state.users[u].holds[found].status == Status::Live => {
            Next::Step(Step::GiveBack(Response::Held(1 - call.token)))
        }
        Step::FindAgain => Next::Step(Step::UndoRestore),
        _ => {
            state.compare_and_delete(u, found, state.users[u].holds[found].seats);
            retry_write(call)
        }
    }
}

fn retry_write(call: &mut Call) -> Next {
    if call.retries == RETRIES {
        return Next::Step(refused(call));
    }
    call.retries += 1;
    Next::Step(write(call))
}

fn write(call: &Call) -> Step {
    if is_change(call) { Step::WriteChange } else { Step::WriteHold }
}

fn refused(call: &Call) -> Step {
    Step::GiveBack(if is_change(call) { Response::NotChanged } else { Response::NotHeld })
}
