//! `GET /feed/{feedKey}` and its list of seats: what any page sees, without credentials.

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use crate::support::{
    WAIT_TIMEOUT,
    expiry::end_hold,
    feed::{FREE, HELD, NOT_FOR_SALE, SOLD, Viewer, feed_state},
    people::{PRICE, Tenant},
    poll::eventually,
    reply::{Reply, keys},
    stacks, unique,
};

async fn showing(numbers: &[&str]) -> (Tenant, Vec<String>, Viewer) {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(numbers).await;
    let viewer = Viewer::of(&tenant).await;
    (tenant, seats, viewer)
}

fn seats_path(tenant: &Tenant) -> String {
    format!("/admin/apps/{}/entities/{}/seats", tenant.app_id, tenant.entity)
}

async fn change(tenant: &Tenant, collection: &str, change: Document) {
    let documents = tenant.stack.database().await.collection::<Document>(collection);
    let filter = doc! {"appId": &tenant.app_id, "entityId": &tenant.entity};
    documents.update_many(filter, change).await.unwrap();
}

/// The headers that every response of the feed has.
#[track_caller]
fn check_public(reply: &Reply, caching: &str) {
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{reply}");
    assert_eq!(reply.header("access-control-allow-credentials"), None, "{reply}");
    assert_eq!(reply.header("cache-control"), Some(caching), "{reply}");
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{reply}");
    let vary = reply.header("vary").unwrap_or_default().to_lowercase();
    assert!(!vary.contains("origin"), "{reply}");
}

#[tokio::test]
async fn each_seat_is_free_held_sold_or_not_for_sale() {
    let (tenant, seats, viewer) = showing(&["A10", "A9", "A8", "A7", "A6"]).await;
    assert!(viewer.seats().await.values().all(|state| *state == FREE));
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0]]).await;
    user.book(&[&seats[1]]).await;
    let off_sale = json!({"where": {"seatNumbers": ["A8"]}, "set": {"forSale": false}});
    tenant.stack.admin().await.patch(&seats_path(&tenant), &off_sale).await.expect(200);
    let overdue = user.hold(&[&seats[3]]).await;
    assert_eq!(viewer.state(&seats[3]).await, HELD);
    end_hold(&tenant, &overdue).await;
    // A hold counts until the second of the database's clock in which it ends is over.
    let expected = [HELD, SOLD, NOT_FOR_SALE, FREE, FREE];
    let shown = || async {
        let now = viewer.seats().await;
        let states: Vec<u8> = seats.iter().map(|seat| now[seat]).collect();
        (states == expected).then_some(())
    };
    eventually("all states are shown", WAIT_TIMEOUT, shown).await;
    // The states are in natural order, A6 to A10, with the first seat in the lowest bits.
    let feed = viewer.read_feed().await;
    assert_eq!(feed.states[..5], [FREE, FREE, NOT_FOR_SALE, SOLD, HELD]);
    user.release(&hold).await.expect(200);
    assert_eq!(viewer.state(&seats[0]).await, FREE);
    // A held seat that is taken off sale stays held until its hold ends.
    let hold = user.hold(&[&seats[0]]).await;
    let off_sale = json!({"where": {"seatNumbers": ["A10"]}, "set": {"forSale": false}});
    tenant.stack.admin().await.patch(&seats_path(&tenant), &off_sale).await.expect(200);
    assert_eq!(viewer.state(&seats[0]).await, HELD);
    user.release(&hold).await.expect(200);
    assert_eq!(viewer.state(&seats[0]).await, NOT_FOR_SALE);
}

#[tokio::test]
async fn the_states_may_be_cached_for_a_second_and_are_not_sent_twice() {
    let (tenant, seats, viewer) = showing(&["A1", "A2"]).await;
    let reply = viewer.fetch().await;
    let first = feed_state(&reply);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let caching = "public, max-age=1, stale-if-error=10";
    check_public(&reply, caching);
    let etag = reply.header("etag").expect("an ETag").to_owned();
    assert!(etag.starts_with("W/\"") && etag.ends_with('"'), "{etag}");
    for header in [etag.clone(), format!("\"x\", {etag}"), etag.replace("W/", ""), "*".into()] {
        let same = viewer.call("GET", "").header("if-none-match", header).send().await;
        assert_eq!((same.status, same.text.as_str()), (304, ""), "{same}");
        assert_eq!(same.header("etag"), Some(etag.as_str()));
        check_public(&same, caching);
    }
    // The query, credentials and the origin change nothing.
    let other = viewer.call("GET", "?v=3&v=4&%zz&include=all").header("authorization", "Bearer x");
    let other = other.header("origin", "https://anywhere.example").send().await;
    assert_eq!(other.text, reply.text);
    check_public(&other, caching);

    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0]]).await;
    let held = viewer.call("GET", "").header("if-none-match", &etag).send().await;
    assert_eq!(held.status, 200, "{held}");
    assert_ne!(held.header("etag"), Some(etag.as_str()));
    assert!(feed_state(&held).seq > first.seq);
    // The earlier states are back, with a larger number and the same tag.
    user.release(&hold).await.expect(200);
    let again = viewer.fetch().await;
    assert_eq!(again.header("etag"), Some(etag.as_str()));
    assert!(feed_state(&again).seq > feed_state(&held).seq);
}

#[tokio::test]
async fn one_number_is_one_state_and_unchanged_states_keep_theirs() {
    let (tenant, seats, viewer) = showing(&["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    let first = viewer.read_feed().await;
    for _ in 0..3 {
        assert_eq!(viewer.read_feed().await.seq, first.seq);
    }
    // Another entity's sale changes nothing here.
    let other = tenant.seats_in(&unique("hall"), &["A1"]).await;
    user.book(&[&other[0]]).await;
    assert_eq!(viewer.read_feed().await.seq, first.seq);
    let mut last = first.seq;
    for seat in &seats {
        user.book(&[seat]).await;
        let next = viewer.read_feed().await;
        assert!(next.seq > last, "{next:?} after {last}");
        last = next.seq;
    }
}

#[tokio::test]
async fn the_list_has_the_seats_in_the_order_of_the_states_and_is_cached_for_ever() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = |number: &str| json!({"seatNumber": number, "price": 5});
    let body = json!({
        "appId": tenant.app_id, "entityId": tenant.entity, "currency": "KWD", "seats": [
            seat("B2"), seat("B10"),
            {"seatNumber": "A1", "price": 7, "section": "stalls", "row": "A",
             "category": "best", "flags": ["aisle"], "metadata": {"secret": "no"}},
        ],
    });
    tenant.stack.admin().await.post("/admin/seats", &body).await.expect(201);
    let viewer = Viewer::of(&tenant).await;
    let version = viewer.read_feed().await.seats_version;
    let list = viewer.list(version).await.expect("a list");
    keys(&list, &["seatsVersion", "currency", "seats"], &[], "a list");
    assert_eq!((&list["seatsVersion"], &list["currency"]), (&json!(version), &json!("KWD")));
    let seats = list["seats"].as_array().unwrap();
    let numbers: Vec<_> = seats.iter().map(|seat| seat["seatNumber"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["A1", "B2", "B10"]);
    let fields = ["seatId", "seatNumber", "section", "row", "category", "flags", "price"];
    keys(&seats[0], &fields, &[], "a seat");
    assert_eq!((&seats[0]["price"], &seats[0]["flags"]), (&json!(7), &json!(["aisle"])));
    keys(&seats[1], &["seatId", "seatNumber", "price"], &[], "a plain seat");

    let path = format!("/seats?v={version}");
    for (encoding, gzipped) in [
        (None, true),
        (Some("gzip, br"), true),
        (Some("identity"), false),
        (Some("gzip;q=0"), false),
        (Some("*"), true),
        (Some("gzip ; Q = 0 , *"), false),
        (Some("*;q=0, GZIP;q=0.1"), true),
    ] {
        let mut call = viewer.call("GET", &format!("{path}&more=1&more=2"));
        if let Some(encoding) = encoding {
            call = call.header("accept-encoding", encoding);
        }
        let reply = call.send().await;
        assert_eq!(reply.status, 200, "{reply}");
        check_public(&reply, "public, max-age=31536000, immutable");
        assert_eq!(reply.header("vary"), Some("Accept-Encoding"));
        assert_eq!(reply.header("content-encoding"), gzipped.then_some("gzip"));
        assert_eq!(reply.body == list, !gzipped);
    }
}

#[tokio::test]
async fn only_the_version_of_now_has_a_list() {
    let (tenant, _, viewer) = showing(&["A1", "A2"]).await;
    let old = viewer.read_feed().await.seats_version;
    let price = json!({"where": {"seatNumbers": ["A1"]}, "set": {"price": PRICE + 1}});
    tenant.stack.admin().await.patch(&seats_path(&tenant), &price).await.expect(200);
    let now = viewer.read_feed().await;
    assert!(now.seats_version > old);
    let list = viewer.list(now.seats_version).await.expect("a list");
    assert_eq!(list["seats"][0]["price"], PRICE + 1);
    for gone in [old.to_string(), (now.seats_version + 1).to_string(), "9".repeat(30)] {
        let reply = viewer.call("GET", &format!("/seats?v={gone}")).send().await;
        reply.error(404, "FEED_VERSION_GONE");
        check_public(&reply, "no-store");
    }
    for wrong in ["", "?v=", "?v=-1", "?v=1.5", "?v=a", "?v=1&v=1", "?V=1"] {
        let reply = viewer.call("GET", &format!("/seats{wrong}")).send().await;
        reply.refuses("v");
        check_public(&reply, "no-store");
    }
    // A held, sold or unsold seat does not change the list.
    let user = tenant.user().await;
    let seat = list["seats"][0]["seatId"].as_str().unwrap();
    user.book(&[seat]).await;
    assert_eq!(viewer.read_feed().await.seats_version, now.seats_version);
}

#[tokio::test]
async fn a_long_list_is_refused_to_clients_that_refuse_gzip() {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> = (0..2_500).map(|n| format!("{n}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    for some in numbers.chunks(500) {
        tenant.seats(some).await;
    }
    let viewer = Viewer::of(&tenant).await;
    let plain = |version: i64| {
        let path = format!("/seats?v={version}");
        viewer.call("GET", &path).header("accept-encoding", "identity").send()
    };
    let reply = plain(viewer.read_feed().await.seats_version).await;
    assert_eq!(reply.status, 200, "{}", reply.status);
    let label = doc! {"label": "\u{1f3ad}".repeat(200), "section": "\u{1f3ad}".repeat(200)};
    change(&tenant, "seats", doc! {"$set": label}).await;
    change(&tenant, "entities", doc! {"$inc": {"seatsVersion": 1_i64}}).await;
    let version = viewer.read_feed().await.seats_version;
    let refused = plain(version).await;
    refused.error(406, "NOT_ACCEPTABLE");
    check_public(&refused, "no-store");
    let list = viewer.list(version).await.expect("a list with gzip");
    assert_eq!(list["seats"].as_array().unwrap().len(), 2_500);
}

#[tokio::test]
async fn an_unknown_key_is_not_found_and_that_is_cached_for_ten_seconds() {
    let (tenant, _, viewer) = showing(&["A1"]).await;
    let unknown = "0".repeat(22);
    for key in [unknown.as_str(), "x", "..", "a%2Fb", &"k".repeat(5_000), "%00", "$ne", "é"] {
        let other = Viewer::new(&tenant.stack.base, key);
        for path in ["", "/seats?v=0"] {
            let reply = other.call("GET", path).send().await;
            // The client takes `..` out of the path by itself, so another route responds.
            if key == ".." {
                continue;
            }
            reply.error(404, "FEED_NOT_FOUND");
            check_public(&reply, "public, max-age=10");
        }
    }
    for path in ["/more", "/seats/", "/", "/seats/more"] {
        let reply = viewer.call("GET", path).send().await;
        reply.error(404, "ROUTE_NOT_FOUND");
        check_public(&reply, "no-store");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let reply = viewer.call(method, "").send().await;
        reply.error(405, "METHOD_NOT_ALLOWED");
        assert_eq!(reply.header("allow"), Some("GET, OPTIONS"));
        check_public(&reply, "no-store");
    }
}

#[tokio::test]
async fn every_page_may_read_the_feed_and_send_what_it_knows() {
    let viewer = Viewer::new(&stacks::usual().await.base, "anything");
    for path in ["", "/seats", "/no/route"] {
        let asked = viewer.call("OPTIONS", path).header("origin", "https://anywhere.example");
        let asked = asked.header("access-control-request-method", "GET");
        let asked = asked.header("access-control-request-headers", "if-none-match");
        let reply = asked.send().await;
        assert_eq!((reply.status, reply.text.as_str()), (204, ""), "{reply}");
        check_public(&reply, "no-store");
        assert_eq!(reply.header("access-control-allow-headers"), Some("if-none-match"));
        assert_eq!(reply.header("access-control-allow-methods"), Some("GET, OPTIONS"));
    }
}

#[tokio::test]
async fn a_replaced_key_shows_nothing_any_more() {
    let (tenant, _, viewer) = showing(&["A1"]).await;
    viewer.read_feed().await;
    let path = format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity);
    let admin = tenant.stack.admin().await;
    let rotated = admin.call("POST", &format!("{path}/rotate-feed-key")).send().await;
    let key = rotated.expect(200)["feedKey"].as_str().unwrap().to_owned();
    viewer.fetch().await.error(404, "FEED_NOT_FOUND");
    let renewed = Viewer::new(&tenant.stack.base, &key);
    assert_eq!(renewed.read_feed().await.states[0], FREE);
}

#[tokio::test]
async fn states_belong_to_their_list_even_if_seats_changed_without_a_new_version() {
    let (tenant, seats, viewer) = showing(&["A1", "A2", "A3", "A4", "A5"]).await;
    let user = tenant.user().await;
    user.book(&[&seats[4]]).await;
    let before = viewer.read_feed().await;
    viewer.list(before.seats_version).await.expect("a list");
    // Half of a removal, as if its process had died: the seats are gone, the version is the old
    // one.
    let documents = tenant.stack.database().await.collection::<Document>("seats");
    let id = mongodb::bson::oid::ObjectId::parse_str(&seats[0]).unwrap();
    let removed = doc! {"$set": {"removed": true}};
    documents.update_one(doc! {"_id": id}, removed).await.unwrap();
    let changed = async || {
        let mut redis = tenant.stack.redis().await;
        let key = format!("seats:version:{{{}}}:{}", tenant.app_id, tenant.entity);
        let () = redis::AsyncCommands::del(&mut redis, key).await.unwrap();
    };
    changed().await;
    let (after, shown) = viewer.try_seats().await.expect("the feed answers");
    assert!(after.seats_version > before.seats_version && after.seq > before.seq);
    assert_eq!(shown.len(), 4);
    assert_eq!(shown[&seats[4]], SOLD);
    // A seat that was removed while somebody held it comes back when it is sold.
    documents.update_one(doc! {"_id": id}, doc! {"$unset": {"removed": ""}}).await.unwrap();
    changed().await;
    let (back, shown) = viewer.try_seats().await.expect("the feed answers");
    assert!(back.seats_version > after.seats_version && back.seq > after.seq);
    assert_eq!((shown.len(), shown[&seats[4]]), (5, SOLD));
}

#[tokio::test]
async fn pages_ask_more_often_while_seats_are_being_taken() {
    let (tenant, seats, viewer) = showing(&["A1"]).await;
    tenant.user().await.hold(&[&seats[0]]).await;
    assert_eq!(viewer.read_feed().await.refresh_ms, 1_500);
    let path = format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity);
    let paused = json!({"title": "A show", "currency": "INR", "state": "PAUSED"});
    tenant.stack.admin().await.call("PUT", &path).json(&paused).send().await.expect(201);
    assert_eq!(viewer.read_feed().await.refresh_ms, 15_000);
}

#[tokio::test]
async fn a_newer_state_that_was_served_is_never_undercut() {
    let (tenant, seats, viewer) = showing(&["A1"]).await;
    let before = viewer.read_feed().await;
    // Another process has served what this one cannot have seen yet: two seconds from now.
    let ahead = before.seq + (2 << 20);
    let set = doc! {"$set": {"seq": ahead, "digest": "another"}};
    change(&tenant, "feeds", set).await;
    let shown = || async { viewer.try_read_feed().await };
    let after = eventually("the feed answers", WAIT_TIMEOUT, shown).await;
    assert!(after.seq > ahead, "{after:?} after {ahead}");
    tenant.user().await.hold(&[&seats[0]]).await;
    assert!(viewer.read_feed().await.seq > after.seq);
}

#[tokio::test]
async fn after_a_restore_a_larger_epoch_goes_before_a_larger_number() {
    let (tenant, seats, viewer) = showing(&["A1"]).await;
    let before = viewer.read_feed().await;
    assert_eq!(before.epoch, 1);
    // The backup knows a number that lies ahead of the restored database's clock.
    change(&tenant, "feeds", doc! {"$set": {"seq": before.seq + (3_600 << 20)}}).await;
    change(&tenant, "entities", doc! {"$set": {"epoch": 1_769_000_000_i64}}).await;
    tenant.user().await.hold(&[&seats[0]]).await;
    let after = viewer.read_feed().await;
    assert_eq!((after.epoch, after.states[0]), (1_769_000_000, HELD));
    assert!(after.seq < before.seq + (3_600 << 20));
    assert_eq!(viewer.read_feed().await, after);
}

#[tokio::test]
async fn the_feed_names_no_user_no_hold_and_no_booking() {
    let (tenant, seats, viewer) = showing(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0]]).await;
    let booking = user.book(&[&seats[1]]).await;
    let states = viewer.fetch().await;
    let version = feed_state(&states).seats_version;
    let list: Value = viewer.list(version).await.expect("a list");
    let shown = format!("{}{:?}{list}", states.text, states.headers);
    for secret in [&user.user_id, &user.email, &hold.token, &booking, &tenant.app_id] {
        assert!(!shown.contains(secret.as_str()), "{secret} in {shown}");
    }
}

#[tokio::test]
async fn an_entity_without_seats_has_an_empty_feed() {
    let mut tenant = stacks::usual().await.tenant().await;
    tenant.entity = tenant.new_entity("show", &json!({})).await;
    let viewer = Viewer::of(&tenant).await;
    let reply = viewer.fetch().await;
    assert_eq!((&reply.body["states"], &reply.body["seatsVersion"]), (&json!(""), &json!(0)));
    assert_eq!(viewer.list(0).await.expect("a list")["seats"], json!([]));
}
