//! Webhooks: the ids of endpoints and deliveries, and the events that an endpoint gets.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{EventType, entity::bounded_text, parsed, text};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema, schema::ArrayBuilder},
};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($name:ident $doc:literal $example:literal),+) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
        #[schema(
            value_type = String,
            description = $doc,
            format = "uuid",
            pattern = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            examples($example)
        )]
        pub struct $name(Uuid);

        impl $name {
            /// Parses an id. The error says what is wrong with it.
            pub fn parse(raw: &str) -> Result<Self, String> {
                match Uuid::try_parse(raw) {
                    // One form only, because stored ids are compared as text.
                    Ok(uuid) if uuid.hyphenated().to_string() == raw => Ok(Self(uuid)),
                    _ => Err("must be a UUID in lower case".into()),
                }
            }

            pub fn generate() -> Self {
                Self(Uuid::new_v4())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}
uuid_id!(
    WebhookId "Id of a webhook endpoint." "3c1f3c86-6d3c-4f0c-9d7c-0d2a4f1b7a11",
    DeliveryId "Id of a delivery." "8f14e45f-ceea-467f-ab5b-1c2d3e4f5a6b"
);
bounded_text!(
    WebhookDescription 200 "A note about an endpoint, 1–200 characters." "Stock system"
);
parsed!(WebhookId, DeliveryId, WebhookDescription);

/// The types that an endpoint gets: at least one, each once, in the order of [`EventType::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct EventTypes(Vec<EventType>);

impl EventTypes {
    /// Checks a list. The error says what is wrong with it.
    pub fn new(mut types: Vec<EventType>) -> Result<Self, String> {
        let given = types.len();
        types.sort_unstable_by_key(|kind| *kind as u8);
        types.dedup();
        match types.len() {
            0 => Err("must name at least one type".into()),
            distinct if distinct < given => Err("must name each type once".into()),
            _ => Ok(Self(types)),
        }
    }

    pub fn all() -> Self {
        Self(EventType::ALL.to_vec())
    }

    pub fn as_slice(&self) -> &[EventType] {
        &self.0
    }

    /// Types from the database. A later version may have stored one that this
    /// version does not know.
    pub(crate) fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Ok(Self(
            EventType::ALL
                .into_iter()
                .filter(|kind| names.iter().any(|name| name == kind.as_str()))
                .collect(),
        ))
    }
}

impl<'de> Deserialize<'de> for EventTypes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

// By hand: the derive cannot express distinct items.
impl PartialSchema for EventTypes {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(utoipa::openapi::Ref::from_schema_name(EventType::name()))
            .description(Some("The types of events that an endpoint gets."))
            .min_items(Some(1))
            .max_items(Some(EventType::ALL.len()))
            .unique_items(true)
            .into()
    }
}

impl ToSchema for EventTypes {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((EventType::name().into_owned(), EventType::schema()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_form() {
        let id = WebhookId::generate();
        assert_eq!(WebhookId::parse(&id.to_string()), Ok(id));
        let text = id.to_string();
        for bad in ["", &text.to_uppercase(), &text.replace('-', ""), &format!("{{{text}}}")] {
            // A UUID of digits alone has no upper case.
            assert!(*bad == text || WebhookId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn types_are_at_least_one_and_each_once() {
        let (held, booked) = (EventType::HoldCreated, EventType::BookingConfirmed);
        assert!(EventTypes::new(vec![]).is_err());
        assert!(EventTypes::new(vec![held, held]).is_err());
        let types = EventTypes::new(vec![booked, held]).unwrap();
        assert_eq!(types.as_slice(), [held, booked]);
    }

    #[test]
    fn a_stored_type_that_no_version_here_knows_is_left_out() {
        let stored = serde_json::json!(["hold.created", "hold.of.the.future"]);
        let types = EventTypes::stored(stored).unwrap();
        assert_eq!(types.as_slice(), [EventType::HoldCreated]);
    }
}
