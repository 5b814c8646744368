//! Amounts in a provider's own units.
//!
//! Our amounts are in the minor unit of ISO 4217. The providers follow it too, with exceptions.

use super::ProviderError;
use crate::domain::Currency;

/// The currencies with three decimals. Both providers want the last digit to be 0.
const THREE_DECIMALS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// The provider in whose units an amount is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// Stripe counts ISK and UGX in hundredths, and MGA in whole units.
    Stripe,
    /// Razorpay follows ISO 4217.
    Razorpay,
}

/// How an amount of ours becomes an amount of a provider's: `ours * multiply / divide`.
struct Scale {
    /// Our amount must be a multiple of this.
    step: i64,
    multiply: i64,
    divide: i64,
}

impl Units {
    fn scale(self, currency: &Currency) -> Scale {
        match (self, currency.as_str()) {
            (Self::Stripe, "ISK" | "UGX") => Scale { step: 1, multiply: 100, divide: 1 },
            (Self::Stripe, "MGA") => Scale { step: 100, multiply: 1, divide: 100 },
            (_, code) if THREE_DECIMALS.contains(&code) => {
                Scale { step: 10, multiply: 1, divide: 1 }
            }
            _ => Scale { step: 1, multiply: 1, divide: 1 },
        }
    }

    /// An amount of ours in the provider's units.
    ///
    /// # Errors
    /// `NotPayable` if the amount is not positive, or no multiple of the provider's step.
    pub(crate) fn in_provider_units(
        self,
        amount: i64,
        currency: &Currency,
    ) -> Result<i64, ProviderError> {
        let scale = self.scale(currency);
        if amount <= 0 || amount % scale.step != 0 {
            let code = currency.as_str();
            return Err(ProviderError::NotPayable(format!(
                "the amount must be a positive multiple of {} in {code}",
                scale.step
            )));
        }
        // Dividing first is exact, since the amount is a multiple of the step.
        (amount / scale.divide)
            .checked_mul(scale.multiply)
            .ok_or_else(|| ProviderError::NotPayable("the amount is too large".into()))
    }

    /// The smallest amount of ours that is at least this one and that the provider can pay. A
    /// refund is rounded up like this.
    #[must_use]
    pub(crate) fn round_up(self, amount: i64, currency: &Currency) -> i64 {
        let step = self.scale(currency).step;
        match amount.rem_euclid(step) {
            0 => amount,
            rest => amount.saturating_add(step - rest),
        }
    }

    /// An amount of the provider's in our units. A part of our smallest unit is dropped.
    #[must_use]
    pub(crate) fn in_our_units(self, amount: i64, currency: &Currency) -> i64 {
        let scale = self.scale(currency);
        (amount / scale.multiply).saturating_mul(scale.divide)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn an_amount_becomes_the_providers_units_and_back() {
        let cases = [
            (Units::Stripe, "USD", 1050, 1050),
            (Units::Stripe, "JPY", 500, 500),
            (Units::Stripe, "HUF", 1045, 1045),
            (Units::Stripe, "ISK", 5, 500),
            (Units::Stripe, "UGX", 7, 700),
            (Units::Stripe, "MGA", 500, 5),
            (Units::Stripe, "KWD", 5120, 5120),
            (Units::Razorpay, "INR", 29_900, 29_900),
            (Units::Razorpay, "ISK", 5, 5),
            (Units::Razorpay, "MGA", 500, 500),
            (Units::Razorpay, "JPY", 295, 295),
            (Units::Razorpay, "OMR", 295_990, 295_990),
        ];
        for (units, code, ours, theirs) in cases {
            let currency = currency(code);
            assert_eq!(
                units.in_provider_units(ours, &currency).unwrap(),
                theirs,
                "{units:?} {code}"
            );
            assert_eq!(units.in_our_units(theirs, &currency), ours, "{units:?} {code}");
            assert_eq!(units.round_up(ours, &currency), ours, "{units:?} {code}");
        }
    }

    #[test]
    fn an_amount_between_two_steps_is_not_payable() {
        for (units, code, amount) in [
            (Units::Stripe, "KWD", 5124),
            (Units::Razorpay, "KWD", 5124),
            (Units::Stripe, "MGA", 550),
            (Units::Stripe, "USD", 0),
            (Units::Razorpay, "INR", -1),
            (Units::Stripe, "UGX", i64::MAX),
        ] {
            let refused = units.in_provider_units(amount, &currency(code)).unwrap_err();
            assert!(matches!(refused, ProviderError::NotPayable(_)), "{code} {amount}: {refused}");
        }
    }

    #[test]
    fn a_refund_is_rounded_up_to_the_step() {
        assert_eq!(Units::Stripe.round_up(5121, &currency("KWD")), 5130);
        assert_eq!(Units::Razorpay.round_up(5129, &currency("BHD")), 5130);
        assert_eq!(Units::Stripe.round_up(1, &currency("MGA")), 100);
        assert_eq!(Units::Stripe.round_up(1, &currency("USD")), 1);
        assert_eq!(Units::Stripe.round_up(0, &currency("KWD")), 0);
    }
}
