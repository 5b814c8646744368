//! The layout as tenants send it and get it.

use super::values::{Color, Coordinate, Delta, Extent, Flags, Text, Whole};
use crate::domain::{ReadOnly, SeatNumber, null_as_default, read_objects};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

/// The key of a section or of a floor.
pub type Key = Text<32>;
/// The key of a category.
pub type CategoryKey = Text<64>;
/// The label of a row.
pub type RowLabel = Text<16>;
/// A text that is shown to buyers instead of a key.
pub type Label = Text<100>;
/// A place as `[x, y]`.
pub type Place = [Coordinate; 2];

/// A venue's seating plan. It has no prices and no states of seats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub struct LayoutDocument {
    /// Name of the plan, 1–200 characters.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub name: Text<200>,
    /// Width and height of the plan.
    pub size: Size,
    /// What people come to see. Best available takes the seats nearest to it.
    pub focal_point: Point,
    /// Kinds of seats, 1–1,000. An entity has one price for each of them.
    #[schema(min_items = 1, max_items = 1000)]
    pub categories: Vec<Category>,
    /// Floors of the venue, at most 100.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub floors: Vec<Floor>,
    /// Parts of the venue, 1–500. Together they have 1–50,000 seats.
    #[schema(min_items = 1, max_items = 500)]
    pub sections: Vec<Section>,
    /// What is drawn besides the seats, at most 1,000.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    pub shapes: Vec<Shape>,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_stored")]
    pub layout_id: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_stored")]
    pub version: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_stored")]
    pub counts: ReadOnly,
    /// Ignored: a `PUT` may send back what a `GET` returned.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_stored")]
    pub created_at: ReadOnly,
}

/// The size of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schema(as = LayoutSize)]
pub struct Size {
    /// Width in units of the plan, 1–100,000.
    #[schema(value_type = i32, minimum = 1, maximum = 100_000)]
    pub width: Extent,
    /// Height in units of the plan, 1–100,000.
    #[schema(value_type = i32, minimum = 1, maximum = 100_000)]
    pub height: Extent,
}

/// A place on the plan. `x` grows to the right and `y` grows downwards.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schema(as = LayoutPoint)]
pub struct Point {
    /// Distance from the left edge in units of the plan, 0–100,000.
    #[schema(value_type = i32, minimum = 0, maximum = 100_000)]
    pub x: Coordinate,
    /// Distance from the top edge in units of the plan, 0–100,000.
    #[schema(value_type = i32, minimum = 0, maximum = 100_000)]
    pub y: Coordinate,
}

/// A kind of seat. An entity has one price for each of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schema(as = LayoutCategory)]
pub struct Category {
    /// Key by which seats and prices name the category, 1–64 characters. Each key can exist once.
    #[schema(value_type = String, min_length = 1, max_length = 64)]
    pub key: CategoryKey,
    /// What people see, 1–100 characters.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub label: Label,
    /// A CSS color. It is kept as `#rrggbb`.
    #[schema(value_type = String, examples("#1f6fb2"))]
    pub color: Color,
    /// A sign for people who cannot tell the colors apart, 1–16 characters.
    #[schema(value_type = String, min_length = 1, max_length = 16, examples("●"))]
    pub mark: Text<16>,
}

/// A floor of the venue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schema(as = LayoutFloor)]
pub struct Floor {
    /// Key by which sections name the floor, 1–32 characters. Each key can exist once.
    #[schema(value_type = String, min_length = 1, max_length = 32)]
    pub key: Key,
    /// What people see, 1–100 characters.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub label: Label,
}

/// A part of the venue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schema(as = LayoutSection)]
pub struct Section {
    /// Key by which seats and filters name the section, 1–32 characters. Each key can exist once.
    #[schema(value_type = String, min_length = 1, max_length = 32)]
    pub key: Key,
    /// What people see, 1–100 characters.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub label: Label,
    /// Key of the section's floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 32)]
    pub floor: Option<Key>,
    /// Corners of the section: 3–1,000 points, each `[x, y]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<[i32; 2]>>)]
    pub outline: Option<Vec<Place>>,
    /// Where people enter, 1–100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub entrance: Option<Label>,
    /// The rows of seats.
    pub rows: Vec<Row>,
}

/// A row of seats: `seats` lists them, or `run` describes them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schema(as = LayoutRow)]
pub struct Row {
    /// Label of the row, 1–16 characters.
    #[schema(value_type = String, min_length = 1, max_length = 16)]
    pub label: RowLabel,
    /// Key of the category of all seats that name none. It may be left out if the layout
    /// has only one category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    pub category: Option<CategoryKey>,
    /// The seats, one by one, each next to the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub seats: Option<Vec<Seat>>,
    /// The seats, evenly spaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub run: Option<Run>,
}

/// A seat that is listed by itself, not made by a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schema(as = LayoutSeat)]
pub struct Seat {
    /// Becomes the seat's `seatNumber`. Each number can exist once in the layout.
    pub number: SeatNumber,
    /// What people see, 1–32 characters. Without it, they see the number after its last hyphen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 32)]
    pub label: Option<Text<32>>,
    /// Distance from the left edge in units of the plan, 0–100,000.
    #[schema(value_type = i32, minimum = 0, maximum = 100_000)]
    pub x: Coordinate,
    /// Distance from the top edge in units of the plan, 0–100,000.
    #[schema(value_type = i32, minimum = 0, maximum = 100_000)]
    pub y: Coordinate,
    /// Key of the seat's category, if it is not the row's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    pub category: Option<CategoryKey>,
    /// What buyers should know about the seat.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Flags::is_empty"
    )]
    #[schema(value_type = Vec<super::values::Flag>)]
    pub flags: Flags,
}

/// Evenly spaced seats. Position 0 is at `x`, `y`; each next position is `dx`, `dy` further.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schema(as = LayoutRun)]
pub struct Run {
    /// Number of the first seat, 0–1,000,000.
    #[schema(value_type = i32, minimum = 0, maximum = 1_000_000)]
    pub first: Whole<0, 1_000_000>,
    /// How many positions the run has, gaps included.
    #[schema(value_type = i32, minimum = 1, maximum = 50_000)]
    pub count: Whole<1, 50_000>,
    /// Difference between the numbers of two neighbours, −1,000 to 1,000 and not 0.
    /// The default is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = -1000, maximum = 1000)]
    pub step: Option<Whole<-1_000, 1_000>>,
    /// Where position 0 is, 0–100,000.
    #[schema(value_type = i32, minimum = 0, maximum = 100_000)]
    pub x: Coordinate,
    /// Where position 0 is, 0–100,000.
    #[schema(value_type = i32, minimum = 0, maximum = 100_000)]
    pub y: Coordinate,
    /// Distance from one position to the next, along the x axis.
    #[schema(value_type = i32, minimum = -100_000, maximum = 100_000)]
    pub dx: Delta,
    /// Distance from one position to the next, along the y axis.
    #[schema(value_type = i32, minimum = -100_000, maximum = 100_000)]
    pub dy: Delta,
    /// How far the middle of the row is from the line between its ends. A row that goes to the
    /// right bends downwards; a negative bend goes to the other side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = -100_000, maximum = 100_000)]
    pub bend: Option<Delta>,
    /// Positions without a seat, counted from 0. Seats on both sides of a gap are not neighbours,
    /// but their numbers follow each other.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<i32>)]
    pub gaps: Vec<Whole<0, 49_999>>,
}

/// Something that is drawn besides the seats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schema(as = LayoutShape)]
pub struct Shape {
    /// What the shape stands for in the venue.
    pub role: ShapeRole,
    /// How it is drawn.
    pub kind: ShapeKind,
    /// `rect` and `ellipse` fill the box around their 2–4 points. `polygon` connects its 3–1,000
    /// points. `text` stands at its first point.
    #[schema(value_type = Vec<[i32; 2]>)]
    pub points: Vec<Place>,
    /// Text to show, 1–100 characters. The kind `text` needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub label: Option<Label>,
}

/// What a shape is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LayoutShapeRole)]
pub enum ShapeRole {
    /// The stage, or another place of the performance.
    Stage,
    /// The screen of a cinema.
    Screen,
    /// An entrance or exit.
    Door,
    /// The driver's seat of a bus.
    Driver,
    /// A wall or another obstacle.
    Wall,
    /// A toilet, for example in a bus.
    Toilet,
    /// Text that stands for no object.
    Text,
}

/// How a shape is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LayoutShapeKind)]
pub enum ShapeKind {
    /// The rectangle around the points.
    Rect,
    /// The ellipse in the box around the points.
    Ellipse,
    /// Straight lines between points.
    Polygon,
    /// Text without a frame.
    Text,
}

macro_rules! write_objects {
    ($($name:ident),+ $(,)?) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // The derived function, which `remote` turns into an inherent one.
                $name::serialize(self, serializer)
            }
        }
    )+};
}

read_objects!(LayoutDocument, Size, Point, Category, Floor, Section, Row, Seat, Run, Shape);
write_objects!(LayoutDocument, Size, Point, Category, Floor, Section, Row, Seat, Run, Shape);
