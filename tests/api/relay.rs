//! The events that endpoints get: each type with its data, and only the types that they want.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use crate::support::{
    expiry::end_hold,
    invariants, outbox, payment,
    people::{Tenant, User},
    receiver::{OK, Receivers},
    reply::{keys, time},
    stacks::{Plan, Shared, Stack},
    unique,
};

/// A stack whose deliverer only the tests of this file use.
async fn stack() -> Arc<Stack> {
    static STACK: Shared<Arc<Stack>> = Shared::new();
    STACK.get(|| async { Plan::new("relay").unlimited().start().await }).await
}

/// A tenant whose endpoint is a receiver of all types of events.
struct Sale {
    tenant: Tenant,
    user: User,
    seats: Vec<String>,
    receivers: Receivers,
    url: String,
}

impl Sale {
    /// A tenant with an endpoint for these types, and seats with a full refund on cancellation.
    async fn new(types: &Value) -> Self {
        Self::on(stack().await, types).await
    }

    async fn on(stack: Arc<Stack>, types: &Value) -> Self {
        let mut tenant = stack.tenant().await;
        let receivers = Receivers::start().await;
        let url = receivers.add(OK);
        endpoint(&tenant, &url, types).await;
        let policy = json!({"tiers": [{"hoursBefore": 0, "refundPercent": 100}]});
        tenant.entity = tenant.new_entity("show", &json!({"cancellationPolicy": policy})).await;
        let seats = tenant.seats(&["A1", "A2", "A3"]).await;
        Self { user: tenant.user().await, tenant, seats, receivers, url }
    }

    /// The bodies that the receiver got, by the events' ids, after everything was sent.
    async fn received_bodies(&self) -> BTreeMap<String, Value> {
        outbox::delivered(&self.tenant).await;
        let mut bodies = BTreeMap::new();
        for received in self.receivers.received(&self.url) {
            let body: Value = serde_json::from_str(&received.body).expect("JSON");
            keys(&body, &["type", "timestamp", "data"], &[], "a body");
            time(&body["timestamp"]);
            assert_eq!(body["data"]["appId"], self.tenant.app_id);
            assert!(body["data"]["version"].is_i64(), "{body}");
            let id = received.headers["webhook-id"].clone();
            let before = bodies.insert(id, body.clone());
            assert!(before.is_none_or(|before| before == body), "two bodies of one event");
        }
        bodies
    }
}

/// Creates an endpoint, and returns its id.
async fn endpoint(tenant: &Tenant, url: &str, types: &Value) -> String {
    let path = format!("/admin/apps/{}/webhooks", tenant.app_id);
    let reply = tenant.stack.admin().await.post(&path, &json!({"url": url, "types": types})).await;
    reply.expect(201)["webhookId"].as_str().expect("an id").to_owned()
}

/// The data of the events of a type, by version.
fn data<'a>(bodies: &'a BTreeMap<String, Value>, kind: &str) -> Vec<&'a Value> {
    let mut data: Vec<&Value> =
        bodies.values().filter(|body| body["type"] == kind).map(|body| &body["data"]).collect();
    data.sort_by_key(|data| data["version"].as_i64());
    data
}

#[tokio::test]
async fn events_of_a_hold_describe_it_after_each_change() {
    let sale = Sale::new(&Value::Null).await;
    let Sale { tenant, user, seats, .. } = &sale;
    let hold = user.hold(&[&seats[0]]).await;
    let change = json!({"reservationToken": hold.token, "seatIds": [seats[0], seats[1]]});
    user.post("/reserve-seat", &change).await.expect(200);
    user.post("/payments", &json!({"reservationToken": hold.token})).await.expect(201);
    user.release(&hold).await.expect(200);
    let late = user.hold(&[&seats[2]]).await;
    end_hold(tenant, &late).await;
    user.release(&late).await.error(410, "RESERVATION_EXPIRED");
    let bodies = sale.received_bodies().await;
    invariants::check(tenant).await;

    let fields = [
        "appId",
        "version",
        "reservationToken",
        "entityId",
        "userId",
        "status",
        "seats",
        "amount",
        "currency",
        "expiresAt",
        "paying",
    ];
    for body in bodies.values().filter(|body| body["type"].as_str().unwrap().starts_with("hold.")) {
        keys(&body["data"], &fields, &[], "a hold");
        assert_eq!(body["data"]["userId"], user.user_id);
    }
    let of_hold = |data: &&Value| data["reservationToken"] == hold.token;
    let created: Vec<&Value> = data(&bodies, "hold.created").into_iter().filter(of_hold).collect();
    assert_eq!((created.len(), &created[0]["status"]), (1, &json!("ACTIVE")));
    assert_eq!(created[0]["seats"].as_array().unwrap().len(), 1);
    let changed = data(&bodies, "hold.changed");
    let paying: Vec<&Value> = changed.iter().map(|data| &data["paying"]).collect();
    assert_eq!(paying, [false, true]);
    assert!(changed.iter().all(|data| data["seats"].as_array().unwrap().len() == 2));
    assert_eq!(changed[0]["amount"].as_i64(), created[0]["amount"].as_i64().map(|one| 2 * one));
    let released = data(&bodies, "hold.released");
    assert_eq!(
        (&released[0]["status"], &released[0]["paying"]),
        (&json!("RELEASED"), &json!(false))
    );
    let versions: Vec<i64> = [created[0], changed[0], changed[1], released[0]]
        .iter()
        .map(|data| data["version"].as_i64().unwrap())
        .collect();
    assert_eq!(versions, [0, 1, 2, 3], "`version` orders the changes");
    let expired = data(&bodies, "hold.expired");
    assert_eq!((expired.len(), &expired[0]["status"]), (1, &json!("EXPIRED")));
    assert_eq!(expired[0]["reservationToken"], late.token);
}

#[tokio::test]
async fn events_of_bookings_refunds_and_entities_show_the_admins_objects_and_no_person() {
    let sale = Sale::new(&Value::Null).await;
    let Sale { tenant, user, seats, .. } = &sale;
    let id = user.book(&[&seats[0], &seats[1]]).await;
    let part = json!({"bookingId": id, "seatIds": [seats[0]]});
    user.post("/cancel-booking", &part).await.expect(200);
    let declined = user.hold(&[&seats[2]]).await;
    user.confirm(&declined, &unique("pay_fail")).await.error(402, "PAYMENT_FAILED");
    let late = user.hold(&[&seats[2]]).await;
    end_hold(tenant, &late).await;
    user.confirm(&late, &payment()).await.error(410, "RESERVATION_EXPIRED");
    tenant.stack.invoke("pay-refunds", &json!({})).await;
    let bodies = sale.received_bodies().await;
    invariants::check(tenant).await;

    let confirmed = data(&bodies, "booking.confirmed")[0];
    assert_eq!((&confirmed["bookingId"], &confirmed["version"]), (&json!(id), &json!(0)));
    assert_eq!(confirmed["cancellations"], json!([]), "as it was then");
    assert_eq!(confirmed["seats"][0]["status"], "CONFIRMED");
    let cancelled = data(&bodies, "booking.cancelled")[0];
    assert_eq!(cancelled["seats"][0]["status"], "CANCELLED");
    assert_eq!(cancelled["cancellations"].as_array().unwrap().len(), 1);
    assert_eq!(data(&bodies, "payment.failed")[0]["paymentStatus"], "FAILED");
    let due = data(&bodies, "refund.due");
    assert_eq!((due.len(), &due[0]["status"]), (1, &json!("PENDING")));
    let paid = data(&bodies, "refund.succeeded");
    assert_eq!(paid.len(), 2, "of the cancellation, and of the late payment");
    assert!(paid.iter().any(|data| data["bookingId"] == json!(id)));
    assert!(paid.iter().all(|data| data["status"] == "SUCCEEDED"));
    let entity = data(&bodies, "entity.updated")[0];
    assert_eq!((&entity["title"], &entity["version"]), (&json!("An entity"), &json!(1)));
    let all = json!(bodies.values().collect::<Vec<_>>()).to_string();
    for personal in [user.email.as_str(), "A user"] {
        assert!(!all.contains(personal), "{all}");
    }
}

#[tokio::test]
async fn an_endpoint_gets_its_types_from_its_creation_on_and_a_disabled_one_can_recover_them() {
    let sale = Sale::new(&json!(["hold.created", "hold.released"])).await;
    let Sale { tenant, user, seats, .. } = &sale;
    let hold = user.hold(&[&seats[0]]).await;
    let later =
        endpoint(tenant, &sale.receivers.add(OK), &json!(["hold.created", "hold.released"])).await;
    let path = format!("/admin/apps/{}/webhooks/{later}", tenant.app_id);
    let admin = tenant.stack.admin().await;
    admin.patch(&path, &json!({"enabled": false})).await.expect(200);
    user.release(&hold).await.expect(200);
    let bodies = sale.received_bodies().await;
    assert_eq!(bodies.len(), 2, "no type that nobody wants: {bodies:?}");
    let shown = admin.get(&format!("{path}/deliveries")).await.expect(200).clone();
    let shown = shown["deliveries"].as_array().expect("deliveries").clone();
    assert_eq!(shown.len(), 1, "what came before the endpoint is not for it: {shown:?}");
    assert_eq!(
        (&shown[0]["type"], &shown[0]["status"]),
        (&json!("hold.released"), &json!("FAILED"))
    );
}

#[tokio::test]
async fn events_of_a_deleted_endpoint_leave_their_documents() {
    // Another test's deliverer could send the event before the endpoint is deleted.
    const FUNCTIONS: &[&str] = &[
        "admin-login",
        "register-app",
        "entities",
        "create-seats",
        "signup",
        "reserve",
        "webhooks",
        "deliver-webhooks",
    ];
    let plan = Plan { functions: Some(FUNCTIONS), ..Plan::new("relay-deleted").unlimited() };
    let sale = Sale::on(plan.start().await, &json!(["hold.created"])).await;
    let Sale { tenant, user, seats, .. } = &sale;
    user.hold(&[&seats[0]]).await;
    let admin = tenant.stack.admin().await;
    let path = format!("/admin/apps/{}/webhooks", tenant.app_id);
    let all = admin.get(&path).await.expect(200)["webhooks"].as_array().expect("a list").clone();
    let id = all[0]["webhookId"].as_str().expect("an id");
    admin.delete(&format!("{path}/{id}")).await.expect(200);
    assert!(sale.received_bodies().await.is_empty());
    let books = invariants::check(tenant).await;
    assert!(!books.reservations[0].contains_key("events"), "{:?}", books.reservations);
}

#[tokio::test]
async fn events_of_an_entity_that_are_sent_late_describe_it_after_each_change() {
    let sale = Sale::new(&Value::Null).await;
    let Sale { tenant, .. } = &sale;
    let admin = tenant.stack.admin().await;
    let path = format!("/admin/apps/{}/entities/{}", tenant.app_id, tenant.entity);
    let named = json!({"title": "$title", "venue": "$$NOW"});
    admin.patch(&path, &named).await.expect(200);
    admin.patch(&path, &json!({"state": "PAUSED", "venue": null})).await.expect(200);
    let cancel = json!({"refundPercent": 100, "reason": "Rain"});
    admin.post(&format!("{path}/cancel"), &cancel).await.expect(202);
    let bodies = sale.received_bodies().await;
    invariants::check(tenant).await;
    let states_of = |kind: &str| -> Vec<Value> {
        let fields = ["version", "title", "venue", "state"];
        let of = |data: &&Value| fields.map(|name| data[name].clone());
        data(&bodies, kind).iter().map(|data| json!(of(data))).collect()
    };
    assert_eq!(
        states_of("entity.updated"),
        [
            json!([1, "An entity", null, "ON_SALE"]),
            json!([2, "$title", "$$NOW", "ON_SALE"]),
            json!([3, "$title", null, "PAUSED"]),
        ]
    );
    assert_eq!(states_of("entity.cancelled"), [json!([4, "$title", null, "CANCELLED"])]);
}

#[tokio::test]
async fn refunds_without_a_cancellation_are_due_and_a_refused_one_has_failed() {
    let sale = Sale::new(&Value::Null).await;
    let Sale { tenant, user, seats, .. } = &sale;
    let admin = tenant.stack.admin().await;
    let hold = user.hold(&[&seats[0]]).await;
    let booking = user.confirm(&hold, &unique("pay_refundfail")).await;
    let id = booking.expect(201)["bookingId"].clone();
    let cancelled = user.post("/cancel-booking", &json!({"bookingId": id})).await;
    let failed = cancelled.expect(200)["refunds"][0]["refundId"].as_str().unwrap().to_owned();
    tenant.stack.invoke("pay-refunds", &json!({})).await;
    let retry = format!("/admin/refunds/{failed}/retry");
    let retried = admin.post(&retry, &json!({"reason": "New card"})).await;
    let retried = retried.expect(201)["refundId"].as_str().unwrap().to_owned();

    let other = user.book(&[&seats[1]]).await;
    let path = format!("/admin/bookings/{other}/refund");
    let body = json!({"amount": 100, "reason": "A broken seat"});
    let given = admin.call("POST", &path).key(&unique("key")).json(&body).send().await;
    let given = given.expect(201)["refundId"].as_str().unwrap().to_owned();
    tenant.stack.invoke("pay-refunds", &json!({})).await;
    let bodies = sale.received_bodies().await;
    invariants::check(tenant).await;
    let ids = |kind: &str| -> Vec<String> {
        let id = |data: &&Value| data["refundId"].as_str().unwrap().to_owned();
        let mut ids: Vec<String> = data(&bodies, kind).iter().map(id).collect();
        ids.sort();
        ids
    };
    let mut due = vec![retried.clone(), given.clone()];
    due.sort();
    assert_eq!((ids("refund.due"), ids("refund.succeeded")), (due.clone(), due));
    assert_eq!(ids("refund.failed"), [failed]);
    assert_eq!(data(&bodies, "refund.failed")[0]["status"], "FAILED");
}
