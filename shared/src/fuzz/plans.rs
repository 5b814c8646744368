//! Seating plans: as JSON, as pretix writes them, and as a spreadsheet. What is taken is a layout
//! whose parts fit together, and what is refused names a place.

use super::{
    changes::{apply, changes},
    fuzz,
    text::{CANARY, edited, edits},
};
use crate::{
    domain::layout::{
        Layout, LayoutDocument, MAX_COORDINATE, PretixPlan, Text, csv_layout, pretix_layout, sample,
    },
    error::{Code, Error},
    http::json,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;

/// A plan with every optional field.
fn layout() -> Value {
    let mut plan = sample();
    plan["categories"][1]["color"] = "rgb(1, 2, 3)".into();
    let rows = &mut plan["sections"][0]["rows"];
    let run = &mut rows[0]["run"];
    (run["first"], run["step"], run["bend"]) = (15.into(), (-1).into(), 8.into());
    rows[1]["seats"][0]["label"] = "A".into();
    let wall = json!({"role": "wall", "kind": "polygon", "points": [[0, 0], [9, 9], [0, 9]]});
    plan["shapes"].as_array_mut().unwrap().push(wall);
    plan
}

fn pretix() -> Value {
    let seat = |guid: &str, number: &str, x: f64| {
        json!({
            "seat_guid": guid, "seat_number": number, "category": "Stalls",
            "position": {"x": x, "y": 1.5},
        })
    };
    json!({
        "name": "Hall", "size": {"width": 500, "height": 300},
        "categories": [{"name": "Stalls", "color": "red"}],
        "zones": [{
            "name": "Balcony", "zone_id": "b", "position": {"x": 10.0, "y": -5.0}, "rows": [
                {"row_number": "A", "position": {"x": 1.0, "y": 2.0},
                 "seats": [seat("a", "1", 0.0), seat("b", "2", 30.25)]},
                {"row_number": "B", "seats": [seat("c", "1", 0.0)]},
            ],
            "areas": [
                {"shape": "rectangle", "rotation": 45.0, "position": {"x": 1.0, "y": 1.0},
                 "rectangle": {"width": 50.0, "height": 20.0},
                 "text": {"text": "Stage", "position": {"x": 1.0, "y": 1.0}}},
                {"shape": "circle", "position": {"x": 0.0, "y": 0.0}, "circle": {"radius": 5.0}},
                {"shape": "polygon", "position": {"x": 9.0, "y": 9.0}, "polygon": {
                    "points": [{"x": 0.0, "y": 0.0}, {"x": 5.0, "y": 0.0}, {"x": 5.0, "y": 5.0}]}},
            ],
        }],
    })
}

const SHEET: &str = "section,row,number,x,y,category,flags\n\
                     Stalls,A,1,10,20,Gold,wheelchair aisle\n\
                     Stalls,A,2,\"20.5\",20,Gold,\n\
                     \"Gallery, left\",AA,101,-3,1e2,Silver,window\n";

/// The parts of a layout fit together, and it is the same after it was stored and read.
fn check_layout(layout: &Layout) {
    let numbers: HashSet<String> = layout.seats().map(|seat| seat.number.key()).collect();
    assert_eq!(numbers.len(), layout.len());
    assert!((1..=50_000).contains(&layout.len()));
    let categories: HashSet<&str> =
        layout.document().categories.iter().map(|category| category.key.as_str()).collect();
    for seat in layout.seats() {
        assert!(seat.x <= MAX_COORDINATE && seat.y <= MAX_COORDINATE, "{seat:?}");
        assert!(categories.contains(seat.category), "{seat:?}");
        assert!(!seat.label.trim().is_empty() && !seat.row.is_empty(), "{seat:?}");
    }
    let stored = serde_json::to_string(layout.document()).unwrap();
    let read: LayoutDocument = serde_json::from_str(&stored).unwrap();
    let read = Layout::new(read).expect("what was taken once is taken again");
    assert_eq!(read.document(), layout.document());
    assert!(read.seats().eq(layout.seats()));
}

/// The places of a refusal.
fn places(error: &Error) -> Vec<(String, String)> {
    assert_eq!(error.code(), Code::Validation, "{error}");
    let details = error.details().expect("details");
    let fields = details["fields"].as_array().expect("fields");
    assert!((1..=20).contains(&fields.len()), "{details}");
    let text = |entry: &Value, name: &str| entry[name].as_str().expect("a text").to_owned();
    fields.iter().map(|entry| (text(entry, "field"), text(entry, "reason"))).collect()
}

fn check(untouched: bool, input: &Value, outcome: Result<Layout, Error>) {
    match outcome {
        Ok(layout) => check_layout(&layout),
        Err(error) => {
            assert!(!untouched, "{error}: {input}");
            for (field, reason) in places(&error) {
                // Only the client's own field can have an empty name.
                assert!(!field.is_empty() || reason == "is unknown", "{error}");
                assert!(!reason.is_empty(), "{error}");
            }
        }
    }
}

#[test]
fn plans_as_json() {
    fuzz("LayoutDocument", changes(), |changes| {
        let (mut input, untouched) = (layout(), changes.is_empty());
        changes.into_iter().for_each(|change| apply(&mut input, change));
        let text = input.to_string();
        let document = json::object(text.as_bytes()).and_then(json::typed_text::<LayoutDocument>);
        let outcome = document.and_then(|document| Ok(Layout::new(document)?));
        if let Err(error) = &outcome {
            assert!(!error.to_string().contains(CANARY), "{error} repeats a value of {input}");
        }
        check(untouched, &input, outcome);
    });
}

#[test]
fn plans_of_pretix() {
    fuzz("PretixPlan", changes(), |changes| {
        let (mut input, untouched) = (pretix(), changes.is_empty());
        changes.into_iter().for_each(|change| apply(&mut input, change));
        let text = input.to_string();
        let plan = json::object(text.as_bytes()).and_then(json::typed_text::<PretixPlan>);
        check(untouched, &input, plan.and_then(|plan| Ok(pretix_layout(plan)?)));
    });
}

#[test]
fn spreadsheets() {
    let edited_as = (edits(3), any::<bool>(), any::<bool>(), any::<bool>());
    fuzz("CSV", edited_as, |(edits, semicolons, crlf, legacy)| {
        let untouched = edits.is_empty();
        let mut sheet = edited(SHEET, &edits);
        if semicolons {
            sheet = sheet.replace(',', ";");
        }
        if crlf {
            sheet = sheet.replace('\n', "\r\n");
        }
        let bytes = match legacy {
            true => encoding_rs::WINDOWS_1252.encode(&sheet).0.into_owned(),
            false => sheet.clone().into_bytes(),
        };
        match csv_layout(Text::parse("Hall").unwrap(), &bytes) {
            Ok(layout) => check_layout(&layout),
            Err(faults) => {
                assert!(!untouched, "{faults:?}: {sheet:?}");
                // A file with a header alone lacks the line after it.
                let lines = sheet.matches(['\n', '\r']).count() + 2;
                for (field, _) in places(&Error::from(faults)) {
                    let line = field.strip_prefix("line ").unwrap_or_else(|| panic!("{field}"));
                    let line = line.split(',').next().unwrap().parse::<usize>().unwrap();
                    assert!((1..=lines).contains(&line), "{field} of {sheet:?}");
                }
            }
        }
    });
}
