//! Changing a hold: lock the added seats, update the same document under its guard and the unique
//! index, delete the dropped seats' locks by token.

use super::{BookingModel, Flaw, Next, index_conflict};
use crate::state::{Call, Hold, Response, State, Status, Step, Tx};

pub(super) fn step(model: &BookingModel, state: &mut State, u: usize, call: &mut Call) -> Next {
    let t = usize::from(call.token);
    let hold = state.users[u].holds[t];
    match call.step {
        Step::FindToChange => {
            if hold.seats == call.seats && hold.status == Status::Live {
                return Next::Respond(Response::Changed);
            }
            if hold.status != Status::Live || paying(model, &hold) {
                return refuse(call);
            }
            call.read = hold.seats;
            call.version = hold.version;
            Next::Step(if call.added() == 0 { Step::WriteChange } else { Step::LockAdded })
        }
        Step::LockAdded => {
            let taken =
                if model.bounds.redis { state.take(u, t, call.added()) } else { Some(false) };
            match taken {
                None => Next::Respond(Response::NotChanged),
                Some(own) => {
                    call.met_own_locks = own;
                    Next::Step(Step::ReadSeats)
                }
            }
        }
        _ => write(model, state, u, call),
    }
}

/// The guarded update, under the unique index.
fn write(model: &BookingModel, state: &mut State, u: usize, call: &mut Call) -> Next {
    let t = usize::from(call.token);
    let hold = state.users[u].holds[t];
    let matches = model.has(Flaw::UnguardedChange)
        || (hold.status == Status::Live && hold.version == call.version && !paying(model, &hold));
    if !matches {
        // The hold has changed or ended. The locks that this call took stay its own meanwhile.
        return Next::Step(Step::FindToChange);
    }
    if hold.tx != Tx::Closed {
        return Next::Blocked;
    }
    let kept = call.read & call.seats;
    if model.has(Flaw::ChangesInTwoWrites) && hold.seats != kept {
        state.users[u].holds[t].seats = kept;
        return Next::Step(Step::WriteChange);
    }
    if let Some(conflict) = index_conflict(model, state, u, t, call.added()) {
        return conflict;
    }
    let hold = &mut state.users[u].holds[t];
    hold.seats = call.seats;
    hold.version += 1;
    if call.met_own_locks {
        Next::Step(Step::RestoreOwn)
    } else if call.dropped() == 0 || model.has(Flaw::KeepsDroppedLocks) {
        Next::Respond(Response::Changed)
    } else {
        Next::Step(Step::Unlock(Response::Changed))
    }
}

fn refuse(call: &Call) -> Next {
    if call.added() == 0 || call.read == 0 {
        Next::Respond(Response::NotChanged)
    } else {
        Next::Step(Step::GiveBack(Response::NotChanged))
    }
}

fn paying(model: &BookingModel, hold: &Hold) -> bool {
    hold.payment != 0 && !model.has(Flaw::ChangeIgnoresPayment)
}
