use super::*;
use crate::domain::layout::sample;
use serde_json::{Value, json};

/// A plan whose rows have different labels, so that a seat's number need not name its section.
fn plan() -> Value {
    let mut plan = sample();
    plan["sections"][1]["rows"][0]["label"] = "11".into();
    let seats = plan["sections"][0]["rows"][1]["seats"].as_array_mut().unwrap();
    seats.push(json!({"number": "box B", "label": "B", "x": 9, "y": 2}));
    plan
}

fn read(plan: Value) -> Result<Layout, Vec<String>> {
    let document = serde_path_to_error::deserialize::<_, LayoutDocument>(plan)
        .map_err(|error| vec![error.path().to_string()])?;
    Layout::new(document)
        .map_err(|faults| faults.as_slice().iter().map(|fault| fault.field.clone()).collect())
}

fn with(at: &str, value: Value) -> Value {
    let mut plan = plan();
    let (parent, key) = at.rsplit_once('/').unwrap();
    match plan.pointer_mut(parent).unwrap() {
        Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
        object => object[key] = value,
    }
    plan
}

#[test]
fn the_seats_come_in_the_order_of_the_document() {
    let layout = read(plan()).unwrap();
    let seats: Vec<_> = layout.seats().collect();
    assert_eq!((layout.len(), seats.len()), (15, 15));
    let numbers: Vec<_> = seats.iter().map(|seat| seat.number.as_str()).collect();
    assert_eq!(numbers[..6], ["1-1", "1-2", "1-3", "1-4", "1-5", "1-6"]);
    assert_eq!(numbers[11..], ["box-A", "box B", "11-2", "11-3"]);
    let labels: Vec<_> = seats[11..].iter().map(|seat| (seat.label, seat.category)).collect();
    assert_eq!(labels, [("A", "blue"), ("B", "gold"), ("2", "blue"), ("3", "blue")]);
    let last = seats[14];
    assert_eq!((last.section, last.section_label, last.row), ("R", "Right", "11"));
    assert_eq!((last.x, last.y, last.row_index, last.position), (30, 40, 2, Some(1)));
    assert_eq!((seats[5].position, seats[11].position), (Some(6), None));
    assert!(seats[11].flags.contains(crate::domain::layout::Flag::Aisle));
    assert_eq!(layout.used_categories().collect::<Vec<_>>(), ["gold", "blue"]);
}

#[test]
fn row_1_seat_12_is_not_row_11_seat_2() {
    let layout = read(with(
        "/sections/0/rows/0/run",
        json!(
        {"first": 12, "count": 1, "x": 0, "y": 0, "dx": 1, "dy": 0}),
    ));
    let numbers: Vec<_> =
        layout.unwrap().seats().map(|seat| seat.number.as_str().to_owned()).collect();
    assert_eq!(numbers, ["1-12", "box-A", "box B", "11-2", "11-3"]);
}

#[test]
fn two_blocks_with_the_same_rows_get_the_section_in_front() {
    let layout = read(with("/sections/1/rows/0/label", json!("1"))).unwrap();
    let numbers: Vec<_> = layout.seats().map(|seat| seat.number.as_str()).collect();
    assert_eq!((numbers[0], numbers[13], numbers[11]), ("L-1-1", "R-1-2", "box-A"));
}

#[test]
fn a_long_name_fits() {
    let section = json!({"key": "Second Floor Balcony Left", "label": "Second Floor Balcony Left",
        "rows": [{"label": "AA", "category": "gold",
                  "run": {"first": 101, "count": 2, "x": 0, "y": 0, "dx": 9, "dy": 0}}]});
    let mut plan = with("/sections/0", section.clone());
    plan["sections"][1]["rows"][0]["label"] = "AA".into();
    let layout = read(plan).unwrap();
    let first = layout.seats().next().unwrap();
    assert_eq!(first.number.as_str(), "Second Floor Balcony Left-AA-101");
    assert_eq!(
        (first.section_label, first.row, first.label),
        ("Second Floor Balcony Left", "AA", "101")
    );
}

#[test]
fn what_is_shown_can_be_sent_again() {
    let layout = read(plan()).unwrap();
    let shown = serde_json::to_value(layout.document()).unwrap();
    assert_eq!(shown, plan());
    assert_eq!(read(shown).unwrap().document(), layout.document());
}

#[test]
fn a_fault_is_named_by_its_path() {
    let seat = "/sections/0/rows/1/seats/0";
    let cases: Vec<(String, Value, &str)> = [
        ("/name", json!(""), "name"),
        ("/size/width", json!(0), "size.width"),
        ("/size", json!([1, 2]), "size"),
        ("/focalPoint/x", json!(100_001), "focalPoint.x"),
        ("/categories", json!([]), "categories"),
        ("/categories/1/key", json!("gold"), "categories[1].key"),
        ("/categories/0/color", json!("goldish"), "categories[0].color"),
        ("/categories/0/mark", json!(""), "categories[0].mark"),
        ("/floors/0/key", json!("2"), "sections[0].floor"),
        ("/sections", json!([]), "sections"),
        ("/sections/1/key", json!("L"), "sections[1].key"),
        ("/sections/1/key", json!("x".repeat(33)), "sections[1].key"),
        ("/sections/0/outline", json!([[0, 0], [1, 1]]), "sections[0].outline"),
        ("/sections/0/outline/1", json!([0]), "sections[0].outline[1]"),
        ("/sections/0/outline/1/1", json!(-1), "sections[0].outline[1][1]"),
        ("/sections/0/rows/0/label", json!("x".repeat(17)), "sections[0].rows[0].label"),
        ("/sections/0/rows/0/category", json!("red"), "sections[0].rows[0].category"),
        ("/sections/0/rows/1/category", json!("red"), "sections[0].rows[1].category"),
        ("/sections/0/rows/0/run/count", json!(0), "sections[0].rows[0].run.count"),
        ("/sections/0/rows/0/run/step", json!(0), "sections[0].rows[0].run.step"),
        ("/sections/0/rows/0/run/step", json!(-1), "sections[0].rows[0].run.step"),
        ("/sections/0/rows/0/run/gaps/0", json!(12), "sections[0].rows[0].run.gaps[0]"),
        ("/sections/0/rows/0/run/gaps", json!([1, 1]), "sections[0].rows[0].run.gaps[1]"),
        ("/sections/0/rows/0/run/dx", json!(-1), "sections[0].rows[0].run.x"),
        ("/sections/0/rows/0/run/dy", json!(50_000), "sections[0].rows[0].run.y"),
        ("/sections/0/rows/0/run/dx", json!(1.5), "sections[0].rows[0].run.dx"),
        ("/sections/0/rows/0/seats", json!([]), "sections[0].rows[0]"),
        ("/shapes/0/role", json!("bar"), "shapes[0].role"),
        ("/shapes/0/points", json!([[0, 0]]), "shapes[0].points"),
        ("/shapes/0/kind", json!("polygon"), "shapes[0].points"),
    ]
    .into_iter()
    .map(|(at, value, field)| (at.to_owned(), value, field))
    .chain(
        [
            ("x", json!(-1), "x"),
            ("x", json!(1.5), "x"),
            ("y", json!("1"), "y"),
            ("number", json!(""), "number"),
            ("number", json!("1-1"), "number"),
            ("number", json!("box B"), ""),
            ("flags", json!(["cosy"]), "flags[0]"),
            ("category", json!("red"), "category"),
            ("price", json!(1), "price"),
        ]
        .map(|(key, value, field)| {
            let field = match field {
                // The second of the two is named.
                "" => "sections[0].rows[1].seats[1].number".to_owned(),
                field => format!("sections[0].rows[1].seats[0].{field}"),
            };
            (format!("{seat}/{key}"), value, &*Box::leak(field.into_boxed_str()))
        }),
    )
    .collect();
    for (at, value, field) in cases {
        assert_eq!(read(with(&at, value.clone())).unwrap_err()[0], field, "{at} = {value}");
    }
}

#[test]
fn a_seat_without_category_has_the_only_one() {
    let row = json!({"label": "1", "seats": [{"number": "1", "x": 0, "y": 0}]});
    let field = read(with("/sections/0/rows/0", row.clone())).unwrap_err();
    assert_eq!(field, ["sections[0].rows[0].seats[0].category"]);
    let mut only = with("/sections", json!([{"key": "A", "label": "A", "rows": [row]}]));
    only["categories"].as_array_mut().unwrap().pop();
    only["floors"] = json!([]);
    assert_eq!(read(only).unwrap().seats().next().unwrap().category, "gold");
}

#[test]
fn a_layout_has_at_most_50000_seats_and_500_sections() {
    let run = |count: i32| {
        json!([{"key": "A", "label": "A", "rows": [{"label": "1", "category": "gold",
            "run": {"first": 1, "count": count, "x": 0, "y": 0, "dx": 2, "dy": 0}}]}])
    };
    assert_eq!(read(with("/sections", run(50_000))).unwrap().len(), 50_000);
    let twice = |count: i32| {
        let mut sections = run(50_000);
        let mut other = run(count)[0].clone();
        other["key"] = "B".into();
        sections.as_array_mut().unwrap().push(other);
        sections
    };
    assert_eq!(read(with("/sections", twice(1))).unwrap_err(), ["sections"]);
    let many = |count: usize| {
        let section = |n: usize| {
            json!({"key": n.to_string(), "label": "x", "rows": [
            {"label": n.to_string(), "category": "gold", 
             "seats": [{"number": n.to_string(), "x": 0, "y": 0}]}]})
        };
        json!((0..count).map(section).collect::<Vec<_>>())
    };
    assert_eq!(read(with("/sections", many(500))).unwrap().len(), 500);
    assert_eq!(read(with("/sections", many(501))).unwrap_err(), ["sections"]);
}
