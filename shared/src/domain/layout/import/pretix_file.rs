//! The file format of pretix seating plans: its public JSON schema, `seating-plan.schema.json`.
//!
//! Fields of the schema's earlier versions are accepted too. What does not matter here is read and
//! dropped, so that only fields of the schema are accepted.

use crate::domain::{null_as_default, read_objects, whole::whole_number};
use serde::{Deserialize, Deserializer, de::Error as _};

/// A seating plan of pretix.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct PretixPlan {
    pub(super) name: String,
    pub(super) zones: Vec<Zone>,
    pub(super) categories: Vec<PretixCategory>,
    #[serde(default)]
    pub(super) size: Option<PretixSize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct PretixSize {
    #[serde(deserialize_with = "size")]
    pub(super) width: u32,
    #[serde(deserialize_with = "size")]
    pub(super) height: u32,
}

/// Reads a width or a height. A whole number may be written `900.0`.
fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = whole_number(deserializer)?.and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| D::Error::custom("must be a whole number that is not negative"))
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct Position {
    pub(super) x: f64,
    pub(super) y: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct PretixCategory {
    pub(super) name: String,
    #[serde(default)]
    pub(super) color: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct Zone {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) zone_id: Option<String>,
    #[serde(default)]
    uuid: Option<String>,
    #[serde(default)]
    displayed: Option<bool>,
    pub(super) position: Position,
    pub(super) rows: Vec<PretixRow>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub(super) areas: Vec<Area>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct PretixRow {
    pub(super) row_number: String,
    #[serde(default)]
    row_label: Option<String>,
    #[serde(default)]
    seat_label: Option<String>,
    #[serde(default)]
    uuid: Option<String>,
    pub(super) seats: Vec<PretixSeat>,
    #[serde(default)]
    row_number_position: Option<String>,
    #[serde(default)]
    number_of_seats: Option<f64>,
    #[serde(default)]
    seats_spacing: Option<f64>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub(super) position: Position,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct PretixSeat {
    pub(super) seat_guid: String,
    pub(super) seat_number: String,
    #[serde(default)]
    uuid: Option<String>,
    #[serde(default)]
    start_direction: Option<String>,
    #[serde(default)]
    radius: Option<f64>,
    pub(super) position: Position,
    pub(super) category: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct Area {
    #[serde(default)]
    color: Option<String>,
    #[serde(default)]
    border_color: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub(super) rotation: f64,
    #[serde(default, deserialize_with = "null_as_default")]
    pub(super) position: Position,
    #[serde(default)]
    uuid: Option<String>,
    #[serde(default)]
    pub(super) shape: Option<AreaShape>,
    #[serde(default)]
    pub(super) polygon: Option<Polygon>,
    #[serde(default)]
    pub(super) rectangle: Option<Rectangle>,
    #[serde(default)]
    pub(super) ellipse: Option<Ellipse>,
    #[serde(default)]
    pub(super) circle: Option<Circle>,
    #[serde(default)]
    pub(super) text: Option<AreaText>,
    /// With `height` and a plain `text`: a rectangle of the schema's first version.
    #[serde(default)]
    pub(super) width: Option<f64>,
    #[serde(default)]
    pub(super) height: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum AreaShape {
    Polygon,
    Rectangle,
    Ellipse,
    Circle,
    Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct Polygon {
    pub(super) points: Vec<Position>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct Rectangle {
    pub(super) width: f64,
    pub(super) height: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct Ellipse {
    pub(super) radius: Position,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct Circle {
    pub(super) radius: f64,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum AreaText {
    Plain(String),
    Placed(PlacedText),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub(super) struct PlacedText {
    pub(super) text: String,
    #[serde(default)]
    color: Option<String>,
    #[serde(default)]
    size: Option<f64>,
    pub(super) position: Position,
}

impl AreaText {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Placed(placed) => &placed.text,
        }
    }
}

read_objects!(
    PretixPlan,
    PretixSize,
    Position,
    PretixCategory,
    Zone,
    PretixRow,
    PretixSeat,
    Area,
    Polygon,
    Rectangle,
    Ellipse,
    Circle,
    PlacedText,
);
