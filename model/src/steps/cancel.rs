//! Cancelling a booking or some of its seats: one transaction of guarded writes.

use super::{BookingModel, Flaw, Next};
use crate::state::{Call, Response, Seats, State, Status, Step, Tx};

pub(super) fn step(model: &BookingModel, state: &mut State, u: usize, call: &mut Call) -> Next {
    let t = usize::from(call.token);
    let hold = &mut state.users[u].holds[t];
    let due = call.seats & hold.sold & !call.read;
    match call.step {
        Step::FindToCancel => {
            if hold.sales == 0 {
                return Next::Respond(Response::NotCancelled);
            }
            if call.seats & hold.booked() == 0 {
                return Next::Respond(Response::Cancelled);
            }
            // The cancelled seats are the booking's version.
            call.read = hold.cancelled;
            Next::Step(Step::OpenCancel)
        }
        Step::OpenCancel => {
            let same_version = hold.cancelled == call.read || model.has(Flaw::UnguardedCancel);
            if !same_version {
                return Next::Step(Step::FindToCancel);
            }
            if hold.tx != Tx::Closed {
                return Next::Blocked;
            }
            if model.has(Flaw::FreesSeatsFirst) {
                free(model, state, u, t, due);
            } else {
                hold.tx = Tx::Ending;
            }
            Next::Step(Step::CommitCancel)
        }
        Step::CommitCancel => {
            hold.tx = Tx::Closed;
            apply(model, state, u, t, due);
            if model.has(Flaw::RefundAfterCommit) {
                Next::Step(Step::AddRefund)
            } else {
                Next::Respond(Response::Cancelled)
            }
        }
        _ => {
            add_refund(state, u, t, due);
            Next::Respond(Response::Cancelled)
        }
    }
}

/// The writes of the transaction: booking, reservation, seats and refund row.
pub(crate) fn apply(model: &BookingModel, state: &mut State, u: usize, t: usize, due: Seats) {
    if !model.has(Flaw::FreesSeatsFirst) {
        free(model, state, u, t, due);
    }
    state.users[u].holds[t].cancelled |= due;
    if !model.has(Flaw::RefundAfterCommit) {
        add_refund(state, u, t, due);
    }
}

/// The seats become AVAILABLE, and leave the reservation and its unique index.
fn free(model: &BookingModel, state: &mut State, u: usize, t: usize, due: Seats) {
    state.booked &= !due;
    let hold = &mut state.users[u].holds[t];
    if model.has(Flaw::KeepsClaim) {
        return;
    }
    if hold.booked() & !due == 0 {
        // `seatIds` keeps its last value.
        hold.status = Status::Cancelled;
    } else {
        hold.seats &= !due;
    }
}

fn add_refund(state: &mut State, u: usize, t: usize, due: Seats) {
    let user = &mut state.users[u];
    let payment = usize::from(user.holds[t].paid_by - 1);
    let refunded = &mut user.payments[payment].refunded;
    state.refunded_twice |= *refunded & due != 0;
    *refunded |= due;
}
