//! The steps of the design that this project began as: one seat a reservation, and what Redis says
//! decides.

use super::{How, Next};
use crate::state::{Answer, At, Call, State, Status, Verdict};

pub(crate) fn step(state: &mut State, u: usize, call: &mut Call, how: How) -> Next {
    let (t, p) = (usize::from(call.token), usize::from(call.payment));
    let user = &mut state.users[u];
    let (hold, payment) = (&mut user.holds[t], &mut user.payments[p]);
    match call.at {
        At::ReadSeats if state.booked & hold.seats != 0 => Next::To(At::GiveBack(Answer::NotHeld)),
        At::ReadSeats => Next::To(At::Insert),
        At::Insert => {
            hold.status = Status::Live;
            Next::Answer(Answer::Held(call.token))
        }
        At::Find if hold.status == Status::Live => Next::To(At::CheckLock),
        At::Find => Next::Answer(Answer::NotSold),
        At::CheckLock if hold.locks == hold.seats => Next::To(At::Verify(Status::Live)),
        At::CheckLock => Next::Answer(Answer::NotSold),
        At::Verify(_) => {
            if payment.verdict == Verdict::Unasked {
                payment.verdict =
                    if how == How::Declined { Verdict::Declined } else { Verdict::Taken };
            }
            if payment.verdict == Verdict::Declined {
                return Next::Answer(Answer::NotSold);
            }
            Next::To(At::DeleteLock)
        }
        At::DeleteLock => {
            state.delete(u, t);
            Next::To(At::CommitUnguarded)
        }
        At::CommitUnguarded => {
            hold.status = Status::Confirmed;
            hold.sales += 1;
            hold.paid_by = call.payment + 1;
            payment.sales += 1;
            state.booked |= hold.seats;
            Next::Answer(Answer::Sold)
        }
        At::Release if hold.status == Status::Live => Next::To(At::Unlock(Answer::Released)),
        At::Release => Next::Answer(Answer::NotReleased),
        At::Unlock(_) => {
            state.delete(u, t);
            Next::To(At::MarkReleased)
        }
        At::MarkReleased => {
            hold.status = Status::Released;
            Next::Answer(Answer::Released)
        }
        At::GiveBack(answer) => {
            state.delete(u, t);
            Next::Answer(answer)
        }
        _ => Next::Blocked,
    }
}
