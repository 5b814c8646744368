//! What buyers get back when they cancel.

use super::{Price, Timestamp, entity::bounded_number, null_as_default, read_objects};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most tiers that a policy can have.
const MAX_TIERS: usize = 10;
const MS_PER_HOUR: i64 = 3_600_000;

bounded_number!(
    HoursBefore 0 87_600 "Hours before the start, 0–87,600."
        "must be a whole number from 0 to 87600",
    RefundPercent 0 100 "Part of the price that goes back, in percent, 0–100."
        "must be a whole number from 0 to 100",
);

/// How much of the price goes back to a buyer who cancels in time. From tier to tier, `hoursBefore`
/// falls and `refundPercent` does not rise.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, try_from = "RawPolicy")]
#[schema(as = CancellationPolicy)]
pub struct CancellationPolicyIn {
    /// Up to ten tiers. The first tier for which the buyer is early enough applies.
    #[schema(max_items = 10)]
    tiers: Vec<TierIn>,
    /// Fee that is deducted from each seat's refund, in the currency's minor unit.
    fee_per_seat: Option<Price>,
}

/// A buyer who cancels at least `hoursBefore` the start gets `refundPercent` of the price back.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
#[schema(as = CancellationTier)]
struct TierIn {
    /// How many hours before the start a buyer must cancel at the latest.
    hours_before: HoursBefore,
    /// Part of the price that goes back, in percent.
    refund_percent: RefundPercent,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
struct RawPolicy {
    tiers: Vec<TierIn>,
    #[serde(default, deserialize_with = "null_as_default")]
    fee_per_seat: Option<Price>,
}

read_objects!(TierIn, RawPolicy);

impl TryFrom<RawPolicy> for CancellationPolicyIn {
    type Error = String;

    fn try_from(raw: RawPolicy) -> Result<Self, String> {
        let RawPolicy { tiers, fee_per_seat } = raw;
        if tiers.len() > MAX_TIERS {
            return Err(format!("must have at most {MAX_TIERS} tiers"));
        }
        for pair in tiers.windows(2) {
            let [early, late] = pair else { continue };
            if early.hours_before.get() <= late.hours_before.get() {
                return Err("must have tiers whose hoursBefore fall".into());
            }
            if early.refund_percent.get() < late.refund_percent.get() {
                return Err("must have tiers whose refundPercent does not rise".into());
            }
        }
        Ok(Self { tiers, fee_per_seat })
    }
}

/// A policy, as it is stored in entities, holds and bookings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ShownCancellationPolicy)]
pub struct CancellationPolicy {
    /// The tiers. From one to the next, `hoursBefore` falls and `refundPercent` does not rise.
    tiers: Vec<Tier>,
    /// Fee that is deducted from each seat's refund, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    fee_per_seat: Option<i64>,
}

/// A buyer who cancels at least `hoursBefore` the start gets `refundPercent` of the price back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ShownCancellationTier)]
struct Tier {
    /// How many hours before the start a buyer must cancel at the latest.
    #[schema(minimum = 0)]
    hours_before: i64,
    /// Part of the price that goes back, in percent.
    #[schema(minimum = 0, maximum = 100)]
    refund_percent: i64,
}

impl From<CancellationPolicyIn> for CancellationPolicy {
    fn from(policy: CancellationPolicyIn) -> Self {
        let tier = |tier: TierIn| Tier {
            hours_before: tier.hours_before.get(),
            refund_percent: tier.refund_percent.get(),
        };
        Self {
            tiers: policy.tiers.into_iter().map(tier).collect(),
            fee_per_seat: policy.fee_per_seat.map(Price::minor_units),
        }
    }
}

/// Why a buyer cannot cancel. `NO_POLICY`: the booking has no cancellation policy. `TOO_LATE`: no
/// tier of the policy applies now. `STARTED`: the entity has started. `ALREADY_CANCELLED`: no seat
/// is left to cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CancellationRefusal {
    /// The booking has no cancellation policy, so buyers cannot cancel it.
    NoPolicy,
    /// No tier of the policy applies now.
    TooLate,
    /// The entity has started.
    Started,
    /// All the seats are cancelled already.
    AlreadyCancelled,
}

/// What the policy gives back now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    percent: i64,
    fee_per_seat: i64,
    /// At least this part of the price goes back, in percent, whatever the fee is.
    floor_percent: i64,
    /// From this time on it is less, or nothing. `None`: that never happens.
    pub changes_at: Option<Timestamp>,
}

/// What becomes of the money for some seats, in the currency's minor unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shares {
    /// The price of the seats.
    pub paid: i64,
    /// The part of it that is kept as a fee.
    pub fee: i64,
    /// What else the organiser keeps.
    pub kept: i64,
    /// What the policy gives back.
    pub refund: i64,
}

impl CancellationPolicy {
    /// What a buyer who cancels at `now` gets back. Without a start, it is never too late.
    ///
    /// # Errors
    /// When it is too late.
    pub fn rate(
        &self,
        starts_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Rate, CancellationRefusal> {
        if starts_at.is_some_and(|start| start <= now) {
            return Err(CancellationRefusal::Started);
        }
        let until = |tier: &Tier| {
            starts_at.map(|start| start.as_millis().saturating_sub(tier.hours_before * MS_PER_HOUR))
        };
        let applies = |tier: &&Tier| until(tier).is_none_or(|until| now.as_millis() <= until);
        let tier = self.tiers.iter().find(applies).ok_or(CancellationRefusal::TooLate)?;
        let percent = tier.refund_percent;
        let last = self.tiers.iter().rfind(|tier| tier.refund_percent == percent);
        // The tier's last millisecond still belongs to it, but the start itself is too late.
        let changes_at = starts_at
            .zip(last.and_then(until))
            .map(|(start, until)| start.min(Timestamp::from_millis(until + 1)));
        Ok(Rate {
            percent,
            fee_per_seat: self.fee_per_seat.unwrap_or(0),
            floor_percent: 0,
            changes_at,
        })
    }
}

/// What an admin gives back for cancelled seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundChoice {
    /// What the policy gives back now, which may be nothing.
    Policy,
    /// The price of the seats.
    Full,
    /// The organiser keeps the whole price.
    None,
    /// This much, in the currency's minor unit.
    Amount(i64),
}

impl Rate {
    /// The whole price goes back.
    pub const ALL: Self = Self::of(100);
    /// Nothing goes back, whatever the seats cost.
    pub(crate) const NOTHING: Self = Self::of(0);

    /// This part of the price goes back, in percent, without a fee.
    pub const fn of(percent: i64) -> Self {
        Self { percent, fee_per_seat: 0, floor_percent: 0, changes_at: None }
    }

    /// This rate, but at least `floor_percent` of each seat's price without a fee.
    #[must_use]
    pub(crate) const fn or_percent(self, floor_percent: i64) -> Self {
        Self { floor_percent, ..self }
    }

    /// The shares of seats with these prices.
    pub fn shares(&self, prices: impl IntoIterator<Item = i64>) -> Shares {
        let mut sum = Shares::default();
        for price in prices {
            // Rounded up, in favour of the buyer.
            let part = |percent: i64| (price * percent + 99) / 100;
            let (gross, floor) = (part(self.percent), part(self.floor_percent));
            let fee = self.fee_per_seat.min(gross);
            let (gross, fee) = if gross - fee < floor { (floor, 0) } else { (gross, fee) };
            sum.paid += price;
            sum.fee += fee;
            sum.kept += price - gross;
            sum.refund += gross - fee;
        }
        sum
    }
}

impl Shares {
    /// The shares when `refund` goes back. What this adds to the refund is taken from the kept
    /// part, then from the fee.
    #[must_use]
    pub(crate) fn with_refund(self, refund: i64) -> Self {
        let refund = refund.min(self.paid);
        let kept = (self.kept - (refund - self.refund)).max(0);
        Self { refund, kept, fee: self.paid - refund - kept, paid: self.paid }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const HOUR: i64 = MS_PER_HOUR;

    fn policy(value: serde_json::Value) -> Result<CancellationPolicy, String> {
        serde_json::from_str::<CancellationPolicyIn>(&value.to_string())
            .map(CancellationPolicy::from)
            .map_err(|error| error.to_string())
    }

    fn usual() -> CancellationPolicy {
        policy(json!({"tiers": [
            {"hoursBefore": 48, "refundPercent": 100}, {"hoursBefore": 2, "refundPercent": 33},
        ], "feePerSeat": 10}))
        .unwrap()
    }

    #[test]
    fn the_tier_with_most_hours_that_are_left_applies_to_its_last_millisecond() {
        let start = Timestamp::from_millis(100 * HOUR);
        let rate = |ms: i64| usual().rate(Some(start), Timestamp::from_millis(ms));
        let refund = |ms: i64| rate(ms).map(|rate| rate.shares([100]).refund);
        assert_eq!(refund(0), Ok(90));
        assert_eq!(refund(52 * HOUR), Ok(90));
        assert_eq!(refund(52 * HOUR + 1), Ok(23));
        assert_eq!(refund(98 * HOUR), Ok(23));
        assert_eq!(refund(98 * HOUR + 1), Err(CancellationRefusal::TooLate));
        assert_eq!(refund(100 * HOUR), Err(CancellationRefusal::Started));
        let changes = rate(0).unwrap().changes_at.unwrap();
        assert_eq!(changes.as_millis(), 52 * HOUR + 1);
        assert_eq!(usual().rate(None, start).unwrap().changes_at, None);
    }

    #[test]
    fn a_rate_changes_when_less_goes_back_and_at_the_start_at_the_latest() {
        let start = Timestamp::from_millis(100 * HOUR);
        let changes = |hours: &[(i64, i64)]| {
            let tier = |(hours, percent)| json!({"hoursBefore": hours, "refundPercent": percent});
            let tiers: Vec<_> = hours.iter().copied().map(tier).collect();
            let rate = policy(json!({"tiers": tiers})).unwrap();
            let rate = rate.rate(Some(start), Timestamp::from_millis(0)).unwrap();
            rate.changes_at.unwrap().as_millis()
        };
        assert_eq!(changes(&[(0, 100)]), 100 * HOUR);
        assert_eq!(changes(&[(48, 50), (24, 50), (2, 0)]), 76 * HOUR + 1);
        assert_eq!(changes(&[(48, 50), (0, 50)]), 100 * HOUR);
    }

    #[test]
    fn tiers_out_of_order_are_refused() {
        let tier = |hours, percent| json!({"hoursBefore": hours, "refundPercent": percent});
        for tiers in [
            vec![tier(2, 100), tier(2, 50)],
            vec![tier(2, 100), tier(48, 50)],
            vec![tier(48, 50), tier(2, 51)],
            vec![tier(-1, 50)],
            vec![tier(1, 101)],
            (0..11).map(|n| tier(100 - n, 50)).collect(),
        ] {
            assert!(policy(json!({"tiers": tiers})).is_err(), "{tiers:?}");
        }
        assert!(policy(json!({"tiers": [tier(0, 0)], "feePerSeat": null})).is_ok());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_parts_add_up(
            prices in prop::collection::vec(0_i64..2_000, 1..10), percent in 0_i64..=100,
            fee in 0_i64..300, floor_percent in 0_i64..=100, rest in 0_i64..10,
        ) {
            let rate = Rate { percent, fee_per_seat: fee, floor_percent, changes_at: None };
            let all = rate.shares(prices.iter().copied());
            prop_assert_eq!(all.paid, all.fee + all.kept + all.refund);
            prop_assert!(all.fee >= 0 && all.kept >= 0 && all.refund >= 0);
            let parts: i64 = prices.iter().map(|price| rate.shares([*price]).refund).sum();
            prop_assert_eq!(parts, all.refund);
            prop_assert!(all.refund >= Rate::of(floor_percent).shares(prices).refund);
            let rounded = all.with_refund(all.refund + rest);
            prop_assert_eq!(rounded.paid, rounded.fee + rounded.kept + rounded.refund);
            prop_assert!(rounded.fee >= 0 && rounded.kept >= 0);
        }
    }
}
