//! Entities: `/admin/apps/{appId}/entities` for organisers, `/entities` for frontends, and what
//! their settings mean for reserve.

use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta, Utc};
use redis::AsyncCommands as _;
use serde_json::{Value, json};

use crate::support::{
    people::{Admin, Hold, PRICE, Tenant},
    poll::eventually,
    reply::{Reply, keys, time},
    stacks, unique,
};

fn path(tenant: &Tenant, entity: &str) -> String {
    format!("/admin/apps/{}/entities/{entity}", tenant.app_id)
}

async fn put(admin: &Admin, path: &str, body: &Value) -> Reply {
    admin.call("PUT", path).json(body).send().await
}

/// The time in so many seconds.
fn at(seconds: i64) -> String {
    (Utc::now() + TimeDelta::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A tenant with an entity that has settings and these seats.
async fn selling(settings: &Value, numbers: &[&str]) -> (Tenant, Vec<String>) {
    let mut tenant = stacks::usual().await.tenant().await;
    tenant.entity = tenant.sells("show", settings).await;
    let seats = tenant.seats(numbers).await;
    (tenant, seats)
}

async fn patch(tenant: &Tenant, change: &Value) -> Reply {
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

    // What a PUT leaves out is cleared, but for the state and the currency.
    admin.patch(&path, &json!({"state": "PAUSED"})).await.expect(200);
    let reply = put(&admin, &path, &json!({"title": "Jazz again"})).await;
    let data = reply.expect(200);
    keys(data, ALWAYS, &[], "an entity without optional fields");
    assert_eq!((&data["state"], &data["currency"]), (&json!("PAUSED"), &json!("INR")));
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_clears() {
    let start = json!({"startsAt": at(3_600), "timeZone": "UTC", "venue": "Hall"});
    let (tenant, _) = selling(&start, &["A1"]).await;
    let reply = patch(&tenant, &json!({"venue": null, "title": "Another"})).await;
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
        ("endsAt", json!({"endsAt": at(60)})),
        ("holdSeconds", json!({"holdSeconds": 29})),
        ("holdSeconds", json!({"holdSeconds": 3_601})),
        ("maxSeatsPerUser", json!({"maxSeatsPerUser": 0})),
        ("salesCloseAt", json!({"salesOpenAt": at(60), "salesCloseAt": at(30)})),
        ("version", json!({"version": 1})),
    ] {
        patch(&tenant, &change).await.refuses(field);
    }
    let admin = tenant.stack.admin().await;
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
    let mut statuses = [replies.0.status, replies.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
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

    tenant.entity = tenant.sells("held", &json!({})).await;
    let seat = tenant.seat().await;
    let hold = user.hold(&[&seat]).await;
    user.release(&hold).await.expect(200);
    admin.delete(&path(&tenant, &tenant.entity)).await.error(409, "ENTITY_IN_USE");
}

#[tokio::test]
async fn entities_are_listed_by_start_and_undated_ones_last() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let admin = stack.admin().await;
    let dated =
        |start: i64, end: i64| json!({"startsAt": at(start), "endsAt": at(end), "timeZone": "UTC"});
    let undated = tenant.sells("undated", &json!({})).await;
    let later = tenant.sells("later", &dated(7_200, 9_000)).await;
    let soon = tenant.sells("soon", &dated(3_600, 9_000)).await;
    let running = tenant.sells("running", &dated(-3_600, 3_600)).await;
    let over = tenant.sells("over", &dated(-7_200, -3_600)).await;
    let ids = |reply: &Reply| -> Vec<String> {
        let list = reply.expect(200)["entities"].as_array().unwrap();
        list.iter().map(|e| e["entityId"].as_str().unwrap().to_owned()).collect()
    };
    let public = |query: String| tenant.call("GET", &format!("/entities{query}")).send();
    let all = [&running, &soon, &later, &undated].map(Clone::clone);
    assert_eq!(ids(&public(String::new()).await), all);
    let from = at(-86_400).replace(':', "%3A");
    assert_eq!(ids(&public(format!("?from={from}")).await)[0], over);
    let to = at(5_400).replace(':', "%3A");
    assert_eq!(ids(&public(format!("?to={to}")).await), [running.clone(), soon.clone()]);

    let mut paged = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let reply = public(query.clone()).await;
        paged.extend(ids(&reply));
        let Some(next) = reply.expect(200)["nextCursor"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(paged, all);

    let list = |query: String| {
        let path = format!("/admin/apps/{}/entities{query}", tenant.app_id);
        let admin = &admin;
        async move { admin.get(&path).await }
    };
    assert_eq!(ids(&list(String::new()).await).len(), 5);
    admin.patch(&path(&tenant, &soon), &json!({"state": "PAUSED"})).await.expect(200);
    assert_eq!(ids(&list("?state=PAUSED".to_owned()).await), [soon]);
    let (_, server) = tenant.server().await;
    let own = server.get(&format!("/admin/apps/{}/entities", tenant.app_id)).await;
    assert_eq!(ids(&own).len(), 5);
    let other = stack.tenant().await;
    let foreign = server.get(&format!("/admin/apps/{}/entities", other.app_id)).await;
    foreign.error(404, "APP_NOT_FOUND");
}

#[tokio::test]
async fn frontends_see_the_sale_the_prices_and_how_many_seats_are_free() {
    let (tenant, seats) = selling(&json!({"venue": "Hall"}), &["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    user.book(&[&seats[0]]).await;
    user.hold(&[&seats[1]]).await;
    let read = || async {
        let public = format!("/entities/{}", tenant.entity);
        let reply = tenant.call("GET", &public).send().await;
        let data = reply.expect(200).clone();
        (data["seats"] == json!({"total": 3, "available": 1})).then_some(data)
    };
    let data = eventually("the counts are true", Duration::from_secs(10), read).await;
    let fields = [
        "entityId",
        "title",
        "venue",
        "currency",
        "sales",
        "priceFrom",
        "priceTo",
        "seats",
        "feedKey",
        "liveUrl",
        "sections",
    ];
    keys(&data, &fields, &[], "an entity for buyers");
    assert_eq!((&data["sales"], &data["priceFrom"]), (&json!("OPEN"), &json!(PRICE)));
    let admin = tenant.stack.admin().await;
    let counts = || async {
        let reply = admin.get(&path(&tenant, &tenant.entity)).await;
        let counts = reply.expect(200)["seats"].clone();
        let all = json!({"total": 3, "available": 1, "held": 1, "booked": 1, "notForSale": 0});
        (counts == all).then_some(())
    };
    eventually("the organiser's counts are true", Duration::from_secs(10), counts).await;
    for (change, sales) in [
        (json!({"salesOpenAt": at(3_600)}), "NOT_YET"),
        (json!({"salesOpenAt": null, "salesCloseAt": at(-1)}), "CLOSED"),
        (json!({"salesCloseAt": null, "state": "PAUSED"}), "PAUSED"),
    ] {
        patch(&tenant, &change).await.expect(200);
        let reply = tenant.call("GET", "/entities").send().await;
        assert_eq!(reply.expect(200)["entities"][0]["sales"], sales, "{reply}");
    }
}

#[tokio::test]
async fn outside_the_sale_nothing_new_is_held_and_what_is_held_can_be_bought() {
    let (tenant, seats) = selling(&json!({}), &["A1", "A2"]).await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0]]).await;
    let opens = at(3_600);
    for (change, code) in [
        (json!({"salesOpenAt": opens}), "SALES_NOT_OPEN"),
        (json!({"salesOpenAt": null, "salesCloseAt": at(-1)}), "SALES_CLOSED"),
        (json!({"state": "PAUSED", "salesCloseAt": null}), "SALES_PAUSED"),
    ] {
        patch(&tenant, &change).await.expect(200);
        let reply = user.reserve(&[&seats[1]]).await;
        let error = reply.error(409, code);
        if code == "SALES_NOT_OPEN" {
            assert_eq!(time(&error["details"]["opensAt"]), time(&json!(opens)));
        }
        let grow = json!({"reservationToken": hold.token, "seatIds": [seats[0], seats[1]]});
        user.post("/reserve-seat", &grow).await.error(409, code);
        // The caller's own hold is told first, and the listing does not change.
        assert_eq!(Hold::of(&user.reserve(&[&seats[0]]).await), hold);
        assert_eq!(user.free_seats().await, [seats[1].clone()]);
    }
    user.confirm(&hold, &crate::support::payment()).await.expect(201);
    // However often they tried before the sale: nobody lost a turn.
    for _ in 0..12 {
        user.reserve(&[&seats[1]]).await.error(409, "SALES_PAUSED");
    }
    patch(&tenant, &json!({"state": "ON_SALE"})).await.expect(200);
    user.hold(&[&seats[1]]).await;
}

#[tokio::test]
async fn a_sale_opens_by_itself() {
    let (tenant, seats) = selling(&json!({"salesOpenAt": at(2)}), &["A1"]).await;
    let user = tenant.user().await;
    let held = || async {
        let reply = user.reserve(&[&seats[0]]).await;
        if reply.status == 201 {
            return Some(());
        }
        reply.error(409, "SALES_NOT_OPEN");
        None
    };
    eventually("the sale opens", Duration::from_secs(30), held).await;
}

#[tokio::test]
async fn a_hold_lasts_as_long_as_its_entity_says() {
    for seconds in [30_i64, 600] {
        let (tenant, seats) = selling(&json!({"holdSeconds": seconds}), &["A1"]).await;
        let user = tenant.user().await;
        let reply = user.reserve(&[&seats[0]]).await;
        let left = reply.expect(201)["expiresIn"].as_i64().unwrap();
        assert!((seconds - 10..=seconds).contains(&left), "{reply}");
        let key = format!("seat:lock:{{{}}}:{}", tenant.app_id, seats[0]);
        let mut redis = tenant.stack.redis().await;
        let ttl: i64 = redis.ttl(key).await.unwrap();
        assert!((seconds - 10..=seconds).contains(&ttl), "the lock ends in {ttl} s");
        let conflict = tenant.user().await.reserve(&[&seats[0]]).await;
        let left = conflict.error(409, "SEAT_ALREADY_LOCKED")["details"]["expiresIn"].clone();
        assert!((seconds - 10..=seconds).contains(&left.as_i64().unwrap()), "{conflict}");
    }
}

#[tokio::test]
async fn one_user_has_at_most_as_many_seats_as_the_entity_says_held_and_booked() {
    let (tenant, seats) = selling(&json!({"maxSeatsPerUser": 2}), &["A1", "A2", "A3", "A4"]).await;
    let (user, other) = (tenant.user().await, tenant.user().await);
    let refused = |reply: Reply| {
        assert_eq!(reply.error(409, "SEAT_LIMIT_REACHED")["details"]["limit"], 2, "{reply}");
    };
    refused(user.reserve(&[&seats[0], &seats[1], &seats[2]]).await);
    user.book(&[&seats[0]]).await;
    let hold = user.hold(&[&seats[1]]).await;
    refused(user.reserve(&[&seats[2]]).await);
    let grown = json!({"reservationToken": hold.token, "seatIds": [seats[1], seats[2]]});
    refused(user.post("/reserve-seat", &grown).await);
    // Nothing was held by the refused calls.
    other.hold(&[&seats[2]]).await;
    user.release(&hold).await.expect(200);
    user.hold(&[&seats[3]]).await;
    // A conflict is told first.
    user.reserve(&[&seats[2]]).await.error(409, "SEAT_ALREADY_LOCKED");
}

#[tokio::test]
async fn of_many_reserves_of_one_user_at_once_no_more_than_the_limit_stay() {
    let numbers = ["A1", "A2", "A3", "A4", "A5", "A6"];
    let (tenant, seats) = selling(&json!({"maxSeatsPerUser": 2}), &numbers).await;
    let user = tenant.user().await;
    let replies = futures_util::future::join_all(
        seats.iter().map(|seat| async { user.reserve(&[seat.as_str()]).await }),
    )
    .await;
    let held = replies.iter().filter(|reply| reply.status == 201).count();
    assert!(held <= 2, "{held} seats are held");
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.error(409, "SEAT_LIMIT_REACHED");
    }
    assert_eq!(user.reservations().await.len(), held);
}

#[tokio::test]
async fn a_deleted_entity_is_gone_until_it_is_made_again_with_settings_or_with_seats() {
    let (tenant, seats) = selling(&json!({}), &["A1", "A2"]).await;
    let admin = tenant.stack.admin().await;
    let path = path(&tenant, &tenant.entity);
    admin.delete(&path).await.expect(200);
    let user = tenant.user().await;
    let wish = json!({"bestAvailable": {"entityId": tenant.entity, "quantity": 1}});
    let condition = json!({"seatNumbers": ["A1"]});
    let gone = [
        admin.get(&format!("{path}/seats")).await,
        admin
            .patch(&format!("{path}/seats"), &json!({"where": condition, "set": {"price": 1}}))
            .await,
        admin.post(&format!("{path}/seats/remove"), &json!({"where": condition})).await,
        admin.post(&format!("{path}/seats"), &json!({"layoutId": "hall", "prices": {}})).await,
        admin.post(&format!("{path}/rotate-feed-key"), &json!({})).await,
        user.post("/reserve-seat", &wish).await,
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
    let held = user.post("/reserve-seat", &wish).await;
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
