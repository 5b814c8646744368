//! Confirming, by the user or by a provider's event.

use super::{BookingModel, Flaw, Next, Outcome};
use crate::state::{Call, Entity, Purpose, Response, State, Status, Step, Tx, User, Verdict};

pub(super) fn step(
    model: &BookingModel,
    state: &mut State,
    u: usize,
    call: &mut Call,
    outcome: Outcome,
    background: bool,
) -> Next {
    let (t, p) = (usize::from(call.token), usize::from(call.payment));
    let on_sale = state.entity == Entity::OnSale;
    let user = &mut state.users[u];
    let recorded = counted(model, user, p) > 0;
    let (hold, payment) = (user.holds[t], &mut user.payments[p]);
    let seen = match call.step {
        Step::Find => {
            if hold.status.sold() && hold.paid_by == call.payment + 1 {
                return if hold.status == Status::Confirmed {
                    Next::Step(Step::Unlock(Response::Sold))
                } else {
                    Next::Respond(Response::Sold)
                };
            }
            if hold.status == Status::Released && payment.failed & 1 << t != 0 {
                return Next::Respond(Response::NotSold);
            }
            if model.bounds.payments && hold.payment != call.payment + 1 {
                // Not the hold's payment: the provider is not called, and nothing is recorded. The
                // client had paid before it called.
                if payment.verdict == Verdict::Unknown {
                    payment.verdict = Verdict::Taken;
                }
                return Next::Respond(Response::NotSold);
            }
            if !call.verified || call.version != hold.version {
                call.version = hold.version;
                return Next::Step(Step::Verify(hold.status));
            }
            hold.status
        }
        Step::Verify(seen) => {
            if payment.verdict == Verdict::Unknown {
                payment.verdict = match outcome {
                    Outcome::Declined => Verdict::Declined,
                    Outcome::OtherAmount => Verdict::TakenOtherAmount,
                    Outcome::Done | Outcome::ReplyLost => Verdict::Taken,
                };
                if model.bounds.amounts() && !model.bounds.payments {
                    payment.amount = hold.seats;
                }
            }
            call.verified = true;
            seen
        }
        Step::RecordRefundDue(seen) => {
            // The index on payments refuses a payment that is recorded already.
            if !recorded && !model.has(Flaw::SilentMoney) {
                payment.refunds_due += 1;
            }
            return too_late(seen);
        }
        _ => return Next::Blocked,
    };
    let wrong_amount = payment.verdict == Verdict::TakenOtherAmount
        || (model.bounds.amounts() && payment.amount != hold.seats);
    let declined = payment.verdict == Verdict::Declined;
    Next::Step(match seen {
        _ if background && !declined && model.has(Flaw::EventSellsUnguarded) => {
            Step::Settle(Purpose::Sell)
        }
        Status::Live if declined => Step::Settle(Purpose::Decline),
        Status::Live if wrong_amount && hold.payment == call.payment + 1 => {
            if model.has(Flaw::KeepsSpentPayment) {
                Step::RecordRefundDue(seen)
            } else {
                Step::Settle(Purpose::Mismatch)
            }
        }
        Status::Live if wrong_amount => Step::RecordRefundDue(seen),
        Status::Live if !on_sale => Step::Settle(Purpose::LetGo),
        Status::Live => Step::Settle(Purpose::Sell),
        Status::Overdue if declined => Step::Expire(Response::NotSold),
        Status::Overdue => Step::Settle(Purpose::Expire),
        _ if declined => return too_late(seen),
        _ => Step::RecordRefundDue(seen),
    })
}

/// The response to a confirm that sold nothing. A live hold keeps its locks, and the locks of a
/// sold one belong to the call that sold it.
fn too_late(seen: Status) -> Next {
    if seen.sold() || seen == Status::Live {
        Next::Respond(Response::NotSold)
    } else {
        Next::Step(Step::Unlock(Response::NotSold))
    }
}

/// How often the unique index on payments counts this one.
fn counted(model: &BookingModel, user: &User, p: usize) -> u8 {
    let payment = &user.payments[p];
    let cancelled = user
        .holds
        .iter()
        .any(|hold| hold.status == Status::Cancelled && usize::from(hold.paid_by) == p + 1);
    if cancelled && model.has(Flaw::ForgetsPayment) {
        payment.refunds_due
    } else {
        payment.sales + payment.refunds_due
    }
}

/// The transaction's first write, with its guard. It keeps other writers off the hold
/// until the transaction ends.
pub(super) fn settle(
    model: &BookingModel,
    state: &mut State,
    u: usize,
    call: &Call,
    purpose: Purpose,
    background: bool,
) -> Next {
    let t = usize::from(call.token);
    let hold = &mut state.users[u].holds[t];
    let same_version = hold.version == call.version || model.has(Flaw::ConfirmIgnoresVersion);
    let matches = match purpose {
        Purpose::Sell if model.has(Flaw::NoIndexNoGuards) => true,
        Purpose::Sell if background && model.has(Flaw::EventSellsUnguarded) => true,
        Purpose::Sell if model.has(Flaw::ChecksExpiryEarly) => {
            matches!(hold.status, Status::Live | Status::Overdue)
        }
        Purpose::Sell | Purpose::Decline | Purpose::LetGo | Purpose::Mismatch => {
            hold.status == Status::Live && same_version
        }
        Purpose::Expire => hold.status == Status::Overdue,
    };
    if !matches {
        let seat_gone = purpose == Purpose::LetGo && state.entity == Entity::OnSale;
        return if seat_gone {
            Next::Respond(Response::Unavailable)
        } else {
            Next::Step(Step::Find)
        };
    }
    if hold.tx != Tx::Closed {
        return Next::Blocked;
    }
    hold.tx = match purpose {
        Purpose::Sell | Purpose::Mismatch => Tx::Selling,
        Purpose::Decline | Purpose::Expire | Purpose::LetGo => Tx::Ending,
    };
    state.overdue_sold |= purpose == Purpose::Sell && hold.status != Status::Live;
    let seats = hold.seats;
    if purpose == Purpose::Sell && model.has(Flaw::UnlocksFirst) {
        state.compare_and_delete(u, t, seats);
    }
    Next::Step(Step::Commit(purpose))
}

/// The other writes, under their guards and indexes, and the commit. The clock may have gone on
/// since the guard, but nobody could write to the hold in between.
pub(super) fn commit(
    model: &BookingModel,
    state: &mut State,
    u: usize,
    call: &Call,
    purpose: Purpose,
) -> Next {
    let (t, p) = (usize::from(call.token), usize::from(call.payment));
    let user = &mut state.users[u];
    let recorded = counted(model, user, p) > 0;
    let (hold, payment) = (&mut user.holds[t], &mut user.payments[p]);
    hold.tx = Tx::Closed;
    match purpose {
        Purpose::Sell => {
            let guarded = !model.has(Flaw::NoIndexNoGuards);
            let deleted = if model.has(Flaw::DeletesRemovedSeat) { state.removed } else { 0 };
            if guarded && (state.booked | deleted) & hold.seats != 0 {
                return Next::Step(Step::Settle(Purpose::LetGo));
            }
            if guarded && recorded {
                return Next::Respond(Response::NotSold);
            }
            hold.status = Status::Confirmed;
            hold.sales += 1;
            hold.sold = hold.seats;
            hold.paid_by = call.payment + 1;
            payment.sales += 1;
            state.booked |= hold.seats;
            state.removed &= !hold.seats;
            Next::Step(Step::Unlock(Response::Sold))
        }
        Purpose::Decline => {
            hold.status = Status::Released;
            payment.failed |= 1 << t;
            Next::Step(Step::Unlock(Response::NotSold))
        }
        // Recorded before, so this transaction aborted: the hold's end is still to be written.
        Purpose::Expire if recorded => Next::Step(Step::Expire(Response::NotSold)),
        Purpose::LetGo if recorded => Next::Respond(Response::Unavailable),
        Purpose::Mismatch if recorded => Next::Respond(Response::NotSold),
        Purpose::Expire | Purpose::LetGo => {
            hold.status =
                if purpose == Purpose::Expire { Status::Expired } else { Status::Released };
            payment.refunds_due += u8::from(!model.has(Flaw::SilentMoney));
            Next::Step(Step::Unlock(Response::NotSold))
        }
        Purpose::Mismatch => {
            hold.payment = 0;
            hold.version += 1;
            payment.refunds_due += 1;
            Next::Respond(Response::NotSold)
        }
    }
}
