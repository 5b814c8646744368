//! Whole numbers in JSON, which may be written `45000`, `45000.0` or `4.5e4`.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Reads a whole number. `None` if the value is anything else, or does not fit 64 bits.
///
/// It reads the digits themselves. A double would round `45000.0000000000001` to a whole number.
pub(super) fn whole_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    Ok(parse(Box::<RawValue>::deserialize(deserializer)?.get()))
}

/// Parses a number as JSON writes it.
fn parse(text: &str) -> Option<i64> {
    let (sign, number) = match text.strip_prefix('-') {
        Some(number) => (-1, number),
        None => (1, text),
    };
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let trailing_zeros = digits.len() - significant.len();
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let shift = exponent.parse::<i64>().ok()?.checked_sub(fraction.len().try_into().ok()?)?;
    let zeros = shift.checked_add(trailing_zeros.try_into().ok()?)?;
    // A negative count would cut off digits that are not zero.
    let scale = 10_i128.checked_pow(zeros.try_into().ok()?)?;
    significant.parse::<i128>().ok()?.checked_mul(sign * scale)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_in_every_form_of_json_and_never_rounded() {
        for (text, expected) in [
            ("0", 0),
            ("-0", 0),
            ("-0.0e5", 0),
            ("0e99999999999999999999", 0),
            ("45000", 45_000),
            ("45000.0", 45_000),
            ("4.5e4", 45_000),
            ("4.5E+4", 45_000),
            ("450000000e-4", 45_000),
            ("0.00045e8", 45_000),
            ("-1.5e1", -15),
            ("1000000000000.000", 1_000_000_000_000),
            ("9223372036854775807.0", i64::MAX),
            ("-9.223372036854775808e18", i64::MIN),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in [
            "45000.5",
            "45000.0000000000001",
            "999999999999.9999999999",
            "4.5e0",
            "1e-1",
            "9223372036854775808",
            "1e19",
            "1e400",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "null",
            "true",
            "\"1\"",
            "[1]",
            "{}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
