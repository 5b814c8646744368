//! Entities as organisers manage them: `/admin/apps/{appId}/entities`.

use chrono::{SecondsFormat, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    people::{Admin, Tenant},
    reply::{Reply, keys},
    stacks, unique,
};

pub(super) fn path(tenant: &Tenant, entity: &str) -> String {
    format!("/admin/apps/{}/entities/{entity}", tenant.app_id)
}

async fn put(admin: &Admin, path: &str, body: &Value) -> Reply {
    admin.call("PUT", path).json(body).send().await
}

/// The time `seconds` from now.
pub(super) fn in_seconds(seconds: i64) -> String {
    (Utc::now() + TimeDelta::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A tenant with an entity that has settings and these seats.
pub(super) async fn selling(settings: &Value, numbers: &[&str]) -> (Tenant, Vec<String>) {
    let mut tenant = stacks::usual().await.tenant().await;
    tenant.entity = tenant.new_entity("show", settings).await;
    let seats = tenant.seats(numbers).await;
    (tenant, seats)
}

pub(super) async fn patch(tenant: &Tenant, change: &Value) -> Reply {
    let admin = tenant.stack.admin().await;
    admin.patch(&path(tenant, &tenant.entity), change).await
}

const OPTIONAL: &[&str] = &[
    "description",
    "venue",
    "startsAt",
    "endsAt",
    "timeZone",
    "salesOpenAt",
    "salesCloseAt",
    "holdSeconds",
    "maxSeatsPerUser",
];
const ALWAYS: &[&str] = &[
    "entityId",
    "title",
    "currency",
    "state",
    "releaseAccessible",
    "seats",
    "seatsVersion",
    "feedKey",
    "version",
    "createdAt",
    "updatedAt",
];

#[tokio::test]
async fn a_put_creates_and_then_replaces_and_what_get_returns_can_be_sent_back() {
    let stack = stacks::usual().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    let path = path(&tenant, &unique("show"));
    admin.get(&path).await.error(404, "ENTITY_NOT_FOUND");
    let whole = json!({
        "title": "Jazz", "description": "Three bands", "venue": "Hall", "currency": "INR",
        "startsAt": "2030-01-22T18:00:00+05:30", "endsAt": "2030-01-22T21:00:00+05:30",
        "timeZone": "Asia/Kolkata", "salesOpenAt": "2020-01-01T00:00:00Z",
        "salesCloseAt": "2030-01-22T12:00:00Z", "holdSeconds": 30, "maxSeatsPerUser": 4,
        "releaseAccessible": true,
    });
    let created = put(&admin, &path, &whole).await;
    let data = created.expect(201);
    keys(data, &[ALWAYS, OPTIONAL].concat(), &[], "an entity");
    assert_eq!(data["startsAt"], "2030-01-22T12:30:00.000Z");
    assert_eq!((&data["state"], &data["version"]), (&json!("ON_SALE"), &json!(1)));
    assert_eq!(created.header("etag"), Some("\"1\""), "{created}");
    let none = json!({"total": 0, "available": 0, "held": 0, "booked": 0, "notForSale": 0});
    assert_eq!(data["seats"], none);

    let read = admin.get(&path).await;
    assert_eq!(read.expect(200), data);
    assert_eq!(read.header("etag"), Some("\"1\""));
    let again = put(&admin, &path, read.expect(200)).await;
    let (mut before, mut after) = (data.clone(), again.expect(200).clone());
    assert_eq!(after["version"], 2);
    for changed in ["version", "updatedAt"] {
        before[changed] = Value::Null;
        after[changed] = Value::Null;
    }
    assert_eq!(before, after);

    // What a PUT leaves out is cleared, except the state and the currency.
    admin.patch(&path, &json!({"state": "PAUSED"})).await.expect(200);
    let reply = put(&admin, &path, &json!({"title": "Jazz again"})).await;
    let data = reply.expect(200);
    keys(data, ALWAYS, &[], "an entity without optional fields");
    assert_eq!((&data["state"], &data["currency"]), (&json!("PAUSED"), &json!("INR")));
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_clears() {
    let start = json!({"startsAt": in_seconds(3_600), "timeZone": "UTC", "venue": "Hall"});
    let (tenant, _) = selling(&start, &["A1"]).await;
    let reply =
        patch(&tenant, &json!({"venue": null, "title": "Another", "releaseAccessible": null}))
            .await;
    let data = reply.expect(200);
    assert_eq!((&data["title"], &data["version"]), (&json!("Another"), &json!(2)));
    assert!(data.get("venue").is_none() && data.get("startsAt").is_some(), "{reply}");
    assert_eq!(data["seats"]["total"], 1);
    patch(&tenant, &json!({})).await.error(400, "VALIDATION_ERROR");
    for (field, change) in [
        ("title", json!({"title": null})),
        ("currency", json!({"currency": null})),
        ("state", json!({"state": null})),
        ("state", json!({"state": "CANCELLED"})),
        ("timeZone", json!({"timeZone": null})),
        ("timeZone", json!({"timeZone": "Mars/Olympus"})),
        ("endsAt", json!({"endsAt": in_seconds(60)})),
        ("holdSeconds", json!({"holdSeconds": 29})),
        ("holdSeconds", json!({"holdSeconds": 3_601})),
        ("maxSeatsPerUser", json!({"maxSeatsPerUser": 0})),
        ("salesCloseAt", json!({"salesOpenAt": in_seconds(60), "salesCloseAt": in_seconds(30)})),
        ("version", json!({"version": 1})),
    ] {
        patch(&tenant, &change).await.refuses(field);
    }
    // What is stored has milliseconds, so the very last moment would become the year 10000.
    for field in ["startsAt", "endsAt", "salesOpenAt", "salesCloseAt"] {
        let last = |fraction: &str| json!({field: format!("9999-12-31T23:59:59.{fraction}Z")});
        patch(&tenant, &last("9991")).await.refuses(field);
        let reply = patch(&tenant, &last("998")).await;
        assert_eq!(reply.expect(200)[field], last("998")[field]);
        patch(&tenant, &json!({field: null, "startsAt": in_seconds(3_600)})).await.expect(200);
    }
    let admin = tenant.stack.admin().await;
    let list = format!("/admin/apps/{}/entities?to=9999-12-31T23:59:59.9999Z", tenant.app_id);
    assert_eq!(admin.get(&list).await.expect(200)["entities"].as_array().unwrap().len(), 1);
    let other = path(&tenant, "unknown");
    admin.patch(&other, &json!({"title": "T"})).await.error(404, "ENTITY_NOT_FOUND");
    put(&admin, &other, &json!({"title": "T"})).await.refuses("currency");
    put(&admin, &path(&tenant, "a%20b"), &json!({"title": "T", "currency": "INR"}))
        .await
        .refuses("entityId");
}

#[tokio::test]
async fn a_change_of_another_version_is_refused() {
    let (tenant, _) = selling(&json!({}), &["A1"]).await;
    let admin = tenant.stack.admin().await;
    let (path, body) = (path(&tenant, &tenant.entity), json!({"title": "T", "currency": "INR"}));
    let send = |method: &str, path: &str, tag: &str| {
        admin.call(method, path).header("if-match", tag).json(&body).send()
    };
    for method in ["PUT", "PATCH"] {
        for tag in ["\"7\"", "\"x\"", "W/\"1\""] {
            send(method, &path, tag).await.error(412, "PRECONDITION_FAILED");
        }
        for tag in ["*", "\"1\""] {
            let nowhere = format!("{path}-not");
            send(method, &nowhere, tag).await.error(412, "PRECONDITION_FAILED");
        }
    }
    send("PUT", &path, "\"1\"").await.expect(200);
    send("PUT", &path, "\"1\"").await.error(412, "PRECONDITION_FAILED");
    send("PATCH", &path, "*").await.expect(200);
    // Of two changes of one version at once, one is made.
    let replies = tokio::join!(send("PUT", &path, "\"3\""), send("PATCH", &path, "\"3\""));
    let statuses = |replies: (Reply, Reply)| {
        let mut statuses = [replies.0.status, replies.1.status];
        statuses.sort_unstable();
        statuses
    };
    assert_eq!(statuses(replies), [200, 412]);
    // Of a change and a deletion of one version at once, one is made.
    let delete = admin.call("DELETE", &path).header("if-match", "\"4\"").send();
    assert_eq!(statuses(tokio::join!(delete, send("PATCH", &path, "\"4\""))), [200, 412]);
}

#[tokio::test]
async fn of_changes_of_the_currency_at_once_the_one_that_is_made_counts() {
    let (tenant, _) = selling(&json!({}), &["A1"]).await;
    let (admin, path) = (tenant.stack.admin().await, path(&tenant, &tenant.entity));
    let user = tenant.user().await;
    let currencies = ["EUR", "USD", "JPY", "KWD", "CHF", "SEK"];
    for round in 1..=10 {
        let send = |currency: &'static str| {
            let body = json!({"title": "T", "currency": currency});
            let call = admin.call("PUT", &path).header("if-match", format!("\"{round}\""));
            call.json(&body).send()
        };
        let replies = join_all(currencies.map(send)).await;
        let (made, refused): (Vec<_>, Vec<_>) =
            replies.iter().partition(|reply| reply.status == 200);
        for reply in &refused {
            reply.error(412, "PRECONDITION_FAILED");
        }
        assert_eq!((made.len(), refused.len()), (1, currencies.len() - 1));
        let currency = &made[0].expect(200)["currency"];
        let stored = admin.get(&path).await;
        assert_eq!(&stored.expect(200)["currency"], currency, "{stored}");
        let seats = user.get(&format!("/seats?entityId={}", tenant.entity)).await;
        assert_eq!(&seats.expect(200)["seats"][0]["currency"], currency, "{seats}");
    }
}

#[tokio::test]
async fn a_change_of_the_currency_that_is_refused_changes_nothing() {
    let (tenant, _) = selling(&json!({}), &["A1"]).await;
    let (admin, path) = (tenant.stack.admin().await, path(&tenant, &tenant.entity));
    let mut currency = "INR";
    for round in 1..=20 {
        let send = |change: Value| {
            let call = admin.call("PATCH", &path).header("if-match", format!("\"{round}\""));
            call.json(&change).send()
        };
        let other = if currency == "INR" { "EUR" } else { "INR" };
        let titles = join_all((0..6).map(|n| send(json!({"title": format!("T{n}")}))));
        let (changed, titles) = tokio::join!(send(json!({"currency": other})), titles);
        let made = titles.iter().chain([&changed]).filter(|reply| reply.status == 200).count();
        assert_eq!(made, 1, "{changed}");
        if changed.status == 200 {
            currency = other;
        } else {
            changed.error(412, "PRECONDITION_FAILED");
        }
        let stored = admin.get(&path).await;
        assert_eq!(stored.expect(200)["currency"], currency, "round {round}: {changed}");
    }
}

#[tokio::test]
async fn an_entity_that_exists_only_through_its_seats_sells_and_is_not_listed() {
    let stack = stacks::usual().await;
    let (tenant, admin) = (stack.tenant().await, stack.admin().await);
    let seat = tenant.seat().await;
    let path = path(&tenant, &tenant.entity);
    admin.get(&path).await.error(404, "ENTITY_NOT_FOUND");
    let public = format!("/entities/{}", tenant.entity);
    tenant.call("GET", &public).send().await.error(404, "ENTITY_NOT_FOUND");
    let listed = tenant.call("GET", "/entities").send().await;
    assert_eq!(listed.expect(200)["entities"], json!([]));
    tenant.user().await.hold(&[&seat]).await;
    put(&admin, &path, &json!({"title": "T", "currency": "USD"})).await.refuses("currency");
    let reply = put(&admin, &path, &json!({"title": "T", "currency": "INR"})).await;
    assert_eq!(reply.expect(201)["seats"]["held"], 1, "{reply}");
    tenant.call("GET", &public).send().await.expect(200);
}

#[tokio::test]
async fn the_currency_changes_with_all_seats_until_one_was_held() {
    let (tenant, seats) = selling(&json!({}), &["A1", "A2"]).await;
    patch(&tenant, &json!({"currency": "EUR"})).await.expect(200);
    let user = tenant.user().await;
    for seat in &seats {
        assert_eq!(user.seat(seat).await["currency"], "EUR");
    }
    let hold = user.hold(&[&seats[0]]).await;
    user.release(&hold).await.expect(200);
    patch(&tenant, &json!({"currency": "INR"})).await.refuses("currency");
    patch(&tenant, &json!({"currency": "EUR"})).await.expect(200);
}

#[tokio::test]
async fn an_entity_can_be_deleted_until_a_seat_was_held() {
    let (mut tenant, seats) = selling(&json!({}), &["A1"]).await;
    let admin = tenant.stack.admin().await;
    let user = tenant.user().await;
    let entity = tenant.entity.clone();
    let reply = admin.delete(&path(&tenant, &entity)).await;
    assert_eq!(*reply.expect(200), json!({"entityId": entity, "deleted": true}));
    admin.delete(&path(&tenant, &entity)).await.error(404, "ENTITY_NOT_FOUND");
    user.reserve(&[&seats[0]]).await.error(404, "SEAT_NOT_FOUND");
    assert!(user.free_seats().await.is_empty());

    // A user who asked for too many seats has held none.
    tenant.entity = tenant.new_entity("strict", &json!({"maxSeatsPerUser": 1})).await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let seats: Vec<&str> = seats.iter().map(String::as_str).collect();
    user.reserve(&seats).await.error(409, "SEAT_LIMIT_REACHED");
    let best = json!({"bestAvailable": {"entityId": tenant.entity, "quantity": 2}});
    user.post("/reserve-seat", &best).await.error(409, "SEAT_LIMIT_REACHED");
    admin.delete(&path(&tenant, &tenant.entity)).await.expect(200);

    tenant.entity = tenant.new_entity("held", &json!({})).await;
    let seat = tenant.seat().await;
    let hold = user.hold(&[&seat]).await;
    user.release(&hold).await.expect(200);
    admin.delete(&path(&tenant, &tenant.entity)).await.error(409, "ENTITY_IN_USE");
}

#[tokio::test]
async fn a_deleted_entity_is_gone_until_it_is_made_again_with_settings_or_with_seats() {
    let (tenant, seats) = selling(&json!({}), &["A1", "A2"]).await;
    let admin = tenant.stack.admin().await;
    let path = path(&tenant, &tenant.entity);
    admin.delete(&path).await.expect(200);
    let user = tenant.user().await;
    let best = json!({"bestAvailable": {"entityId": tenant.entity, "quantity": 1}});
    let condition = json!({"seatNumbers": ["A1"]});
    let gone = [
        admin.get(&format!("{path}/seats")).await,
        admin
            .patch(&format!("{path}/seats"), &json!({"where": condition, "set": {"price": 1}}))
            .await,
        admin.post(&format!("{path}/seats/remove"), &json!({"where": condition})).await,
        admin.post(&format!("{path}/seats"), &json!({"layoutId": "hall", "prices": {}})).await,
        admin.post(&format!("{path}/rotate-feed-key"), &json!({})).await,
        user.post("/reserve-seat", &best).await,
    ];
    for reply in gone {
        reply.error(404, "ENTITY_NOT_FOUND");
    }
    let body = json!({
        "appId": tenant.app_id, "entityId": tenant.entity, "currency": "EUR",
        "seats": [{"seatNumber": "A1", "price": 5}],
    });
    let made = admin.post("/admin/seats", &body).await;
    assert_eq!(made.expect(201)["seats"][0]["seatId"], seats[0].as_str());
    let held = user.post("/reserve-seat", &best).await;
    assert_eq!(held.expect(201)["currency"], "EUR");
    let reply = put(&admin, &path, &json!({"title": "Again", "currency": "EUR"})).await;
    assert_eq!(reply.expect(201)["version"], 3, "{reply}");
    let listed = admin.get(&format!("{path}/seats")).await;
    assert_eq!(listed.expect(200)["seats"].as_array().unwrap().len(), 1, "{listed}");
}

#[tokio::test]
async fn seats_that_are_added_while_the_currency_changes_have_one_currency() {
    let (tenant, _) = selling(&json!({}), &["A0"]).await;
    let admin = tenant.stack.admin().await;
    let add = |number: usize| {
        let body = json!({
            "appId": tenant.app_id, "entityId": tenant.entity, "currency": "INR",
            "seats": [{"seatNumber": format!("A{number}"), "price": 5}],
        });
        let admin = &admin;
        async move { admin.post("/admin/seats", &body).await }
    };
    let change = json!({"currency": "EUR"});
    let (changed, added) =
        tokio::join!(patch(&tenant, &change), futures_util::future::join_all((1..9).map(add)));
    assert_eq!(changed.expect(200)["currency"], "EUR");
    for reply in added {
        if reply.status != 201 {
            reply.refuses("currency");
        }
    }
    let listed = admin.get(&format!("{}/seats", path(&tenant, &tenant.entity))).await;
    let seats = listed.expect(200)["seats"].as_array().unwrap().clone();
    assert!(seats.iter().all(|seat| seat["currency"] == "EUR"), "{listed}");
}
