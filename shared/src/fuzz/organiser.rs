//! The bodies and queries of organisers about entities and seats, and a buyer's wish
//! for the best seats.

use super::{
    contract::{self, Field, PRICE, Rule, change, optional, required},
    fields::{body, flag, instant, limit, name, object, object_id, one_of, query, text},
};
use crate::inputs::{
    BestAvailableIn, CreateLayoutSeatsIn, ListEntitiesIn, ListEntitySeatsIn, ListEntitySettingsIn,
    PatchEntityIn, PatchSeatsIn, PutEntityIn, RemoveSeatsIn,
};
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use serde_json::{Map, Value, json};

const TITLE: Rule = Rule::Printable(1, 200);
const KEY: Rule = Rule::Printable(1, 64);
static OBJECT_ID: Rule = Rule::Text(&contract::OBJECT_ID);
static FLAG: Rule = Rule::Text(&contract::FLAG);
static SEAT_NUMBER: Rule = Rule::Printable(1, 64);

/// Which seats a change is for.
static SELECTION: [Field; 4] = [
    optional("seatIds", Rule::List(&OBJECT_ID)),
    optional("seatNumbers", Rule::List(&SEAT_NUMBER)),
    optional("section", KEY),
    optional("category", KEY),
];

/// New values of seats.
static VALUES: [Field; 7] = [
    change("price", PRICE),
    optional("category", KEY),
    optional("section", KEY),
    optional("row", Rule::Printable(1, 16)),
    optional("flags", Rule::List(&FLAG)),
    optional("metadata", Rule::Metadata),
    change("forSale", Rule::Flag),
];

/// The settings that a PUT and a PATCH share. They differ in what `null` means.
const SETTINGS: [Field; 11] = [
    optional("description", Rule::Printable(1, 2_000)),
    optional("venue", TITLE),
    optional("startsAt", Rule::Text(&contract::RFC_3339)),
    optional("endsAt", Rule::Text(&contract::RFC_3339)),
    optional("timeZone", Rule::Text(&contract::TIME_ZONE)),
    optional("salesOpenAt", Rule::Text(&contract::RFC_3339)),
    optional("salesCloseAt", Rule::Text(&contract::RFC_3339)),
    optional("holdSeconds", Rule::Whole(30, 3_600)),
    optional("maxSeatsPerUser", Rule::Whole(1, 1_000)),
    optional("cancellationPolicy", Rule::Ignored),
    optional("cancelling", Rule::Ignored),
];

fn whole(min: i64, max: i64) -> BoxedStrategy<Value> {
    (min..=max).prop_map(Value::from).boxed()
}

fn price() -> BoxedStrategy<Value> {
    whole(0, 1_000_000_000_000)
}

fn settings() -> Vec<(&'static str, BoxedStrategy<Value>)> {
    vec![
        ("title", name()),
        ("currency", one_of(&["INR", "EUR", "KWD"])),
        ("description", text("[A-Za-z中][ -~é]{0,300}")),
        ("venue", name()),
        ("startsAt", instant()),
        ("endsAt", instant()),
        ("timeZone", one_of(&["Asia/Kolkata", "UTC", "America/Argentina/Buenos_Aires"])),
        ("salesOpenAt", instant()),
        ("salesCloseAt", instant()),
        ("state", one_of(&["ON_SALE", "PAUSED"])),
        ("holdSeconds", whole(30, 3_600)),
        ("maxSeatsPerUser", whole(1, 1_000)),
        ("releaseAccessible", flag()),
    ]
}

#[test]
fn settings_of_an_entity() {
    let mut fields = SETTINGS.to_vec();
    fields.extend([
        required("title", TITLE),
        optional("currency", Rule::Text(&contract::CURRENCY)),
        optional("state", Rule::Text(&contract::ENTITY_STATE)),
        optional("releaseAccessible", Rule::Flag),
        optional("seats", Rule::Ignored),
        optional("version", Rule::Ignored),
    ]);
    let mut valid = settings();
    // What a GET returned is sent back.
    valid.push(("seats", Just(json!({"total": 7})).boxed()));
    valid.push(("version", whole(1, 1_000)));
    body::<PutEntityIn>("PutEntityIn", &fields, object(1, valid));
}

#[test]
fn changes_of_an_entity() {
    let mut fields = SETTINGS.to_vec();
    fields.retain(|field| field.name != "cancelling");
    fields.extend([
        change("title", TITLE),
        change("currency", Rule::Text(&contract::CURRENCY)),
        change("state", Rule::Text(&contract::ENTITY_STATE)),
        optional("releaseAccessible", Rule::Flag),
    ]);
    body::<PatchEntityIn>("PatchEntityIn", &fields, object(0, settings()));
}

/// A cursor of the list of entities: `[1769076000000,"show"]` in base64url.
const ENTITY_CURSOR: &str = "WzE3NjkwNzYwMDAwMDAsInNob3ciXQ";

#[test]
fn queries_of_entities() {
    let mut fields = vec![
        optional("from", Rule::Text(&contract::RFC_3339)),
        optional("to", Rule::Text(&contract::RFC_3339)),
        optional("limit", Rule::Digits(1, 100)),
        optional("cursor", Rule::Text(&contract::BASE64_URL)),
    ];
    let valid = || {
        vec![
            ("from", instant()),
            ("to", instant()),
            ("limit", limit(100)),
            ("cursor", one_of(&[ENTITY_CURSOR])),
        ]
    };
    query::<ListEntitiesIn>("ListEntitiesIn", &fields, object(0, valid()));
    fields.push(optional("state", Rule::Text(&contract::ENTITY_STATE)));
    let mut valid = valid();
    valid.push(("state", one_of(&["ON_SALE", "PAUSED", "CANCELLED"])));
    query::<ListEntitySettingsIn>("ListEntitySettingsIn", &fields, object(0, valid));
}

#[test]
fn queries_of_an_entitys_seats() {
    let fields = [
        optional("status", Rule::Text(&contract::SEAT_STATE)),
        optional("section", KEY),
        optional("limit", Rule::Digits(1, 1_000)),
        optional("cursor", Rule::Text(&contract::BASE64_URL)),
    ];
    let valid = object(
        0,
        vec![
            ("status", one_of(&["AVAILABLE", "LOCKED", "BOOKED", "NOT_FOR_SALE"])),
            ("section", name_of_64()),
            ("limit", limit(1_000)),
            ("cursor", one_of(&["IkExIg"])),
        ],
    );
    query::<ListEntitySeatsIn>("ListEntitySeatsIn", &fields, valid);
}

fn name_of_64() -> BoxedStrategy<Value> {
    text("[A-Za-zéñ中][ -~éñ中]{0,60}")
}

/// One of the four conditions.
fn selection() -> BoxedStrategy<Value> {
    prop_oneof![
        vec(object_id(), 1..4).prop_map(|ids| json!({"seatIds": ids})),
        vec(name_of_64(), 1..4).prop_map(|numbers| json!({"seatNumbers": numbers})),
        name_of_64().prop_map(|section| json!({"section": section})),
        name_of_64().prop_map(|category| json!({"category": category})),
    ]
    .boxed()
}

#[test]
fn changes_of_seats() {
    let fields =
        [required("where", Rule::Object(&SELECTION)), required("set", Rule::Object(&VALUES))];
    let flags = vec(one_of(&["aisle", "window", "wheelchair"]), 0..3).prop_map(Value::from);
    let values = object(
        0,
        vec![
            ("price", price()),
            ("category", name_of_64()),
            ("section", name_of_64()),
            ("row", text("[A-Z]{1,16}")),
            ("flags", flags.boxed()),
            ("metadata", Just(json!({"tier": "gold", "at": {"x": [1, 2.5, null]}})).boxed()),
            ("forSale", flag()),
        ],
    );
    let valid = object(2, vec![("where", selection()), ("set", values.boxed())]);
    body::<PatchSeatsIn>("PatchSeatsIn", &fields, valid);
}

#[test]
fn removals_of_seats() {
    let fields = [required("where", Rule::Object(&SELECTION))];
    body::<RemoveSeatsIn>("RemoveSeatsIn", &fields, object(1, vec![("where", selection())]));
}

#[test]
fn seats_of_a_layout() {
    let fields =
        [required("layoutId", Rule::Text(&contract::ENTITY_ID)), required("prices", Rule::Prices)];
    let prices = btree_map("[A-Za-z中][ -~]{0,60}", price(), 1..4)
        .prop_map(|prices| Value::Object(prices.into_iter().collect::<Map<_, _>>()));
    let valid = object(
        2,
        vec![("layoutId", text("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")), ("prices", prices.boxed())],
    );
    body::<CreateLayoutSeatsIn>("CreateLayoutSeatsIn", &fields, valid);
}

#[test]
fn wishes_for_the_best_seats() {
    let fields = [
        required("entityId", Rule::Text(&contract::ENTITY_ID)),
        required("quantity", Rule::Whole(1, 10)),
        optional("section", KEY),
        optional("category", KEY),
        optional("maxPrice", PRICE),
        optional("accessible", Rule::Flag),
        optional("adjacent", Rule::Text(&contract::ADJACENT)),
    ];
    let valid = object(
        2,
        vec![
            ("entityId", text("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")),
            ("quantity", whole(1, 10)),
            ("section", name_of_64()),
            ("category", name_of_64()),
            ("maxPrice", price()),
            ("accessible", flag()),
            ("adjacent", one_of(&["REQUIRED", "PREFERRED", "NO"])),
        ],
    );
    body::<BestAvailableIn>("BestAvailableIn", &fields, valid);
}
