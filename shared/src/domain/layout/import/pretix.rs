//! Makes a layout of a pretix seating plan.

use super::{
    draft::{Draft, DraftSeat, DraftSection, DraftShape, seat_number},
    palette,
    pretix_file::{
        Area, AreaShape, AreaText, Position, PretixCategory, PretixPlan, PretixRow, PretixSeat,
        Zone,
    },
};
use crate::domain::{
    layout::{
        Category, CategoryKey, Color, Faults, Flags, Key, Label, Layout, MAX_SEATS, MAX_SECTIONS,
        RowLabel, ShapeKind, ShapeRole, Text,
    },
    text,
};
use std::collections::{HashMap, HashSet};

/// Makes a layout of a plan. Faults name the element, such as `zones[0].rows[2].seats[7]`.
pub fn pretix_layout(plan: PretixPlan) -> Result<Layout, Faults> {
    let name = Text::parse(plan.name.trim()).map_err(|reason| Faults::one("name", reason))?;
    let mut reading = Reading::default();
    if plan.zones.len() > MAX_SECTIONS {
        return Err(Faults::one("zones", format!("must have at most {MAX_SECTIONS} zones")));
    }
    for (index, category) in plan.categories.iter().enumerate() {
        reading.category(index, category);
    }
    for (index, zone) in plan.zones.iter().enumerate() {
        reading.zone(index, zone);
    }
    let Reading { mut draft, faults, guids, .. } = reading;
    faults.none_or(())?;
    match guids.len() {
        0 => return Err(Faults::one("zones", "must have at least one seat")),
        seats if seats > MAX_SEATS => {
            let reason = format!("must have at most {MAX_SEATS} seats, and has {seats}");
            return Err(Faults::one("zones", reason));
        }
        _ => {}
    }
    draft.size = plan.size.map(|size| (f64::from(size.width), f64::from(size.height)));
    draft.finish(name)
}

/// The state of a plan while it is read.
#[derive(Default)]
struct Reading<'a> {
    draft: Draft,
    categories: HashMap<&'a str, usize>,
    section_keys: HashSet<String>,
    guids: HashMap<&'a str, String>,
    numbers: HashMap<String, String>,
    faults: Faults,
}

impl<'a> Reading<'a> {
    fn category(&mut self, index: usize, category: &'a PretixCategory) {
        let path = format!("categories[{index}].name");
        let at = self.draft.categories.len();
        let color = category.color.as_deref().and_then(|color| Color::parse(color).ok());
        let made = || {
            let key = CategoryKey::parse(category.name.trim())?;
            Ok::<_, String>(Category {
                label: Label::parse(key.as_str())?,
                key,
                color: color.map_or_else(|| Color::parse(palette::color(at)), Ok)?,
                mark: Text::parse(&palette::mark(at))?,
            })
        };
        match made() {
            Err(reason) => self.faults.add(path, reason),
            Ok(_) if self.categories.contains_key(category.name.trim()) => {
                self.faults.add(path, "appears twice");
            }
            Ok(made) => {
                self.categories.insert(category.name.trim(), at);
                self.draft.categories.push(made);
            }
        }
    }

    fn zone(&mut self, index: usize, zone: &'a Zone) {
        let path = format!("zones[{index}]");
        let (key, label) = match self.names(index, zone) {
            Ok(names) => names,
            Err(reason) => return self.faults.add(path + ".name", reason),
        };
        let section = self.draft.sections.len();
        self.draft.sections.push(DraftSection::new(key, label));
        for (row, this) in zone.rows.iter().enumerate() {
            self.row(&format!("{path}.rows[{row}]"), section, zone, row, this);
        }
        for (area, this) in zone.areas.iter().enumerate() {
            match shape(zone.position, this) {
                Ok(shape) => self.draft.shapes.extend(shape),
                Err(reason) => self.faults.add(format!("{path}.areas[{area}]"), reason),
            }
        }
    }

    /// Key and label of the section: the zone's name, else its id. Names in pretix may be long and
    /// need not differ, so the key may get a number at its end.
    fn names(&mut self, index: usize, zone: &Zone) -> Result<(Key, Label), String> {
        let ordinal = format!("Zone {}", index + 1);
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let name = given(&zone.name).or_else(|| given(&zone.zone_id)).unwrap_or(ordinal);
        let label = Label::parse(&clean(&name, 100))?;
        let short = given(&zone.zone_id).filter(|id| name.chars().count() > 32 && id.len() <= 32);
        let base = short.unwrap_or(name);
        let numbered = (2..).map(|n| format!("{} {n}", clean(&base, 28)));
        let all = std::iter::once(clean(&base, 32)).chain(numbered);
        let key = all.take(MAX_SECTIONS + 1).find(|key| !self.section_keys.contains(key));
        let key = key.ok_or("appears too often")?;
        self.section_keys.insert(key.clone());
        Ok((Key::parse(&key)?, label))
    }

    fn row(&mut self, path: &str, section: usize, zone: &Zone, index: usize, row: &'a PretixRow) {
        // An empty row number is valid in pretix.
        let label = match row.row_number.trim() {
            "" => RowLabel::parse(&(index + 1).to_string()),
            number => RowLabel::parse(number),
        };
        let label = match label {
            Ok(label) => label,
            Err(reason) => return self.faults.add(format!("{path}.row_number"), reason),
        };
        let origin = sum(&[zone.position, row.position]);
        for (index, seat) in row.seats.iter().enumerate() {
            let path = format!("{path}.seats[{index}]");
            if let Err((field, reason)) = self.seat(&path, section, &label, origin, seat) {
                self.faults.add(path + field, reason);
            }
        }
    }

    fn seat(
        &mut self,
        path: &str,
        section: usize,
        row: &RowLabel,
        origin: (f64, f64),
        seat: &'a PretixSeat,
    ) -> Result<(), (&'static str, String)> {
        let category = self.categories.get(seat.category.trim()).copied();
        let category =
            category.ok_or((".category", "is not one of the plan's categories".to_owned()))?;
        if let Some(first) = self.guids.insert(&seat.seat_guid, path.to_owned()) {
            return Err((".seat_guid", format!("appears twice: first in {first}")));
        }
        let wrong = |reason| (".seat_number", reason);
        let label = Text::parse(seat.seat_number.trim()).map_err(wrong)?;
        let key = self.draft.sections[section].key.as_str();
        let number = seat_number(key, row.as_str(), label.as_str()).map_err(wrong)?;
        if let Some(first) = self.numbers.insert(number.key(), path.to_owned()) {
            return Err(wrong(format!("{} appears twice: first in {first}", number.as_str())));
        }
        let place = (origin.0 + seat.position.x, origin.1 + seat.position.y);
        let seat = DraftSeat { number, label, place, category, flags: Flags::default() };
        self.draft.sections[section].row(row.clone()).seats.push(seat);
        Ok(())
    }
}

/// Text of pretix as the text of a layout: without control characters, and not longer than `max`.
/// Empty if it shows nothing.
fn clean(raw: &str, max: usize) -> String {
    let shown: String = raw.trim().chars().filter(|c| !c.is_control()).take(max).collect();
    if text::shows_nothing(&shown) { String::new() } else { shown.trim().to_owned() }
}

/// Positions of pretix are relative: a seat's to its row's, a row's to its zone's.
fn sum(positions: &[Position]) -> (f64, f64) {
    positions.iter().fold((0.0, 0.0), |(x, y), position| (x + position.x, y + position.y))
}

/// How many corners a rotated ellipse gets.
const ELLIPSE_CORNERS: usize = 32;
/// The most corners a polygon can have.
const MAX_CORNERS: usize = 1_000;

/// The shape of an area, if it has one that can be drawn.
fn shape(zone: Position, area: &Area) -> Result<Option<DraftShape>, String> {
    let text = area.text.as_ref().map(AreaText::text).unwrap_or_default();
    let label = Label::parse(&clean(text, 100)).ok();
    let kind = match (area.shape, area.width.zip(area.height)) {
        (None, Some(_)) => Some(AreaShape::Rectangle),
        (shape, _) => shape,
    };
    let points = match kind {
        Some(AreaShape::Text) => {
            let inside = match &area.text {
                Some(AreaText::Placed(placed)) => placed.position,
                Some(AreaText::Plain(_)) | None => Position::default(),
            };
            vec![(inside.x, inside.y)]
        }
        Some(kind) => outline(kind, area)?,
        None => return Ok(None),
    };
    let turned = (area.rotation % 360.0).to_radians();
    let (sin, cos) = turned.sin_cos();
    let (x, y) = sum(&[zone, area.position]);
    let points: Vec<_> = points
        .into_iter()
        .map(|(dx, dy)| (x + dx * cos - dy * sin, y + dx * sin + dy * cos))
        .collect();
    let kind = match kind {
        Some(AreaShape::Text) if label.is_none() => return Ok(None),
        Some(AreaShape::Text) => ShapeKind::Text,
        _ if (3..=MAX_CORNERS).contains(&points.len()) => ShapeKind::Polygon,
        _ => return Err(format!("must have 3 to {MAX_CORNERS} points")),
    };
    Ok(Some(DraftShape { role: role(kind, text), kind, points, label }))
}

/// The corners of an area, relative to its position.
fn outline(kind: AreaShape, area: &Area) -> Result<Vec<(f64, f64)>, String> {
    let around = |rx: f64, ry: f64| {
        let corner = |n: usize| {
            let (sin, cos) = (n as f64 * std::f64::consts::TAU / ELLIPSE_CORNERS as f64).sin_cos();
            (rx * cos, ry * sin)
        };
        (0..ELLIPSE_CORNERS).map(corner).collect()
    };
    let rectangle = area.rectangle.as_ref().map(|rectangle| (rectangle.width, rectangle.height));
    match kind {
        AreaShape::Polygon => {
            let polygon = area.polygon.as_ref().ok_or("a polygon needs points")?;
            Ok(polygon.points.iter().map(|point| (point.x, point.y)).collect())
        }
        AreaShape::Rectangle => {
            let size = rectangle.or(area.width.zip(area.height));
            let (w, h) = size.ok_or("a rectangle needs a width and a height")?;
            Ok(vec![(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)])
        }
        AreaShape::Ellipse => {
            let ellipse = area.ellipse.as_ref().ok_or("an ellipse needs a radius")?;
            Ok(around(ellipse.radius.x, ellipse.radius.y))
        }
        AreaShape::Circle => {
            let circle = area.circle.as_ref().ok_or("a circle needs a radius")?;
            Ok(around(circle.radius, circle.radius))
        }
        AreaShape::Text => Ok(Vec::new()),
    }
}

/// pretix does not say what an area is, but its text often does.
fn role(kind: ShapeKind, text: &str) -> ShapeRole {
    const WORDS: [(ShapeRole, &[&str]); 5] = [
        (ShapeRole::Stage, &["stage", "bühne", "scène", "escenario", "palco", "podium"]),
        (ShapeRole::Screen, &["screen", "leinwand", "écran", "pantalla"]),
        (ShapeRole::Door, &["door", "entrance", "exit", "eingang", "ausgang", "entrée", "sortie"]),
        (ShapeRole::Toilet, &["toilet", "restroom", "wc"]),
        (ShapeRole::Driver, &["driver", "fahrer"]),
    ];
    let text = text.to_lowercase();
    let found = WORDS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word)));
    match found {
        Some((role, _)) => *role,
        None if kind == ShapeKind::Text => ShapeRole::Text,
        None if text.trim().is_empty() => ShapeRole::Wall,
        None => ShapeRole::Text,
    }
}

#[cfg(test)]
mod tests;
