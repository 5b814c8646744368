//! `POST /admin/apps/{appId}/entities/{entityId}/seats`: all seats of an entity from a layout.

mod best;

use std::time::Duration;

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use crate::support::{
    WAIT_TIMEOUT,
    feed::Viewer,
    invariants, payment,
    people::Tenant,
    poll::eventually,
    reply::{Reply, strings},
    runtime_api::{Environment, Event},
    stacks, unique,
};

/// Two categories of different prices in two sections that have the same row.
fn plan() -> Value {
    json!({
        "name": "Hall", "size": {"width": 1000, "height": 800}, "focalPoint": {"x": 100, "y": 0},
        "categories": [
            {"key": "gold", "label": "Gold", "color": "#d4af37", "mark": "★"},
            {"key": "blue", "label": "Blue", "color": "#1f6fb2", "mark": "●"},
            {"key": "spare", "label": "Nobody has it", "color": "#1f6fb2", "mark": "x"},
        ],
        "sections": [
            {"key": "L", "label": "Left", "rows": [
                {"label": "1", "category": "gold",
                 "run": {"first": 1, "count": 2, "x": 0, "y": 10, "dx": 30, "dy": 0}},
                {"label": "2", "seats": [
                    {"number": "box-A", "label": "A", "x": 1, "y": 2, "category": "blue",
                     "flags": ["wheelchair", "aisle"]},
                ]},
            ]},
            {"key": "R", "label": "Right", "rows": [
                {"label": "1", "category": "blue",
                 "run": {"first": 1, "count": 2, "x": 300, "y": 10, "dx": 30, "dy": 0}},
            ]},
        ],
    })
}

fn prices() -> Value {
    json!({"gold": 900, "blue": 400})
}

fn path(tenant: &Tenant) -> String {
    format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity)
}

/// A tenant with an entity that has no seats, and a layout `hall`.
async fn venue() -> Tenant {
    let mut tenant = stacks::usual().await.tenant().await;
    tenant.entity = tenant.new_entity("show", &json!({})).await;
    store(&tenant, "hall", &plan()).await;
    tenant
}

async fn store(tenant: &Tenant, layout: &str, plan: &Value) {
    let path = format!("/admin/apps/{}/layouts/{layout}", tenant.app_id);
    let reply = tenant.stack.admin().await.call("PUT", &path).json(plan).send().await;
    assert!(matches!(reply.status, 200 | 201), "{reply}");
}

async fn make(tenant: &Tenant, body: &Value) -> Reply {
    tenant.stack.admin().await.post(&format!("{}/seats", path(tenant)), body).await
}

async fn make_hall(tenant: &Tenant) -> Reply {
    make(tenant, &json!({"layoutId": "hall", "prices": prices()})).await
}

async fn entity(tenant: &Tenant) -> Value {
    tenant.stack.admin().await.get(&path(tenant)).await.expect(200).clone()
}

/// The seats as the organiser sees them.
async fn seats(tenant: &Tenant, query: &str) -> Vec<Value> {
    let path = format!("{}/seats{query}", path(tenant));
    let reply = tenant.stack.admin().await.get(&path).await;
    reply.expect(200)["seats"].as_array().unwrap().clone()
}

fn texts(seats: &[Value], field: &str) -> Vec<String> {
    seats.iter().map(|seat| seat[field].as_str().unwrap_or_default().to_owned()).collect()
}

const NUMBERS: [&str; 5] = ["L-1-1", "L-1-2", "R-1-1", "R-1-2", "box-A"];

#[tokio::test]
async fn a_seat_that_leaves_its_section_leaves_the_label_too() {
    let tenant = venue().await;
    make_hall(&tenant).await.expect(201);
    let right = seats(&tenant, "").await[2]["section"].clone();
    let path = format!("{}/seats", path(&tenant));
    let first = json!({"seatNumbers": ["L-1-1", "R-1-1"]});
    let change = json!({"where": first, "set": {"section": right, "price": 1}});
    let done = tenant.stack.admin().await.patch(&path, &change).await;
    assert_eq!(done.expect(200)["changed"], 2);
    let all = seats(&tenant, "").await;
    assert_eq!(texts(&all, "sectionLabel"), ["", "Left", "Right", "Right", "Left"]);
    assert_eq!((&all[0]["section"], &all[0]["price"]), (&right, &json!(1)));
}

#[tokio::test]
async fn each_seat_of_the_layout_is_made_once_with_the_price_of_its_category() {
    let tenant = venue().await;
    let made = make_hall(&tenant).await;
    assert_eq!(*made.expect(201), json!({"created": 5, "total": 5}));
    let all = seats(&tenant, "").await;
    assert_eq!(texts(&all, "seatNumber"), NUMBERS);
    assert_eq!(texts(&all, "sectionLabel"), ["Left", "Left", "Right", "Right", "Left"]);
    assert_eq!(texts(&all, "label"), ["1", "2", "1", "2", "A"]);
    assert_eq!(texts(&all, "row"), ["1", "1", "1", "1", "2"]);
    assert_eq!(texts(&all, "category"), ["gold", "gold", "blue", "blue", "blue"]);
    let prices: Vec<_> = all.iter().map(|seat| seat["price"].clone()).collect();
    assert_eq!(prices, [900, 900, 400, 400, 400]);
    assert_eq!(all[4]["flags"], json!(["wheelchair", "aisle"]));
    assert!(all.iter().all(|seat| seat["status"] == "AVAILABLE" && seat["currency"] == "INR"));
    let entity = entity(&tenant).await;
    assert_eq!((&entity["layoutId"], &entity["layoutVersion"]), (&json!("hall"), &json!(1)));
    assert!(entity.get("seatsIncomplete").is_none());
    assert_eq!(entity["seats"]["available"], 5);
    let again = make_hall(&tenant).await;
    assert_eq!(*again.expect(200), json!({"created": 0, "total": 5}));
    let user = tenant.user().await;
    let hold = user.hold(&[all[4]["seatId"].as_str().unwrap()]).await;
    user.confirm(&hold, &payment()).await.expect(201);
    make_hall(&tenant).await.expect(200);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn an_entity_with_other_seats_cannot_get_those_of_a_layout() {
    let tenant = venue().await;
    tenant.seats(&["A1", "A2"]).await;
    let refused = make_hall(&tenant).await;
    let details = refused.error(409, "SEAT_ALREADY_EXISTS")["details"].clone();
    assert_eq!(details, json!({"seatNumbers": ["A1", "A2"]}));
    assert!(entity(&tenant).await.get("layoutId").is_none());

    let tenant = venue().await;
    make_hall(&tenant).await.expect(201);
    store(&tenant, "barn", &plan()).await;
    let barn = json!({"layoutId": "barn", "prices": prices()});
    make(&tenant, &barn).await.error(409, "SEAT_ALREADY_EXISTS");
    store(&tenant, "hall", &plan()).await;
    let refused = make_hall(&tenant).await;
    let details = refused.error(409, "SEAT_ALREADY_EXISTS")["details"].clone();
    assert_eq!(strings(&details["seatNumbers"]), NUMBERS);
    assert_eq!(seats(&tenant, "").await.len(), 5);
}

#[tokio::test]
async fn after_all_seats_were_removed_they_can_be_made_from_the_newest_version() {
    let tenant = venue().await;
    make_hall(&tenant).await.expect(201);
    let first = seats(&tenant, "").await;
    let admin = tenant.stack.admin().await;
    let change = json!({"where": {"section": "L"}, "set": {"forSale": false}});
    admin.patch(&format!("{}/seats", path(&tenant)), &change).await.expect(200);
    let all = json!({"where": {"seatNumbers": NUMBERS}});
    let remove = format!("{}/seats/remove", path(&tenant));
    assert_eq!(admin.post(&remove, &all).await.expect(200)["removed"], 5);
    let mut wider = plan();
    wider["sections"][1]["rows"][0]["run"]["count"] = 3.into();
    wider["sections"][0]["rows"][1]["seats"][0].as_object_mut().unwrap().remove("flags");
    store(&tenant, "hall", &wider).await;
    let dearer = json!({"layoutId": "hall", "prices": {"gold": 1, "blue": 2, "spare": 3}});
    assert_eq!(*make(&tenant, &dearer).await.expect(201), json!({"created": 6, "total": 6}));
    let again = seats(&tenant, "").await;
    assert_eq!(again.len(), 6);
    assert!(again.iter().all(|seat| seat["status"] == "AVAILABLE"));
    assert!(
        again.iter().all(|seat| seat["price"] == if seat["category"] == "gold" { 1 } else { 2 })
    );
    assert_eq!(again[0]["seatId"], first[0]["seatId"], "a removed seat comes back");
    assert!(again[5].get("flags").is_none());
    assert_eq!(entity(&tenant).await["layoutVersion"], 2);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_deleted_entity_forgets_its_layout() {
    let tenant = venue().await;
    make_hall(&tenant).await.expect(201);
    let admin = tenant.stack.admin().await;
    admin.delete(&path(&tenant)).await.expect(200);
    let settings = json!({"title": "Again", "currency": "EUR"});
    admin.call("PUT", &path(&tenant)).json(&settings).send().await.expect(201);
    assert!(entity(&tenant).await.get("layoutId").is_none());
    assert_eq!(*make_hall(&tenant).await.expect(201), json!({"created": 5, "total": 5}));
    assert!(seats(&tenant, "").await.iter().all(|seat| seat["currency"] == "EUR"));
}

#[tokio::test]
async fn wrong_prices_and_unknown_layouts_and_entities_are_named() {
    let tenant = venue().await;
    let with = |prices: Value| json!({"layoutId": "hall", "prices": prices});
    make(&tenant, &with(json!({"gold": 1}))).await.refuses("prices.blue");
    make(&tenant, &with(json!({}))).await.refuses("prices.gold");
    let unknown = with(json!({"gold": 1, "blue": 1, "Gold": 1}));
    make(&tenant, &unknown).await.refuses("prices.Gold");
    for wrong in [json!(-1), json!(1.5), json!("1"), json!(null), json!(1_000_000_000_001_i64)] {
        make(&tenant, &with(json!({"gold": wrong, "blue": 1}))).await.refuses("prices.gold");
    }
    make(&tenant, &with(json!({"": 1}))).await.refuses("prices.");
    let twice = json!({"gold": 1, "blue": 1, " gold": 2});
    make(&tenant, &with(twice)).await.refuses("prices");
    make(&tenant, &with(json!([["gold", 1]]))).await.refuses("prices");
    make(&tenant, &json!({"layoutId": "hall"})).await.refuses("prices");
    make(&tenant, &json!({"prices": prices()})).await.refuses("layoutId");
    let strange = json!({"layoutId": "no/hall", "prices": prices()});
    make(&tenant, &strange).await.refuses("layoutId");
    let more = json!({"layoutId": "hall", "prices": prices(), "version": 1});
    make(&tenant, &more).await.refuses("version");
    let barn = json!({"layoutId": "barn", "prices": prices()});
    make(&tenant, &barn).await.error(404, "LAYOUT_NOT_FOUND");
    let mut other = tenant.clone();
    other.entity = unique("nothing");
    make_hall(&other).await.error(404, "ENTITY_NOT_FOUND");
    // Another tenant's layout does not exist here.
    let stranger = stacks::usual().await.tenant().await;
    stranger.seat().await;
    make_hall(&stranger).await.error(404, "LAYOUT_NOT_FOUND");
    assert!(seats(&tenant, "").await.is_empty());
}

/// Puts the entity into the state after a call that was cut off when it had made two seats.
async fn cut_off(tenant: &Tenant) {
    let database = tenant.stack.database().await;
    let own = doc! {"appId": &tenant.app_id, "entityId": &tenant.entity};
    let mut later = own.clone();
    later.insert("seatNumber", doc! {"$nin": ["L-1-1", "L-1-2"]});
    database.collection::<Document>("seats").delete_many(later).await.unwrap();
    let prices = vec![
        doc! {"category": "blue", "price": 400_i64},
        doc! {"category": "gold", "price": 900_i64},
    ];
    let set = doc! {"seatsIncomplete": true, "seatsMade": 2_i64, "layoutPrices": prices};
    let update = doc! {"$set": set, "$inc": {"seatsVersion": 1_i64}};
    database.collection::<Document>("entities").update_one(own, update).await.unwrap();
    // The call that was cut off would have set the version in Redis.
    let change = json!({"where": {"section": "L"}, "set": {"metadata": {}}});
    let admin = tenant.stack.admin().await;
    admin.patch(&format!("{}/seats", path(tenant)), &change).await.expect(200);
}

#[tokio::test]
async fn no_seat_is_for_sale_until_a_repeat_has_made_those_that_a_cut_off_call_left_out() {
    let tenant = venue().await;
    make_hall(&tenant).await.expect(201);
    let user = tenant.user().await;
    cut_off(&tenant).await;

    let settings = entity(&tenant).await;
    assert_eq!(
        (&settings["seatsIncomplete"], &settings["state"]),
        (&json!(true), &json!("ON_SALE"))
    );
    let counts = json!({"total": 2, "available": 0, "held": 0, "booked": 0, "notForSale": 2});
    assert_eq!(settings["seats"], counts);
    let all = seats(&tenant, "").await;
    assert_eq!(texts(&all, "status"), ["NOT_FOR_SALE", "NOT_FOR_SALE"]);
    assert_eq!(seats(&tenant, "?status=NOT_FOR_SALE").await.len(), 2);
    assert!(seats(&tenant, "?status=AVAILABLE").await.is_empty());
    assert!(user.free_seats().await.is_empty());
    let id = all[0]["seatId"].as_str().unwrap().to_owned();
    assert_eq!(user.seat(&id).await["status"], "NOT_FOR_SALE");
    let refused = user.reserve(&[&id]).await;
    let details = refused.error(409, "SEAT_NOT_FOR_SALE")["details"].clone();
    assert_eq!(details["conflicts"], json!([{"seatId": id, "state": "NOT_FOR_SALE"}]));
    let best = json!({"bestAvailable": {"entityId": tenant.entity, "quantity": 1}});
    let few = user.post("/reserve-seat", &best).await;
    let details = few.error(409, "NOT_ENOUGH_SEATS")["details"].clone();
    assert_eq!(details, json!({"available": 0, "largestAdjacent": 0}));
    let listed = tenant.call("GET", &format!("/entities/{}", tenant.entity)).send().await;
    assert_eq!(listed.expect(200)["seats"], json!({"total": 2, "available": 0}));

    // Only the same call continues, with the version of the layout that it began with.
    let other = json!({"layoutId": "hall", "prices": {"gold": 1, "blue": 2}});
    make(&tenant, &other).await.refuses("prices");
    store(&tenant, "barn", &plan()).await;
    let barn = json!({"layoutId": "barn", "prices": prices()});
    make(&tenant, &barn).await.error(409, "SEAT_ALREADY_EXISTS");
    let mut longer = plan();
    longer["sections"][1]["rows"][0]["run"]["count"] = 9.into();
    store(&tenant, "hall", &longer).await;
    assert_eq!(*make_hall(&tenant).await.expect(201), json!({"created": 3, "total": 5}));
    let all = seats(&tenant, "").await;
    assert_eq!(texts(&all, "seatNumber"), NUMBERS);
    assert!(all.iter().all(|seat| seat["status"] == "AVAILABLE"));
    assert!(entity(&tenant).await.get("seatsIncomplete").is_none());
    assert_eq!(user.free_seats().await.len(), 5);
    user.hold(&[&id]).await;
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn two_calls_at_once_make_each_seat_once() {
    let tenant = venue().await;
    let both = tokio::join!(make_hall(&tenant), make_hall(&tenant));
    let created = [both.0, both.1].map(|reply| {
        assert!(matches!(reply.status, 200 | 201), "{reply}");
        reply.expect(reply.status)["created"].as_u64().unwrap()
    });
    assert_eq!(created.iter().sum::<u64>(), 5);
    assert_eq!(seats(&tenant, "").await.len(), 5);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_call_whose_time_runs_out_says_so_and_repeats_make_all_20_000_seats() {
    let tenant = venue().await;
    let arena = include_str!("../../stack/layouts/arena.json");
    store(&tenant, "arena", &serde_json::from_str(arena).unwrap()).await;
    let arena: Value = serde_json::from_str(arena).unwrap();
    let keys = arena["categories"].as_array().unwrap().iter();
    let prices: serde_json::Map<_, _> =
        keys.map(|category| (category["key"].as_str().unwrap().to_owned(), json!(1))).collect();
    let body = json!({"layoutId": "arena", "prices": prices});
    let admin = tenant.stack.admin().await;
    let headers = json!({
        "content-type": "application/json", "host": "api.example.com",
        "x-forwarded-proto": "https", "authorization": format!("Bearer {}", admin.token),
    });
    let target = format!("{}/seats", path(&tenant));
    let mut payload = stack::events::http("POST", &target, &headers, &body);
    payload["pathParameters"] = json!({"appId": tenant.app_id, "entityId": tenant.entity});
    let process = Environment::start("entity-seats", &tenant.stack.settings()).await;
    let short =
        process.call(&Event::raw("make seats", payload), Duration::from_millis(1_800)).await;
    let short = short.expect(202).clone();
    let mut created = short["created"].as_u64().unwrap();
    assert_eq!(short["total"], 20_000);
    assert!(created < 20_000);
    assert_eq!(entity(&tenant).await["seatsIncomplete"], true);
    loop {
        let reply = make(&tenant, &body).await;
        created += reply.expect(reply.status)["created"].as_u64().unwrap();
        match reply.status {
            202 => assert!(created < 20_000),
            201 => break,
            _ => panic!("{reply}"),
        }
    }
    assert_eq!(created, 20_000);
    // The process that counted the first seats remembers them for a moment.
    let counted = async || (entity(&tenant).await["seats"]["available"] == 20_000).then_some(());
    eventually("all seats are counted", WAIT_TIMEOUT, counted).await;
    make(&tenant, &body).await.expect(200);
}

#[tokio::test]
async fn the_feeds_list_has_the_plan_and_the_labels() {
    let tenant = venue().await;
    make_hall(&tenant).await.expect(201);
    let viewer = Viewer::of(&tenant).await;
    let feed = viewer.read_feed().await;
    let list = viewer.list(feed.seats_version).await.expect("a list");
    assert_eq!(list["layout"]["sections"][0]["label"], "Left");
    let listed = list["seats"].as_array().unwrap();
    assert_eq!(listed.len(), 5);
    let boxed = listed.iter().find(|seat| seat["seatNumber"] == "box-A").expect("a seat");
    assert_eq!((&boxed["label"], &boxed["section"]), (&json!("A"), &json!("L")));
}
