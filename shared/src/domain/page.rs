//! Paging: the size of a page, and the cursor at which it begins.

#![expect(missing_docs, reason = "the names of the methods say it")]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, de, de::DeserializeOwned};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// The number of rows on a page: 1 to `MAX`, or `DEFAULT` if the client does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize<const MAX: i64, const DEFAULT: i64>(i64);

impl<const MAX: i64, const DEFAULT: i64> PageSize<MAX, DEFAULT> {
    pub fn get(self) -> i64 {
        self.0
    }
}

impl<const MAX: i64, const DEFAULT: i64> Default for PageSize<MAX, DEFAULT> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<'de, const MAX: i64, const DEFAULT: i64> Deserialize<'de> for PageSize<MAX, DEFAULT> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(raw) = Option::<String>::deserialize(deserializer)? else {
            return Ok(Self::default());
        };
        match raw.parse() {
            Ok(limit) if (1..=MAX).contains(&limit) && raw.bytes().all(|c| c.is_ascii_digit()) => {
                Ok(Self(limit))
            }
            _ => Err(de::Error::custom(format!("must be a whole number from 1 to {MAX}"))),
        }
    }
}

// By hand: the bounds are parameters of the type. In the document it is an integer, although a
// query carries it as text.
impl<const MAX: i64, const DEFAULT: i64> PartialSchema for PageSize<MAX, DEFAULT> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(MAX))
            .default(Some(DEFAULT.into()))
            .into()
    }
}

impl<const MAX: i64, const DEFAULT: i64> ToSchema for PageSize<MAX, DEFAULT> {}

/// A page begins after the row with this key. Clients pass a cursor back unchanged.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
#[schema(
    as = Cursor,
    value_type = String,
    bound = "",
    description = "An opaque position in a list. Take it from `nextCursor` of a response and pass \
        it back unchanged.",
    pattern = "^[A-Za-z0-9_-]+$"
)]
pub struct Cursor<K>(pub K);

impl<K: Serialize> Cursor<K> {
    /// The text that a client gets.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.0).unwrap_or_default())
    }
}

impl<'de, K: DeserializeOwned> Deserialize<'de> for Cursor<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD
            .decode(raw)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .map(Self)
            .ok_or_else(|| de::Error::custom("must be the nextCursor of an earlier response"))
    }
}

/// A page of seats begins after the seat with this `seatOrder`.
pub type SeatCursor = Cursor<String>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let cursor = Cursor(("A\u{1}1".to_owned(), 7_i64));
        let read: Cursor<(String, i64)> = serde_json::from_value(cursor.encode().into()).unwrap();
        assert_eq!(read, cursor);
        assert!(serde_json::from_value::<Cursor<(String, i64)>>("e30".into()).is_err());
        assert!(serde_json::from_value::<Cursor<(String, i64)>>("!".into()).is_err());
    }

    #[test]
    fn a_limit_is_a_plain_number_in_its_range() {
        let read = |raw: &str| {
            serde_json::from_value::<PageSize<100, 20>>(raw.into()).ok().map(PageSize::get)
        };
        assert_eq!(
            (read("1"), read("100"), read("0"), read("101"), read("+5"), read("x")),
            (Some(1), Some(100), None, None, None, None)
        );
    }
}
