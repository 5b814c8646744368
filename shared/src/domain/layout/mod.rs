//! A venue's seating plan. It is made once and used by many entities.
//!
//! [`LayoutDocument`] is what tenants send. [`Layout`] is a document without contradictions, with
//! all its seats.

mod check;
mod document;
mod fault;
mod import;
mod run;
mod values;

pub use check::{Layout, PlacedSeat};
pub use document::{
    Category, CategoryKey, Floor, Key, Label, LayoutDocument, Place, Point, Row, RowLabel, Run,
    Seat, Section, Shape, ShapeKind, ShapeRole, Size,
};
pub use fault::{Fault, Faults};
pub use import::{PretixPlan, csv_layout, pretix_layout};
pub use values::{Color, Coordinate, Delta, Extent, Flag, Flags, MAX_COORDINATE, Text, Whole};

/// The most seats a layout can have.
pub(crate) const MAX_SEATS: usize = 50_000;
/// The most sections a layout can have.
pub(crate) const MAX_SECTIONS: usize = 500;

/// A small plan. The tests of the API read the same file.
#[cfg(test)]
pub(crate) fn sample() -> serde_json::Value {
    serde_json::from_str(include_str!("sample.json")).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_layouts_are_valid() {
        for (text, seats) in [
            (include_str!("../../../../stack/layouts/hall.json"), 500),
            (include_str!("../../../../stack/layouts/bus.json"), 45),
            (include_str!("../../../../stack/layouts/cinema.json"), 200),
            (include_str!("../../../../stack/layouts/arena.json"), 20_000),
        ] {
            let layout = Layout::new(serde_json::from_str(text).unwrap()).unwrap();
            assert_eq!(layout.len(), seats);
            let size = layout.document().size;
            for seat in layout.seats() {
                let inside =
                    seat.x <= size.width.get() as u32 && seat.y <= size.height.get() as u32;
                assert!(inside, "{} is outside of the plan", seat.number.as_str());
            }
        }
    }
}
