//! Bodies of the calls that price cancellations, and that cancel and refund bookings.

use crate::{
    booking::{AdminCancelRequest, CancelRequest},
    domain::{Actor, BookingId, Reason, RefundAmount, RefundChoice, SeatId, SeatIds, SeatsRefund},
    error::{Error, Result},
    store::history::ActorAndReason,
};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{borrow::Cow, fmt};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, Ref, RefOr, Schema, Type, schema::OneOfBuilder},
};

/// The query of `GET /bookings/{bookingId}/cancellation`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuoteCancellationIn {
    /// Ids of the booking's seats, separated by commas. Omit it for all seats that are left.
    #[schema(min_length = 24)]
    seat_ids: Option<String>,
}

/// The body of `POST /cancel-booking`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelBookingIn {
    /// Id of the caller's own booking.
    booking_id: BookingId,
    /// Seats of the booking to cancel. Omit it to cancel all that are left.
    seat_ids: Option<SeatIds>,
    /// The refund that the user was shown, in the currency's minor unit. If it has
    /// changed, nothing is cancelled.
    expected_refund: Option<SeatsRefund>,
}

impl QuoteCancellationIn {
    /// The seats to quote. `None`: all that are left.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`.
    pub fn seats(&self) -> Result<Option<SeatIds>> {
        let Some(seats) = &self.seat_ids else { return Ok(None) };
        let ids: std::result::Result<Vec<SeatId>, _> =
            seats.split(',').map(SeatId::parse).collect();
        let ids = ids.map_err(|reason| Error::field("seatIds", reason.to_string()))?;
        SeatIds::new(ids).map(Some).map_err(|reason| Error::field("seatIds", reason))
    }
}

impl From<CancelBookingIn> for CancelRequest {
    fn from(body: CancelBookingIn) -> Self {
        Self {
            booking: body.booking_id,
            seats: body.seat_ids.map(|seats| seats.as_slice().to_vec()),
            expected_refund: body.expected_refund.map(SeatsRefund::get),
        }
    }
}

/// The body of `POST /admin/bookings/{bookingId}/cancel`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdminCancelIn {
    /// Seats of the booking to cancel. Omit it to cancel all that are left.
    seat_ids: Option<SeatIds>,
    /// How much of the seats' price goes back.
    refund: RefundChoiceIn,
    /// The reason, for the booking's history.
    reason: Reason,
}

/// The body of `POST /admin/bookings/{bookingId}/refund`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefundBookingIn {
    /// Amount to give back: at most what is left of the payment.
    amount: RefundAmount,
    /// The reason, for the booking's history.
    reason: Reason,
}

impl AdminCancelIn {
    /// What this actor wants to cancel.
    pub fn into_request(self, actor: Actor) -> AdminCancelRequest {
        AdminCancelRequest {
            seats: self.seat_ids.map(|seats| seats.as_slice().to_vec()),
            refund: self.refund.0,
            act: ActorAndReason { actor, reason: Some(self.reason) },
        }
    }
}

impl RefundBookingIn {
    /// How much this actor gives back, and why.
    pub fn into_amount_and_act(self, actor: Actor) -> (i64, ActorAndReason) {
        (self.amount.get(), ActorAndReason { actor, reason: Some(self.reason) })
    }
}

/// What an admin gives back for cancelled seats.
#[derive(Debug)]
struct RefundChoiceIn(RefundChoice);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefundOfAmount)]
struct AmountIn {
    /// How much goes back, in the currency's minor unit: at most the price of the seats.
    amount: SeatsRefund,
}

impl<'de> Deserialize<'de> for RefundChoiceIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(RefundChoiceVisitor)
    }
}

struct RefundChoiceVisitor;

impl<'de> Visitor<'de> for RefundChoiceVisitor {
    type Value = RefundChoiceIn;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("POLICY, FULL, NONE or {amount}")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Self::Value, E> {
        match text {
            "POLICY" => Ok(RefundChoiceIn(RefundChoice::Policy)),
            "FULL" => Ok(RefundChoiceIn(RefundChoice::Full)),
            "NONE" => Ok(RefundChoiceIn(RefundChoice::None)),
            _ => Err(E::custom("must be POLICY, FULL, NONE or {amount}")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<Self::Value, A::Error> {
        let AmountIn { amount } = AmountIn::deserialize(MapAccessDeserializer::new(map))?;
        Ok(RefundChoiceIn(RefundChoice::Amount(amount.get())))
    }
}

// Written by hand, because the derive cannot express a word or an object.
impl PartialSchema for RefundChoiceIn {
    fn schema() -> RefOr<Schema> {
        let words = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["POLICY", "FULL", "NONE"]))
            .description(Some(
                "`POLICY`: what the policy gives back now, 0 if it gives nothing back any more. \
                 `FULL`: the price of the seats. `NONE`: nothing.",
            ));
        OneOfBuilder::new().item(words).item(Ref::from_schema_name(AmountIn::name())).into()
    }
}

impl ToSchema for RefundChoiceIn {
    fn name() -> Cow<'static, str> {
        "RefundChoice".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((AmountIn::name().into_owned(), AmountIn::schema()));
        AmountIn::schemas(schemas);
    }
}
