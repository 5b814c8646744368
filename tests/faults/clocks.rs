//! Functions whose clock is wrong by an hour. Sales open and close by the database's
//! clock, to the millisecond.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use mongodb::{Database, bson::doc};
use serde_json::{Value, json};

use super::{BUDGET, FaultRig, WAIT_TIMEOUT, fault_slot, shared_server, to_release, to_reserve};
use crate::support::{
    clocks,
    people::{Hold, Tenant},
    reply::Reply,
    runtime_api::{Environment, Event},
    unique,
};

const HOUR: i64 = 3_600;

/// Processes of functions whose clocks are wrong by the same time.
struct ProcessesWithWrongClock {
    /// How many seconds they are ahead.
    offset: i64,
    reserve: Environment,
    release: Environment,
    list: Environment,
}

impl ProcessesWithWrongClock {
    async fn start(rig: &FaultRig, offset: i64) -> Self {
        let mut settings = rig.settings.clone();
        settings.extend(clocks::ahead_by(offset));
        let start = async |function: &str| Environment::start(function, &settings).await;
        let (reserve, release, list) =
            tokio::join!(start("reserve"), start("release"), start("list-entities"));
        let login = start("login").await;
        let processes = Self { offset, reserve, release, list };
        // Their clock is really wrong.
        let ann = &rig.ann;
        let body = json!({"email": ann.email, "password": ann.password});
        let reply = processes.call(&login, &Event::of(ann, "POST", "/auth/login", &body)).await;
        let token = reply.expect(200)["token"].as_str().expect("a token").to_owned();
        let claims = token.split('.').nth(1).expect("claims");
        let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        let ahead = claims["iat"].as_i64().expect("a time") - Utc::now().timestamp();
        assert!((ahead - offset).abs() < HOUR / 2, "the clock is {ahead} s ahead");
        processes
    }

    /// Lambda gives a function its deadline by the function's own clock.
    async fn call(&self, process: &Environment, event: &Event) -> Reply {
        let ahead = Duration::from_secs(self.offset.try_into().unwrap_or(0));
        process.call(event, BUDGET + ahead).await
    }

    async fn reserve(&self, rig: &FaultRig, seat: &str) -> Reply {
        self.call(&self.reserve, &to_reserve(&rig.ann, &[seat])).await
    }

    async fn reserve_best(&self, rig: &FaultRig) -> Reply {
        let best = json!({"entityId": rig.tenant.entity, "quantity": 1});
        let body = json!({"bestAvailable": best});
        self.call(&self.reserve, &Event::of(&rig.ann, "POST", "/reserve-seat", &body)).await
    }

    /// Gives a hold back, so that the next attempt makes a new one.
    async fn release(&self, rig: &FaultRig, held: &Reply) {
        let event = to_release(&rig.ann, &Hold::of(held));
        self.call(&self.release, &event).await.expect(200);
    }

    /// The entities that frontends see, each with whether it sells.
    async fn listed(&self, rig: &FaultRig) -> Vec<(String, String)> {
        let event = Event::of(&rig.ann, "GET", "/entities", &Value::Null);
        let reply = self.call(&self.list, &event).await;
        let entities = reply.expect(200)["entities"].as_array().expect("a list").clone();
        let text = |entity: &Value, name: &str| entity[name].as_str().expect("a text").to_owned();
        entities.iter().map(|one| (text(one, "entityId"), text(one, "sales"))).collect()
    }
}

/// The time by the database's clock.
async fn now(database: &Database) -> DateTime<Utc> {
    let hello = database.run_command(doc! {"hello": 1}).await.expect("a response");
    let time = hello.get_datetime("localTime").expect("a time").timestamp_millis();
    DateTime::from_timestamp_millis(time).expect("a time")
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

async fn put(tenant: &Tenant, entity: &str, more: Value) {
    let mut settings = json!({"title": "Show", "currency": "INR"});
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let path = format!("/admin/apps/{}/entities/{entity}", tenant.app_id);
    let admin = tenant.stack.admin().await;
    let reply = admin.call("PUT", &path).json(&settings).send().await;
    assert!(matches!(reply.status, 200 | 201), "{reply}");
}

/// Sales that opened or closed half an hour ago, or will in half an hour: a wrong
/// clock sees the opposite.
async fn far_from_the_edges(
    rig: &FaultRig,
    processes: &ProcessesWithWrongClock,
    database: &Database,
) {
    let entity = &rig.tenant.entity;
    let half = TimeDelta::minutes(30);
    let time = now(database).await;
    let (past, future) = (text(time - half), text(time + half));
    let refusals = [
        (json!({"salesOpenAt": future}), "NOT_YET", "SALES_NOT_OPEN"),
        (json!({"salesCloseAt": past}), "CLOSED", "SALES_CLOSED"),
    ];
    for (window, sales, code) in refusals {
        put(&rig.tenant, entity, window).await;
        processes.reserve(rig, &rig.seats[0]).await.error(409, code);
        processes.reserve_best(rig).await.error(409, code);
        assert!(processes.listed(rig).await.contains(&(entity.clone(), sales.to_owned())));
    }
    put(&rig.tenant, entity, json!({"salesOpenAt": past, "salesCloseAt": future})).await;
    for reply in [processes.reserve(rig, &rig.seats[0]).await, processes.reserve_best(rig).await] {
        reply.expect(201);
        processes.release(rig, &reply).await;
    }
    assert!(processes.listed(rig).await.contains(&(entity.clone(), "OPEN".to_owned())));
}

/// Holds and releases seats until the sale has opened or closed at `edge`. By the database's clock,
/// an attempt that ended before `edge` has the code `before`, and one that began after it `after`.
/// `None` stands for success.
async fn reserve_until(
    rig: &FaultRig,
    processes: &ProcessesWithWrongClock,
    database: &Database,
    edge: DateTime<Utc>,
    (before, after): (Option<&str>, Option<&str>),
) {
    let limit = tokio::time::Instant::now() + WAIT_TIMEOUT;
    for seat in rig.seats.iter().cycle() {
        let began = now(database).await;
        let reply = processes.reserve(rig, seat).await;
        let ended = now(database).await;
        let code = (reply.status != 201).then(|| reply.code().to_owned());
        if code.is_none() {
            processes.release(rig, &reply).await;
        }
        let code = code.as_deref();
        let case = format!("{reply} from {began} to {ended}, for an edge at {edge}");
        assert!(code == before || code == after, "{case}");
        assert!(ended >= edge || code == before, "too early: {case}");
        assert!(began < edge || code == after, "too late: {case}");
        if code == after {
            return;
        }
        assert!(tokio::time::Instant::now() < limit, "the edge has no effect: {case}");
    }
}

#[tokio::test]
async fn sales_open_and_close_to_the_millisecond_by_the_databases_clock_not_by_a_functions() {
    let _slot = fault_slot().await;
    let (stack, set) = shared_server().await;
    let database = stack.database().await;
    for offset in [-HOUR, HOUR] {
        let rig = FaultRig::on(stack.clone(), set.members[0].port, 40).await;
        let processes = ProcessesWithWrongClock::start(&rig, offset).await;
        far_from_the_edges(&rig, &processes, &database).await;
        let entity = &rig.tenant.entity;
        let edge = now(&database).await + TimeDelta::milliseconds(700);
        put(&rig.tenant, entity, json!({"salesOpenAt": text(edge)})).await;
        reserve_until(&rig, &processes, &database, edge, (Some("SALES_NOT_OPEN"), None)).await;
        let edge = now(&database).await + TimeDelta::milliseconds(700);
        put(&rig.tenant, entity, json!({"salesCloseAt": text(edge)})).await;
        reserve_until(&rig, &processes, &database, edge, (None, Some("SALES_CLOSED"))).await;
    }
}

#[tokio::test]
async fn frontends_see_entities_that_are_not_over_by_the_databases_clock_not_by_a_functions() {
    let _slot = fault_slot().await;
    let (stack, set) = shared_server().await;
    let database = stack.database().await;
    let rig = FaultRig::on(stack.clone(), set.members[0].port, 1).await;
    let time = now(&database).await;
    let (over, running) = (unique("over"), unique("running"));
    for (entity, minutes) in [(&over, -30), (&running, 30)] {
        let (start, end) = (time - TimeDelta::hours(3), time + TimeDelta::minutes(minutes));
        let dates = json!({"startsAt": text(start), "endsAt": text(end), "timeZone": "UTC"});
        put(&rig.tenant, entity, dates).await;
    }
    for offset in [-HOUR, HOUR] {
        let processes = ProcessesWithWrongClock::start(&rig, offset).await;
        let listed = processes.listed(&rig).await;
        let ids: Vec<&String> = listed.iter().map(|(entity, _)| entity).collect();
        assert_eq!(ids, [&running], "{offset}");
    }
}

#[tokio::test]
async fn an_entity_made_by_a_function_whose_clock_is_ahead_knows_its_holds() {
    let _slot = fault_slot().await;
    let (stack, set) = shared_server().await;
    let database = stack.database().await;
    let rig = FaultRig::on(stack.clone(), set.members[0].port, 1).await;
    let tenant = &rig.tenant;
    let mut settings = rig.settings.clone();
    settings.extend(clocks::ahead_by(2 * HOUR));
    let entities = Environment::start("entities", &settings).await;
    let admin = tenant.stack.admin().await;
    let headers = json!({
        "host": "api.example.com", "x-forwarded-proto": "https",
        "content-type": "application/json", "authorization": format!("Bearer {}", admin.token),
    });
    let entity = unique("show");
    let call = async |method: &str, body: Option<Value>| {
        let path = format!("/admin/apps/{}/entities/{entity}", tenant.app_id);
        let mut event = Event::with(method, &path, headers.clone());
        event.payload["pathParameters"] = json!({"appId": tenant.app_id, "entityId": entity});
        if let Some(body) = body {
            event.payload["body"] = body.to_string().into();
        }
        entities.call(&event, BUDGET + Duration::from_secs(2 * 3_600)).await
    };
    let began = now(&database).await;
    let made = call("PUT", Some(json!({"title": "Show", "currency": "INR"}))).await;
    let created = made.expect(201)["createdAt"].as_str().expect("a time").to_owned();
    let created: DateTime<Utc> = created.parse().expect("a time");
    assert!(created >= began && created <= now(&database).await, "{made}");
    let seats = tenant.seats_in(&entity, &["A1"]).await;
    let reserve = rig.start("reserve").await;
    reserve.call(&to_reserve(&rig.ann, &[&seats[0]]), BUDGET).await.expect(201);
    let currency = json!({"currency": "EUR"});
    call("PATCH", Some(currency)).await.refuses("currency");
    call("DELETE", None).await.error(409, "ENTITY_IN_USE");
}
