//! Where a seat is, and what kind of seat it is.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{entity::bounded_text, layout::Flag, parsed, text};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

bounded_text!(
    SeatSection 64 "Key of the section that a seat is in, 1–64 characters." "stalls",
    SeatRow 16 "Label of the row that a seat is in, 1–16 characters." "A",
    SeatCategory 64 "Key of a seat's category, 1–64 characters." "gold"
);
parsed!(SeatSection, SeatRow, SeatCategory);

/// The flags of a seat as the tenant sent them, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(description = "What a buyer should know about a seat.", max_items = 1000)]
pub struct SeatFlags(Vec<Flag>);

impl SeatFlags {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of the flags, as they are stored.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|flag| flag.as_str().to_owned()).collect()
    }
}

impl<'de> Deserialize<'de> for SeatFlags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut flags = Vec::new();
        for flag in Vec::<Flag>::deserialize(deserializer)? {
            if !flags.contains(&flag) {
                flags.push(flag);
            }
        }
        Ok(Self(flags))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_keep_their_order_and_appear_once() {
        let flags: SeatFlags = serde_json::from_str(r#"["window", "aisle", "window"]"#).unwrap();
        assert_eq!(flags.names(), ["window", "aisle"]);
        assert!(serde_json::from_str::<SeatFlags>(r#"["vip"]"#).is_err());
        assert!(serde_json::from_str::<SeatFlags>(r#""aisle""#).is_err());
    }

    #[test]
    fn sections_and_rows_are_counted_in_characters() {
        assert!(SeatSection::parse(&"é".repeat(64)).is_ok());
        assert!(SeatSection::parse(&"é".repeat(65)).is_err());
        assert!(
            SeatRow::parse(&"é".repeat(16)).is_ok() && SeatRow::parse(&"é".repeat(17)).is_err()
        );
        assert!(SeatCategory::parse(" ").is_err());
    }
}
