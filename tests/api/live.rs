//! Live push: what a page gets over its WebSocket. The functions, the WebSockets and MongoDB are
//! real; the local stack stands for API Gateway.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use mongodb::bson::{DateTime, Document, doc};
use serde_json::json;

use crate::support::{
    WAIT_TIMEOUT,
    feed::{FREE, HELD, NOT_FOR_SALE, SOLD, Viewer},
    live::Page,
    people::Tenant,
    poll::eventually,
    runtime_api::{Environment, Event},
    stacks::{Plan, Shared, Stack},
};

/// As long as a publisher lives in AWS.
const BUDGET: Duration = Duration::from_secs(900);
const FUNCTIONS: &[&str] = &[
    "publish-live",
    "admin-login",
    "register-app",
    "create-seats",
    "entities",
    "list-entities",
    "entity-seats",
    "signup",
    "reserve",
    "confirm",
    "release",
    "feed",
    "preflight",
    "live",
];
const WITHOUT_PUBLISHER: &[&str] = match FUNCTIONS.split_first() {
    Some((_, others)) => others,
    None => &[],
};

fn plan(name: &'static str, functions: &'static [&'static str]) -> Plan {
    Plan { functions: Some(functions), ..Plan::new(name).unlimited() }
}

async fn live_stack() -> Arc<Stack> {
    static STACK: Shared<Arc<Stack>> = Shared::new();
    STACK.get(|| plan("live", FUNCTIONS).start()).await
}

async fn watched(stack: &Arc<Stack>, numbers: &[&str]) -> (Tenant, Vec<String>, Viewer) {
    let tenant = stack.tenant().await;
    let seats = tenant.seats(numbers).await;
    let viewer = Viewer::of(&tenant).await;
    (tenant, seats, viewer)
}

async fn connections(stack: &Stack, key: &str) -> u64 {
    let connections = stack.database().await.collection::<Document>("live_connections");
    connections.count_documents(doc! {"feedKey": key}).await.unwrap()
}

async fn wait_for_connections(stack: &Stack, key: &str, count: u64) {
    let is_so = || async { (connections(stack, key).await == count).then_some(()) };
    eventually("the connections are noted", WAIT_TIMEOUT, is_so).await;
}

#[tokio::test]
async fn a_page_is_sent_the_feed_and_then_every_change() {
    let (tenant, seats, viewer) = watched(&live_stack().await, &["A1", "A2"]).await;
    let mut page = Page::open(&tenant.stack, &viewer.key).await.unwrap();
    let first = page.next().await;
    let feed = eventually("the feed answers", WAIT_TIMEOUT, || viewer.try_read_feed()).await;
    assert_eq!((first.seq, &first.states), (feed.seq, &feed.states));
    assert_eq!(first.states[..2], [FREE, FREE]);
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0]]).await;
    page.until(&[HELD, FREE]).await;
    user.release(&hold).await.expect(200);
    page.until(&[FREE, FREE]).await;
    user.book(&[&seats[1]]).await;
    page.until(&[FREE, SOLD]).await;
    let off_sale = json!({"where": {"seatNumbers": ["A1"]}, "set": {"forSale": false}});
    let path = format!("/admin/apps/{}/entities/{}/seats", tenant.app_id, tenant.entity);
    tenant.stack.admin().await.patch(&path, &off_sale).await.expect(200);
    page.until(&[NOT_FOR_SALE, SOLD]).await;
    // Another list of the same states has another version.
    let version = page.seen.last().unwrap().1.seats_version;
    let prices = json!({"where": {"seatNumbers": ["A1"]}, "set": {"price": 4711}});
    tenant.stack.admin().await.patch(&path, &prices).await.expect(200);
    while page.seen.last().unwrap().1.seats_version == version {
        page.next().await;
    }
    // Nothing has changed since, so nothing is sent.
    assert_eq!(page.quiet(Duration::from_secs(3)).await, []);
    page.check();
}

#[tokio::test]
async fn an_entity_shows_the_address_of_its_websocket() {
    let tenant = live_stack().await.tenant().await;
    let entity = tenant.new_entity("show", &json!({})).await;
    tenant.seats_in(&entity, &["A1"]).await;
    let reply = tenant.call("GET", &format!("/entities/{entity}")).send().await;
    let url = reply.expect(200)["liveUrl"].as_str().expect("an address").to_owned();
    let key = reply.expect(200)["feedKey"].as_str().unwrap();
    assert!(url.starts_with("ws://") && url.ends_with(&format!("?feed={key}")), "{url}");
    let mut page = Page::open_at(&url).await.unwrap();
    assert_eq!(page.next().await.states[0], FREE);
    // Pages watch one entity, which they have chosen from the list.
    let list = tenant.call("GET", "/entities").send().await;
    assert!(list.expect(200)["entities"][0].get("liveUrl").is_none());
}

#[tokio::test]
async fn an_unknown_feed_is_refused_by_the_handshake() {
    let stack = live_stack().await;
    for key in ["", "x", "%00", "0000000000000000000000", "a&feed=b", "../../health"] {
        assert_eq!(Page::open(&stack, key).await.err(), Some(404), "{key}");
    }
    let base = stack.base.replacen("http", "ws", 1);
    assert_eq!(Page::open_at(&format!("{base}/live")).await.err(), Some(404));
    // Without a WebSocket it is a path like any other.
    stack.call("GET", "/live?feed=x").send().await.error(404, "ROUTE_NOT_FOUND");
}

#[tokio::test]
async fn text_of_a_page_is_ignored() {
    let (tenant, seats, viewer) = watched(&live_stack().await, &["A1"]).await;
    let mut page = Page::open(&tenant.stack, &viewer.key).await.unwrap();
    page.next().await;
    for text in ["", "{}", r#"{"action": "$connect"}"#, "席 🪑", &"x".repeat(30_000)] {
        page.send_text(text).await;
    }
    assert_eq!(page.quiet(Duration::from_secs(2)).await, []);
    tenant.user().await.hold(&[&seats[0]]).await;
    page.until(&[HELD]).await;
}

#[tokio::test]
async fn a_new_feed_key_ends_the_connections_of_the_old_one() {
    let (tenant, seats, viewer) = watched(&live_stack().await, &["A1"]).await;
    let mut page = Page::open(&tenant.stack, &viewer.key).await.unwrap();
    page.next().await;
    let path = format!("/admin/apps/{}/entities/{}/rotate-feed-key", tenant.app_id, tenant.entity);
    tenant.stack.admin().await.post(&path, &json!({})).await.expect(200);
    page.ended().await;
    wait_for_connections(&tenant.stack, &viewer.key, 0).await;
    assert_eq!(Page::open(&tenant.stack, &viewer.key).await.err(), Some(404));
    let new = Viewer::of(&tenant).await;
    let mut page = Page::open(&tenant.stack, &new.key).await.unwrap();
    tenant.user().await.hold(&[&seats[0]]).await;
    page.until(&[HELD]).await;
}

#[tokio::test]
async fn a_closed_page_is_forgotten() {
    let (tenant, _, viewer) = watched(&live_stack().await, &["A1"]).await;
    let mut page = Page::open(&tenant.stack, &viewer.key).await.unwrap();
    page.next().await;
    assert_eq!(connections(&tenant.stack, &viewer.key).await, 1);
    page.close().await;
    wait_for_connections(&tenant.stack, &viewer.key, 0).await;
    // A page whose connection breaks off is forgotten, too.
    let page = Page::open(&tenant.stack, &viewer.key).await.unwrap();
    drop(page);
    wait_for_connections(&tenant.stack, &viewer.key, 0).await;
}

#[tokio::test]
async fn never_more_pages_watch_than_allowed() {
    let mut plan = plan("live-full", FUNCTIONS);
    plan.env.push(("LIVE_MAX_VIEWERS", "3".to_owned()));
    let (tenant, _, viewer) = watched(&plan.start().await, &["A1"]).await;
    let stack = &tenant.stack;
    let all = join_all((0..20).map(|_| Page::open(stack, &viewer.key))).await;
    let (mut open, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    assert!(open.len() <= 3, "{} are open", open.len());
    assert!(refused.iter().all(|page| page.as_ref().err() == Some(&429)));
    wait_for_connections(stack, &viewer.key, open.len() as u64).await;
    while open.len() < 3 {
        open.push(Ok(Page::open(stack, &viewer.key).await.unwrap()));
    }
    assert_eq!(Page::open(stack, &viewer.key).await.err(), Some(429));
    // The feed itself has no such limit, and another entity has its own.
    eventually("the feed answers", WAIT_TIMEOUT, || viewer.try_read_feed()).await;
    let other = Viewer::of(&watched(stack, &["A1"]).await.0).await;
    Page::open(stack, &other.key).await.unwrap().next().await;
    open.pop().unwrap().unwrap().close().await;
    wait_for_connections(stack, &viewer.key, 2).await;
    Page::open(stack, &viewer.key).await.unwrap().next().await;
}

#[tokio::test]
async fn beyond_the_limit_of_posts_updates_come_less_often_and_to_everybody() {
    const LIMIT: usize = 5;
    let mut plan = plan("live-paced", FUNCTIONS);
    plan.env.push(("LIVE_MAX_POSTS_PER_SECOND", LIMIT.to_string()));
    let (tenant, seats, viewer) = watched(&plan.start().await, &["A1", "A2", "A3"]).await;
    let began = Instant::now();
    let opened = (0..4 * LIMIT).map(|_| Page::open(&tenant.stack, &viewer.key));
    let mut pages: Vec<Page> = join_all(opened).await.into_iter().map(Result::unwrap).collect();
    let user = tenant.user().await;
    let sell = async {
        for seat in &seats {
            user.book(&[seat]).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    };
    tokio::join!(sell, join_all(pages.iter_mut().map(|page| page.until(&[SOLD, SOLD, SOLD]))));
    let mut times: Vec<Instant> =
        pages.iter().flat_map(|page| page.seen.iter().map(|(at, _)| *at)).collect();
    times.sort();
    for (number, at) in times.iter().enumerate() {
        let least = Duration::from_secs((number / LIMIT) as u64);
        assert!(*at - began >= least, "post {} after {:?}", number + 1, *at - began);
    }
    pages.iter().for_each(|page| page.check());
}

#[tokio::test]
async fn gone_connections_are_forgotten_unless_they_may_still_be_opening() {
    let stack = plan("live-gone", WITHOUT_PUBLISHER).start().await;
    let (_, _, viewer) = watched(&stack, &["A1"]).await;
    let noted = stack.database().await.collection::<Document>("live_connections");
    let minute = Duration::from_secs(60).as_millis() as i64;
    let now = DateTime::now().timestamp_millis();
    let row = |id: &str, created: i64| {
        let (created, end) = (DateTime::from_millis(created), DateTime::from_millis(now + minute));
        doc! {
            "connectionId": id, "feedKey": &viewer.key, "createdAt": created,
            "updatedAt": created, "expiresAt": end,
        }
    };
    noted.insert_many([row("gone=", now - minute), row("opening=", now)]).await.unwrap();
    let publisher = Environment::start("publish-live", &stack.live_settings()).await;
    let run = publisher.invoke(&Event::scheduled(), BUDGET);
    let ids = || async {
        let ids = noted.distinct("connectionId", doc! {}).await.unwrap();
        (ids == ["opening=".into()]).then_some(())
    };
    eventually("the gone one is forgotten, the new one is tried again", WAIT_TIMEOUT, ids).await;
    // When the handshake cannot take any longer, nobody watches, and the publisher ends.
    let done = run.value().await;
    assert_eq!(done["sent"], 0, "{done}");
    assert_eq!(noted.count_documents(doc! {}).await.unwrap(), 0);
}

#[tokio::test]
async fn without_viewers_the_publisher_ends_at_once_and_leaves_nothing() {
    let stack = plan("live-idle", FUNCTIONS).start().await;
    let (tenant, seats, _) = watched(&stack, &["A1"]).await;
    let done = stack.invoke("publish-live", &json!({})).await;
    assert_eq!(done, json!({"rounds": 0, "sent": 0}));
    tenant.user().await.book(&[&seats[0]]).await;
    for name in ["leases", "live_connections"] {
        let rows = stack.database().await.collection::<Document>(name);
        assert_eq!(rows.count_documents(doc! {}).await.unwrap(), 0, "{name}");
    }
}

/// A page on a stack whose publishers the test starts itself.
async fn without_publisher(name: &'static str) -> (Tenant, Vec<String>, Page, Settings) {
    let stack = plan(name, WITHOUT_PUBLISHER).start().await;
    let (tenant, seats, viewer) = watched(&stack, &["A1", "A2", "A3"]).await;
    let page = Page::open(&stack, &viewer.key).await.unwrap();
    let settings = stack.live_settings();
    (tenant, seats, page, settings)
}

type Settings = BTreeMap<String, String>;

#[tokio::test]
async fn a_killed_publisher_is_replaced_by_the_next_one_of_the_schedule() {
    let (tenant, seats, mut page, settings) = without_publisher("live-killed").await;
    let user = tenant.user().await;
    let first = Environment::start("publish-live", &settings).await;
    let _lost = first.invoke(&Event::scheduled(), BUDGET);
    page.until(&[FREE]).await;
    first.kill().await;
    user.book(&[&seats[0]]).await;
    let second = Environment::start("publish-live", &settings).await;
    let _run = second.invoke(&Event::scheduled(), BUDGET);
    page.until(&[SOLD, FREE]).await;
    page.check();
}

#[tokio::test]
async fn a_frozen_publisher_sends_nothing_after_another_one_has_taken_over() {
    let (tenant, seats, mut page, settings) = without_publisher("live-frozen").await;
    let user = tenant.user().await;
    let first = Environment::start("publish-live", &settings).await;
    let frozen = first.invoke(&Event::scheduled(), BUDGET);
    page.until(&[FREE]).await;
    first.freeze();
    user.book(&[&seats[0]]).await;
    let second = Environment::start("publish-live", &settings).await;
    let _run = second.invoke(&Event::scheduled(), BUDGET);
    page.until(&[SOLD, FREE]).await;
    user.book(&[&seats[1]]).await;
    page.until(&[SOLD, SOLD]).await;
    first.thaw();
    // It sees that another publisher has the lease.
    frozen.value().await;
    user.book(&[&seats[2]]).await;
    page.until(&[SOLD, SOLD, SOLD]).await;
    page.check();
}

#[tokio::test]
async fn of_two_publishers_one_sends() {
    let (tenant, seats, mut page, settings) = without_publisher("live-two").await;
    let (one, other) = tokio::join!(
        Environment::start("publish-live", &settings),
        Environment::start("publish-live", &settings)
    );
    let one = one.invoke(&Event::scheduled(), Duration::from_secs(20));
    let other = other.invoke(&Event::scheduled(), Duration::from_secs(20));
    page.until(&[FREE]).await;
    tenant.user().await.book(&[&seats[0]]).await;
    page.until(&[SOLD, FREE]).await;
    let (one, other) = tokio::join!(one.value(), other.value());
    let sent = one["sent"].as_u64().unwrap() + other["sent"].as_u64().unwrap();
    assert_eq!(sent, page.seen.len() as u64, "{one} and {other}");
    assert!(one["rounds"] == 0 || other["rounds"] == 0, "{one} and {other}");
    page.check();
}

#[tokio::test]
async fn five_hundred_pages_watch_an_entity_sell_out() {
    const PAGES: usize = 500;
    const SEATS: usize = 60;
    let stack = plan("live-crowd", FUNCTIONS).start().await;
    let numbers: Vec<String> = (1..=SEATS).map(|n| format!("A{n}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let (tenant, seats, viewer) = watched(&stack, &numbers).await;
    let opened = join_all((0..PAGES).map(|_| Page::open(&stack, &viewer.key))).await;
    let mut pages: Vec<Page> = opened.into_iter().map(Result::unwrap).collect();
    let users = tenant.users(3).await;
    let sales = join_all(users.iter().enumerate().map(|(n, user)| {
        let own = seats.iter().skip(n).step_by(users.len());
        async move {
            for seat in own {
                user.book(&[seat]).await;
            }
        }
    }));
    let sold_out = vec![SOLD; SEATS];
    tokio::join!(sales, join_all(pages.iter_mut().map(|page| page.until(&sold_out))));
    let truth = eventually("the feed answers", WAIT_TIMEOUT, || viewer.try_read_feed()).await;
    assert_eq!(connections(&stack, &viewer.key).await, PAGES as u64);
    let bodies: usize = pages.iter().map(|page| page.seen.len()).sum();
    for page in &pages {
        let (_, last) = page.seen.last().unwrap();
        assert_eq!((last.seq, &last.states), (truth.seq, &truth.states));
        page.check();
    }
    println!("{PAGES} pages got {bodies} bodies while {SEATS} seats were sold");
}
