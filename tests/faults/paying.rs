//! Payments of a bench's holds at a fake Stripe.

use mongodb::{
    Database,
    bson::{Document, doc},
};
use serde_json::json;
use stack::FakePayments;

use super::{BUDGET, Bench};
use crate::support::{
    people::{Hold, User},
    runtime_api::{Environment, Event},
    unique,
};

pub struct Paying {
    fake: FakePayments,
    start: Environment,
}

impl Paying {
    /// The tenant of this bench takes payments with Stripe from now on.
    pub async fn on(bench: &mut Bench) -> Self {
        let fake = FakePayments::start(None).await.expect("the fake starts");
        bench.set("STRIPE_API_BASE", fake.stripe());
        let account = json!({
            "provider": "stripe", "secretKey": format!("sk_test_{}", unique("account")),
            "publishableKey": "pk_test_1", "webhookSecret": "whsec_1",
        });
        let path = format!("/admin/apps/{}/payments", bench.tenant.app_id);
        let admin = bench.tenant.stack.admin().await;
        admin.call("PUT", &path).json(&account).send().await.expect(200);
        let start = bench.start("start-payment").await;
        Self { fake, start }
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
