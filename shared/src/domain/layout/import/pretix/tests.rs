use super::*;
use serde_json::{Value, json};

fn plan() -> Value {
    json!({
        "name": "Großer Saal", "size": {"width": 1000, "height": 600},
        "categories": [{"name": "Stalls", "color": "red"}, {"name": "Gallery"}],
        "zones": [{
            "name": "Second Floor Balcony Left", "zone_id": "bl", "uuid": "u1",
            "position": {"x": 100, "y": 50},
            "rows": [{
                "row_number": "AA", "row_label": null, "seat_label": "Seat %s", "uuid": "u2",
                "row_number_position": "both", "position": {"x": 10, "y": 20},
                "seats": [
                    {"seat_guid": "g1", "seat_number": "101", "uuid": "u3", "radius": 10,
                     "start_direction": null, "position": {"x": 0, "y": 0}, "category": "Stalls"},
                    {"seat_guid": "g2", "seat_number": "102", "position": {"x": 30, "y": 0},
                     "category": "Gallery"},
                ],
            }],
            "areas": [
                {"shape": "rectangle", "color": "#ccc", "border_color": "#000", "rotation": 90,
                 "uuid": "u4", "position": {"x": 100, "y": 0},
                 "rectangle": {"width": 50, "height": 20},
                 "text": {"text": "Stage", "color": "#000", "size": 16,
                          "position": {"x": 1, "y": 1}}},
                {"shape": "circle", "position": {"x": 0, "y": 0}, "circle": {"radius": 5}},
                {"shape": "text", "position": {"x": 5, "y": 5},
                 "text": {"text": "Bar", "position": {"x": 1, "y": 2}}},
                {},
            ],
        }],
    })
}

fn read(plan: Value) -> Result<Layout, Vec<String>> {
    let plan = serde_path_to_error::deserialize::<_, PretixPlan>(plan)
        .map_err(|error| vec![error.path().to_string()])?;
    pretix_layout(plan)
        .map_err(|faults| faults.as_slice().iter().map(|fault| fault.field.clone()).collect())
}

#[test]
fn positions_are_added_up_and_everything_gets_a_name() {
    let layout = read(plan()).unwrap();
    let seats: Vec<_> = layout.seats().collect();
    assert_eq!(seats[0].number.as_str(), "Second Floor Balcony Left-AA-101");
    assert_eq!((seats[0].label, seats[0].category), ("101", "Stalls"));
    // All is whole and in range: nothing is scaled.
    assert_eq!((seats[1].x, seats[1].y), (140, 70));
    let document = layout.document();
    assert_eq!((document.size.width.get(), document.size.height.get()), (1_000, 600));
    assert_eq!(document.categories[0].color, Color::parse("#ff0000").unwrap());
    assert_ne!(document.categories[0].mark, document.categories[1].mark);
    let roles: Vec<_> = document.shapes.iter().map(|shape| (shape.role, shape.kind)).collect();
    let polygon = ShapeKind::Polygon;
    assert_eq!(
        roles,
        [
            (ShapeRole::Stage, polygon),
            (ShapeRole::Wall, polygon),
            (ShapeRole::Text, ShapeKind::Text)
        ]
    );
}

#[test]
fn whole_numbers_may_have_a_point_and_null_is_as_if_absent() {
    let expected = read(plan()).unwrap();
    let mut other = plan();
    for side in ["width", "height"] {
        let whole = other["size"][side].as_f64().unwrap();
        other["size"][side] = whole.into();
    }
    other["zones"][0]["rows"][0]["row_label"] = Value::Null;
    assert_eq!(read(other).unwrap().document(), expected.document());
    let mut without = plan();
    without["zones"][0]["areas"] = Value::Null;
    assert!(read(without).unwrap().document().shapes.is_empty());
    for wrong in [json!(-1.0), json!(900.5), json!("900"), json!(5e9)] {
        let mut refused = plan();
        refused["size"]["width"] = wrong;
        assert_eq!(read(refused).unwrap_err(), ["size.width"]);
    }
}

#[test]
fn the_shape_of_the_first_schema_is_read() {
    let mut old = plan();
    old.as_object_mut().unwrap().remove("size");
    let zone = &mut old["zones"][0];
    zone["displayed"] = true.into();
    zone["rows"][0]["number_of_seats"] = 2.0.into();
    zone["rows"][0]["seats_spacing"] = 30.into();
    zone["areas"] =
        json!([{"width": 10, "height": 5, "position": {"x": 1, "y": 1}, "text": "Bühne"}]);
    assert_eq!(read(old).unwrap().document().shapes[0].role, ShapeRole::Stage);
}

#[test]
fn zones_with_one_name_get_two_keys() {
    let mut twice = plan();
    twice["zones"][0]["name"] = "Balcony Left".into();
    let mut other = twice["zones"][0].clone();
    other["rows"][0]["seats"][0]["seat_guid"] = "g3".into();
    other["rows"][0]["seats"][1]["seat_guid"] = "g4".into();
    twice["zones"].as_array_mut().unwrap().push(other);
    let layout = read(twice).unwrap();
    let sections = &layout.document().sections;
    assert_eq!(sections[1].key.as_str(), "Balcony Left 2");
    assert_eq!(sections[0].label, sections[1].label);
}

#[test]
fn a_fault_is_named_by_its_element() {
    let seat = "/zones/0/rows/0/seats/1";
    let cases: [(String, Value, &str); 16] = [
        (format!("{seat}/category"), json!("Box"), "zones[0].rows[0].seats[1].category"),
        (format!("{seat}/category"), json!(""), "zones[0].rows[0].seats[1].category"),
        (format!("{seat}/seat_guid"), json!("g1"), "zones[0].rows[0].seats[1].seat_guid"),
        (format!("{seat}/seat_number"), json!("101"), "zones[0].rows[0].seats[1].seat_number"),
        (format!("{seat}/seat_number"), json!(""), "zones[0].rows[0].seats[1].seat_number"),
        (format!("{seat}/seat_number"), json!(102), "zones[0].rows[0].seats[1].seat_number"),
        (format!("{seat}/position/x"), json!("3"), "zones[0].rows[0].seats[1].position.x"),
        (format!("{seat}/position"), json!({"x": 1}), "zones[0].rows[0].seats[1].position"),
        (seat.to_owned(), json!(["g", "1"]), "zones[0].rows[0].seats[1]"),
        (
            "/zones/0/rows/0/row_number".into(),
            json!("12345678901234567"),
            "zones[0].rows[0].row_number",
        ),
        ("/zones/0/rows/0/seats".into(), json!(null), "zones[0].rows[0].seats"),
        ("/zones/0/rows".into(), json!([]), "zones"),
        ("/zones/0/areas/1/circle".into(), json!(null), "zones[0].areas[1]"),
        ("/zones/0/areas/1/shape".into(), json!("star"), "zones[0].areas[1].shape"),
        ("/categories/1/name".into(), json!("Stalls"), "categories[1].name"),
        ("/name".into(), json!(" "), "name"),
    ];
    for (at, value, field) in cases {
        let mut bad = plan();
        *bad.pointer_mut(&at).unwrap() = value;
        assert_eq!(read(bad).unwrap_err()[0], field, "{at}");
    }
    let mut unknown = plan();
    unknown["zones"][0]["rows"][0]["seats"][0]["price"] = 1.into();
    assert_eq!(read(unknown).unwrap_err(), ["zones[0].rows[0].seats[0].price"]);
}

#[test]
fn fractions_are_scaled_to_the_whole_range() {
    let mut fractions = plan();
    fractions["zones"][0]["rows"][0]["seats"][1]["position"]["x"] = json!(30.25);
    let layout = read(fractions).unwrap();
    let places: Vec<_> = layout.seats().map(|seat| (seat.x, seat.y)).collect();
    assert_eq!(places, [(12_560, 8_720), (15_464, 8_720)]);
    assert_eq!(layout.document().size.width.get(), 100_000);
}
