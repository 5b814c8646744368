//! Every query of every endpoint, on a database with old data, as the server's profiler records it.
//! The query uses an index, sorts nothing in memory, and reads no document that it does not return.

mod organisers;

use std::sync::Arc;

use mongodb::{
    Database,
    bson::{Document, doc, oid::ObjectId},
};
use organisers::{books, creations, entities, layout_seats, layouts, tenants};
use serde_json::json;

use super::{
    history::{self, run_out},
    plan_check::check_plans,
    profile, webhook_calls,
};
use crate::support::{
    feed::Viewer,
    live::Page,
    payment,
    people::{Admin, Tenant, User},
    stacks::{Plan, Stack},
    unique,
};

/// More seats than any user in the old data holds, and few enough for a test to reach.
const HELD: usize = 30;

struct Scene {
    stack: Arc<Stack>,
    admin: Admin,
    tenants: [Tenant; 2],
    ann: User,
    bob: User,
    /// A user without old data.
    carl: User,
    database: Database,
}

impl Scene {
    async fn prepare() -> Self {
        let mut plan = Plan { own_redis: true, ..Plan::new("explain").unlimited() };
        plan.env.push(("MAX_HELD_SEATS_PER_USER", HELD.to_string()));
        let stack = plan.start().await;
        let tenants = [stack.tenant().await, stack.tenant().await];
        let ann = tenants[0].user().await;
        let (bob, carl) = (tenants[0].user().await, tenants[0].user().await);
        let database = stack.database().await;
        history::write(&database, &tenants, &[ann.clone(), bob.clone()]).await;
        Self { admin: stack.admin().await, stack, tenants, ann, bob, carl, database }
    }

    /// New seats with distinct numbers.
    async fn seats(&self, count: usize) -> Vec<String> {
        let numbers: Vec<String> = (0..count).map(|_| unique("S")).collect();
        self.tenants[0].seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await
    }
}

#[tokio::test]
async fn every_query_uses_an_index_and_reads_no_document_that_it_does_not_return() {
    let scene = Scene::prepare().await;
    // The functions have filled their caches. A new function, or one without Redis, would read
    // again.
    profile::begin(&scene.database).await;
    scene.stack.wipe_redis().await;
    tenants(&scene).await;
    accounts(&scene).await;
    creations(&scene).await;
    entities(&scene).await;
    layouts(&scene).await;
    feeds(&scene).await;
    watching(&scene).await;
    asks(&scene).await;
    layout_seats(&scene).await;
    holds(&scene).await;
    limits(&scene).await;
    money(&scene).await;
    late(&scene).await;
    repeats(&scene).await;
    listings(&scene).await;
    books(&scene).await;
    webhook_calls::webhooks(&scene.stack, &scene.admin, &scene.database).await;
    scene.stack.invoke("expire-reservations", &json!({})).await;
    scene.stack.invoke("expire-reservations", &json!({})).await;
    let queries = profile::end(&scene.database).await;
    let (wrong, unseen) = check_plans(&scene.database, &queries).await;
    assert!(wrong.is_empty() && unseen.is_empty(), "{wrong:#?}\nwithout a query: {unseen:#?}");
}

#[tokio::test]
async fn a_query_that_has_lost_its_index_is_found_out() {
    let scene = Scene::prepare().await;
    for (collection, index) in [
        ("apps", "createdAt"),
        ("seats", "appId_entityId_status_seatOrder"),
        ("reservations", "active_appId_entityId_expiresAt"),
        ("reservations", "active_userId_appId_expiresAt"),
    ] {
        scene
            .database
            .collection::<Document>(collection)
            .drop_index(index)
            .await
            .expect("the index goes");
    }
    profile::begin(&scene.database).await;
    let seats = format!("/seats?entityId={}", scene.tenants[0].entity);
    scene.admin.get("/admin/apps").await.expect(200);
    scene.ann.get(&seats).await.expect(200);
    scene.ann.reservations().await;
    scene.ann.bookings().await;
    let queries = profile::end(&scene.database).await;
    let (wrong, unseen) = check_plans(&scene.database, &queries).await;
    let mut found: Vec<&str> = wrong.keys().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "apps find {} sort createdAt, _id",
            "reservations find {appId, claimed, entityId, expiresAt $gt now, status}",
            "reservations find {appId, expiresAt $gt now, status, userId}",
            "seats find {appId, entityId, notForSale $exists, removed $exists, status} sort seatOrder",
        ],
        "{wrong:#?}"
    );
    assert!(!unseen.is_empty());
}

/// Users: sign-up, sign-in, a hash of an earlier cost, and a deleted account.
async fn accounts(scene: &Scene) {
    /// "an old password", at bcrypt's lowest cost.
    const CHEAP: &str = "$2b$04$MMEnSfTGFz7.5q2njo7Myuh6ZXltD9g1Ism.OiNIoffBFceuDmvhW";
    let tenant = &scene.tenants[0];
    let (user, gone) = (tenant.user().await, tenant.user().await);
    let signup = json!({"email": user.email, "password": user.password, "name": "A"});
    tenant.post("/auth/signup", &signup).await.error(409, "EMAIL_TAKEN");
    let login = |email: &str, password: &str| json!({"email": email, "password": password});
    tenant.post("/auth/login", &login(&user.email, &user.password)).await.expect(200);
    tenant
        .post("/auth/login", &login(&user.email, "wrong"))
        .await
        .error(401, "INVALID_CREDENTIALS");
    tenant
        .post("/auth/login", &login("nobody@example.com", "wrong"))
        .await
        .error(401, "INVALID_CREDENTIALS");
    let users = scene.database.collection::<Document>("users");
    let cheap = doc! {"$set": {"passwordHash": CHEAP}};
    users.update_one(doc! {"email": &user.email}, cheap).await.expect("an update");
    tenant.post("/auth/login", &login(&user.email, "an old password")).await.expect(200);
    users.delete_one(doc! {"email": &gone.email}).await.expect("a deletion");
    scene.stack.wipe_redis().await;
    gone.get("/reservations").await.error(401, "UNAUTHENTICATED");
}

/// The worker that asks about payments: one is due, and the next is planned.
async fn asks(scene: &Scene) {
    let seats = scene.seats(1).await;
    let hold = scene.bob.hold(&[&seats[0]]).await;
    let holds = scene.database.collection::<Document>("reservations");
    let due = vec![doc! {"$set": {"askAt": "$$NOW"}}];
    holds.update_one(doc! {"reservationToken": &hold.token}, due).await.expect("an update");
    scene.stack.invoke("ask-payments", &json!({})).await;
}

/// The public feed: read for the first time, unchanged, changed, and with another list of seats.
async fn feeds(scene: &Scene) {
    let sold = scene.seats(2).await;
    let viewer = Viewer::of(&scene.tenants[0]).await;
    for _ in 0..3 {
        viewer.read_feed().await;
    }
    scene.bob.book(&[&sold[0]]).await;
    let version = viewer.read_feed().await.seats_version;
    viewer.list(version).await.expect("a list");
    let gone = viewer.call("GET", "/seats?v=0").send().await;
    gone.error(404, "FEED_VERSION_GONE");
    Viewer::new(&scene.stack.base, &"0".repeat(22)).fetch().await.error(404, "FEED_NOT_FOUND");
    let seats = scene.database.collection::<Document>("seats");
    // The order changes without a new version.
    let id = ObjectId::parse_str(&sold[1]).expect("an id");
    seats.delete_one(doc! {"_id": id}).await.expect("it is gone");
    scene.stack.wipe_redis().await;
    assert!(viewer.read_feed().await.seats_version > version);
}

/// Live push: the first viewer starts a publisher, gets a change, and leaves.
async fn watching(scene: &Scene) {
    let sold = scene.seats(1).await;
    let key = Viewer::of(&scene.tenants[0]).await.key;
    let mut page = Page::open(&scene.stack, &key).await.expect("an open WebSocket");
    let first = page.next().await;
    scene.bob.book(&[&sold[0]]).await;
    assert!(page.next().await.seq > first.seq);
    page.close().await;
    // The publisher has seen that nobody is left, or nobody was.
    scene.stack.invoke("publish-live", &json!({})).await;
}

/// Holds: new, refused, repeated, released and expired.
async fn holds(scene: &Scene) {
    let Scene { stack, ann, bob, database, .. } = scene;
    let seats = scene.seats(8).await;
    let basket = [seats[0].as_str(), &seats[1]];
    let hold = ann.hold(&basket).await;
    ann.reserve(&basket).await.expect(200);
    ann.reserve(&basket[..1]).await.error(409, "SEAT_ALREADY_LOCKED");
    bob.reserve(&[&seats[1], &seats[2]]).await.error(409, "SEAT_ALREADY_LOCKED");
    // Without Redis, MongoDB has to detect it.
    stack.wipe_redis().await;
    bob.reserve(&[&seats[1], &seats[2]]).await.error(409, "SEAT_ALREADY_LOCKED");
    ann.reserve(&basket).await.expect(200);
    ann.release(&hold).await.expect(200);
    ann.release(&hold).await.expect(200);
    let sold = ann.hold(&[&seats[2]]).await;
    ann.confirm(&sold, &payment()).await.expect(201);
    ann.release(&sold).await.error(409, "RESERVATION_ALREADY_CONFIRMED");
    bob.reserve(&[&seats[2], &seats[3]]).await.error(409, "SEAT_ALREADY_BOOKED");
    let over = ann.hold(&[&seats[4], &seats[5]]).await;
    run_out(database, &over.token).await;
    stack.wipe_redis().await;
    bob.hold(&[&seats[5], &seats[6]]).await;
    ann.release(&over).await.error(410, "RESERVATION_EXPIRED");
    let over = ann.hold(&[&seats[7]]).await;
    run_out(database, &over.token).await;
    ann.release(&over).await.error(410, "RESERVATION_EXPIRED");
    let theirs = scene.tenants[1].seat().await;
    ann.reserve(&[&theirs]).await.error(404, "SEAT_NOT_FOUND");
    ann.reserve(&[&"0".repeat(24), &"1".repeat(24)]).await.error(404, "SEAT_NOT_FOUND");
    for path in ["/release-seat", "/confirm-booking"] {
        let mut body = json!({"reservationToken": uuid::Uuid::new_v4().to_string()});
        if path == "/confirm-booking" {
            body["paymentId"] = payment().into();
        }
        ann.post(path, &body).await.error(404, "RESERVATION_NOT_FOUND");
    }
    // Another user's booking: found, but not returned.
    bob.release(&hold).await.error(404, "RESERVATION_NOT_FOUND");
}

/// Holds as many seats as allowed, and one more.
async fn limits(scene: &Scene) {
    let seats = scene.seats(HELD + 1).await;
    let seats: Vec<&str> = seats.iter().map(String::as_str).collect();
    for basket in seats[..HELD].chunks(10) {
        scene.carl.hold(basket).await;
    }
    scene.carl.reserve(&seats[HELD..]).await.error(429, "HOLD_LIMIT_REACHED");
}

/// Payments: accepted, repeated, declined, and used for a second hold.
async fn money(scene: &Scene) {
    let ann = &scene.ann;
    let seats = scene.seats(2).await;
    let (paid, other, declined) = (payment(), payment(), unique("pay_fail"));
    let hold = ann.hold(&[&seats[0]]).await;
    ann.confirm(&hold, &paid).await.expect(201);
    ann.confirm(&hold, &paid).await.expect(200);
    ann.confirm(&hold, &other).await.error(409, "RESERVATION_ALREADY_CONFIRMED");
    ann.confirm(&hold, &other).await.error(409, "RESERVATION_ALREADY_CONFIRMED");
    let hold = ann.hold(&[&seats[1]]).await;
    ann.confirm(&hold, &paid).await.error(409, "PAYMENT_ALREADY_USED");
    ann.confirm(&hold, &declined).await.error(402, "PAYMENT_FAILED");
    ann.confirm(&hold, &declined).await.error(402, "PAYMENT_FAILED");
    ann.confirm(&hold, &payment()).await.error(409, "RESERVATION_RELEASED");
}

/// Payments for expired holds: accepted, declined, or already used.
async fn late(scene: &Scene) {
    let ann = &scene.ann;
    let seats = scene.seats(4).await;
    let used = payment();
    let hold = ann.hold(&[&seats[0]]).await;
    ann.confirm(&hold, &used).await.expect(201);
    for (seat, payment) in seats[1..].iter().zip([payment(), unique("pay_fail"), used]) {
        let hold = ann.hold(&[seat]).await;
        run_out(&scene.database, &hold.token).await;
        ann.confirm(&hold, &payment).await.error(410, "RESERVATION_EXPIRED");
        ann.confirm(&hold, &payment).await.error(410, "RESERVATION_EXPIRED");
    }
}

/// Calls with an idempotency key: the first response is stored, replayed, or not stored.
async fn repeats(scene: &Scene) {
    let ann = &scene.ann;
    let seat = scene.seats(1).await.remove(0);
    let reserve =
        || ann.call("POST", "/reserve-seat").key("hold").json(&json!({"seatIds": [seat]})).send();
    let reply = reserve().await;
    let token = reply.expect(201)["reservationToken"].clone();
    assert!(reserve().await.replayed());
    let body = json!({"reservationToken": token, "paymentId": "pay_unavailable"});
    let confirm = || ann.call("POST", "/confirm-booking").key("pay").json(&body).send();
    for _ in 0..2 {
        confirm().await.error(503, "SERVICE_UNAVAILABLE");
    }
}

/// The lists that a page shows: seats, holds, bookings.
async fn listings(scene: &Scene) {
    let Scene { ann, carl, tenants: [tenant, other], .. } = scene;
    let elsewhere = User { tenant: other.clone(), token: sign_in(other, ann).await, ..ann.clone() };
    let theirs = other.seats(&["B1", "B2"]).await;
    elsewhere.hold(&[&theirs[0]]).await;
    for user in [ann, &elsewhere, carl] {
        user.reservations().await;
        assert_eq!(user.bookings().await.is_empty(), user.user_id == carl.user_id);
    }
    for query in ["", "&include=all"] {
        let first = ann.get(&format!("/seats?entityId={}{query}", tenant.entity)).await;
        first.expect(200);
        follow(ann, &format!("/seats?entityId={}&limit=5{query}", tenant.entity)).await;
        ann.get(&format!("/seats?entityId=unknown{query}")).await.expect(200);
    }
    let database = &scene.database;
    // Old halls, where most seats are sold.
    let hall = doc! {"appId": &tenant.app_id, "seatNumber": "A0000"};
    let hall = database
        .collection::<Document>("seats")
        .find_one(hall)
        .await
        .expect("a read")
        .expect("a hall");
    for query in ["", "&include=all"] {
        let hall = hall.get_str("entityId").expect("a hall");
        ann.get(&format!("/seats?entityId={hall}{query}")).await.expect(200);
        follow(ann, &format!("/seats?entityId={hall}&limit=20{query}")).await;
    }
    follow(ann, "/bookings?limit=3").await;
    let booking = ann.bookings().await[0]["bookingId"].as_str().expect("an id").to_owned();
    ann.get(&format!("/bookings/{booking}")).await.expect(200);
    carl.get(&format!("/bookings/{booking}")).await.error(404, "BOOKING_NOT_FOUND");
    ann.get("/bookings/BK-20200101-0000000000").await.error(404, "BOOKING_NOT_FOUND");
}

async fn sign_in(tenant: &Tenant, user: &User) -> String {
    let reply =
        tenant.post("/auth/login", &json!({"email": user.email, "password": user.password})).await;
    reply.expect(200)["token"].as_str().expect("a token").to_owned()
}

/// A page and the one after it.
async fn follow(user: &User, path: &str) {
    let first = user.get(path).await;
    let cursor = first.expect(200)["nextCursor"]
        .as_str()
        .unwrap_or_else(|| panic!("there is no second page: {first}"))
        .to_owned();
    user.get(&format!("{path}&cursor={cursor}")).await.expect(200);
}
