//! Checks that the parts of a document fit together, and lists its seats.

use super::{
    MAX_COORDINATE, MAX_SEATS, MAX_SECTIONS,
    document::{LayoutDocument, Row, Section, Shape, ShapeKind},
    fault::Faults,
    run::RunSeat,
    values::{Flags, Text},
};
use crate::domain::SeatNumber;
use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
};

const MAX_CATEGORIES: usize = 1_000;
const MAX_FLOORS: usize = 100;
const MAX_SHAPES: usize = 1_000;
const MAX_POINTS: usize = 1_000;

/// A layout without contradictions.
#[derive(Clone, Debug)]
pub struct Layout {
    document: LayoutDocument,
    seats: Vec<ListedSeat>,
}

/// One seat of a layout. It names its section, row and category by their index.
#[derive(Clone, Debug)]
struct ListedSeat {
    number: SeatNumber,
    label: String,
    section: usize,
    row: usize,
    category: usize,
    flags: Flags,
    x: u32,
    y: u32,
    row_index: u32,
    position: Option<u32>,
}

/// One seat of a layout, for making the seats of an entity and for drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlacedSeat<'a> {
    /// The seat's number, unique in the layout.
    pub number: &'a SeatNumber,
    /// What people see of the number.
    pub label: &'a str,
    /// Key of the section.
    pub section: &'a str,
    /// What people see of the section.
    pub section_label: &'a str,
    /// Label of the row.
    pub row: &'a str,
    /// Key of the category.
    pub category: &'a str,
    /// What buyers should know about the seat.
    pub flags: Flags,
    /// The place on the plan.
    pub x: u32,
    /// The place on the plan.
    pub y: u32,
    /// Which row of the document it is in, counted over all sections.
    pub row_index: u32,
    /// The position in a run, gaps counted. `None` for a row that lists its seats.
    pub position: Option<u32>,
}

impl Layout {
    /// Checks that the parts of a document fit together.
    ///
    /// # Errors
    /// The first 20 faults, each with the path of its element.
    pub fn new(document: LayoutDocument) -> Result<Self, Faults> {
        let seats = Check::new(&document).list_seats()?;
        Ok(Self { document, seats })
    }

    /// The document, as it is stored and shown.
    pub fn document(&self) -> &LayoutDocument {
        &self.document
    }

    /// The layout with another name.
    #[must_use]
    pub fn named(mut self, name: Text<200>) -> Self {
        self.document.name = name;
        self
    }

    /// How many seats the layout has.
    pub fn len(&self) -> usize {
        self.seats.len()
    }

    /// Never: a layout has at least one seat.
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// All seats, in the order of the document.
    pub fn seats(&self) -> impl ExactSizeIterator<Item = PlacedSeat<'_>> {
        self.seats.iter().map(|seat| {
            let section = &self.document.sections[seat.section];
            PlacedSeat {
                number: &seat.number,
                label: &seat.label,
                section: section.key.as_str(),
                section_label: section.label.as_str(),
                row: section.rows[seat.row].label.as_str(),
                category: self.document.categories[seat.category].key.as_str(),
                flags: seat.flags,
                x: seat.x,
                y: seat.y,
                row_index: seat.row_index,
                position: seat.position,
            }
        })
    }

    /// Keys of the categories that have seats, in the order of the document. Each needs a price.
    pub fn used_categories(&self) -> impl Iterator<Item = &str> {
        let used: HashSet<usize> = self.seats.iter().map(|seat| seat.category).collect();
        let all = self.document.categories.iter().enumerate();
        all.filter(move |(index, _)| used.contains(index))
            .map(|(_, category)| category.key.as_str())
    }
}

/// The state of the check while the parts of the document are read.
struct Check<'a> {
    document: &'a LayoutDocument,
    categories: HashMap<&'a str, usize>,
    floors: HashSet<&'a str>,
    /// In how many sections each row label appears.
    row_labels: HashMap<&'a str, usize>,
    /// The path at which each number was seen first.
    numbers: HashMap<String, String>,
    seats: Vec<ListedSeat>,
    rows: u32,
    faults: Faults,
}

/// A row and where it is.
#[derive(Clone, Copy)]
struct RowAt<'a> {
    section: usize,
    row: usize,
    this: &'a Row,
}

impl RowAt<'_> {
    fn path(self) -> String {
        format!("sections[{}].rows[{}]", self.section, self.row)
    }
}

impl<'a> Check<'a> {
    fn new(document: &'a LayoutDocument) -> Self {
        let mut row_labels: HashMap<&str, usize> = HashMap::new();
        for section in &document.sections {
            let labels: HashSet<_> = section.rows.iter().map(|row| row.label.as_str()).collect();
            labels.into_iter().for_each(|label| *row_labels.entry(label).or_default() += 1);
        }
        Self {
            document,
            categories: HashMap::new(),
            floors: HashSet::new(),
            row_labels,
            numbers: HashMap::new(),
            seats: Vec::new(),
            rows: 0,
            faults: Faults::default(),
        }
    }

    fn list_seats(mut self) -> Result<Vec<ListedSeat>, Faults> {
        self.check_counts()?;
        self.check_keys();
        for (index, section) in self.document.sections.iter().enumerate() {
            self.add_section(index, section);
        }
        for (index, shape) in self.document.shapes.iter().enumerate() {
            self.check_shape(index, shape);
        }
        self.faults.none_or(self.seats)
    }

    /// Refuses too large documents before their seats are listed.
    fn check_counts(&mut self) -> Result<(), Faults> {
        let document = self.document;
        self.length("categories", document.categories.len(), 1..=MAX_CATEGORIES, "categories");
        self.length("floors", document.floors.len(), 0..=MAX_FLOORS, "floors");
        self.length("sections", document.sections.len(), 1..=MAX_SECTIONS, "sections");
        self.length("shapes", document.shapes.len(), 0..=MAX_SHAPES, "shapes");
        let rows = document.sections.iter().flat_map(|section| &section.rows);
        let seats = rows.fold(0_usize, |sum, row| {
            let listed = row.seats.as_ref().map_or(0, Vec::len);
            sum + listed + row.run.as_ref().map_or(0, |run| run.len())
        });
        self.length("sections", seats, 1..=MAX_SEATS, "seats in all");
        std::mem::take(&mut self.faults).none_or(())
    }

    fn length(&mut self, field: &str, length: usize, allowed: RangeInclusive<usize>, what: &str) {
        if !allowed.contains(&length) {
            let (min, max) = allowed.into_inner();
            self.faults.add(field, format!("must have {min} to {max} {what}, and has {length}"));
        }
    }

    fn check_keys(&mut self) {
        let document = self.document;
        for (index, category) in document.categories.iter().enumerate() {
            if self.categories.insert(category.key.as_str(), index).is_some() {
                self.faults.add(format!("categories[{index}].key"), "appears twice");
            }
        }
        for (index, floor) in document.floors.iter().enumerate() {
            if !self.floors.insert(floor.key.as_str()) {
                self.faults.add(format!("floors[{index}].key"), "appears twice");
            }
        }
        let mut sections = HashSet::new();
        for (index, section) in document.sections.iter().enumerate() {
            if !sections.insert(section.key.as_str()) {
                self.faults.add(format!("sections[{index}].key"), "appears twice");
            }
        }
    }

    fn add_section(&mut self, index: usize, section: &'a Section) {
        if section.floor.as_ref().is_some_and(|floor| !self.floors.contains(floor.as_str())) {
            self.faults.add(format!("sections[{index}].floor"), "is not one of the floors");
        }
        if let Some(outline) = &section.outline {
            let field = format!("sections[{index}].outline");
            self.length(&field, outline.len(), 3..=MAX_POINTS, "points");
        }
        for (row, this) in section.rows.iter().enumerate() {
            self.add_row(RowAt { section: index, row, this });
            self.rows += 1;
        }
    }

    fn add_row(&mut self, at: RowAt<'a>) {
        let path = || at.path();
        match (&at.this.seats, &at.this.run) {
            (Some(_), None) => self.add_listed(at),
            (None, Some(_)) => self.add_run(at),
            (Some(_), Some(_)) => self.faults.add(path(), "must have seats or a run, not both"),
            (None, None) => self.faults.add(path(), "must have seats or a run"),
        }
    }

    /// The category of a seat: its own, else its row's, else the only one.
    fn category(&self, own: Option<&str>, at: RowAt<'a>) -> Result<usize, (&'static str, String)> {
        let unknown = || "is not one of the categories".to_owned();
        let row = at.this.category.as_ref().map(|category| category.as_str());
        match (own, row) {
            (Some(own), _) => self.categories.get(own).copied().ok_or((".category", unknown())),
            (None, Some(row)) => self.categories.get(row).copied().ok_or(("", unknown())),
            (None, None) if self.document.categories.len() == 1 => Ok(0),
            (None, None) => Err((".category", "is required: its row has no category".into())),
        }
    }

    fn add_listed(&mut self, at: RowAt<'a>) {
        if let Some(category) = &at.this.category
            && !self.categories.contains_key(category.as_str())
        {
            self.faults.add(at.path() + ".category", "is not one of the categories");
        }
        for (index, seat) in at.this.seats.iter().flatten().enumerate() {
            let path = || format!("{}.seats[{index}]", at.path());
            let category = seat.category.as_ref().map(|category| category.as_str());
            let category = match self.category(category, at) {
                Ok(category) => category,
                // The row's own category is wrong. That fault was added above.
                Err(("", _)) => continue,
                Err((field, reason)) => {
                    self.faults.add(path() + field, reason);
                    continue;
                }
            };
            let label = match &seat.label {
                Some(label) => label.as_str(),
                None => short_label(seat.number.as_str()),
            };
            let (x, y) = (seat.x.get() as u32, seat.y.get() as u32);
            self.add(
                path() + ".number",
                ListedSeat {
                    number: seat.number.clone(),
                    label: label.to_owned(),
                    section: at.section,
                    row: at.row,
                    category,
                    flags: seat.flags,
                    x,
                    y,
                    row_index: self.rows,
                    position: None,
                },
            );
        }
    }

    fn add_run(&mut self, at: RowAt<'a>) {
        let Some(run) = &at.this.run else { return };
        let path = at.path();
        let category = match self.category(None, at) {
            Ok(category) => category,
            Err((_, reason)) => return self.faults.add(path + ".category", reason),
        };
        if run.step.is_some_and(|step| step.get() == 0) {
            return self.faults.add(path + ".run.step", "must not be 0");
        }
        if let Some((index, reason)) = run.wrong_gap() {
            return self.faults.add(format!("{path}.run.gaps[{index}]"), reason);
        }
        for seat in run.seats() {
            match self.seat_of_run(at, category, seat) {
                Ok(listed) => self.add(format!("{path}.run"), listed),
                // The other seats of the run have the same fault.
                Err((field, reason)) => {
                    return self.faults.add(format!("{path}.run{field}"), reason);
                }
            }
        }
    }

    fn seat_of_run(
        &self,
        at: RowAt<'a>,
        category: usize,
        seat: RunSeat,
    ) -> Result<ListedSeat, (&'static str, String)> {
        let on_plan = |field, place: i64| {
            let on_plan = u32::try_from(place).ok().filter(|place| *place <= MAX_COORDINATE);
            on_plan.ok_or_else(|| {
                let position = seat.position;
                (field, format!("puts position {position} at {place}: it must be 0 to 100000"))
            })
        };
        if seat.number < 0 {
            return Err((".step", "makes a negative number".into()));
        }
        let (row, number) = (at.this.label.as_str(), seat.number);
        let several = self.row_labels.get(row).is_some_and(|sections| *sections > 1);
        let full = match several {
            true => format!("{}-{row}-{number}", self.document.sections[at.section].key.as_str()),
            false => format!("{row}-{number}"),
        };
        Ok(ListedSeat {
            number: SeatNumber::parse(&full).map_err(|reason| ("", reason))?,
            label: number.to_string(),
            section: at.section,
            row: at.row,
            category,
            flags: Flags::default(),
            x: on_plan(".x", seat.x)?,
            y: on_plan(".y", seat.y)?,
            row_index: self.rows,
            position: Some(seat.position),
        })
    }

    fn add(&mut self, path: String, seat: ListedSeat) {
        let key = seat.number.key();
        if let Some(first) = self.numbers.get(&key) {
            let number = seat.number.as_str();
            self.faults.add(path, format!("seat {number} appears twice: first in {first}"));
            return;
        }
        self.numbers.insert(key, path);
        self.seats.push(seat);
    }

    fn check_shape(&mut self, index: usize, shape: &Shape) {
        let allowed = match shape.kind {
            ShapeKind::Rect | ShapeKind::Ellipse => 2..=4,
            ShapeKind::Polygon => 3..=MAX_POINTS,
            ShapeKind::Text => 1..=4,
        };
        self.length(&format!("shapes[{index}].points"), shape.points.len(), allowed, "points");
        if shape.kind == ShapeKind::Text && shape.label.is_none() {
            self.faults.add(format!("shapes[{index}].label"), "is required for text");
        }
    }
}

/// What people see of a number without a label: the part after its last hyphen.
fn short_label(number: &str) -> &str {
    match number.rsplit_once('-') {
        Some((_, label)) if !label.trim().is_empty() => label,
        _ => number,
    }
}

#[cfg(test)]
mod tests;
