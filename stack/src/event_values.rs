//! `stack events`: fills the templates of `events/` with ids and tokens of the running stack, so
//! that `cargo lambda invoke` can send them.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, bail};
use reqwest::Method;
use serde_json::{Value, json};
use stack::{
    envfile::{self, write_private},
    events::{Values, fill},
    tools, workspace_root,
};

use crate::{
    http::Http,
    local::{Local, Lock},
    say,
};

/// Fills the example events with live values, and writes them to `.local/events/`.
pub async fn run() -> anyhow::Result<()> {
    let local = Local::open()?;
    let ready = fs::read_to_string(local.dev_env()).ok().filter(|_| Lock::is_held(&local));
    let Some(text) = ready else {
        bail!("the local stack is not running: start it with `make dev` in another terminal");
    };
    let stack = Running { env: envfile::read(&text) };
    let values = stack.values().await?;
    let target = local.events();
    fs::create_dir_all(&target)?;
    let mut count = 0;
    for entry in fs::read_dir(workspace_root().join("events"))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        // A template is <function>.<case>.json; `expected.json` is not one.
        if name.split('.').count() != 3 || !name.ends_with(".json") {
            continue;
        }
        let filled = fill(&fs::read_to_string(&path)?, &values).with_context(|| name.to_owned())?;
        write_private(&target.join(name), &filled)?;
        count += 1;
    }
    say::line!(
        "{count} events are in .local/events. Their holds expire like any others; run this again for new ones."
    );
    say::line!("Send one, for instance:\n");
    if tools::on_path("cargo-lambda").is_none() {
        say::line!("  export PATH=\"{}:$PATH\"", local.root().join("tools/bin").display());
    }
    say::line!(
        "  cargo lambda invoke --invoke-address 127.0.0.1 --invoke-port {} reserve --data-file .local/events/reserve.ok.json",
        stack.get("INVOKE_PORT")
    );
    Ok(())
}

struct Running {
    env: BTreeMap<String, String>,
}

impl Running {
    fn get(&self, name: &str) -> &str {
        self.env.get(name).map_or("", String::as_str)
    }

    /// Signs a user up, holds seats and books one, so that every placeholder has a value.
    async fn values(&self) -> anyhow::Result<Values> {
        let http = Http::new(self.get("BASE_URL"))?;
        let (email, password) =
            (format!("events-{}@example.com", unique()), "correct horse battery");
        let admin = http.admin_token(self.get("ADMIN_EMAIL"), self.get("ADMIN_PASSWORD")).await?;

        let mut headers = vec![
            ("x-app-id", self.get("EVENT_APP_ID")),
            ("x-api-key", self.get("EVENT_API_KEY")),
            ("origin", self.get("EVENT_ORIGIN")),
        ];
        let signup = json!({ "email": email, "password": password, "name": "An Event" });
        let reply = http.send(Method::POST, "/auth/signup", &headers, Some(&signup)).await?;
        let user = text(reply.data("POST /auth/signup", 201)?, "token")?;
        let bearer = format!("Bearer {user}");
        headers.push(("authorization", &bearer));

        let path = format!("/seats?entityId={}", self.get("EVENT_ENTITY_ID"));
        let reply = http.send(Method::GET, &path, &headers, None).await?;
        let listed =
            reply.data("GET /seats", 200)?["seats"].as_array().cloned().unwrap_or_default();
        // From the back: the printed script books from the front.
        let free: Vec<String> = listed
            .iter()
            .rev()
            .take(8)
            .map(|seat| text(seat, "seatId"))
            .collect::<Result<_, _>>()?;
        let [sold, held, released, paid, first, second, unpaid, settled] = free.as_slice() else {
            bail!(
                "fewer than eight seats of {} are free: `make clean-data` starts afresh",
                self.get("EVENT_ENTITY_ID")
            );
        };
        self.let_buyers_cancel(&http, &admin).await?;
        let hold = async |seat: &str| {
            let reply = http
                .send(Method::POST, "/reserve-seat", &headers, Some(&json!({ "seatId": seat })))
                .await?;
            text(reply.data("POST /reserve-seat", 201)?, "reservationToken")
        };
        let confirm = json!({ "reservationToken": hold(sold).await?, "paymentId": format!("pay_{}", unique()) });
        let reply = http.send(Method::POST, "/confirm-booking", &headers, Some(&confirm)).await?;
        let booking = text(reply.data("POST /confirm-booking", 201)?, "bookingId")?;
        let failed_refund = async |seat: &str| {
            let token = hold(seat).await?;
            let paid = format!("pay_refundfail_{}", unique());
            let confirm = json!({ "reservationToken": token, "paymentId": paid });
            let reply =
                http.send(Method::POST, "/confirm-booking", &headers, Some(&confirm)).await?;
            let id = text(reply.data("POST /confirm-booking", 201)?, "bookingId")?;
            let cancel = json!({ "bookingId": id });
            let reply = http.send(Method::POST, "/cancel-booking", &headers, Some(&cancel)).await?;
            text(&reply.data("POST /cancel-booking", 200)?["refunds"][0], "refundId")
        };

        let key = self.secret_key(&http, &admin).await?;
        let ([webhook, deleted_webhook], delivery) = self.webhooks(&http, &admin).await?;
        Ok(Values::new()
            .with("ADMIN_EMAIL", self.get("ADMIN_EMAIL"))
            .with("ADMIN_PASSWORD", self.get("ADMIN_PASSWORD"))
            .with("ADMIN_TOKEN", &admin)
            .with("APP_ID", self.get("EVENT_APP_ID"))
            .with("API_KEY", self.get("EVENT_API_KEY"))
            .with("ORIGIN", self.get("EVENT_ORIGIN"))
            .with("ENTITY_ID", self.get("EVENT_ENTITY_ID"))
            .with("USER_TOKEN", user)
            .with("USER_EMAIL", &email)
            .with("USER_PASSWORD", password)
            .with("SEAT_ID", first)
            .with("SEAT_ID_2", second)
            .with("RESERVATION_TOKEN", hold(held).await?)
            .with("RELEASE_TOKEN", hold(released).await?)
            .with("PAYMENT_TOKEN", hold(paid).await?)
            .with("BOOKING_ID", booking)
            .with("SECRET_KEY_ID", key)
            .with("FAILED_REFUND_ID", failed_refund(unpaid).await?)
            .with("SETTLED_REFUND_ID", failed_refund(settled).await?)
            .with("DELETED_ENTITY_ID", self.entity(&http, &admin).await?)
            .with("CANCELLED_ENTITY_ID", self.entity(&http, &admin).await?)
            .with("LISTED_ENTITY_ID", self.entity(&http, &admin).await?)
            .with("FEED_KEY", self.feed_key(&http, &admin).await?)
            .with("SEATS_VERSION", 0.to_string())
            .with("LAYOUT_ID", self.layout(&http, &admin).await?)
            .with("NEW_LAYOUT_ID", format!("new-{}", unique()))
            .with("IMPORTED_LAYOUT_ID", format!("imported-{}", unique()))
            .with("WEBHOOK_ID", webhook)
            .with("DELETED_WEBHOOK_ID", deleted_webhook)
            .with("DELIVERY_ID", delivery)
            .with("PAYMENT_ID", format!("pay_{}", unique()))
            .with("NEW_EMAIL", format!("new-{}@example.com", unique()))
            .with("NEW_ENTITY_ID", format!("new-{}", unique())))
    }

    /// A new entity of the demo tenant.
    async fn entity(&self, http: &Http, admin: &str) -> anyhow::Result<String> {
        text(&self.put_entity(http, admin).await?, "entityId")
    }

    /// The feed key of a new entity, which has no seats.
    async fn feed_key(&self, http: &Http, admin: &str) -> anyhow::Result<String> {
        text(&self.put_entity(http, admin).await?, "feedKey")
    }

    async fn put_entity(&self, http: &Http, admin: &str) -> anyhow::Result<Value> {
        let id = format!("events-{}", unique());
        let path = format!("/admin/apps/{}/entities/{id}", self.get("EVENT_APP_ID"));
        let bearer = format!("Bearer {admin}");
        let headers = [("authorization", bearer.as_str())];
        let settings = json!({ "title": "For make events", "currency": "INR" });
        let reply = http.send(Method::PUT, &path, &headers, Some(&settings)).await?;
        Ok(reply.data("PUT an entity", 201)?.clone())
    }

    /// Lets the buyers of the demo tenant's entity cancel.
    async fn let_buyers_cancel(&self, http: &Http, admin: &str) -> anyhow::Result<()> {
        let (app, entity) = (self.get("EVENT_APP_ID"), self.get("EVENT_ENTITY_ID"));
        let path = format!("/admin/apps/{app}/entities/{entity}");
        let bearer = format!("Bearer {admin}");
        let headers = [("authorization", bearer.as_str())];
        let policy = json!({ "tiers": [{ "hoursBefore": 0, "refundPercent": 100 }] });
        let change = json!({ "cancellationPolicy": policy });
        let reply = http.send(Method::PATCH, &path, &headers, Some(&change)).await?;
        reply.data("PATCH the entity", 200).map(|_| ())
    }

    /// A layout of the demo tenant: a new version, from the second run on.
    async fn layout(&self, http: &Http, admin: &str) -> anyhow::Result<String> {
        let path = format!("/admin/apps/{}/layouts/events", self.get("EVENT_APP_ID"));
        let bearer = format!("Bearer {admin}");
        let headers = [("authorization", bearer.as_str())];
        let plan = serde_json::from_str(include_str!("../layouts/bus.json"))?;
        let reply = http.send(Method::PUT, &path, &headers, Some(&plan)).await?;
        anyhow::ensure!(matches!(reply.status, 200 | 201), "PUT a layout: {}", reply.status);
        Ok("events".to_owned())
    }

    /// Two endpoints of the demo tenant, and a delivery to the first. Endpoints of earlier runs are
    /// deleted: an app cannot have many.
    async fn webhooks(&self, http: &Http, admin: &str) -> anyhow::Result<([String; 2], String)> {
        const URL: &str = "https://make-events.example/hooks";
        let path = format!("/admin/apps/{}/webhooks", self.get("EVENT_APP_ID"));
        let bearer = format!("Bearer {admin}");
        let headers = [("authorization", bearer.as_str())];
        let reply = http.send(Method::GET, &path, &headers, None).await?;
        let known = reply.data("GET the webhooks", 200)?["webhooks"].clone();
        for old in known.as_array().into_iter().flatten().filter(|known| known["url"] == URL) {
            let path = format!("{path}/{}", text(old, "webhookId")?);
            http.send(Method::DELETE, &path, &headers, None)
                .await?
                .data("DELETE a webhook", 200)?;
        }
        let create = async || {
            let body = json!({ "url": URL, "types": ["webhook.test"] });
            let reply = http.send(Method::POST, &path, &headers, Some(&body)).await?;
            text(reply.data("POST a webhook", 201)?, "webhookId")
        };
        let ids = [create().await?, create().await?];
        let test = format!("{path}/{}/test", ids[0]);
        let reply = http.send(Method::POST, &test, &headers, None).await?;
        let delivery = text(reply.data("POST a test", 202)?, "deliveryId")?;
        Ok((ids, delivery))
    }

    /// The id of the demo tenant's secret key for the events. An app cannot have many, so an
    /// earlier run's is used again.
    async fn secret_key(&self, http: &Http, admin: &str) -> anyhow::Result<String> {
        const NAME: &str = "make events";
        let path = format!("/admin/apps/{}/secret-keys", self.get("EVENT_APP_ID"));
        let bearer = format!("Bearer {admin}");
        let headers = [("authorization", bearer.as_str())];
        let reply = http.send(Method::GET, &path, &headers, None).await?;
        let keys = reply.data("GET the secret keys", 200)?["secretKeys"].clone();
        let ours = keys.as_array().into_iter().flatten().find(|key| key["name"] == NAME);
        if let Some(key) = ours {
            return text(key, "keyId");
        }
        let reply =
            http.send(Method::POST, &path, &headers, Some(&json!({ "name": NAME }))).await?;
        text(reply.data("POST a secret key", 201)?, "keyId")
    }
}

fn unique() -> String {
    format!("{:012x}", rand::random::<u64>() >> 16)
}

fn text(data: &Value, field: &str) -> anyhow::Result<String> {
    Ok(data[field].as_str().with_context(|| format!("the response has no {field}"))?.to_owned())
}
