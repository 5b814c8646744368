//! Whatever users and admins cancel and give back, the money adds up.

use super::*;
use crate::{
    domain::{CancellationPolicyIn, Rate},
    store::refunds::RefundStatus,
};
use mongodb::bson::{DateTime, deserialize_from_document};
use proptest::prelude::*;
use serde_json::json;

/// A provider, a currency, and the smallest amount that the provider can pay in it.
const TILLS: [(&str, &str, i64); 7] = [
    ("stripe", "USD", 1),
    ("stripe", "JPY", 1),
    ("stripe", "KWD", 10),
    ("stripe", "MGA", 100),
    ("razorpay", "INR", 1),
    ("razorpay", "KWD", 10),
    ("simulated", "KWD", 1),
];

/// What happens to the money of a booking.
#[derive(Clone, Debug)]
enum Step {
    /// Some of the seats that are left are cancelled, by the policy.
    ByPolicy(u8),
    /// The organiser gives everything back.
    Full(u8),
    /// The organiser gives nothing back.
    Nothing(u8),
    /// The organiser gives this part of the price back, in percent.
    Amount(u8, i64),
    /// The organiser gives this part of what is left back, in percent, and cancels nothing.
    Refund(i64),
    /// One of the refunds fails.
    Fails(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<u8>().prop_map(Step::ByPolicy),
        1 => any::<u8>().prop_map(Step::Full),
        1 => any::<u8>().prop_map(Step::Nothing),
        1 => (any::<u8>(), 0..=100_i64).prop_map(|(seats, part)| Step::Amount(seats, part)),
        2 => (1..=100_i64).prop_map(Step::Refund),
        1 => any::<usize>().prop_map(Step::Fails),
    ]
}

/// A booking that was paid, with a seat for each price.
fn booking(provider: &str, currency: &str, prices: &[i64]) -> Booking {
    let seat = |price: &i64| doc! {"seatId": ObjectId::new(), "seatNumber": "A1", "price": price};
    let seats: Vec<Document> = prices.iter().map(seat).collect();
    let ids: Vec<Bson> = seats.iter().filter_map(|seat| seat.get("seatId").cloned()).collect();
    let now = DateTime::from_millis(0);
    deserialize_from_document(doc! {
        "_id": ObjectId::new(), "bookingId": "BK-20260101-AAAAAAAAAA",
        "userId": ObjectId::new(), "appId": "shop", "entityId": "show", "seatIds": ids,
        "seats": seats, "reservationToken": "6fa459ea-ee8a-4ca4-894e-db77e160355e",
        "paymentStatus": "SUCCESS", "paymentId": "pay_1", "provider": provider,
        "amount": prices.iter().sum::<i64>(), "currency": currency, "status": "CONFIRMED",
        "bookingDate": now, "createdAt": now, "updatedAt": now,
    })
    .unwrap()
}

/// The best rate of a policy with one tier.
fn rate(percent: i64, fee: i64) -> Rate {
    let tier = json!({"hoursBefore": 0, "refundPercent": percent});
    let policy = json!({"tiers": [tier], "feePerSeat": fee}).to_string();
    let policy: CancellationPolicyIn = serde_json::from_str(&policy).unwrap();
    CancellationPolicy::from(policy).rate(None, Timestamp::MIN).unwrap()
}

fn till() -> impl Strategy<Value = (&'static str, &'static str, i64)> {
    proptest::sample::select(&TILLS[..])
}

/// Prices in steps: 1 is the smallest price that can be paid.
fn prices() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(prop_oneof![Just(0_i64), Just(1), 0..2_000_i64], 1..8)
}

/// Takes the seats from those that are left whose bit is set.
fn take(left: &mut Vec<i64>, bits: u8) -> Vec<i64> {
    let mut index = 0;
    let is_taken = |_: &mut i64| {
        index += 1;
        bits >> (index - 1) & 1 == 1
    };
    left.extract_if(.., is_taken).collect()
}

proptest! {
    #[test]
    fn users_and_admins_never_give_back_more_than_was_paid_nor_what_a_provider_cannot_pay(
        (provider, code, least) in till(), prices in prices(), percent in 0..=100_i64,
        fee in 0..3_000_i64, steps in prop::collection::vec(step(), 1..16),
    ) {
        let mut left: Vec<i64> = prices.iter().map(|price| price * least).collect();
        let (mut booking, rate) = (booking(provider, code, &left), rate(percent, fee));
        let mut refunds: Vec<Refund> = Vec::new();
        let mut unkept_before = 0;
        for step in steps {
            let paid_back = refunded_or_due(&refunds);
            let rest = booking.paid_amount() - paid_back;
            let shares = match step {
                Step::ByPolicy(seats) => rate.shares(take(&mut left, seats)),
                Step::Full(seats) => Rate::ALL.shares(take(&mut left, seats)),
                Step::Nothing(seats) => Rate::NOTHING.shares(take(&mut left, seats)),
                Step::Amount(seats, part) => {
                    let shares = Rate::NOTHING.shares(take(&mut left, seats));
                    shares.with_refund(shares.paid * part / 100)
                }
                Step::Refund(part) => {
                    let amount = refundable(&booking, &refunds, rest * part / 100);
                    prop_assert!(amount >= rest * part / 100 && amount <= rest);
                    Shares { refund: amount, ..Shares::default() }
                }
                Step::Fails(index) => {
                    let count = refunds.len().max(1);
                    if let Some(refund) = refunds.get_mut(index % count) {
                        refund.status = Stored::Known(RefundStatus::Failed);
                    }
                    continue;
                }
            };
            let refund = match step {
                Step::Refund(_) => shares.refund,
                _ => {
                    let limited = shares_of(&booking, &refunds, shares);
                    let Shares { paid, fee, kept, refund } = limited;
                    prop_assert!(fee >= 0 && kept >= 0 && refund >= 0, "{limited:?}");
                    prop_assert!(fee + kept + refund <= paid, "{limited:?}");
                    // Only what is left of the payment makes it less than its price.
                    let whole = fee + kept + refund == paid;
                    // Nobody keeps what went back.
                    let most = (unkept_before + paid - paid_back - refund).max(0);
                    prop_assert!(fee + kept <= most, "{limited:?}, at most {most}");
                    prop_assert!(whole || refund == rest || fee + kept == most, "{limited:?}");
                    unkept_before += paid - fee - kept;
                    booking.cancellations.push(Cancellation {
                        at: Timestamp::MIN,
                        by: CancelledBy::Admin,
                        seat_ids: Vec::new(),
                        shares: limited,
                    });
                    refund
                }
            };
            prop_assert_eq!(refund % least, 0);
            if refund > 0 {
                refunds.push(Refund::new(ObjectId::new(), &booking, refund, Timestamp::MIN));
            }
            prop_assert!(refunded_or_due(&refunds) <= booking.paid_amount());
        }
    }

    #[test]
    fn what_is_kept_is_what_did_not_go_back(
        prices in prices(), percent in 0..=100_i64, fee in 0..3_000_i64, goodwill in 0..=100_i64,
        bits in any::<u8>(),
    ) {
        let mut left = prices;
        let (mut booking, rate) = (booking("razorpay", "INR", &left), rate(percent, fee));
        let paid = booking.paid_amount();
        let refund = |amount: i64, booking: &Booking| {
            Refund::new(ObjectId::new(), booking, amount, Timestamp::MIN)
        };
        let mut refunds = vec![refund(paid * goodwill / 100, &booking)];
        for seats in [take(&mut left, bits), left] {
            let shares = shares_of(&booking, &refunds, rate.shares(seats));
            refunds.push(refund(shares.refund, &booking));
            let (at, by) = (Timestamp::MIN, CancelledBy::User);
            booking.cancellations.push(Cancellation { at, by, seat_ids: Vec::new(), shares });
        }
        let kept = |one: &Cancellation| one.shares.fee + one.shares.kept;
        let kept: i64 = booking.cancellations.iter().map(kept).sum();
        prop_assert_eq!(kept + refunded_or_due(&refunds), paid);
    }

    #[test]
    fn partial_cancellations_add_up_to_the_whole_one_but_for_the_providers_steps(
        (provider, code, least) in till(), prices in prices(), percent in 0..=100_i64,
        fee in 0..3_000_i64, bits in any::<u8>(),
    ) {
        let mut left: Vec<i64> = prices.iter().map(|price| price * least).collect();
        let (booking, rate) = (booking(provider, code, &left), rate(percent, fee));
        let whole = shares_of(&booking, &[], rate.shares(left.clone())).refund;
        let mut refunds: Vec<Refund> = Vec::new();
        for seats in [take(&mut left, bits), left] {
            let refund = shares_of(&booking, &refunds, rate.shares(seats)).refund;
            refunds.push(Refund::new(ObjectId::new(), &booking, refund, Timestamp::MIN));
        }
        let parts = refunded_or_due(&refunds);
        prop_assert!(whole <= parts && parts < whole + 2 * least, "{parts} of {whole}");
        prop_assert!(least > 1 || parts == whole);
    }
}
