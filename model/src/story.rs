//! A path of the checker, told in words.

use crate::{
    Action, Ask, Booking, How, Order,
    state::{Aim, At, State, Status},
};
use stateright::{Model, Path};
use std::fmt::Write;

/// The steps of a path until the promise is broken, one a line.
pub fn tell(model: &Booking, promise: &'static str, path: Path<State, Action>) -> String {
    let mut story = String::new();
    let kept = model.property(promise).condition;
    // The checker looks at some more states before it stops.
    let steps = path.into_vec().into_iter().take_while(|(state, _)| kept(model, state));
    let steps = steps.filter_map(|(state, action)| Some((state, action?)));
    for (number, (state, action)) in steps.enumerate() {
        // Writing to a string does not fail.
        let _ = writeln!(story, "{:>3}. {}", number + 1, step(model, &state, action));
    }
    story
}

fn step(model: &Booking, state: &State, action: Action) -> String {
    let name = |u: usize| ["Ann", "Bob", "Cid"].get(u).copied().unwrap_or("?");
    let seats = |bits: u8| {
        ["no seat", "seat 1", "seat 2", "both seats"].get(usize::from(bits)).copied().unwrap_or("?")
    };
    let whose = |u: usize, late: bool| {
        format!("{}'s {}", name(u), if late { "first call, given up" } else { "call" })
    };
    match action {
        Action::Call(u, Ask::Reserve(bits, _)) => {
            format!("{} reserves {}: lock", name(u), seats(bits))
        }
        Action::Call(u, Ask::Confirm(payment)) => {
            format!("{} confirms with payment {}: read the reservation", name(u), payment + 1)
        }
        Action::Call(u, Ask::Release) if model.order == Order::AsBuilt => {
            format!("{} releases: guarded update", name(u))
        }
        Action::Call(u, Ask::Release) => format!("{} releases: read the reservation", name(u)),
        Action::Step(u, late, how) => {
            let call = if late { state.users[u].late } else { state.users[u].call };
            let what = what(call.at);
            match how {
                How::Done => format!("{}: {what}", whose(u, late)),
                How::Declined => format!("{}: {what}: declined", whose(u, late)),
                How::AnswerLost => {
                    format!("{}: {what}; the answer is lost and the driver repeats", whose(u, late))
                }
            }
        }
        Action::GiveUp(u) => format!("{} waits no longer; the call goes on", name(u)),
        Action::Crash(u, late) => format!("the process of {} dies", whose(u, late)),
        Action::Abort(u, _) => {
            format!("the server aborts the transaction that was left open on {}'s hold", name(u))
        }
        Action::TimeComes(u, _) => format!("{}'s hold runs out", name(u)),
        Action::LocksRunOut(u, t) => {
            format!("{}'s lock on {} runs out", name(u), seats(state.users[u].holds[t].locks))
        }
        Action::Sweep(u, _) => format!("{}'s overdue hold is marked EXPIRED", name(u)),
        Action::Wipe => "Redis is wiped".to_owned(),
    }
}

fn what(at: At) -> String {
    let text = match at {
        At::Idle | At::BrokeOff(_) => "nothing",
        At::ReadSeats => "read the seats",
        At::Claim => "write the hold",
        At::MarkOverdue => "mark overdue holds in the way",
        At::ReadClaims => "read the claims",
        At::RestoreFound => "put back the locks of the hold that is there",
        At::FindAgain => "read that hold again",
        At::Unrestore => "take its locks away again",
        At::RestoreOwn => "make the older locks this hold's",
        At::GiveBack(_) => "give the locks back, answer",
        At::Find => "read the hold",
        At::Verify(Status::Live) => "ask the payment provider",
        At::Verify(_) => "ask the payment provider, for a hold that is not live",
        At::Settle(Aim::Sell) => "open the transaction: the hold becomes CONFIRMED",
        At::Settle(Aim::Decline | Aim::SeatGone) => {
            "open the transaction: the hold becomes RELEASED"
        }
        At::Settle(Aim::Refund) => "open the transaction: the hold becomes EXPIRED",
        At::Commit(Aim::Sell) => "the seats become BOOKED, insert the booking, commit",
        At::Commit(Aim::Decline) => "insert the failed booking, commit",
        At::Commit(Aim::Refund | Aim::SeatGone) => "insert the REFUND_DUE record, commit",
        At::Record(_) => "insert the REFUND_DUE record",
        At::Expire(_) => "mark the own overdue hold",
        At::Release => "guarded update to RELEASED",
        At::FindReleased => "read why it did not match",
        At::Unlock(_) => "delete the locks, answer",
        At::Insert => "insert the reservation, answer",
        At::CheckLock => "check that the lock is there and ours",
        At::DeleteLock => "delete the lock",
        At::CommitUnguarded => {
            "reservation CONFIRMED, seat BOOKED, insert the booking, commit, answer"
        }
        At::MarkReleased => "mark the reservation RELEASED, answer",
    };
    text.to_owned()
}
