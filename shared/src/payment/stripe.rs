//! Stripe, by its HTTP API of 2024-06-20.

mod wire;

use super::{
    AmountDue, Call, Gateway, InvalidEvent, Mismatch, PaymentOutcome, PaymentRef, ProviderDispute,
    ProviderError, ProviderEvent, ProviderHttp, ProviderRefund, RefundRequest, StartedPayment,
    TakenPayment, Units,
    signature::is_stripe_signature,
    transport::{ProviderRequest, Reply, Transport},
};
use crate::domain::{Currency, PaymentId};
use hyper::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use std::time::SystemTime;
use wire::{Dispute, Event, Failure, Intent, List, Refund};

/// The address of Stripe's API.
pub const STRIPE_API_BASE: &str = "https://api.stripe.com";
/// Every request asks for this version, because we parse its responses. The account's own version
/// may differ.
const API_VERSION: &str = "2024-06-20";
const PAGE: &str = "100";
/// More pages than any payment's refunds fill. It bounds the loop.
const MAX_PAGES: usize = 50;

/// One account at Stripe.
#[derive(Debug)]
pub struct Stripe {
    transport: Transport,
    webhook_secret: SecretString,
    is_live: bool,
}

impl Stripe {
    /// An account by its secret or restricted key. `base` is [`STRIPE_API_BASE`],
    /// or a fake's address.
    ///
    /// # Errors
    /// Says what is wrong with the key or the address, and never quotes the key.
    pub fn new(
        http: ProviderHttp,
        base: &str,
        secret_key: &SecretString,
        webhook_secret: SecretString,
    ) -> Result<Self, String> {
        let key = secret_key.expose_secret();
        let has_mode = |mode: &str| {
            ["sk", "rk"].iter().any(|kind| key.starts_with(&format!("{kind}_{mode}_")))
        };
        let is_live = has_mode("live");
        if !is_live && !has_mode("test") {
            return Err("secretKey must begin with sk_test_, sk_live_, rk_test_ or rk_live_".into());
        }
        let transport = Transport::new(http, base, format!("Bearer {key}"))?;
        Ok(Self { transport, webhook_secret, is_live })
    }

    /// Whether this account takes real money.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.is_live
    }

    async fn call<T: DeserializeOwned>(
        &self,
        request: ProviderRequest,
    ) -> Result<T, ProviderError> {
        let reply = self.transport.send(&request.header("stripe-version", API_VERSION)?).await?;
        if reply.status.is_success() { reply.read() } else { Err(failure(&reply)) }
    }

    async fn create(&self, charge: &AmountDue) -> Result<StartedPayment, ProviderError> {
        let amount = Units::Stripe.in_provider_units(charge.amount, &charge.currency)?.to_string();
        let (token, version) = (charge.token.to_string(), charge.version.to_string());
        let request = ProviderRequest::post(&["v1", "payment_intents"])
            .header("idempotency-key", &format!("{token}:{version}"))?
            .form(&[
                ("amount", &amount),
                ("currency", &charge.currency.as_str().to_ascii_lowercase()),
                ("automatic_payment_methods[enabled]", "true"),
                ("metadata[reservation_token]", &token),
                ("metadata[version]", &version),
                ("metadata[app_id]", charge.app_id.as_str()),
            ]);
        let intent: Intent = self.call(request).await.map_err(wire::not_payable)?;
        let client_secret = intent
            .client_secret
            .ok_or_else(|| ProviderError::Unknown("the intent has no client_secret".into()))?;
        Ok(StartedPayment::Intent {
            payment_id: wire::payment_id(&intent.id)?,
            client_secret: client_secret.into(),
            status: intent.status,
        })
    }

    async fn fetch(
        &self,
        id: &PaymentId,
        charge: &AmountDue,
    ) -> Result<PaymentOutcome, ProviderError> {
        let request = ProviderRequest::get(&["v1", "payment_intents", id.as_str()])
            .query(&[("expand[]", "latest_charge")]);
        let intent: Intent = self.call(request).await?;
        self.judge(&intent, charge).await
    }

    async fn judge(
        &self,
        intent: &Intent,
        charge: &AmountDue,
    ) -> Result<PaymentOutcome, ProviderError> {
        let metadata = |key: &str| intent.metadata.as_ref()?.get(key).map(String::as_str);
        if metadata("reservation_token") != Some(charge.token.to_string().as_str()) {
            return Ok(PaymentOutcome::Mismatch(Mismatch::Reservation));
        }
        if metadata("app_id").is_some_and(|app| app != charge.app_id.as_str()) {
            return Ok(PaymentOutcome::Mismatch(Mismatch::App));
        }
        if intent.livemode != self.is_live {
            return Ok(PaymentOutcome::Mismatch(Mismatch::Mode));
        }
        match intent.status.as_str() {
            "succeeded" => self.judge_taken(intent, charge).await,
            "canceled" => Ok(PaymentOutcome::Declined),
            // A status that Stripe adds later is not final either.
            status => Ok(PaymentOutcome::Pending { status: status.to_owned() }),
        }
    }

    /// The intent stays `succeeded` when its money goes back. Only the charge shows it.
    async fn judge_taken(
        &self,
        intent: &Intent,
        charge: &AmountDue,
    ) -> Result<PaymentOutcome, ProviderError> {
        let latest = intent.latest_charge.as_ref();
        if latest.is_some_and(|latest| latest.disputed) {
            let disputes: List<Dispute> = self
                .call(
                    ProviderRequest::get(&["v1", "disputes"])
                        .query(&[("payment_intent", &intent.id)]),
                )
                .await?;
            let is = |state: &str| disputes.data.iter().any(|dispute| dispute.status == state);
            if is("lost") {
                return Ok(PaymentOutcome::Declined);
            }
            if !disputes.data.iter().all(Dispute::is_settled_for_us) {
                return Ok(PaymentOutcome::Pending { status: "disputed".into() });
            }
        }
        let refunded = latest.map_or(0, |latest| latest.amount_refunded);
        let currency = wire::currency(&intent.currency)?;
        let left = intent.amount_received.saturating_sub(refunded);
        if left <= 0 {
            return Ok(PaymentOutcome::Declined);
        }
        let payment = TakenPayment {
            payment_id: wire::payment_id(&intent.id)?,
            amount: Units::Stripe.in_our_units(left, &currency),
            returned: Units::Stripe.in_our_units(refunded, &currency),
            currency,
        };
        if payment.currency != charge.currency {
            return Ok(PaymentOutcome::Mismatch(Mismatch::Currency(payment, Vec::new())));
        }
        match Units::Stripe.in_provider_units(charge.amount, &charge.currency) {
            Ok(amount) if amount == left => {
                Ok(PaymentOutcome::Taken { payment, others: Vec::new() })
            }
            _ => Ok(PaymentOutcome::Mismatch(Mismatch::Amount(payment, Vec::new()))),
        }
    }

    async fn cancel_intent(
        &self,
        id: &PaymentId,
        charge: &AmountDue,
    ) -> Result<PaymentOutcome, ProviderError> {
        let request = ProviderRequest::post(&["v1", "payment_intents", id.as_str(), "cancel"])
            .form(&[("cancellation_reason", "abandoned")]);
        match self.call::<Intent>(request).await {
            Ok(intent) => self.judge(&intent, charge).await,
            // It was paid, is being paid, or was cancelled before.
            Err(ProviderError::Refused(refusal)) if refusal.code == wire::UNEXPECTED_STATE => {
                self.fetch(id, charge).await
            }
            Err(error) => Err(error),
        }
    }

    async fn create_refund(&self, refund: &RefundRequest) -> Result<ProviderRefund, ProviderError> {
        let amount = Units::Stripe.in_provider_units(refund.amount, &refund.currency)?.to_string();
        let request = ProviderRequest::post(&["v1", "refunds"])
            .header("idempotency-key", &refund.refund_id)?
            .form(&[
                ("payment_intent", refund.payment_id.as_str()),
                ("amount", &amount),
                ("metadata[refund_id]", &refund.refund_id),
            ]);
        let made: Refund = self.call(request).await?;
        Ok(made.into_ours(&refund.currency))
    }

    async fn list_disputes(
        &self,
        payment: &PaymentId,
        currency: &Currency,
    ) -> Result<Vec<ProviderDispute>, ProviderError> {
        let query = [("payment_intent", payment.as_str()), ("limit", PAGE)];
        let list: List<Dispute> =
            self.call(ProviderRequest::get(&["v1", "disputes"]).query(&query)).await?;
        Ok(list.data.into_iter().map(|dispute| dispute.into_ours(currency)).collect())
    }

    async fn list_refunds(
        &self,
        payment: &PaymentId,
        currency: &Currency,
    ) -> Result<Vec<ProviderRefund>, ProviderError> {
        let mut refunds: Vec<ProviderRefund> = Vec::new();
        for _ in 0..MAX_PAGES {
            let mut query = vec![("payment_intent", payment.as_str()), ("limit", PAGE)];
            if let Some(last) = refunds.last() {
                query.push(("starting_after", &last.provider_id));
            }
            let page: List<Refund> =
                self.call(ProviderRequest::get(&["v1", "refunds"]).query(&query)).await?;
            let is_last = !page.has_more || page.data.is_empty();
            refunds.extend(page.data.into_iter().map(|refund| refund.into_ours(currency)));
            if is_last {
                return Ok(refunds);
            }
        }
        Err(ProviderError::Unknown("a payment has too many refunds to read".into()))
    }
}

impl Gateway for Stripe {
    fn start<'a>(&'a self, charge: &'a AmountDue) -> Call<'a, StartedPayment> {
        Box::pin(self.create(charge))
    }

    fn check<'a>(
        &'a self,
        payment: &'a PaymentRef,
        charge: &'a AmountDue,
    ) -> Call<'a, PaymentOutcome> {
        Box::pin(async move {
            match payment {
                PaymentRef::Intent(id) => self.fetch(id, charge).await,
                PaymentRef::Order { .. } | PaymentRef::Simulated(_) => {
                    Ok(PaymentOutcome::Mismatch(Mismatch::Reservation))
                }
            }
        })
    }

    fn cancel<'a>(
        &'a self,
        payment: &'a PaymentRef,
        charge: &'a AmountDue,
    ) -> Call<'a, PaymentOutcome> {
        Box::pin(async move {
            match payment {
                PaymentRef::Intent(id) => self.cancel_intent(id, charge).await,
                PaymentRef::Order { .. } | PaymentRef::Simulated(_) => {
                    Ok(PaymentOutcome::Mismatch(Mismatch::Reservation))
                }
            }
        })
    }

    fn refund<'a>(&'a self, refund: &'a RefundRequest) -> Call<'a, ProviderRefund> {
        Box::pin(self.create_refund(refund))
    }

    fn refunds<'a>(
        &'a self,
        payment: &'a PaymentId,
        currency: &'a Currency,
    ) -> Call<'a, Vec<ProviderRefund>> {
        Box::pin(self.list_refunds(payment, currency))
    }

    fn disputes<'a>(
        &'a self,
        payment: &'a PaymentId,
        currency: &'a Currency,
        _named: Option<&'a str>,
    ) -> Call<'a, Vec<ProviderDispute>> {
        Box::pin(self.list_disputes(payment, currency))
    }

    fn event(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<ProviderEvent, InvalidEvent> {
        let header = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
        if !header.is_some_and(|h| is_stripe_signature(h, body, &self.webhook_secret, now)) {
            return Err(InvalidEvent::Signature);
        }
        let event: Event = serde_json::from_slice(body).map_err(|_| InvalidEvent::Body)?;
        Ok(event.into_ours())
    }
}

fn failure(reply: &Reply) -> ProviderError {
    let refusal = reply.read::<Failure>().unwrap_or_default().into_refusal(reply.status);
    match reply.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ProviderError::Credentials(refusal),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::CONFLICT => ProviderError::Busy(refusal),
        // The request may have taken effect. 424: a system behind Stripe, such as a bank, failed.
        StatusCode::REQUEST_TIMEOUT | StatusCode::FAILED_DEPENDENCY => {
            ProviderError::Unknown(refusal.into())
        }
        status if !status.is_client_error() => ProviderError::Unknown(refusal.into()),
        _ if wire::LOW_BALANCE.contains(&refusal.code.as_str()) => {
            ProviderError::LowBalance(refusal)
        }
        _ => ProviderError::Refused(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppId, ReservationToken};
    use serde_json::{Value, json};

    fn charge() -> AmountDue {
        AmountDue {
            app_id: AppId::parse("shop").unwrap(),
            token: ReservationToken::generate(),
            version: 0,
            amount: 1050,
            currency: Currency::parse("USD").unwrap(),
        }
    }

    fn intent(charge: &AmountDue) -> Value {
        json!({"id": "pi_1", "status": "succeeded", "currency": "usd", "amount_received": 1050,
               "livemode": false, "metadata": {"reservation_token": charge.token.to_string()}})
    }

    async fn judge(intent: Value, charge: &AmountDue) -> PaymentOutcome {
        let key = "sk_test_1".into();
        let stripe =
            Stripe::new(ProviderHttp::default(), STRIPE_API_BASE, &key, "whsec".into()).unwrap();
        stripe.judge(&serde_json::from_value(intent).unwrap(), charge).await.unwrap()
    }

    #[tokio::test]
    async fn a_payment_of_the_other_mode_is_a_mismatch() {
        let charge = charge();
        let mut live = intent(&charge);
        live["livemode"] = true.into();
        assert_eq!(judge(live, &charge).await, PaymentOutcome::Mismatch(Mismatch::Mode));
    }

    #[tokio::test]
    async fn an_intent_without_our_metadata_is_a_mismatch_even_when_it_is_canceled() {
        let charge = charge();
        let mut foreign = intent(&charge);
        foreign["metadata"] = json!({});
        foreign["status"] = "canceled".into();
        assert_eq!(judge(foreign, &charge).await, PaymentOutcome::Mismatch(Mismatch::Reservation));
    }

    #[test]
    fn an_event_about_something_else_names_no_payment() {
        for object in [json!({"object": "balance"}), json!({"payment_intent": {}}), json!(null)] {
            let event = json!({"id": "evt_1", "type": "of.the.future", "data": {"object": object}});
            let event = serde_json::from_value::<Event>(event).unwrap().into_ours();
            assert_eq!((event.kind.as_str(), event.payment_id), ("of.the.future", None));
        }
    }

    #[tokio::test]
    async fn a_charge_that_is_only_an_id_or_a_new_status_is_read() {
        let charge = charge();
        let mut short = intent(&charge);
        short["latest_charge"] = "ch_1".into();
        assert!(matches!(judge(short.clone(), &charge).await, PaymentOutcome::Taken { .. }));
        short["status"] = "of_the_future".into();
        let pending = PaymentOutcome::Pending { status: "of_the_future".into() };
        assert_eq!(judge(short, &charge).await, pending);
    }
}
