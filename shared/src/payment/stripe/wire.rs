//! Stripe's responses and events. The types have only the fields that we read.

use super::super::{
    DisputeState, ProviderDispute, ProviderError, ProviderEvent, ProviderRefund, RefundState,
    Refusal, Units,
};
use crate::domain::{Currency, PaymentId, ReservationToken};
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The error code for an intent that cannot be cancelled in its state.
pub(super) const UNEXPECTED_STATE: &str = "payment_intent_unexpected_state";
/// The error codes for an account with too little money.
pub(super) const LOW_BALANCE: [&str; 2] = ["balance_insufficient", "insufficient_funds"];
const NOT_PAYABLE: [&str; 2] = ["amount_too_small", "amount_too_large"];

#[derive(Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) client_secret: Option<String>,
    pub(super) currency: String,
    #[serde(default)]
    pub(super) amount_received: i64,
    #[serde(default)]
    pub(super) metadata: Option<BTreeMap<String, String>>,
    pub(super) livemode: bool,
    #[serde(default, deserialize_with = "expanded")]
    pub(super) latest_charge: Option<Charge>,
}

#[derive(Deserialize)]
pub(super) struct Charge {
    #[serde(default)]
    pub(super) amount_refunded: i64,
    #[serde(default)]
    pub(super) disputed: bool,
}

/// A charge that was not expanded is only an id, as in the response to a cancellation.
fn expanded<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Charge>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Expandable {
        Whole(Charge),
        Id(serde::de::IgnoredAny),
    }
    Ok(match Option::<Expandable>::deserialize(value)? {
        Some(Expandable::Whole(charge)) => Some(charge),
        Some(Expandable::Id(_)) | None => None,
    })
}

#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
    #[serde(default)]
    pub(super) has_more: bool,
}

#[derive(Deserialize)]
pub(super) struct Dispute {
    #[serde(default)]
    id: String,
    #[serde(default)]
    amount: i64,
    pub(super) status: String,
}

impl Dispute {
    /// Whether the dispute is over and the money is ours.
    pub(super) fn is_settled_for_us(&self) -> bool {
        matches!(self.status.as_str(), "won" | "warning_closed" | "prevented")
    }

    pub(super) fn into_ours(self, currency: &Currency) -> ProviderDispute {
        ProviderDispute {
            state: match self.status.as_str() {
                _ if self.is_settled_for_us() => DisputeState::Won,
                "lost" => DisputeState::Lost,
                _ => DisputeState::Open,
            },
            provider_id: self.id,
            amount: Units::Stripe.in_our_units(self.amount, currency),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Refund {
    id: String,
    amount: i64,
    status: Option<String>,
    #[serde(default)]
    metadata: Option<BTreeMap<String, String>>,
}

impl Refund {
    pub(super) fn into_ours(self, currency: &Currency) -> ProviderRefund {
        ProviderRefund {
            provider_id: self.id,
            refund_id: self.metadata.and_then(|mut metadata| metadata.remove("refund_id")),
            amount: Units::Stripe.in_our_units(self.amount, currency),
            state: match self.status.as_deref() {
                Some("succeeded") => RefundState::Succeeded,
                Some("failed" | "canceled") => RefundState::Failed,
                // `pending`, `requires_action`, or a status that Stripe adds later.
                _ => RefundState::Submitted,
            },
        }
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Failure {
    #[serde(default)]
    error: FailureDetails,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FailureDetails {
    r#type: Option<String>,
    code: Option<String>,
    message: Option<String>,
    param: Option<String>,
}

impl Failure {
    pub(super) fn into_refusal(self, status: StatusCode) -> Refusal {
        Refusal {
            status: status.as_u16(),
            code: self.error.code.or(self.error.r#type).unwrap_or_default(),
            message: self.error.message.unwrap_or_default(),
            field: self.error.param.unwrap_or_default(),
        }
    }
}

/// A payment that Stripe refuses because of its amount or currency.
pub(super) fn not_payable(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::Refused(refusal)
            if NOT_PAYABLE.contains(&refusal.code.as_str())
                || matches!(refusal.field.as_str(), "amount" | "currency") =>
        {
            ProviderError::NotPayable(refusal.to_string())
        }
        other => other,
    }
}

#[derive(Deserialize)]
pub(super) struct Event {
    id: String,
    r#type: String,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    /// Any object of Stripe. An event about something else must not be an error.
    object: Value,
}

impl Event {
    pub(super) fn into_ours(self) -> ProviderEvent {
        let object = self.data.object;
        let kind = object["object"].as_str().unwrap_or_default();
        // Charges, refunds and disputes name their intent.
        let intent = if kind == "payment_intent" { "id" } else { "payment_intent" };
        // It may be expanded: the intent itself in place of its id.
        let intent = object[intent]["id"].as_str().or_else(|| object[intent].as_str());
        let token = object["metadata"]["reservation_token"].as_str();
        let is_about_money_back = self.r#type.contains("refund") || kind == "dispute";
        ProviderEvent {
            event_id: Some(self.id),
            kind: self.r#type,
            payment_id: intent.and_then(|id| PaymentId::parse(id).ok()),
            order_id: None,
            token: token.and_then(|token| ReservationToken::parse(token).ok()),
            is_about_money_back,
            dispute_id: object["id"].as_str().filter(|_| kind == "dispute").map(str::to_owned),
        }
    }
}

pub(super) fn payment_id(raw: &str) -> Result<PaymentId, ProviderError> {
    PaymentId::parse(raw).map_err(|reason| ProviderError::Unknown(reason.into()))
}

pub(super) fn currency(raw: &str) -> Result<Currency, ProviderError> {
    Currency::parse(&raw.to_ascii_uppercase())
        .map_err(|reason| ProviderError::Unknown(reason.into()))
}
