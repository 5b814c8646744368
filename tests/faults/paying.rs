//! Payments of a rig's holds at a fake Stripe.

use mongodb::{
    Database,
    bson::{Document, doc},
};
use serde_json::json;
use stack::FakePayments;

use super::{BUDGET, FaultRig};
use crate::support::{
    people::{Hold, PRICE, User},
    runtime_api::{Environment, Event},
    unique,
};
use std::time::Duration;

pub struct Paying {
    fake: FakePayments,
    /// The secret key of the account.
    account: String,
    start: Environment,
}

impl Paying {
    /// The tenant of this rig takes payments with Stripe from now on.
    pub async fn on(rig: &mut FaultRig) -> Self {
        let fake = FakePayments::start(None).await.expect("the fake starts");
        rig.set("STRIPE_API_BASE", fake.stripe());
        let account = format!("sk_test_{}", unique("account"));
        let body = json!({
            "provider": "stripe", "secretKey": account, "publishableKey": "pk_test_1",
            "webhookSecret": "whsec_1",
        });
        let path = format!("/admin/apps/{}/payments", rig.tenant.app_id);
        let admin = rig.tenant.stack.admin().await;
        admin.call("PUT", &path).json(&body).send().await.expect(200);
        let start = rig.start("start-payment").await;
        Self { fake, account, start }
    }

    /// A paid intent of no hold. Returns its id.
    pub async fn paid_intent(&self) -> String {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let intent = client
            .post(format!("{}/v1/payment_intents", self.fake.stripe()))
            .bearer_auth(&self.account)
            .form(&[
                ("amount", PRICE.to_string().as_str()),
                ("currency", "inr"),
                ("automatic_payment_methods[enabled]", "true"),
            ]);
        let intent: serde_json::Value =
            intent.send().await.expect("an intent").json().await.expect("JSON");
        let intent = intent["id"].as_str().expect("an id").to_owned();
        let card = json!({"card": "4242424242424242"});
        let path = format!("stripe/intents/{intent}/pay");
        self.fake.control(&path, &card).await.expect("it is paid");
        intent
    }

    /// What the account can pay back. `None`: everything.
    pub async fn balance(&self, amount: Option<i64>) {
        let body = json!({"provider": "stripe", "account": self.account, "amount": amount});
        self.fake.control("balance", &body).await.expect("it is set");
    }

    /// How many requests the provider takes in a second. `None`: any number.
    pub async fn limit(&self, requests: Option<u64>) {
        let body = json!({"requestsPerSecond": {"stripe": requests}});
        self.fake.control("settings", &body).await.expect("it is set");
    }

    /// The next request of this operation meets this fault.
    pub async fn fault(&self, operation: &str, fault: &str) {
        let body = json!({"provider": "stripe", "operation": operation, "fault": fault});
        self.fake.control("faults", &body).await.expect("it is set");
    }

    /// The provider's clock goes forward.
    pub async fn advance(&self, time: Duration) {
        let body = json!({"advanceSeconds": time.as_secs()});
        self.fake.control("clock", &body).await.expect("it is set");
    }

    /// The amounts of an intent's refunds at the provider.
    pub async fn refunds_of(&self, intent: &str) -> Vec<i64> {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("{}/v1/refunds?payment_intent={intent}", self.fake.stripe());
        let response = client.get(url).bearer_auth(&self.account).send().await.expect("refunds");
        let list: serde_json::Value = response.json().await.expect("JSON");
        let list = list["data"].as_array().expect("a list").clone();
        list.iter().map(|refund| refund["amount"].as_i64().expect("an amount")).collect()
    }

    /// Starts and makes the payment of a hold. Returns its id.
    pub async fn pay(&self, user: &User, hold: &Hold) -> String {
        let body = json!({"reservationToken": hold.token});
        let reply = self.start.call(&Event::of(user, "POST", "/payments", &body), BUDGET).await;
        let intent = reply.expect(201)["paymentId"].as_str().expect("an id").to_owned();
        let card = json!({"card": "4242424242424242"});
        let path = format!("stripe/intents/{intent}/pay");
        self.fake.control(&path, &card).await.expect("it is paid");
        intent
    }
}

/// The provider is asked about the payments of these holds now.
pub async fn ask_now(database: &Database, holds: Document) {
    let mut wanted = doc! {"askAt": {"$exists": true}};
    wanted.extend(holds);
    let now = vec![doc! {"$set": {"askAt": "$$NOW"}}];
    let holds = database.collection::<Document>("reservations");
    holds.update_many(wanted, now).await.expect("an update");
}
