//! A provider that decides by the payment's id. No money moves.

use super::{
    AmountDue, Call, Cause, Gateway, InvalidEvent, Mismatch, PaymentOutcome, PaymentRef,
    ProviderDispute, ProviderError, ProviderEvent, ProviderRefund, RefundRequest, RefundState,
    StartedPayment, TakenPayment,
};
use crate::domain::{Currency, PaymentId};
use hyper::HeaderMap;
use std::{future::ready, time::SystemTime};
use uuid::Uuid;

/// The prefix of the ids of payments that the simulation has started. The hold's token and version
/// follow.
const STARTED_PREFIX: &str = "pay_sim_";

/// Declines ids that begin with `pay_fail`, leaves those that begin with `pay_pending` open, is
/// unavailable for `pay_unavailable`, and has taken all others. The first refund of an id that
/// begins with `pay_refundfail` fails.
#[derive(Clone, Copy, Debug, Default)]
pub struct Simulated;

fn judge(id: &PaymentId, charge: &AmountDue) -> Result<PaymentOutcome, ProviderError> {
    let text = id.as_str();
    if text == "pay_unavailable" {
        let cause: Cause = "the simulation was asked to be unavailable".into();
        return Err(ProviderError::Unreachable(cause));
    }
    let started_for = text.strip_prefix(STARTED_PREFIX).and_then(|rest| rest.get(..32));
    if let Some(token) = started_for.and_then(|token| Uuid::try_parse(token).ok())
        && token.to_string() != charge.token.to_string()
    {
        return Ok(PaymentOutcome::Mismatch(Mismatch::Reservation));
    }
    if text.starts_with("pay_fail") {
        return Ok(PaymentOutcome::Declined);
    }
    if text.starts_with("pay_pending") {
        return Ok(PaymentOutcome::Pending { status: "processing".into() });
    }
    let payment = TakenPayment {
        payment_id: id.clone(),
        amount: charge.amount,
        returned: 0,
        currency: charge.currency.clone(),
    };
    Ok(PaymentOutcome::Taken { payment, others: Vec::new() })
}

fn refund(request: &RefundRequest) -> ProviderRefund {
    let fails = request.is_first && request.payment_id.as_str().starts_with("pay_refundfail");
    ProviderRefund {
        provider_id: request.refund_id.clone(),
        refund_id: Some(request.refund_id.clone()),
        amount: request.amount,
        state: if fails { RefundState::Failed } else { RefundState::Succeeded },
    }
}

impl Gateway for Simulated {
    fn start<'a>(&'a self, charge: &'a AmountDue) -> Call<'a, StartedPayment> {
        let token = charge.token.to_string().replace('-', "");
        let started = PaymentId::parse(&format!("{STARTED_PREFIX}{token}_{}", charge.version))
            .map(|payment_id| StartedPayment::Simulated { payment_id })
            .map_err(|reason| ProviderError::Unknown(reason.into()));
        Box::pin(ready(started))
    }

    fn check<'a>(
        &'a self,
        payment: &'a PaymentRef,
        charge: &'a AmountDue,
    ) -> Call<'a, PaymentOutcome> {
        Box::pin(ready(match payment {
            PaymentRef::Simulated(id) => judge(id, charge),
            PaymentRef::Intent(_) | PaymentRef::Order { .. } => {
                Ok(PaymentOutcome::Mismatch(Mismatch::Reservation))
            }
        }))
    }

    /// Nobody pays at the simulation, so a payment that no client has confirmed was never made.
    fn cancel<'a>(
        &'a self,
        _payment: &'a PaymentRef,
        _charge: &'a AmountDue,
    ) -> Call<'a, PaymentOutcome> {
        Box::pin(ready(Ok(PaymentOutcome::Declined)))
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Call<'a, ProviderRefund> {
        Box::pin(ready(Ok(refund(request))))
    }

    fn refunds<'a>(
        &'a self,
        _payment: &'a PaymentId,
        _currency: &'a Currency,
    ) -> Call<'a, Vec<ProviderRefund>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn disputes<'a>(
        &'a self,
        _payment: &'a PaymentId,
        _currency: &'a Currency,
        _named: Option<&'a str>,
    ) -> Call<'a, Vec<ProviderDispute>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    /// The simulation sends no events.
    fn event(
        &self,
        _headers: &HeaderMap,
        _body: &[u8],
        _now: SystemTime,
    ) -> Result<ProviderEvent, InvalidEvent> {
        Err(InvalidEvent::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppId, ReservationToken};

    fn charge() -> AmountDue {
        AmountDue {
            app_id: AppId::parse("shop").unwrap(),
            token: ReservationToken::generate(),
            version: 3,
            amount: 1050,
            currency: Currency::parse("USD").unwrap(),
        }
    }

    fn judged(id: &str, charge: &AmountDue) -> Result<PaymentOutcome, ProviderError> {
        judge(&PaymentId::parse(id).unwrap(), charge)
    }

    #[tokio::test]
    async fn a_started_payment_pays_for_its_own_hold_only() {
        let (own, other) = (charge(), charge());
        let (first, again) = (Simulated.start(&own).await, Simulated.start(&own).await);
        let (
            Ok(StartedPayment::Simulated { payment_id }),
            Ok(StartedPayment::Simulated { payment_id: same }),
        ) = (first, again)
        else {
            panic!("the simulation starts payments of its own kind")
        };
        assert_eq!(payment_id, same);
        assert!(matches!(judge(&payment_id, &own), Ok(PaymentOutcome::Taken { .. })));
        let mismatch = PaymentOutcome::Mismatch(Mismatch::Reservation);
        assert_eq!(judge(&payment_id, &other).unwrap(), mismatch);
    }

    #[test]
    fn the_id_decides() {
        let charge = charge();
        for id in ["pay_1", "pay_sim_x", "pay_unavailable_1"] {
            assert!(matches!(judged(id, &charge), Ok(PaymentOutcome::Taken { .. })), "{id}");
        }
        assert_eq!(judged("pay_fail_1", &charge).unwrap(), PaymentOutcome::Declined);
        let pending = PaymentOutcome::Pending { status: "processing".into() };
        assert_eq!(judged("pay_pending7", &charge).unwrap(), pending);
        assert!(judged("pay_unavailable", &charge).is_err());
    }
}
