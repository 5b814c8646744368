//! The public seat feed while servers fail: what a page has seen never goes back.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::future::{FutureExt as _, join_all};
use mongodb::bson::{Document, doc, oid::ObjectId};
use serde_json::json;
use tokio::sync::watch;

use super::{
    BUDGET, WAIT_TIMEOUT, booking, held, repeat_while_unavailable, replicas::Trio, shared_server,
    to_confirm, to_reserve,
};
use crate::support::{
    feed::{FREE, FeedState, HELD, NOT_FOR_SALE, SOLD, Viewer, feed_state},
    payment,
    people::{Hold, Tenant, User},
    poll::eventually,
    runtime_api::{Environment, Event},
    stacks::{Plan, Stack},
};

/// What a page remembers of a sale in which nobody gives a seat back.
#[derive(Default)]
struct Page {
    last: Option<FeedState>,
    seats: BTreeMap<String, u8>,
    states: BTreeMap<i64, (i64, Vec<u8>)>,
}

impl Page {
    #[track_caller]
    fn sees(&mut self, feed: FeedState, seats: BTreeMap<String, u8>) {
        if let Some(last) = &self.last {
            assert!((feed.epoch, feed.seq) >= (last.epoch, last.seq), "{feed:?} after {last:?}");
        }
        let state = (feed.seats_version, feed.states.clone());
        let known = self.states.entry(feed.seq).or_insert_with(|| state.clone());
        assert_eq!(*known, state, "one sequence number has two states");
        for (seat, now) in seats {
            let before = self.seats.insert(seat.clone(), now).unwrap_or(FREE);
            assert!(now >= before, "{seat} went back from {before} to {now}: {feed:?}");
        }
        self.last = Some(feed);
    }
}

/// The functions that these tests use.
const FUNCTIONS: &[&str] = &[
    "admin-login",
    "register-app",
    "create-seats",
    "entity-seats",
    "signup",
    "reserve",
    "confirm",
    "list-seats",
    "feed",
];

/// Reads the seats until `stop` is set. Returns how often it read them.
async fn watch_seats(viewer: Viewer, stop: watch::Receiver<bool>) -> usize {
    let (mut page, mut count) = (Page::default(), 0);
    while !*stop.borrow() {
        if let Some((feed, seats)) = viewer.try_seats().await {
            page.sees(feed, seats);
            count += 1;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    count
}

/// Each seat's state as a listing of all seats shows it.
async fn listed(user: &User) -> BTreeMap<String, u8> {
    let path = format!("/seats?include=all&entityId={}", user.tenant.entity);
    let reply = user.get(&path).await;
    let state = |seat: &serde_json::Value| match seat["status"].as_str().unwrap() {
        "AVAILABLE" => FREE,
        "LOCKED" => HELD,
        "BOOKED" => SOLD,
        _ => NOT_FOR_SALE,
    };
    let seats = reply.expect(200)["seats"].as_array().unwrap().clone();
    seats.iter().map(|s| (s["seatId"].as_str().unwrap().to_owned(), state(s))).collect()
}

async fn sell(user: &User, seat: &str) {
    let hold = user.hold(&[seat]).await;
    user.confirm(&hold, &payment()).await.expect(201);
}

/// Changes what the organiser can change, one after the other.
async fn organise(tenant: &Tenant, stack: &Arc<Stack>, step: usize) {
    let admin = stack.admin().await;
    let seats = format!("/admin/apps/{}/entities/{}/seats", tenant.app_id, tenant.entity);
    match step {
        2 => stack.wipe_redis().await,
        3 => drop(tenant.seats(&["A0", "A05", "Z1", "Z2"]).await),
        4 => {
            let price = json!({"where": {"seatNumbers": ["Z1"]}, "set": {"price": 7}});
            admin.patch(&seats, &price).await.expect(200);
        }
        5 => {
            let off = json!({"where": {"seatNumbers": ["A05"]}, "set": {"forSale": false}});
            admin.patch(&seats, &off).await.expect(200);
        }
        6 => {
            let gone = json!({"where": {"seatNumbers": ["A0"]}});
            admin.post(&format!("{seats}/remove"), &gone).await.expect(200);
        }
        8 => stack.wipe_redis().await,
        9 => stack.stop_redis().await,
        _ => {}
    }
}

#[tokio::test]
async fn no_page_goes_back_while_redis_is_wiped_and_stopped_and_the_organiser_changes_seats() {
    let plan = Plan {
        functions: Some(FUNCTIONS),
        instances: 2,
        own_redis: true,
        ..Plan::new("feed-redis").unlimited()
    };
    let stack = plan.start().await;
    let tenant = stack.tenant().await;
    let numbers: Vec<String> = (1..=12).map(|n| format!("A{n}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let seats = tenant.seats(&numbers).await;
    let user = tenant.user().await;
    let viewer = Viewer::of(&tenant).await;
    let (stop, stopped) = watch::channel(false);
    let watching = (0..3).map(|_| tokio::spawn(watch_seats(viewer.clone(), stopped.clone())));
    let watching: Vec<_> = watching.collect();
    for (step, seat) in seats.iter().enumerate() {
        organise(&tenant, &stack, step).await;
        sell(&user, seat).await;
        // A page that asks now sees the sale, with Redis and without it.
        assert_eq!(viewer.state(seat).await, SOLD, "{step}");
    }
    let agree = || async { (viewer.seats().await == listed(&user).await).then_some(()) };
    eventually("the feed agrees with the listing", WAIT_TIMEOUT, agree).await;
    stop.send_replace(true);
    for count in join_all(watching).await {
        assert!(count.expect("no page went back") > 10);
    }
}

/// Reads from processes of the feed in turn, as one page does.
struct Reader {
    processes: Vec<Environment>,
    event: Event,
    page: Page,
    next: usize,
}

impl Reader {
    /// Reads the feed once, and checks that nothing went back. `None`: the response was a 503.
    async fn read(&mut self) -> Option<FeedState> {
        self.next += 1;
        let process = &self.processes[self.next % self.processes.len()];
        let reply = process.call(&self.event, Duration::from_secs(3)).await;
        if reply.status == 503 {
            return None;
        }
        let feed = feed_state(&reply);
        let seats = feed.states.iter().enumerate().map(|(n, s)| (n.to_string(), *s)).collect();
        self.page.sees(feed.clone(), seats);
        Some(feed)
    }

    /// Reads from each process until it shows this state of a seat.
    async fn until(&mut self, seat: usize, state: u8) {
        for _ in 0..self.processes.len() {
            let limit = tokio::time::Instant::now() + WAIT_TIMEOUT;
            while self.read().await.is_none_or(|feed| feed.states[seat] != state) {
                assert!(tokio::time::Instant::now() < limit, "seat {seat} is never {state}");
            }
        }
    }
}

fn feed_event(viewer: &Viewer) -> Event {
    let headers = json!({"host": "api.example.com", "x-forwarded-proto": "https"});
    let mut event = Event::with("GET", &format!("/feed/{}", viewer.key), headers);
    event.payload["pathParameters"] = json!({"feedKey": viewer.key});
    event
}

#[tokio::test]
async fn no_page_goes_back_when_primaries_are_killed_step_down_and_freeze() {
    let mut trio = Trio::start(6).await;
    let rig = &trio.rig;
    let (reserve, confirm) = tokio::join!(rig.start("reserve"), rig.start("confirm"));
    let processes = vec![rig.start("feed").await, rig.start("feed").await];
    let event = feed_event(&Viewer::of(&rig.tenant).await);
    let mut reader = Reader { processes, event, page: Page::default(), next: 0 };
    let (ann, seats) = (rig.ann.clone(), rig.seats.clone());
    for (fault, pair) in seats.chunks(2).enumerate() {
        let (first, second) = (2 * fault, 2 * fault + 1);
        reader.until(first, FREE).await;
        let hold = repeat_while_unavailable(&reserve, &to_reserve(&ann, &[&pair[0]])).await;
        reader.until(first, HELD).await;
        let old = trio.set.primary().await;
        match fault {
            0 => trio.set.kill(old).await,
            1 => trio.set.freeze(old),
            _ => {}
        }
        let failing = async { trio.set.another_leads(old).await };
        let looking = async {
            for _ in 0..4 {
                reader.read().await;
            }
        };
        tokio::join!(failing, looking);
        let sold = to_confirm(&ann, &Hold::of(&hold), &payment());
        booking(&repeat_while_unavailable(&confirm, &sold).await);
        reader.until(first, SOLD).await;
        match fault {
            0 => trio.set.restart(old).await,
            1 => trio.set.thaw(old),
            _ => {}
        }
        for _ in 0..4 {
            reader.read().await;
        }
        let hold = repeat_while_unavailable(&reserve, &to_reserve(&ann, &[&pair[1]])).await;
        assert!(matches!(hold.status, 200 | 201), "{hold}");
        reader.until(second, HELD).await;
        trio.set.all_in_service().await;
    }
    trio.check().await;
}

#[tokio::test]
async fn a_primary_that_was_replaced_while_it_was_frozen_serves_no_old_state() {
    let trio = Trio::start(1).await;
    let old = trio.set.primary().await;
    let apart = trio.rig.apart(trio.set.members[old].port).await;
    let (reserve, feed) = tokio::join!(trio.rig.start("reserve"), trio.rig.start("feed"));
    let behind = apart.start("feed").await;
    let event = feed_event(&Viewer::of(&trio.rig.tenant).await);
    let before = feed_state(&behind.call(&event, BUDGET).await);
    assert_eq!(before.states[0], FREE);
    trio.set.freeze(old);
    trio.set.another_leads(old).await;
    let event_of_hold = to_reserve(&trio.rig.ann, &[&trio.rig.seats[0]]);
    repeat_while_unavailable(&reserve, &event_of_hold).await;
    let seen = || async {
        let reply = feed.call(&event, Duration::from_secs(3)).await;
        (reply.status == 200).then(|| feed_state(&reply)).filter(|feed| feed.states[0] == HELD)
    };
    let newest = eventually("the feed shows the hold", WAIT_TIMEOUT, seen).await;
    // The request is sent while the server is frozen. The response comes after the thaw.
    let late = behind.invoke(&event, BUDGET);
    trio.set.thaw(old);
    let late = late.reply().await;
    if late.status == 200 {
        let late = feed_state(&late);
        assert!(late.seq >= newest.seq, "{late:?} after {newest:?}");
    } else {
        late.error(503, "SERVICE_UNAVAILABLE");
    }
    trio.set.all_in_service().await;
    trio.check().await;
}

/// Seats and holds read one after the other, with a sale in between.
async fn read_at_two_moments(tenant: &Tenant, sale: impl Future<Output = ()>) -> Vec<u8> {
    let database = tenant.stack.database().await;
    let own = doc! {"appId": &tenant.app_id, "entityId": &tenant.entity};
    let rows = async |collection: &str, filter: Document| -> Vec<Document> {
        use futures_util::TryStreamExt as _;
        let documents = database.collection::<Document>(collection);
        let found = documents.find(filter).sort(doc! {"seatOrder": 1}).await.unwrap();
        found.try_collect().await.unwrap()
    };
    let seats = rows("seats", own.clone()).await;
    sale.await;
    let mut live = own;
    live.insert("status", "ACTIVE");
    let holds = rows("reservations", live).await;
    let is_held = |id: ObjectId| {
        let seats = |hold: &Document| hold.get_array("seatIds").unwrap().clone();
        holds.iter().flat_map(seats).any(|held| held.as_object_id() == Some(id))
    };
    let state = |seat: &Document| match seat.get_str("status").unwrap() {
        "BOOKED" => SOLD,
        _ if is_held(seat.get_object_id("_id").unwrap()) => HELD,
        _ => FREE,
    };
    seats.iter().map(state).collect()
}

#[tokio::test]
async fn control_a_reader_of_seats_and_holds_at_two_moments_is_found_out() {
    let (stack, set) = shared_server().await;
    let rig = super::FaultRig::on(stack, set.members[0].port, 1).await;
    let (reserve, confirm, feed) =
        tokio::join!(rig.start("reserve"), rig.start("confirm"), rig.start("feed"));
    let event = feed_event(&Viewer::of(&rig.tenant).await);
    let seat = rig.seats[0].clone();
    let hold = held(&reserve, &rig.ann, &[&seat]).await;
    let honest = feed_state(&feed.call(&event, BUDGET).await);
    let mut page = Page::default();
    page.sees(honest.clone(), BTreeMap::from([(seat.clone(), honest.states[0])]));
    let sale = async {
        confirm.call(&to_confirm(&rig.ann, &hold, &payment()), BUDGET).await.expect(201);
    };
    let states = read_at_two_moments(&rig.tenant, sale).await;
    let torn = FeedState { seq: honest.seq + 1, states: states.clone(), ..honest };
    let shown = BTreeMap::from([(seat.clone(), states[0])]);
    let noticed = AssertUnwindSafe(async { page.sees(torn, shown) }).catch_unwind().await;
    let words = noticed.expect_err("the flaw was not noticed");
    let words = words.downcast_ref::<String>().expect("a message");
    assert!(words.contains("went back from 1 to 0"), "{words}");
    // The feed itself shows the sale.
    assert_eq!(feed_state(&feed.call(&event, BUDGET).await).states[0], SOLD);
}
