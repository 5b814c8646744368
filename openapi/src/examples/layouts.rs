//! Examples of seating plans.

use super::{Examples, LAYOUT, with};
use serde_json::{Value, json};

fn plan() -> Value {
    json!({
        "name": "Great hall",
        "size": {"width": 2_000, "height": 1_500},
        "focalPoint": {"x": 1_000, "y": 0},
        "categories": [
            {"key": "gold", "label": "Gold", "color": "#d4af37", "mark": "★"},
            {"key": "silver", "label": "Silver", "color": "#7f8c8d", "mark": "●"},
        ],
        "sections": [{
            "key": "stalls", "label": "Stalls",
            "rows": [
                {
                    "label": "A", "category": "gold",
                    "run": {"first": 1, "count": 12, "x": 400, "y": 400, "dx": 100, "dy": 0,
                            "gaps": [5, 6]},
                },
                {
                    "label": "B", "category": "silver",
                    "seats": [
                        {"number": "B-1", "label": "1", "x": 400, "y": 520,
                         "flags": ["wheelchair"]},
                        {"number": "B-2", "label": "2", "x": 500, "y": 520,
                         "flags": ["companion", "aisle"]},
                    ],
                },
            ],
        }],
        "shapes": [{
            "role": "stage", "kind": "rect", "label": "Stage",
            "points": [[500, 0], [1_500, 200]],
        }],
    })
}

pub(crate) fn put_layout() -> Examples {
    vec![("a hall", plan())]
}

fn a_version() -> Value {
    json!({
        "layoutId": LAYOUT, "version": 1,
        "counts": {"seats": 12, "rows": 2, "sections": 1, "categories": 2},
        "createdAt": "2026-01-02T09:00:00.000Z",
    })
}

pub(crate) fn layout_version() -> Examples {
    vec![("a hall", with(a_version(), json!({"name": "Great hall"})))]
}

pub(crate) fn layout() -> Examples {
    vec![("a hall", with(a_version(), plan()))]
}

pub(crate) fn layout_page() -> Examples {
    let layout = with(a_version(), json!({"name": "Great hall"}));
    vec![("the last page", json!({"layouts": [layout]}))]
}

pub(crate) fn layout_query() -> Value {
    json!({"version": 1})
}

pub(crate) fn import_query() -> Value {
    json!({"format": "pretix"})
}

pub(crate) fn pretix_plan() -> Value {
    let seat = |number: &str, x: i64| {
        json!({
            "seat_guid": format!("lawn-A-{number}"), "seat_number": number,
            "position": {"x": x, "y": 0}, "category": "Lawn",
        })
    };
    json!({
        "name": "Open air",
        "size": {"width": 400, "height": 300},
        "categories": [{"name": "Lawn", "color": "#2e8b57"}],
        "zones": [{
            "name": "Lawn", "position": {"x": 100, "y": 100},
            "rows": [{
                "row_number": "A", "position": {"x": 0, "y": 0},
                "seats": [seat("1", 0), seat("2", 30)],
            }],
            "areas": [],
        }],
    })
}

pub(crate) fn spreadsheet() -> Value {
    "section,row,number,x,y,category,flags\nStalls,A,1,100,200,Gold,wheelchair\n\
     Stalls,A,2,150,200,Gold,companion aisle\n"
        .into()
}
