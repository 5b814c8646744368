//! Releasing, and marking the caller's own overdue hold.

use super::Next;
use crate::state::{Call, Response, State, Status, Step, Tx};

pub(super) fn step(state: &mut State, u: usize, call: &Call) -> Next {
    let t = usize::from(call.token);
    let hold = state.users[u].holds[t];
    match call.step {
        Step::Release => match (hold.status, hold.tx) {
            (Status::Live, Tx::Closed) => {
                state.end(Some(u), u, t, Status::Released);
                Next::Step(Step::Unlock(Response::Released))
            }
            (Status::Live, _) => Next::Blocked,
            _ => Next::Step(Step::FindReleased),
        },
        Step::Expire(response) => match (hold.status, hold.tx, response) {
            (Status::Overdue, Tx::Closed, _) => {
                state.end(Some(u), u, t, Status::Expired);
                Next::Step(Step::Unlock(response))
            }
            (Status::Overdue, ..) => Next::Blocked,
            (.., Response::NotReleased) => Next::Step(Step::Release),
            _ => Next::Step(Step::Find),
        },
        _ => match hold.status {
            Status::Released => Next::Step(Step::Unlock(Response::Released)),
            Status::Confirmed | Status::Cancelled | Status::Absent => {
                Next::Respond(Response::NotReleased)
            }
            Status::Live => Next::Step(Step::Release),
            Status::Overdue => Next::Step(Step::Expire(Response::NotReleased)),
            Status::Expired => Next::Step(Step::Unlock(Response::NotReleased)),
        },
    }
}
