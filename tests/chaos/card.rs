//! Clients who pay by card, at the fake of Stripe: the payment is started, which extends the hold,
//! and a confirm, the provider's event or both at once sell it.

use std::time::Duration;

use rand::Rng as _;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    shopper::{Held, REPEATS, Shopper},
    world::{Show, TTL},
};
use crate::support::{
    runtime_api::Event,
    stripe::{now, signature},
};

const GOOD: &str = "4242424242424242";
const DECLINED: &str = "4000000000000002";
/// What [`super::world`] gives every tenant with Stripe.
pub const WEBHOOK_SECRET: &str = "whsec_chaos";

impl Shopper {
    pub(super) async fn decide_by_card(&mut self, show: &Show, held: Held) {
        match self.rng.random_range(0..100) {
            0..55 => {
                self.pay_by_card(&held).await;
                self.cancel_at_times(&held).await;
            }
            55..65 => {
                if let Some((held, intent)) = self.start_payment(&held).await {
                    self.use_card(&intent, DECLINED).await;
                    self.pay(&held, &intent).await;
                    self.give_back(&held).await;
                }
            }
            65..75 => self.give_back(&held).await,
            75..83 => {
                let mut other = self.other_window();
                tokio::join!(self.pay_by_card(&held), other.give_back(&held));
            }
            83..88 => {
                let wanted = self.other_basket(show, &held);
                let changed = self.change(&held, &wanted).await;
                if let Some(changed) = changed {
                    self.pay_by_card(&changed).await;
                }
            }
            88..92 => {
                sleep(TTL + Duration::from_millis(self.rng.random_range(0..200))).await;
                self.pay_by_card(&held).await;
            }
            // Its seats stay held until the longer hold ends.
            92..94 => drop(self.start_payment(&held).await),
            _ => {
                self.start_payment(&held).await;
                self.reserve(&held.seats).await;
                self.pay_by_card(&held).await;
            }
        }
    }

    /// Pays a hold once, and lets a confirm, the event or both at once sell it.
    async fn pay_by_card(&mut self, held: &Held) {
        let Some((held, intent)) = self.start_payment(held).await else { return };
        if !self.use_card(&intent, GOOD).await {
            return;
        }
        match self.rng.random_range(0..4) {
            // The browser was closed.
            0 => self.send_event(&held, &intent).await,
            1 => {
                let mut other = self.other_window();
                tokio::join!(self.pay(&held, &intent), other.send_event(&held, &intent));
            }
            2 => {
                let mut other = self.other_window();
                tokio::join!(self.pay(&held, &intent), other.pay(&held, &intent));
            }
            _ => self.pay(&held, &intent).await,
        }
    }

    /// The extended hold and its intent. `None` if the hold is over or nobody knows.
    async fn start_payment(&mut self, held: &Held) -> Option<(Held, String)> {
        let body = json!({"reservationToken": held.token});
        let mut call = self.call(Event::of(self.user(), "POST", "/payments", &body));
        for _ in 0..REPEATS {
            let results = self.deliver(|world| &world.fleets.start_payment, &mut call).await;
            let outcomes: Vec<_> =
                results.iter().map(|result| self.notes().payment_started(held, result)).collect();
            if let Some(started) = outcomes.iter().find_map(|outcome| outcome.clone().ok()) {
                return started;
            }
            self.pause().await;
        }
        None
    }

    /// Whether the intent is paid now.
    async fn use_card(&mut self, intent: &str, card: &str) -> bool {
        let path = format!("stripe/intents/{intent}/pay");
        let used = self.world.payments.control(&path, &json!({"card": card})).await;
        let paid = used.is_ok_and(|intent| intent["status"] == "succeeded");
        if paid {
            self.notes().paid(intent, true, false);
        }
        paid
    }

    /// Sends the provider's event until it is taken, as Stripe does.
    async fn send_event(&mut self, held: &Held, intent: &str) {
        let object = json!({"object": "payment_intent", "id": intent, "metadata": {}});
        let body =
            json!({"id": "evt", "type": "payment_intent.succeeded", "data": {"object": object}});
        let body = body.to_string();
        for _ in 0..REPEATS {
            let header = signature(WEBHOOK_SECRET, now(), &body);
            let headers = json!({"host": "api.example.com", "stripe-signature": header});
            let app = self.user().tenant.app_id.clone();
            let path = format!("/payment-events/stripe/{app}");
            let mut event = Event::with("POST", &path, headers);
            event.payload["pathParameters"] = json!({"provider": "stripe", "appId": app});
            event.payload["body"] = Value::from(body.clone());
            let mut call = super::shopper::Call::once(event);
            let results = self.deliver(|world| &world.fleets.events, &mut call).await;
            let known: Vec<bool> = results
                .iter()
                .map(|result| self.notes().event_taken(held, intent, result))
                .collect();
            if known.contains(&true) {
                return;
            }
            self.pause().await;
        }
    }
}
