//! The query of the public seat feed. Unlike elsewhere, parameters that we do not know are ignored:
//! a page that shares a link may add its own.

use crate::error::{Error, Result};
use utoipa::ToSchema;

/// The query of `GET /feed/{feedKey}/seats`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
pub struct FeedSeatsIn {
    /// `seatsVersion` of the feed.
    #[schema(minimum = 0)]
    pub v: i64,
}

impl FeedSeatsIn {
    /// Parses the values of the parameter `v`.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` if there is not exactly one whole number.
    pub fn parse(values: &[String]) -> Result<Self> {
        let wrong = |reason| Err(Error::field("v", reason));
        match values {
            [] => wrong("is required: the seatsVersion of the feed"),
            [text] if text.is_empty() || !text.bytes().all(|c| c.is_ascii_digit()) => {
                wrong("must be a whole number: the seatsVersion of the feed")
            }
            // No list has a version beyond that.
            [text] => Ok(Self { v: text.parse().unwrap_or(i64::MAX) }),
            _ => wrong("must be given once"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_whole_number_is_a_version() {
        let parse = |values: &[&str]| {
            let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            FeedSeatsIn::parse(&values).ok().map(|input| input.v)
        };
        assert_eq!(parse(&["7"]), Some(7));
        assert_eq!(parse(&["0"]), Some(0));
        assert_eq!(parse(&["99999999999999999999"]), Some(i64::MAX));
        for wrong in [&[][..], &[""], &["-1"], &["1.0"], &["+1"], &[" 1"], &["१"], &["1", "1"]] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}
