//! The currencies that prices can have.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::parsed;
use serde::Serialize;
use utoipa::ToSchema;

/// The codes of ISO 4217's list one as of November 2026, without metals, units of account and
/// codes for tests. The crate `iso_currency` 0.7.1 counts VES as withdrawn, which it is not.
const IN_USE: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD \
    CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP \
    GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR \
    KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN \
    MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD \
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX \
    USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// A currency code: `^[A-Z]{3}$`.
///
/// It may have been withdrawn: a stored price keeps its currency. A new entity needs one that
/// [`is_in_use`](Self::is_in_use).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(
    description = "ISO 4217 currency code in use, three capital letters. No metals and no codes for tests. An entity \
                   keeps its currency even if the code is withdrawn later.",
    pattern = "^[A-Z]{3}$",
    examples("INR")
)]
pub struct Currency(String);

impl Currency {
    /// Parses a code. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        if raw.len() == 3 && raw.bytes().all(|c| c.is_ascii_uppercase()) {
            Ok(Self(raw.to_owned()))
        } else {
            Err("must be three capital letters (ISO 4217)".into())
        }
    }

    /// Whether money in this currency can be paid today.
    pub fn is_in_use(&self) -> bool {
        IN_USE.split_ascii_whitespace().any(|code| code == self.0)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(Currency);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_in_use_is_the_money_of_a_country_or_a_union() {
        let is_in_use = |code: &str| Currency::parse(code).unwrap().is_in_use();
        for code in ["INR", "USD", "EUR", "JPY", "KWD", "XOF", "XCG", "VES", "ZWG", "SLE"] {
            assert!(is_in_use(code), "{code}");
        }
        for code in ["IRN", "XAU", "XAG", "XPT", "XPD", "XXX", "XTS", "XBA", "XDR", "DEM", "BGN"] {
            assert!(!is_in_use(code), "{code}");
        }
    }
}
