//! The steps of the design that this project began with: one seat a reservation, and Redis decides.

use super::{Next, Outcome};
use crate::state::{Call, Response, State, Status, Step, Verdict};

pub(crate) fn step(state: &mut State, u: usize, call: &mut Call, outcome: Outcome) -> Next {
    let (t, p) = (usize::from(call.token), usize::from(call.payment));
    let user = &mut state.users[u];
    let (hold, payment) = (&mut user.holds[t], &mut user.payments[p]);
    let seats = hold.seats;
    match call.step {
        Step::ReadSeats if state.booked & seats != 0 => {
            Next::Step(Step::GiveBack(Response::NotHeld))
        }
        Step::ReadSeats => Next::Step(Step::Insert),
        Step::Insert => {
            hold.status = Status::Live;
            Next::Respond(Response::Held(call.token))
        }
        Step::Find if hold.status == Status::Live => Next::Step(Step::CheckLock),
        Step::Find => Next::Respond(Response::NotSold),
        Step::CheckLock if hold.locks == seats => Next::Step(Step::Verify(Status::Live)),
        Step::CheckLock => Next::Respond(Response::NotSold),
        Step::Verify(_) => {
            if payment.verdict == Verdict::Unknown {
                payment.verdict =
                    if outcome == Outcome::Declined { Verdict::Declined } else { Verdict::Taken };
            }
            if payment.verdict == Verdict::Declined {
                return Next::Respond(Response::NotSold);
            }
            Next::Step(Step::DeleteLock)
        }
        Step::DeleteLock => {
            state.delete(u, t, seats);
            Next::Step(Step::CommitUnguarded)
        }
        Step::CommitUnguarded => {
            hold.status = Status::Confirmed;
            hold.sales += 1;
            hold.sold = seats;
            hold.paid_by = call.payment + 1;
            payment.sales += 1;
            state.booked |= seats;
            Next::Respond(Response::Sold)
        }
        Step::Release if hold.status == Status::Live => {
            Next::Step(Step::Unlock(Response::Released))
        }
        Step::Release => Next::Respond(Response::NotReleased),
        Step::Unlock(_) => {
            state.delete(u, t, seats);
            Next::Step(Step::MarkReleased)
        }
        Step::MarkReleased => {
            hold.status = Status::Released;
            Next::Respond(Response::Released)
        }
        Step::GiveBack(response) => {
            state.delete(u, t, seats);
            Next::Respond(response)
        }
        _ => Next::Blocked,
    }
}
