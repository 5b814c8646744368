//! Razorpay's responses and events. The types have only the fields that we read.

use super::super::{
    DisputeState, ProviderDispute, ProviderError, ProviderEvent, ProviderRefund, RefundState,
    Refusal, TakenPayment, Units,
};
use crate::domain::{Currency, PaymentId, ReservationToken};
use hyper::StatusCode;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) receipt: String,
}

#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
}

#[derive(Deserialize)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) amount: i64,
    currency: String,
    pub(super) status: String,
    pub(super) order_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) amount_refunded: i64,
    #[serde(default, deserialize_with = "or_default")]
    captured: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) created_at: i64,
}

impl Payment {
    /// Whether the money was taken, even if it was given back later. An authorised payment that
    /// expired is `refunded` too, but was never captured.
    pub(super) fn is_captured(&self) -> bool {
        self.status == "captured" || (self.status == "refunded" && self.captured)
    }

    pub(super) fn taken(&self, left: i64) -> Result<TakenPayment, ProviderError> {
        let unreadable = |reason: String| ProviderError::Unknown(reason.into());
        let currency = Currency::parse(&self.currency).map_err(unreadable)?;
        Ok(TakenPayment {
            payment_id: PaymentId::parse(&self.id).map_err(unreadable)?,
            amount: Units::Razorpay.in_our_units(left, &currency),
            returned: Units::Razorpay.in_our_units(self.amount_refunded, &currency),
            currency,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct Refund {
    id: String,
    amount: i64,
    status: Option<String>,
    receipt: Option<String>,
    #[serde(default, deserialize_with = "notes")]
    notes: BTreeMap<String, String>,
}

impl Refund {
    pub(super) fn into_ours(mut self, currency: &Currency) -> ProviderRefund {
        ProviderRefund {
            provider_id: self.id,
            // Only our refunds have this note. Anyone may fill in a receipt in the dashboard.
            refund_id: self
                .notes
                .remove("refund_id")
                .filter(|id| self.receipt.as_ref().is_none_or(|receipt| receipt == id)),
            amount: Units::Razorpay.in_our_units(self.amount, currency),
            state: match self.status.as_deref() {
                Some("processed") => RefundState::Succeeded,
                Some("failed") => RefundState::Failed,
                _ => RefundState::Submitted,
            },
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Dispute {
    id: String,
    pub(super) payment_id: String,
    amount: i64,
    /// What was taken from us: 0 until the dispute is lost.
    #[serde(default, deserialize_with = "or_default")]
    amount_deducted: i64,
    status: String,
}

impl Dispute {
    pub(super) fn into_ours(self, currency: &Currency) -> ProviderDispute {
        let (amount, state) = match self.status.as_str() {
            "lost" => (self.amount_deducted.max(0), DisputeState::Lost),
            // It was closed without a decision. The money that was taken does not come back.
            "closed" if self.amount_deducted > 0 => (self.amount_deducted, DisputeState::Lost),
            "won" | "closed" => (self.amount, DisputeState::Won),
            _ => (self.amount, DisputeState::Open),
        };
        let amount = Units::Razorpay.in_our_units(amount, currency);
        ProviderDispute { provider_id: self.id, amount, state }
    }
}

/// `null` counts as absent.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    value: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

/// Notes are an object of texts, or `[]` where there are none.
fn notes<'de, D: Deserializer<'de>>(value: D) -> Result<BTreeMap<String, String>, D::Error> {
    let value = serde_json::Value::deserialize(value)?;
    let Some(notes) = value.as_object() else { return Ok(BTreeMap::new()) };
    let text = |note: &serde_json::Value| note.as_str().map(str::to_owned);
    Ok(notes.iter().filter_map(|(key, note)| Some((key.clone(), text(note)?))).collect())
}

#[derive(Default, Deserialize)]
pub(super) struct Failure {
    #[serde(default)]
    error: FailureDetails,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FailureDetails {
    code: Option<String>,
    description: Option<String>,
    field: Option<String>,
}

impl Failure {
    pub(super) fn into_refusal(self, status: StatusCode) -> Refusal {
        Refusal {
            status: status.as_u16(),
            code: self.error.code.unwrap_or_default(),
            message: self.error.description.unwrap_or_default(),
            field: self.error.field.unwrap_or_default(),
        }
    }
}

/// Razorpay has one code for every bad request. Only the description tells them apart.
pub(super) fn is_low_balance(refusal: &Refusal) -> bool {
    refusal.message.contains("enough balance")
}

pub(super) fn is_about_receipt(refusal: &Refusal) -> bool {
    refusal.field == "receipt" || refusal.message.to_ascii_lowercase().contains("receipt")
}

/// Whether Razorpay refuses an amount. Not every such refusal names the field.
fn is_about_amount(refusal: &Refusal) -> bool {
    let message = refusal.message.to_ascii_lowercase();
    matches!(refusal.field.as_str(), "amount" | "currency")
        || message.contains("minimum amount")
        || message.contains("maximum amount")
}

/// An order that Razorpay refuses because of its amount or currency.
pub(super) fn not_payable(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::Refused(refusal) if is_about_amount(&refusal) => {
            ProviderError::NotPayable(refusal.to_string())
        }
        other => other,
    }
}

#[derive(Deserialize)]
pub(super) struct Event {
    event: String,
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    payment: Option<Part>,
    order: Option<Part>,
    refund: Option<Part>,
    dispute: Option<Part>,
}

#[derive(Deserialize)]
struct Part {
    entity: Entity,
}

#[derive(Deserialize)]
struct Entity {
    id: String,
    order_id: Option<String>,
    payment_id: Option<String>,
    #[serde(default, deserialize_with = "notes")]
    notes: BTreeMap<String, String>,
}

impl Event {
    pub(super) fn into_ours(self, event_id: Option<&str>) -> ProviderEvent {
        let Payload { payment, order, refund, dispute } = self.payload;
        let is_about_money_back = refund.is_some() || dispute.is_some();
        let entity = |part: Option<Part>| part.map(|part| part.entity);
        let dispute = entity(dispute);
        let dispute_id = dispute.as_ref().map(|dispute| dispute.id.clone());
        let (payment, order) = (entity(payment), entity(order));
        let notes = [&order, &payment].into_iter().flatten();
        let token = notes.filter_map(|entity| entity.notes.get("reservation_token")).next();
        let token = token.and_then(|token| ReservationToken::parse(token).ok());
        let paid_order = payment.as_ref().and_then(|payment| payment.order_id.clone());
        let of_part = entity(refund).or(dispute).and_then(|part| part.payment_id);
        let payment_id = payment.map(|payment| payment.id).or(of_part);
        ProviderEvent {
            event_id: event_id.map(str::to_owned),
            kind: self.event,
            payment_id: payment_id.and_then(|id| PaymentId::parse(&id).ok()),
            order_id: order.map(|order| order.id).or(paid_order),
            token,
            is_about_money_back,
            dispute_id,
        }
    }
}
