//! The steps of each call in the current design, with the names of `shared::booking`.

pub(crate) mod cancel;
mod change;
mod confirm;
mod pay;
mod release;
mod reserve;

use super::{BookingModel, Flaw, Next, Outcome};
use crate::state::{Call, Hold, PER_USER, Response, Seats, State, Step, Tx, USERS};

pub(crate) fn step(
    model: &BookingModel,
    state: &mut State,
    u: usize,
    call: &mut Call,
    outcome: Outcome,
    background: bool,
) -> Next {
    match call.step {
        Step::ReadSeats | Step::WriteHold | Step::MarkOverdue | Step::ReadClaims => {
            reserve::step(model, state, u, call, outcome)
        }
        Step::RestoreFound | Step::FindAgain | Step::UndoRestore | Step::RestoreOwn => {
            reserve::restore(model, state, u, call)
        }
        Step::FindToChange | Step::LockAdded | Step::WriteChange => {
            change::step(model, state, u, call)
        }
        Step::FindToPay | Step::CreatePayment | Step::StorePayment => {
            pay::step(model, state, u, call)
        }
        Step::Find | Step::Verify(_) | Step::RecordRefundDue(_) => {
            confirm::step(model, state, u, call, outcome, background)
        }
        Step::Settle(purpose) => confirm::settle(model, state, u, call, purpose, background),
        Step::Commit(purpose) => confirm::commit(model, state, u, call, purpose),
        Step::Release | Step::FindReleased | Step::Expire(_) => release::step(state, u, call),
        Step::FindToCancel | Step::OpenCancel | Step::CommitCancel | Step::AddRefund => {
            cancel::step(model, state, u, call)
        }
        Step::GiveBack(response) | Step::Unlock(response) => {
            unlock(model, state, u, call, response);
            Next::Respond(response)
        }
        // The current design never leads to these steps of the first one.
        Step::Idle | Step::BrokenOff(_) | Step::Insert | Step::CheckLock => Next::Blocked,
        Step::DeleteLock | Step::CommitUnguarded | Step::MarkReleased => Next::Blocked,
    }
}

/// A call that has only its locks left to delete. How it came there no longer matters.
pub(crate) fn last_step(step: Step, call: &Call) -> Call {
    let Call { token, payment, before_cancel, .. } = *call;
    let last = Call { step, token, payment, before_cancel, ..Call::default() };
    if is_change(call) {
        Call { version: call.version, seats: call.seats, read: call.read, ..last }
    } else {
        last
    }
}

/// Deletes the locks that a call leaves behind.
fn unlock(model: &BookingModel, state: &mut State, u: usize, call: &Call, response: Response) {
    let t = usize::from(call.token);
    let held = state.users[u].holds[t].seats;
    let seats = match response {
        Response::Changed => call.dropped(),
        Response::NotChanged => call.added() & !held,
        _ => held,
    };
    if model.has(Flaw::PlainDelete) {
        state.delete(u, t, seats);
    } else {
        state.compare_and_delete(u, t, seats);
    }
}

/// Whether the call is a change. Other calls that write holds name no seats of their own.
fn is_change(call: &Call) -> bool {
    call.seats != 0
}

/// The other holds on any of `seats`.
fn overlapping_holds(
    state: &State,
    u: usize,
    t: usize,
    seats: Seats,
) -> impl Iterator<Item = (usize, usize)> + Clone + use<> {
    let users = state.users;
    (0..USERS)
        .flat_map(|v| (0..PER_USER).map(move |w| (v, w)))
        .filter(move |(v, w)| (*v, *w) != (u, t) && users[*v].holds[*w].seats & seats != 0)
}

/// What the unique index on claimed seats does to a write that claims `seats`. `None`: it
/// lets the write pass.
fn index_conflict(
    model: &BookingModel,
    state: &State,
    u: usize,
    t: usize,
    seats: Seats,
) -> Option<Next> {
    if model.has(Flaw::NoIndexNoGuards) || model.has(Flaw::NoIndex) {
        return None;
    }
    let claims = || {
        overlapping_holds(state, u, t, seats)
            .map(|(v, w)| state.users[v].holds[w])
            .filter(|hold: &Hold| hold.status.claims())
    };
    if claims().any(|hold| hold.tx == Tx::Ending) {
        return Some(Next::Blocked);
    }
    claims().next().map(|_| Next::Step(Step::MarkOverdue))
}
