//! `POST /payments`: the payment of a hold, at the fake providers and at the simulation.

use std::{sync::Arc, time::Duration};

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use stack::FakePayments;

use crate::support::{
    expiry, invariants,
    people::{Hold, PRICE, Tenant, User},
    poll::eventually,
    reply::{Reply, keys, time},
    servers,
    stacks::{self, Plan, Shared, Stack},
    unique,
};

/// A stack whose providers are a fake.
#[derive(Clone)]
pub struct Paid {
    pub stack: Arc<Stack>,
    pub fake: Arc<FakePayments>,
}

pub async fn paid() -> Paid {
    static PAID: Shared<Paid> = Shared::new();
    PAID.get(|| Paid::start("paid", None)).await
}

impl Paid {
    /// `None` means all functions.
    pub async fn start(name: &'static str, functions: Option<&'static [&'static str]>) -> Self {
        let fake = servers::forever(FakePayments::start(None)).await.expect("the fake starts");
        let env = vec![("STRIPE_API_BASE", fake.stripe()), ("RAZORPAY_API_BASE", fake.razorpay())];
        let mut plan = Plan { instances: 4, functions, ..Plan::new(name).unlimited() };
        plan.env.extend(env);
        Self { stack: plan.start().await, fake: Arc::new(fake) }
    }

    pub async fn tenant(&self, provider: &str) -> Tenant {
        self.configured(provider).await.0
    }

    /// A tenant whose provider sends its events.
    pub async fn tenant_with_events(&self, provider: &str) -> Tenant {
        let (tenant, account, shown) = self.configured(provider).await;
        let field = if provider == "stripe" { "secretKey" } else { "keyId" };
        let endpoint = json!({
            "provider": provider, "account": account[field], "url": shown["webhookUrl"],
            "secrets": [account["webhookSecret"]],
        });
        self.fake.control("webhooks", &endpoint).await.unwrap();
        tenant
    }

    /// A tenant, its payment settings as they were sent, and the response to them.
    async fn configured(&self, provider: &str) -> (Tenant, Value, Value) {
        let tenant = self.stack.tenant().await;
        let account = &tenant.app_id;
        let body = match provider {
            "stripe" => json!({
                "provider": "stripe", "secretKey": format!("sk_test_{account}"),
                "publishableKey": "pk_test_1", "webhookSecret": "whsec_1",
            }),
            _ => json!({
                "provider": "razorpay", "keyId": format!("rzp_test_{account}"), "keySecret": "s",
                "webhookSecret": "w",
            }),
        };
        let path = format!("/admin/apps/{}/payments", tenant.app_id);
        let reply = self.stack.admin().await.call("PUT", &path).json(&body).send().await;
        let shown = reply.expect(200).clone();
        (tenant, body, shown)
    }

    pub async fn pay(&self, intent: &str) {
        let card = json!({"card": "4242424242424242"});
        self.fake.control(&format!("stripe/intents/{intent}/pay"), &card).await.unwrap();
    }

    /// Pays an order, and returns the payment's id.
    pub async fn pay_order(&self, order: &str) -> String {
        let path = format!("razorpay/orders/{order}/pay");
        let paid = self.fake.control(&path, &json!({"outcome": "captured"})).await.unwrap();
        paid["id"].as_str().unwrap().to_owned()
    }
}

pub async fn buyer(tenant: &Tenant) -> (User, Hold) {
    let (user, seat) = (tenant.user().await, tenant.seats(&[&unique("S")]).await.remove(0));
    let hold = user.hold(&[&seat]).await;
    (user, hold)
}

pub async fn start(user: &User, hold: &Hold) -> Reply {
    user.post("/payments", &json!({"reservationToken": hold.token})).await
}

/// A buyer whose payment is started, with the hold and the id of the payment or order. The response
/// has that id in this field.
pub async fn paying_buyer(tenant: &Tenant, field: &str) -> (User, Hold, String) {
    let (user, hold) = buyer(tenant).await;
    let id = text(start(&user, &hold).await.expect(201), field);
    (user, hold, id)
}

pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field}: {value}")).to_owned()
}

#[tokio::test]
async fn a_payment_of_stripe_is_started_once_extends_the_hold_once_and_books() {
    let paid = paid().await;
    let tenant = paid.tenant("stripe").await;
    let (user, hold) = buyer(&tenant).await;
    let before = time(&user.reservations().await[0]["expiresAt"]);
    assert!(user.reservations().await[0].get("paying").is_none());
    let reply = start(&user, &hold).await;
    let started = reply.expect(201);
    let fields = [
        "paymentId",
        "provider",
        "status",
        "amount",
        "currency",
        "holdExpiresAt",
        "clientSecret",
        "publishableKey",
    ];
    keys(started, &fields, &[], "a started payment");
    assert_eq!(started["status"], "requires_payment_method");
    let extended = time(&started["holdExpiresAt"]);
    assert!(extended > before + 400_000, "{before} {extended}");
    assert_eq!(start(&user, &hold).await.expect(200), started);
    let held = &user.reservations().await[0];
    assert_eq!((&held["paying"], time(&held["expiresAt"])), (&json!(true), extended));

    let intent = text(started, "paymentId");
    let pending = user.confirm(&hold, &intent).await;
    let details = &pending.error(409, "PAYMENT_PENDING")["details"];
    assert_eq!(*details, json!({"paymentStatus": "requires_payment_method"}));
    paid.pay(&intent).await;
    assert_eq!(start(&user, &hold).await.expect(200)["status"], "succeeded");
    let booked = user.confirm(&hold, &intent).await.expect(201).clone();
    assert_eq!(booked["paymentId"], intent);
    user.confirm(&hold, &intent).await.expect(200);
    start(&user, &hold).await.error(409, "RESERVATION_ALREADY_CONFIRMED");
}

#[tokio::test]
async fn a_repeated_start_with_an_idempotency_key_gets_the_first_response() {
    let paid = paid().await;
    let (user, hold) = buyer(&paid.tenant("stripe").await).await;
    let key = unique("key");
    let start = |token: String| {
        let call = user.call("POST", "/payments").header("idempotency-key", &key);
        call.json(&json!({"reservationToken": token})).send()
    };
    let first = start(hold.token.clone()).await;
    let again = start(hold.token.clone()).await;
    assert_eq!(first.expect(201), again.expect(201));
    assert!(!first.replayed() && again.replayed());
    start(unique("token")).await.error(422, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn an_order_of_razorpay_is_started_once_and_its_payment_books() {
    let paid = paid().await;
    let tenant = paid.tenant("razorpay").await;
    let (user, hold) = buyer(&tenant).await;
    let reply = start(&user, &hold).await;
    let started = reply.expect(201);
    let fields = ["provider", "status", "amount", "currency", "holdExpiresAt", "orderId", "keyId"];
    keys(started, &fields, &[], "a started order");
    assert_eq!(start(&user, &hold).await.expect(200), started);
    user.confirm(&hold, "pay_other").await.error(409, "PAYMENT_MISMATCH");
    let payment = paid.pay_order(&text(started, "orderId")).await;
    assert_eq!(user.confirm(&hold, &payment).await.expect(201)["paymentId"], payment);
    user.confirm(&hold, &payment).await.expect(200);
}

#[tokio::test]
async fn two_starts_at_once_give_one_payment_and_one_extension() {
    let paid = paid().await;
    let tenant = paid.tenant("stripe").await;
    let (user, hold) = buyer(&tenant).await;
    let replies = futures_util::future::join_all((0..8).map(|_| start(&user, &hold))).await;
    let created = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(created, 1, "{}", replies[0]);
    let data = |reply: &Reply| {
        let data = &reply.body["data"];
        (text(data, "paymentId"), text(data, "clientSecret"), text(data, "holdExpiresAt"))
    };
    assert!(replies.iter().all(|reply| data(reply) == data(&replies[0])));
}

#[tokio::test]
async fn a_paying_hold_cannot_be_changed_and_another_holds_payment_does_not_confirm_it() {
    let paid = paid().await;
    let tenant = paid.tenant("stripe").await;
    let ((user, hold), (other, others)) = (buyer(&tenant).await, buyer(&tenant).await);
    let intent = text(start(&user, &hold).await.expect(201), "paymentId");
    paid.pay(&intent).await;
    let more = tenant.seats(&["Z1"]).await;
    let change = json!({"reservationToken": hold.token, "seatIds": [hold.seats[0], more[0]]});
    user.post("/reserve-seat", &change).await.error(409, "PAYMENT_STARTED");
    start(&other, &others).await.expect(201);
    let reply = other.confirm(&others, &intent).await;
    let details = &reply.error(409, "PAYMENT_MISMATCH")["details"];
    assert_eq!(*details, json!({"field": "reservation"}));
    user.confirm(&hold, &intent).await.expect(201);
}

#[tokio::test]
async fn a_hold_that_changes_while_its_payment_starts_is_never_sold_at_its_old_price() {
    let paid = paid().await;
    let tenant = paid.tenant("stripe").await;
    for _ in 0..8 {
        let ((user, hold), more) = (buyer(&tenant).await, tenant.seats(&[&unique("M")]).await);
        let change = json!({"reservationToken": hold.token, "seatIds": [hold.seats[0], more[0]]});
        let (started, changed) =
            tokio::join!(start(&user, &hold), user.post("/reserve-seat", &change));
        let seats = if changed.status == 200 {
            2
        } else {
            changed.error(409, "PAYMENT_STARTED");
            1
        };
        let intent = text(started.expect(201), "paymentId");
        assert_eq!(started.expect(201)["amount"], PRICE * seats);
        paid.pay(&intent).await;
        let booked = user.confirm(&hold, &intent).await.expect(201).clone();
        assert_eq!(booked["amount"], PRICE * seats);
        assert_eq!(booked["seats"].as_array().unwrap().len() as i64, seats);
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_payment_for_a_hold_that_has_ended_is_due_back_once() {
    let paid = paid().await;
    let tenant = paid.tenant("stripe").await;
    let (user, hold, intent) = paying_buyer(&tenant, "paymentId").await;
    paid.pay(&intent).await;
    expiry::end_hold(&tenant, &hold).await;
    start(&user, &hold).await.error(410, "RESERVATION_EXPIRED");
    let refused = || async {
        let reply = user.confirm(&hold, &intent).await;
        let details = &reply.error(410, "RESERVATION_EXPIRED")["details"];
        assert_eq!(*details, json!({"refundDue": true}));
    };
    refused().await;
    refused().await;
    let due = is_paid_back(&user).await;
    assert_eq!(due["status"], "REFUND_DUE");
    // By now the provider reports the payment as refunded.
    refused().await;
}

/// The one booking of a user, once the worker has paid it back.
async fn is_paid_back(user: &User) -> Value {
    eventually("the money is paid back", Duration::from_secs(60), || async {
        user.tenant.stack.invoke("pay-refunds", &json!({})).await;
        let bookings = user.bookings().await;
        let [due] = &bookings[..] else { panic!("one record: {bookings:?}") };
        (due["refundStatus"] == "REFUNDED").then(|| due.clone())
    })
    .await
}

#[tokio::test]
async fn a_payment_of_another_amount_is_due_back_and_the_next_start_makes_a_new_one() {
    let paid = paid().await;
    let tenant = paid.tenant("stripe").await;
    let (user, hold) = buyer(&tenant).await;
    let first = start(&user, &hold).await.expect(201).clone();
    let intent = text(&first, "paymentId");
    paid.pay(&intent).await;
    // As if the amount had been wrong from the start: the hold costs more than was paid.
    let holds = tenant.stack.database().await.collection::<Document>("reservations");
    let token = doc! {"reservationToken": &hold.token};
    holds.update_one(token, doc! {"$inc": {"amount": 100_i64}}).await.unwrap();
    let refused = || async {
        let reply = user.confirm(&hold, &intent).await;
        let details = &reply.error(409, "PAYMENT_MISMATCH")["details"];
        assert_eq!(*details, json!({"field": "amount", "refundDue": true}));
    };
    refused().await;
    refused().await;
    let due = is_paid_back(&user).await;
    assert_eq!((&due["status"], &due["amount"]), (&json!("REFUND_DUE"), &first["amount"]));
    refused().await;
    let second = start(&user, &hold).await.expect(201).clone();
    assert_ne!(second["paymentId"], first["paymentId"]);
    assert_eq!(second["holdExpiresAt"], first["holdExpiresAt"]);
    let intent = text(&second, "paymentId");
    paid.pay(&intent).await;
    user.confirm(&hold, &intent).await.expect(201);
}

#[tokio::test]
async fn what_costs_nothing_or_too_little_starts_no_payment() {
    let paid = paid().await;
    let tenant = paid.tenant("stripe").await;
    let seats = json!([{"seatNumber": "F1", "price": 0}, {"seatNumber": "F2", "price": 1}]);
    let body = json!({"appId": tenant.app_id, "entityId": tenant.entity, "currency": "INR", "seats": seats});
    let made = paid.stack.admin().await.post("/admin/seats", &body).await.expect(201).clone();
    let seat = |index: usize| made["seats"][index]["seatId"].as_str().map(str::to_owned);
    let user = tenant.user().await;
    let listed = user.free_seats().await;
    let [free, cheap] = [seat(0), seat(1)].map(|seat| seat.or_else(|| listed.first().cloned()));
    let hold = user.hold(&[&free.unwrap()]).await;
    start(&user, &hold).await.error(409, "PAYMENT_NOT_NEEDED");
    let hold = user.hold(&[&cheap.unwrap()]).await;
    start(&user, &hold).await.error(409, "AMOUNT_NOT_PAYABLE");
}

#[tokio::test]
async fn a_payment_of_the_simulation_confirms_its_own_hold_only() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let ((user, hold), (other, others)) = (buyer(&tenant).await, buyer(&tenant).await);
    let reply = start(&user, &hold).await;
    let started = reply.expect(201);
    let fields = ["paymentId", "provider", "status", "amount", "currency", "holdExpiresAt"];
    keys(started, &fields, &[], "a started payment");
    assert_eq!(start(&user, &hold).await.expect(200), started);
    let payment = text(started, "paymentId");
    other.confirm(&others, &payment).await.error(409, "PAYMENT_MISMATCH");
    user.confirm(&hold, &payment).await.expect(201);
    other.confirm(&others, "pay_1").await.expect(201);
}
