//! Starting a payment: create it at the provider for a version of the hold, then store it on the
//! hold if that is still the version. Only a stored payment is shown to the client.

use super::{BookingModel, Flaw, Next};
use crate::state::{Call, Payment, PaymentKey, Response, State, Status, Step, Tx};

pub(super) fn step(model: &BookingModel, state: &mut State, u: usize, call: &mut Call) -> Next {
    let user = &mut state.users[u];
    let hold = &mut user.holds[usize::from(call.token)];
    match call.step {
        Step::FindToPay => {
            if hold.status != Status::Live {
                return Next::Respond(Response::NotPaying);
            }
            if hold.payment != 0 {
                return Next::Respond(Response::Paying(hold.payment - 1));
            }
            call.read = hold.seats;
            call.version = hold.version;
            Next::Step(Step::CreatePayment)
        }
        Step::CreatePayment => {
            let version = if model.has(Flaw::KeyWithoutVersion) { 0 } else { call.version };
            let key = Some(PaymentKey { token: call.token, version });
            let same = user.payments.iter().position(|payment| payment.key == key);
            let free = || user.payments.iter().position(|p| *p == Payment::default());
            let Some(p) = same.or_else(free) else {
                return Next::Respond(Response::Unavailable);
            };
            let payment = &mut user.payments[p];
            if payment.key.is_none() {
                *payment = Payment { key, amount: call.read, ..Payment::default() };
            }
            call.payment = p as u8;
            Next::Step(Step::StorePayment)
        }
        _ => {
            let same_version = hold.version == call.version || model.has(Flaw::StoreIgnoresVersion);
            let revives = hold.status == Status::Overdue && model.has(Flaw::StoreRevives);
            let live = hold.status == Status::Live || revives;
            let matches = live && hold.payment == 0 && same_version;
            if matches && hold.tx != Tx::Closed {
                return Next::Blocked;
            }
            if matches {
                state.hold_violated |= revives;
                hold.status = Status::Live;
                hold.payment = call.payment + 1;
                hold.version += 1;
                if hold.extensions == 0 || model.has(Flaw::ExtendsEveryTime) {
                    hold.extensions += 1;
                }
            }
            if matches || model.has(Flaw::ShowsUnstoredPayment) {
                return Next::Respond(Response::Paying(call.payment));
            }
            Next::Step(Step::FindToPay)
        }
    }
}
