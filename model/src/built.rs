//! The steps of reserve, confirm and release as `shared::booking` does them.

use super::{Booking, Flaw, How, Next};
use crate::state::{Aim, Answer, At, Call, EACH, Hold, State, Status, Tx, USERS, Verdict};

/// How often a hold is tried to be written once more: enough for one that goes and one that comes.
const TRIES: u8 = 1;

pub(crate) fn step(
    model: &Booking,
    state: &mut State,
    u: usize,
    call: &mut Call,
    how: How,
) -> Next {
    let t = usize::from(call.token);
    match call.at {
        At::ReadSeats | At::Claim | At::MarkOverdue | At::ReadClaims => {
            reserve(model, state, u, call, how)
        }
        At::RestoreFound | At::FindAgain | At::Unrestore => found(model, state, u, call),
        At::RestoreOwn => {
            model.restore(state, u, t);
            Next::Answer(Answer::Held(call.token))
        }
        At::GiveBack(answer) | At::Unlock(answer) => {
            if model.has(Flaw::PlainDelete) {
                state.delete(u, t)
            } else {
                state.compare_and_delete(u, t)
            }
            Next::Answer(answer)
        }
        At::Find | At::Verify(_) | At::Record(_) => confirm(model, state, u, call, how),
        At::Settle(aim) => settle(model, state, u, t, aim),
        At::Commit(aim) => commit(model, state, u, call, aim),
        At::Expire(answer) => {
            let hold = &state.users[u].holds[t];
            match (hold.status, hold.tx, answer) {
                (Status::Overdue, Tx::Closed, _) => {
                    state.end(Some(u), u, t, Status::Expired);
                    Next::To(At::Unlock(answer))
                }
                (Status::Overdue, ..) => Next::Blocked,
                (.., Answer::NotReleased) => Next::To(At::Release),
                _ => Next::To(At::Find),
            }
        }
        At::Release => {
            let hold = &state.users[u].holds[t];
            match (hold.status, hold.tx) {
                (Status::Live, Tx::Closed) => {
                    state.end(Some(u), u, t, Status::Released);
                    Next::To(At::Unlock(Answer::Released))
                }
                (Status::Live, _) => Next::Blocked,
                _ => Next::To(At::FindReleased),
            }
        }
        At::FindReleased => match state.users[u].holds[t].status {
            Status::Released => Next::To(At::Unlock(Answer::Released)),
            Status::Confirmed | Status::Absent => Next::Answer(Answer::NotReleased),
            Status::Live => Next::To(At::Release),
            Status::Overdue => Next::To(At::Expire(Answer::NotReleased)),
            Status::Expired => Next::To(At::Unlock(Answer::NotReleased)),
        },
        // Steps of the first design, which nothing here leads to.
        At::Idle | At::BrokeOff(_) | At::Insert | At::CheckLock | At::DeleteLock => Next::Blocked,
        At::CommitUnguarded | At::MarkReleased => Next::Blocked,
    }
}

fn reserve(model: &Booking, state: &mut State, u: usize, call: &mut Call, how: How) -> Next {
    let t = usize::from(call.token);
    let seats = state.users[u].holds[t].seats;
    match call.at {
        At::ReadSeats if state.booked & seats != 0 => Next::To(At::GiveBack(Answer::NotHeld)),
        At::ReadSeats => Next::To(At::Claim),
        At::Claim => claim(model, state, u, call, how),
        At::MarkOverdue => {
            let mut marked = 0;
            for (v, w) in in_the_way(state, u, t) {
                let hold = &state.users[v].holds[w];
                // One that a transaction has written to is waited for, but not for long.
                if hold.status == Status::Overdue && hold.tx == Tx::Closed {
                    state.end(None, v, w, Status::Expired);
                    marked += 1;
                }
            }
            Next::To(if marked > 0 { At::Claim } else { At::ReadClaims })
        }
        _ => {
            let other = &state.users[u].holds[1 - t];
            if other.status == Status::Live && other.seats == seats {
                return Next::To(At::RestoreFound);
            }
            let stays = |hold: &Hold| matches!(hold.status, Status::Live | Status::Confirmed);
            if in_the_way(state, u, t).any(|(v, w)| stays(&state.users[v].holds[w])) {
                return Next::To(At::GiveBack(Answer::NotHeld));
            }
            again(call)
        }
    }
}

fn claim(model: &Booking, state: &mut State, u: usize, call: &Call, how: How) -> Next {
    let t = usize::from(call.token);
    let status = state.users[u].holds[t].status;
    let revives = model.has(Flaw::ReplayRevives) && status != Status::Live;
    if status == Status::Absent || revives {
        let mut claims = in_the_way(state, u, t)
            .map(|(v, w)| state.users[v].holds[w])
            .filter(|h| h.status.claims());
        if !model.has(Flaw::NoIndexNoGuards) && !model.has(Flaw::NoIndex) {
            if claims.clone().any(|hold| hold.tx == Tx::Ending) {
                return Next::Blocked;
            }
            if claims.next().is_some() {
                return Next::To(At::MarkOverdue);
            }
        }
        state.robbed |= status != Status::Absent;
        state.users[u].holds[t].status = Status::Live;
    }
    if how == How::AnswerLost {
        state.losses -= 1;
        return Next::To(At::Claim);
    }
    if call.flag { Next::To(At::RestoreOwn) } else { Next::Answer(Answer::Held(call.token)) }
}

/// The caller's own hold on exactly these seats.
fn found(model: &Booking, state: &mut State, u: usize, call: &mut Call) -> Next {
    let found = 1 - usize::from(call.token);
    match call.at {
        At::RestoreFound => {
            model.restore(state, u, found);
            Next::To(At::FindAgain)
        }
        At::FindAgain if state.users[u].holds[found].status == Status::Live => {
            Next::To(At::GiveBack(Answer::Held(1 - call.token)))
        }
        At::FindAgain => Next::To(At::Unrestore),
        _ => {
            state.compare_and_delete(u, found);
            again(call)
        }
    }
}

fn again(call: &mut Call) -> Next {
    if call.tries == TRIES {
        return Next::To(At::GiveBack(Answer::NotHeld));
    }
    call.tries += 1;
    Next::To(At::Claim)
}

/// The other holds on any of its seats.
fn in_the_way(
    state: &State,
    u: usize,
    t: usize,
) -> impl Iterator<Item = (usize, usize)> + Clone + use<> {
    let users = state.users;
    let seats = users[u].holds[t].seats;
    (0..USERS)
        .flat_map(|v| (0..EACH).map(move |w| (v, w)))
        .filter(move |(v, w)| (*v, *w) != (u, t) && users[*v].holds[*w].seats & seats != 0)
}

fn confirm(model: &Booking, state: &mut State, u: usize, call: &mut Call, how: How) -> Next {
    let (t, p) = (usize::from(call.token), usize::from(call.payment));
    let user = &mut state.users[u];
    let (hold, payment) = (user.holds[t], &mut user.payments[p]);
    let seen = match call.at {
        At::Find => {
            if hold.status == Status::Confirmed && hold.paid_by == call.payment + 1 {
                return Next::To(At::Unlock(Answer::Sold));
            }
            if hold.status == Status::Released && payment.failed & 1 << t != 0 {
                return Next::Answer(Answer::NotSold);
            }
            if !call.flag {
                return Next::To(At::Verify(hold.status));
            }
            hold.status
        }
        At::Verify(seen) => {
            if payment.verdict == Verdict::Unasked {
                payment.verdict =
                    if how == How::Declined { Verdict::Declined } else { Verdict::Taken };
            }
            call.flag = true;
            seen
        }
        At::Record(seen) => {
            // The index on payments: recorded already, or sold something.
            if payment.sales + payment.refunds == 0 && !model.has(Flaw::SilentMoney) {
                payment.refunds += 1;
            }
            return too_late(seen);
        }
        _ => return Next::Blocked,
    };
    Next::To(match (seen, payment.verdict) {
        (Status::Live, Verdict::Declined) => At::Settle(Aim::Decline),
        (Status::Live, _) => At::Settle(Aim::Sell),
        (Status::Overdue, Verdict::Declined) => At::Expire(Answer::NotSold),
        (Status::Overdue, _) => At::Settle(Aim::Refund),
        (_, Verdict::Declined) => return too_late(seen),
        _ => At::Record(seen),
    })
}

/// The locks of a hold that was sold to another payment are that call's to take away.
fn too_late(seen: Status) -> Next {
    if seen == Status::Confirmed {
        Next::Answer(Answer::NotSold)
    } else {
        Next::To(At::Unlock(Answer::NotSold))
    }
}

/// The transaction's first write, with its guard; it keeps other writers off the hold until the
/// transaction ends.
fn settle(model: &Booking, state: &mut State, u: usize, t: usize, aim: Aim) -> Next {
    let hold = &mut state.users[u].holds[t];
    let matches = match aim {
        Aim::Sell if model.has(Flaw::NoIndexNoGuards) => true,
        Aim::Sell if model.has(Flaw::ExpiryBeforeTransaction) => {
            matches!(hold.status, Status::Live | Status::Overdue)
        }
        Aim::Sell | Aim::Decline | Aim::SeatGone => hold.status == Status::Live,
        Aim::Refund => hold.status == Status::Overdue,
    };
    if !matches {
        return if aim == Aim::SeatGone {
            Next::Answer(Answer::Unavailable)
        } else {
            Next::To(At::Find)
        };
    }
    if hold.tx != Tx::Closed {
        return Next::Blocked;
    }
    hold.tx = if aim == Aim::Sell { Tx::Selling } else { Tx::Ending };
    state.sold_overdue |= aim == Aim::Sell && hold.status != Status::Live;
    if aim == Aim::Sell && model.has(Flaw::UnlockFirst) {
        state.compare_and_delete(u, t);
    }
    Next::To(At::Commit(aim))
}

/// The other writes, under their guards and indexes, and the commit. The clock may have gone on
/// since the guard: it was judged there, and nobody could write to the hold in between.
fn commit(model: &Booking, state: &mut State, u: usize, call: &Call, aim: Aim) -> Next {
    let (t, p) = (usize::from(call.token), usize::from(call.payment));
    let user = &mut state.users[u];
    let (hold, payment) = (&mut user.holds[t], &mut user.payments[p]);
    hold.tx = Tx::Closed;
    let paid_before = payment.sales + payment.refunds > 0;
    match aim {
        Aim::Sell => {
            let guarded = !model.has(Flaw::NoIndexNoGuards);
            if guarded && state.booked & hold.seats != 0 {
                return Next::To(At::Settle(Aim::SeatGone));
            }
            if guarded && paid_before {
                return Next::Answer(Answer::NotSold);
            }
            hold.status = Status::Confirmed;
            hold.sales += 1;
            hold.paid_by = call.payment + 1;
            payment.sales += 1;
            state.booked |= hold.seats;
            Next::To(At::Unlock(Answer::Sold))
        }
        Aim::Decline => {
            hold.status = Status::Released;
            payment.failed |= 1 << t;
            Next::To(At::Unlock(Answer::NotSold))
        }
        // Recorded before: the hold's end is still to be written.
        Aim::Refund if paid_before => Next::To(At::Expire(Answer::NotSold)),
        Aim::SeatGone if paid_before => Next::Answer(Answer::Unavailable),
        Aim::Refund | Aim::SeatGone => {
            hold.status = if aim == Aim::Refund { Status::Expired } else { Status::Released };
            payment.refunds += u8::from(!model.has(Flaw::SilentMoney));
            Next::To(At::Unlock(Answer::NotSold))
        }
    }
}
