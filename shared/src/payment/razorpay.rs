//! Razorpay, by its HTTP API v1.

mod wire;

use super::{
    AmountDue, Call, Gateway, InvalidEvent, Mismatch, PaymentOutcome, PaymentRef, ProviderDispute,
    ProviderError, ProviderEvent, ProviderHttp, ProviderRefund, RefundRequest, StartedPayment,
    TakenPayment, Units,
    signature::is_hmac,
    transport::{ProviderRequest, Reply, Transport},
};
use crate::domain::{Currency, PaymentId, ReservationToken};
use base64::{Engine, prelude::BASE64_STANDARD};
use hyper::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::time::SystemTime;
use wire::{Dispute, Event, Failure, List, Order, Payment, Refund};

/// The address of Razorpay's API.
pub const RAZORPAY_API_BASE: &str = "https://api.razorpay.com";
/// Longer receipts are refused.
const MAX_RECEIPT: usize = 40;
/// Minutes in which an authorised payment is captured by itself. No hold is paid for longer.
const AUTOMATIC_CAPTURE_MINUTES: u32 = 30;
/// Minutes after which Razorpay gives back an authorised payment that came later:
/// the most it allows.
const MANUAL_CAPTURE_MINUTES: u32 = 7200;
const PAGE: usize = 100;
/// More pages than any payment's refunds fill. It bounds the loop.
const MAX_PAGES: usize = 50;

/// One account at Razorpay.
#[derive(Debug)]
pub struct Razorpay {
    transport: Transport,
    webhook_secret: SecretString,
    is_live: bool,
}

impl Razorpay {
    /// An account by its key. `base` is [`RAZORPAY_API_BASE`], or a fake's address.
    ///
    /// # Errors
    /// Says what is wrong with the key or the address, and never quotes the secret.
    pub fn new(
        http: ProviderHttp,
        base: &str,
        key_id: &str,
        key_secret: &SecretString,
        webhook_secret: SecretString,
    ) -> Result<Self, String> {
        let is_live = key_id.starts_with("rzp_live_");
        if !is_live && !key_id.starts_with("rzp_test_") {
            return Err("keyId must begin with rzp_test_ or rzp_live_".into());
        }
        let credentials = format!("{key_id}:{}", key_secret.expose_secret());
        let authorization = format!("Basic {}", BASE64_STANDARD.encode(credentials));
        let transport = Transport::new(http, base, authorization)?;
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
        let reply = self.transport.send(&request).await?;
        if reply.status.is_success() { reply.read() } else { Err(failure(&reply)) }
    }

    async fn create(&self, charge: &AmountDue) -> Result<StartedPayment, ProviderError> {
        let amount = Units::Razorpay.in_provider_units(charge.amount, &charge.currency)?;
        let receipt = receipt(charge.token, charge.version);
        let request = ProviderRequest::post(&["v1", "orders"]).json(&json!({
            "amount": amount,
            "currency": charge.currency.as_str(),
            "receipt": receipt,
            "notes": {
                "reservation_token": charge.token.to_string(),
                "version": charge.version.to_string(),
                "app_id": charge.app_id.as_str(),
            },
            "payment": {
                "capture": "automatic",
                "capture_options": {
                    "automatic_expiry_period": AUTOMATIC_CAPTURE_MINUTES,
                    "manual_expiry_period": MANUAL_CAPTURE_MINUTES,
                    "refund_speed": "normal",
                },
            },
        }));
        let order: Order = match self.call(request).await {
            // An earlier response was lost, and this account wants unique receipts.
            Err(ProviderError::Refused(refusal)) if wire::is_about_receipt(&refusal) => {
                let orders: List<Order> = self
                    .call(ProviderRequest::get(&["v1", "orders"]).query(&[("receipt", &receipt)]))
                    .await?;
                let same = |order: &Order| order.amount == amount && order.receipt == receipt;
                orders.items.into_iter().find(same).ok_or(ProviderError::Refused(refusal))?
            }
            made => made.map_err(wire::not_payable)?,
        };
        Ok(StartedPayment::Order { order_id: order.id, status: order.status })
    }

    async fn fetch(
        &self,
        order_id: &str,
        payment_id: Option<&PaymentId>,
        charge: &AmountDue,
    ) -> Result<PaymentOutcome, ProviderError> {
        let mut payments: List<Payment> =
            self.call(ProviderRequest::get(&["v1", "orders", order_id, "payments"])).await?;
        payments.items.retain(|payment| payment.order_id.as_deref() == Some(order_id));
        if let Some(id) = payment_id
            && !payments.items.iter().any(|payment| payment.id == id.as_str())
        {
            return Ok(PaymentOutcome::Mismatch(Mismatch::Reservation));
        }
        judge(payments.items, payment_id, charge)
    }

    async fn create_refund(&self, refund: &RefundRequest) -> Result<ProviderRefund, ProviderError> {
        let amount = Units::Razorpay.in_provider_units(refund.amount, &refund.currency)?;
        let request =
            ProviderRequest::post(&["v1", "payments", refund.payment_id.as_str(), "refund"])
                .header("x-refund-idempotency", &refund.refund_id)?
                .json(&json!({
                    "amount": amount,
                    "speed": "normal",
                    "receipt": refund.refund_id,
                    "notes": {"refund_id": refund.refund_id},
                }));
        let made: Refund = self.call(request).await?;
        Ok(made.into_ours(&refund.currency))
    }

    async fn fetch_dispute(
        &self,
        payment: &PaymentId,
        currency: &Currency,
        named: Option<&str>,
    ) -> Result<Vec<ProviderDispute>, ProviderError> {
        let Some(id) = named else { return Ok(Vec::new()) };
        let dispute: Dispute = self.call(ProviderRequest::get(&["v1", "disputes", id])).await?;
        let own = Some(dispute).filter(|dispute| dispute.payment_id == payment.as_str());
        Ok(own.into_iter().map(|dispute| dispute.into_ours(currency)).collect())
    }

    async fn list_refunds(
        &self,
        payment: &PaymentId,
        currency: &Currency,
    ) -> Result<Vec<ProviderRefund>, ProviderError> {
        let mut refunds: Vec<ProviderRefund> = Vec::new();
        for _ in 0..MAX_PAGES {
            let request = ProviderRequest::get(&["v1", "payments", payment.as_str(), "refunds"])
                .query(&[("count", &PAGE.to_string()), ("skip", &refunds.len().to_string())]);
            let page: List<Refund> = self.call(request).await?;
            let is_last = page.items.len() < PAGE;
            refunds.extend(page.items.into_iter().map(|refund| refund.into_ours(currency)));
            if is_last {
                return Ok(refunds);
            }
        }
        Err(ProviderError::Unknown("a payment has too many refunds to read".into()))
    }
}

impl Gateway for Razorpay {
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
                PaymentRef::Order { order_id, payment_id } => {
                    self.fetch(order_id, payment_id.as_ref(), charge).await
                }
                PaymentRef::Intent(_) | PaymentRef::Simulated(_) => {
                    Ok(PaymentOutcome::Mismatch(Mismatch::Reservation))
                }
            }
        })
    }

    /// An order cannot be cancelled. No client gets its id any more, and [`Gateway::check`] finds a
    /// payment that still comes.
    fn cancel<'a>(
        &'a self,
        payment: &'a PaymentRef,
        charge: &'a AmountDue,
    ) -> Call<'a, PaymentOutcome> {
        self.check(payment, charge)
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
        named: Option<&'a str>,
    ) -> Call<'a, Vec<ProviderDispute>> {
        Box::pin(self.fetch_dispute(payment, currency, named))
    }

    fn event(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        _now: SystemTime,
    ) -> Result<ProviderEvent, InvalidEvent> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let signature = text("x-razorpay-signature").ok_or(InvalidEvent::Signature)?;
        if !is_hmac(signature, body, &self.webhook_secret) {
            return Err(InvalidEvent::Signature);
        }
        let event: Event = serde_json::from_slice(body).map_err(|_| InvalidEvent::Body)?;
        Ok(event.into_ours(text("x-razorpay-event-id")))
    }
}

/// `token:version`, without the token's hyphens where the whole would be too long.
fn receipt(token: ReservationToken, version: i64) -> String {
    let receipt = format!("{token}:{version}");
    if receipt.len() <= MAX_RECEIPT { receipt } else { receipt.replace('-', "") }
}

/// Decides which of an order's payments pays for the charge. The payment that the caller has
/// `given` comes first, so that a repeated call gets the same payment. The others follow by age.
fn judge(
    mut payments: Vec<Payment>,
    given: Option<&PaymentId>,
    charge: &AmountDue,
) -> Result<PaymentOutcome, ProviderError> {
    payments.sort_by_key(|payment| payment.created_at);
    let (mut captured, open): (Vec<_>, Vec<_>) =
        payments.into_iter().partition(Payment::is_captured);
    captured.sort_by_key(|payment| given.is_none_or(|given| payment.id != given.as_str()));
    let mut taken = Vec::new();
    for payment in &captured {
        let left = payment.amount.saturating_sub(payment.amount_refunded);
        if left > 0 {
            taken.push((left, payment.taken(left)?));
        }
    }
    let amount = Units::Razorpay.in_provider_units(charge.amount, &charge.currency).ok();
    let pays = |(left, payment): &(i64, TakenPayment)| {
        Some(*left) == amount && payment.currency == charge.currency
    };
    let paying = taken.iter().position(pays);
    if !taken.is_empty() {
        let (_, payment) = taken.remove(paying.unwrap_or(0));
        let others = taken.into_iter().map(|(_, other)| other).collect();
        return Ok(match paying {
            Some(_) => PaymentOutcome::Taken { payment, others },
            None if payment.currency == charge.currency => {
                PaymentOutcome::Mismatch(Mismatch::Amount(payment, others))
            }
            None => PaymentOutcome::Mismatch(Mismatch::Currency(payment, others)),
        });
    }
    if !captured.is_empty() {
        // The order was paid and the money given back. A paid order accepts no other payment.
        return Ok(PaymentOutcome::Declined);
    }
    // A failed payment is one attempt: the buyer may try again, and it may be authorised late.
    let status = open.into_iter().next_back().map_or("created".to_owned(), |last| last.status);
    Ok(PaymentOutcome::Pending { status })
}

fn failure(reply: &Reply) -> ProviderError {
    let refusal = reply.read::<Failure>().unwrap_or_default().into_refusal(reply.status);
    match reply.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ProviderError::Credentials(refusal),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::CONFLICT => ProviderError::Busy(refusal),
        status if !status.is_client_error() => ProviderError::Unknown(refusal.into()),
        _ if wire::is_low_balance(&refusal) => ProviderError::LowBalance(refusal),
        _ => ProviderError::Refused(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_unique_and_fits() {
        let token = ReservationToken::generate();
        assert_eq!(receipt(token, 0), format!("{token}:0"));
        assert_eq!(receipt(token, 999), format!("{token}:999"));
        assert_eq!(receipt(token, 1000), format!("{token}:1000").replace('-', ""));
        assert!(receipt(token, 9_999_999).len() <= MAX_RECEIPT);
    }
}
