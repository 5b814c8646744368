//! A path of the checker in words.

use crate::{
    Action, BookingModel, Design, Outcome, Request,
    state::{Purpose, Seats, State, Status, Step},
};
use stateright::{Model, Path};
use std::fmt::Write;

/// The steps of a path until it breaks the property, one per line.
pub fn describe(
    model: &BookingModel,
    property: &'static str,
    path: Path<State, Action>,
) -> Vec<String> {
    let kept = model.property(property).condition;
    // The checker looks at some more states before it stops.
    let steps = path.into_vec().into_iter().take_while(|(state, _)| kept(model, state));
    let actions = steps.filter_map(|(state, action)| Some((state, action?)));
    actions.map(|(state, action)| line(model, &state, action)).collect()
}

fn line(model: &BookingModel, state: &State, action: Action) -> String {
    let mut line = String::new();
    // Writing to a string does not fail.
    let _ = match action {
        Action::Call(u, request) => write!(line, "{} {}", name(u), asks(model, request)),
        Action::Step(u, background, outcome) => {
            let user = &state.users[u];
            let call = if background { user.background } else { user.call };
            let suffix = match outcome {
                Outcome::Done => "",
                Outcome::Declined => ": declined",
                Outcome::OtherAmount => ": another amount was taken",
                Outcome::ReplyLost => "; the reply is lost and the driver repeats it",
            };
            write!(line, "{}: {}{suffix}", whose(u, background), does(call.step))
        }
        Action::GiveUp(u) => write!(line, "{} waits no longer; the call goes on", name(u)),
        Action::Event(u, p) => {
            write!(line, "the provider's event for {}'s payment {}: read the hold", name(u), p + 1)
        }
        Action::Crash(u, background) => {
            write!(line, "the process of {} dies", whose(u, background))
        }
        Action::Abort(u, _) => {
            write!(line, "the server aborts the transaction left open on {}'s hold", name(u))
        }
        Action::TimeComes(u, _) => write!(line, "{}'s hold runs out", name(u)),
        Action::LocksRunOut(u, t) => {
            let locks = state.users[u].holds[t].locks;
            write!(line, "{}'s lock on {} runs out", name(u), seats(locks))
        }
        Action::Sweep(u, _) => write!(line, "the sweep marks {}'s hold EXPIRED", name(u)),
        Action::Wipe => write!(line, "Redis is wiped"),
        Action::CancelEntity => write!(line, "the entity becomes CANCELLED"),
        Action::EndClaim(u, _) => {
            write!(line, "the entity's cancel deals with {}'s hold or booking", name(u))
        }
        Action::FinishCancel => write!(line, "the entity's cancel ends"),
        Action::CheckSeat(seat) => write!(line, "the organiser finds {} free", seats(seat)),
        Action::RemoveSeat(seat) => write!(line, "the organiser removes {}", seats(seat)),
    };
    line
}

fn name(u: usize) -> &'static str {
    ["Ann", "Bob", "Cid"].get(u).copied().unwrap_or("?")
}

fn seats(bits: Seats) -> &'static str {
    ["no seat", "seat 1", "seat 2", "both seats"].get(usize::from(bits)).copied().unwrap_or("?")
}

fn whose(u: usize, background: bool) -> String {
    format!("{}'s {}", name(u), if background { "background call" } else { "call" })
}

fn asks(model: &BookingModel, request: Request) -> String {
    match request {
        Request::Reserve(bits, _) => format!("reserves {}: lock", seats(bits)),
        Request::Change(bits) => format!("changes to {}: read the hold", seats(bits)),
        Request::Pay => "starts a payment: read the hold".to_owned(),
        Request::Confirm(payment) => {
            format!("confirms with payment {}: read the hold", payment + 1)
        }
        Request::Release if model.design == Design::Current => {
            "releases: guarded update".to_owned()
        }
        Request::Release => "releases: read the hold".to_owned(),
        Request::Cancel(bits) => format!("cancels {}: read the booking", seats(bits)),
    }
}

fn does(step: Step) -> &'static str {
    match step {
        Step::Idle | Step::BrokenOff(_) => "nothing",
        Step::ReadSeats => "read the seats",
        Step::WriteHold => "write the hold",
        Step::MarkOverdue => "mark overdue holds on the seats",
        Step::ReadClaims => "read the claims",
        Step::RestoreFound => "restore the locks of the caller's own hold",
        Step::FindAgain => "read that hold again",
        Step::UndoRestore => "delete its locks again",
        Step::RestoreOwn => "give the older locks this hold's token",
        Step::GiveBack(_) => "give the locks back, respond",
        Step::FindToChange => "read the hold to change it",
        Step::LockAdded => "lock the added seats",
        Step::WriteChange => "write the changed seats",
        Step::FindToPay => "read the hold to pay for it",
        Step::CreatePayment => "create the payment at the provider",
        Step::StorePayment => "store the payment on the hold, respond",
        Step::Find => "read the hold",
        Step::Verify(Status::Live) => "ask the payment provider",
        Step::Verify(_) => "ask the payment provider, for a hold that is not live",
        Step::Settle(Purpose::Sell) => "open the transaction: the hold becomes CONFIRMED",
        Step::Settle(Purpose::Decline | Purpose::LetGo) => {
            "open the transaction: the hold becomes RELEASED"
        }
        Step::Settle(Purpose::Expire) => "open the transaction: the hold becomes EXPIRED",
        Step::Settle(Purpose::Mismatch) => "open the transaction: the hold loses its payment",
        Step::Commit(Purpose::Sell) => "the seats become BOOKED, insert the booking, commit",
        Step::Commit(Purpose::Decline) => "insert the failed booking, commit",
        Step::Commit(Purpose::Expire | Purpose::LetGo | Purpose::Mismatch) => {
            "insert the REFUND_DUE record, commit"
        }
        Step::RecordRefundDue(_) => "insert the REFUND_DUE record",
        Step::Expire(_) => "mark the caller's overdue hold",
        Step::Release => "guarded update to RELEASED",
        Step::FindReleased => "read why it did not match",
        Step::FindToCancel => "read the booking to cancel it",
        Step::OpenCancel => "guarded write to the booking",
        Step::CommitCancel => "the other writes of the cancellation, commit",
        Step::AddRefund => "insert the refund row, respond",
        Step::Unlock(_) => "delete the locks, respond",
        Step::Insert => "insert the reservation, respond",
        Step::CheckLock => "check that the lock is there and the caller's",
        Step::DeleteLock => "delete the lock",
        Step::CommitUnguarded => {
            "reservation CONFIRMED, seat BOOKED, insert the booking, commit, respond"
        }
        Step::MarkReleased => "mark the reservation RELEASED, respond",
    }
}
