//! Paging: how many, and from where on.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, de, de::DeserializeOwned};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// How many rows a page has: 1 to `MAX`, `DEFAULT` where the client does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize<const MAX: i64, const DEFAULT: i64>(i64);

impl<const MAX: i64, const DEFAULT: i64> PageSize<MAX, DEFAULT> {
    /// The number of rows.
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
        let raw = String::deserialize(deserializer)?;
        match raw.parse() {
            Ok(limit) if (1..=MAX).contains(&limit) && raw.bytes().all(|c| c.is_ascii_digit()) => {
                Ok(Self(limit))
            }
            _ => Err(de::Error::custom(format!("must be a whole number from 1 to {MAX}"))),
        }
    }
}

// By hand: the bounds are the type's parameters. As a query says it, which has nothing but text: a
// whole number.
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

/// Where a page begins: after the row with this key. Clients pass it back as they got it.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
#[schema(
    as = Cursor,
    value_type = String,
    bound = "",
    description = "Where a page begins: the `nextCursor` of an earlier answer, as it was.",
    pattern = "^[A-Za-z0-9_-]+$"
)]
pub struct Cursor<K>(pub K);

impl<K: Serialize> Cursor<K> {
    /// The cursor as a client gets it.
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
            .ok_or_else(|| de::Error::custom("must be a nextCursor of an earlier answer"))
    }
}

/// Where a page of seats begins: after the seat with this order.
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
