//! A layout while it is read from a file: every seat is there, but nothing is scaled yet.

use super::scale::{Bounds, Scale};
use crate::domain::{
    ReadOnly, SeatNumber,
    layout::{
        Category, CategoryKey, Coordinate, Extent, Faults, Flags, Key, Label, Layout,
        LayoutDocument, Point, Row, RowLabel, Seat, Section, Shape, ShapeKind, ShapeRole, Size,
        Text,
    },
};
use std::collections::HashMap;

/// A layout without its scale.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) sections: Vec<DraftSection>,
    pub(super) categories: Vec<Category>,
    pub(super) shapes: Vec<DraftShape>,
    pub(super) size: Option<(f64, f64)>,
}

#[derive(Debug)]
pub(super) struct DraftSection {
    pub(super) key: Key,
    pub(super) label: Label,
    pub(super) rows: Vec<DraftRow>,
    /// Indexes of the rows by their label.
    pub(super) by_label: HashMap<String, usize>,
}

#[derive(Debug)]
pub(super) struct DraftRow {
    pub(super) label: RowLabel,
    pub(super) seats: Vec<DraftSeat>,
}

#[derive(Debug)]
pub(super) struct DraftSeat {
    pub(super) number: SeatNumber,
    pub(super) label: Text<32>,
    pub(super) place: (f64, f64),
    pub(super) category: usize,
    pub(super) flags: Flags,
}

#[derive(Debug)]
pub(super) struct DraftShape {
    pub(super) role: ShapeRole,
    pub(super) kind: ShapeKind,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) label: Option<Label>,
}

impl DraftSection {
    pub(super) fn new(key: Key, label: Label) -> Self {
        Self { key, label, rows: Vec::new(), by_label: HashMap::new() }
    }

    /// The row with this label, which is made if it is new.
    pub(super) fn row(&mut self, label: RowLabel) -> &mut DraftRow {
        let rows = &mut self.rows;
        let index = *self.by_label.entry(label.as_str().to_owned()).or_insert_with(|| {
            rows.push(DraftRow { label, seats: Vec::new() });
            rows.len() - 1
        });
        &mut rows[index]
    }
}

/// The number of a seat in the whole entity: `<section>-<row>-<number>`.
pub(super) fn seat_number(section: &str, row: &str, number: &str) -> Result<SeatNumber, String> {
    SeatNumber::parse(&format!("{section}-{row}-{number}"))
        .map_err(|reason| format!("the seat number {section}-{row}-{number} {reason}"))
}

impl Draft {
    /// Scales everything and checks the result.
    pub(super) fn finish(self, name: Text<200>) -> Result<Layout, Faults> {
        let seats = self.sections.iter().flat_map(|section| &section.rows);
        let seats = seats.flat_map(|row| &row.seats).map(|seat| seat.place);
        // Corners that fall between whole numbers are no reason to scale the seats.
        let shapes = self.shapes.iter().flat_map(|shape| &shape.points);
        let shapes = shapes.map(|(x, y)| (x.round(), y.round()));
        let corners = self.size.into_iter().flat_map(|size| [(0.0, 0.0), size]);
        let Some(bounds) = Bounds::around(seats.chain(shapes).chain(corners)) else {
            return Err(Faults::one("body", "has no seats"));
        };
        let scale = Scale::to_fit(bounds, self.size);
        let document = self.document(name, scale).map_err(|reason| Faults::one("body", reason))?;
        Layout::new(document)
    }

    fn document(self, name: Text<200>, scale: Scale) -> Result<LayoutDocument, String> {
        let focal_point = self.focal_point(scale)?;
        let (width, height) = scale.size;
        let categories = self.categories;
        let row = |row: DraftRow| document_row(row, &categories, scale);
        let section = |section: DraftSection| {
            let rows = section.rows.into_iter().map(row).collect::<Result<_, String>>()?;
            let (key, label) = (section.key, section.label);
            Ok(Section { key, label, floor: None, outline: None, entrance: None, rows })
        };
        let sections = self.sections.into_iter().map(section).collect::<Result<_, String>>()?;
        let shapes = self.shapes.into_iter().map(|shape| document_shape(shape, scale));
        Ok(LayoutDocument {
            name,
            size: Size { width: Extent::parse(width)?, height: Extent::parse(height)? },
            focal_point,
            shapes: shapes.collect::<Result<_, String>>()?,
            categories,
            floors: Vec::new(),
            sections,
            layout_id: ReadOnly,
            version: ReadOnly,
            counts: ReadOnly,
            created_at: ReadOnly,
        })
    }

    /// The middle of the stage or screen. Without one, the middle of the seats' front: above the
    /// seat that is highest on the plan.
    fn focal_point(&self, scale: Scale) -> Result<Point, String> {
        let stage = |role: ShapeRole| self.shapes.iter().find(move |shape| shape.role == role);
        let middle = |(min, max): (i64, i64)| (min + max) / 2;
        let (x, y) = match stage(ShapeRole::Stage).or_else(|| stage(ShapeRole::Screen)) {
            Some(stage) => {
                let (x, y) = spread(stage.points.iter().map(|point| scale.place(*point)));
                (middle(x), middle(y))
            }
            None => {
                let rows = self.sections.iter().flat_map(|section| &section.rows);
                let seats = rows.flat_map(|row| &row.seats);
                let (x, y) = spread(seats.map(|seat| scale.place(seat.place)));
                (middle(x), y.0)
            }
        };
        Ok(Point { x: Coordinate::parse(x)?, y: Coordinate::parse(y)? })
    }
}

/// The smallest and the largest coordinate of each axis.
fn spread(places: impl Iterator<Item = (i64, i64)>) -> ((i64, i64), (i64, i64)) {
    let wider = |(min, max): (i64, i64), value: i64| (min.min(value), max.max(value));
    let all = places.fold(None, |all, (x, y)| match all {
        None => Some(((x, x), (y, y))),
        Some((xs, ys)) => Some((wider(xs, x), wider(ys, y))),
    });
    all.unwrap_or_default()
}

fn document_row(row: DraftRow, categories: &[Category], scale: Scale) -> Result<Row, String> {
    let first = row.seats.first().map(|seat| seat.category);
    let common = first.filter(|first| row.seats.iter().all(|seat| seat.category == *first));
    let key = |index: usize| -> CategoryKey { categories[index].key.clone() };
    let seat = |seat: DraftSeat| {
        let (x, y) = scale.place(seat.place);
        Ok(Seat {
            number: seat.number,
            label: Some(seat.label),
            x: Coordinate::parse(x)?,
            y: Coordinate::parse(y)?,
            category: common.is_none().then(|| key(seat.category)),
            flags: seat.flags,
        })
    };
    let seats = row.seats.into_iter().map(seat).collect::<Result<_, String>>()?;
    Ok(Row { label: row.label, category: common.map(key), seats: Some(seats), run: None })
}

fn document_shape(shape: DraftShape, scale: Scale) -> Result<Shape, String> {
    let place = |point| {
        let (x, y) = scale.place(point);
        Ok([Coordinate::parse(x)?, Coordinate::parse(y)?])
    };
    let points = shape.points.into_iter().map(place).collect::<Result<_, String>>()?;
    Ok(Shape { role: shape.role, kind: shape.kind, points, label: shape.label })
}
