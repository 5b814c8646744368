//! The admin, a tenant and a tenant's user. Each knows its credentials, so a test says
//! only what is done.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::Client;
use serde_json::{Value, json};

use super::{
    call::Call,
    reply::{Reply, strings},
    stacks::Stack,
    unique,
};

/// The price of a seat where a test sets none, in paise.
pub const PRICE: i64 = 45_000;

/// A caller of admin routes: the admin, or a tenant's server with a secret key.
pub struct Admin {
    client: Client,
    base: String,
    pub token: String,
}

impl Admin {
    pub(super) fn new(base: &str, token: &str) -> Self {
        Self { client: Client::new(), base: base.to_owned(), token: token.to_owned() }
    }

    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(&self.client, &self.base, method, path).bearer(&self.token)
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call("GET", path).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path).json(body).send().await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path).send().await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.call("PATCH", path).json(body).send().await
    }
}

/// A registered app with one origin and one entity.
#[derive(Clone)]
pub struct Tenant {
    pub stack: Arc<Stack>,
    pub(crate) client: Client,
    pub app_id: String,
    pub api_key: String,
    pub origin: String,
    pub entity: String,
    pub domain: String,
    /// When this test registered it.
    pub since: DateTime<Utc>,
}

impl Tenant {
    pub(super) async fn register(stack: Arc<Stack>, domain: &str) -> Self {
        let since = Utc::now();
        let app_id = unique("app");
        let origin = format!("https://{app_id}.example.com");
        let body = json!({
            "appId": app_id, "name": "A tenant", "domain": domain, "allowedDomains": [origin],
        });
        let reply = stack.admin().await.post("/admin/apps", &body).await;
        let api_key = reply.expect(201)["apiKey"].as_str().expect("a key").to_owned();
        let entity = unique("hall");
        Self {
            stack,
            client: Client::new(),
            app_id,
            api_key,
            origin,
            entity,
            domain: domain.to_owned(),
            since,
        }
    }

    /// A new secret key of this app: its id, and a server that uses it.
    pub async fn server(&self) -> (String, Admin) {
        let path = format!("/admin/apps/{}/secret-keys", self.app_id);
        let reply = self.stack.admin().await.post(&path, &json!({"name": "A server"})).await;
        let text = |name: &str| reply.expect(201)[name].as_str().expect("a text").to_owned();
        (text("keyId"), Admin::new(&self.stack.base, &text("secretKey")))
    }

    /// An entity of this app with these settings beside the required ones; returns its id.
    pub async fn new_entity(&self, name: &str, settings: &Value) -> String {
        let entity = unique(name);
        let path = format!("/admin/apps/{}/entities/{entity}", self.app_id);
        let mut body = json!({"title": "An entity", "currency": "INR"});
        if let (Some(body), Some(more)) = (body.as_object_mut(), settings.as_object()) {
            body.extend(more.clone());
        }
        self.stack.admin().await.call("PUT", &path).json(&body).send().await.expect(201);
        entity
    }

    /// A request of this app's page, with nobody logged in.
    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(&self.client, &self.stack.base, method, path)
            .header("x-app-id", &self.app_id)
            .header("x-api-key", &self.api_key)
            .header("origin", &self.origin)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path).json(body).send().await
    }

    /// Creates these seats in the tenant's entity; returns their ids in the order of the names.
    pub async fn seats(&self, numbers: &[&str]) -> Vec<String> {
        self.seats_in(&self.entity, numbers).await
    }

    pub async fn seats_in(&self, entity: &str, numbers: &[&str]) -> Vec<String> {
        let seats: Vec<Value> =
            numbers.iter().map(|n| json!({"seatNumber": n, "price": PRICE})).collect();
        let body =
            json!({"appId": self.app_id, "entityId": entity, "currency": "INR", "seats": seats});
        let reply = self.stack.admin().await.post("/admin/seats", &body).await;
        let made = reply.expect(201)["seats"].as_array().expect("seats").clone();
        let id_of = |number: &&str| {
            let seat =
                made.iter().find(|s| s["seatNumber"] == **number).expect("the seat was made");
            seat["seatId"].as_str().expect("an id").to_owned()
        };
        numbers.iter().map(id_of).collect()
    }

    pub async fn seat(&self) -> String {
        self.seats(&["A1"]).await.remove(0)
    }

    /// Signs up a new user.
    pub async fn user(&self) -> User {
        let email = format!("{}@example.com", unique("user"));
        let password = unique("password");
        let body = json!({"email": email, "password": password, "name": "A user"});
        let reply = self.post("/auth/signup", &body).await;
        let data = reply.expect(201);
        User {
            tenant: self.clone(),
            token: data["token"].as_str().expect("a token").to_owned(),
            user_id: data["user"]["userId"].as_str().expect("an id").to_owned(),
            email,
            password,
        }
    }

    pub async fn users(&self, count: usize) -> Vec<User> {
        futures_util::future::join_all((0..count).map(|_| self.user())).await
    }
}

/// A signed-in user of a tenant.
#[derive(Clone)]
pub struct User {
    pub tenant: Tenant,
    pub token: String,
    pub user_id: String,
    pub email: String,
    pub password: String,
}

/// A hold, as reserve returned it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    pub token: String,
    pub seats: Vec<String>,
}

impl Hold {
    #[track_caller]
    pub fn of(reply: &Reply) -> Self {
        let data = reply.expect(reply.status);
        Self {
            token: data["reservationToken"].as_str().expect("a token").to_owned(),
            seats: strings(&data["seatIds"]),
        }
    }
}

impl User {
    pub fn call(&self, method: &str, path: &str) -> Call {
        self.tenant.call(method, path).bearer(&self.token)
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call("GET", path).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path).json(body).send().await
    }

    pub async fn reserve(&self, seats: &[&str]) -> Reply {
        self.post("/reserve-seat", &json!({"seatIds": seats})).await
    }

    /// Reserves and expects success.
    pub async fn hold(&self, seats: &[&str]) -> Hold {
        let reply = self.reserve(seats).await;
        reply.expect(201);
        Hold::of(&reply)
    }

    pub async fn confirm(&self, hold: &Hold, payment: &str) -> Reply {
        let body = json!({"reservationToken": hold.token, "paymentId": payment});
        self.post("/confirm-booking", &body).await
    }

    /// Holds and pays; returns the booking id.
    pub async fn book(&self, seats: &[&str]) -> String {
        let hold = self.hold(seats).await;
        let reply = self.confirm(&hold, &super::payment()).await;
        reply.expect(201)["bookingId"].as_str().expect("an id").to_owned()
    }

    pub async fn release(&self, hold: &Hold) -> Reply {
        self.post("/release-seat", &json!({"reservationToken": hold.token})).await
    }

    /// The ids of the seats of the tenant's entity that can be reserved now.
    pub async fn free_seats(&self) -> Vec<String> {
        let reply = self.get(&format!("/seats?entityId={}", self.tenant.entity)).await;
        let seats = reply.expect(200)["seats"].as_array().expect("seats").clone();
        seats.iter().map(|s| s["seatId"].as_str().expect("an id").to_owned()).collect()
    }

    /// One seat as the map of its entity shows it.
    pub async fn seat(&self, id: &str) -> Value {
        let reply = self.get(&format!("/seats?entityId={}&include=all", self.tenant.entity)).await;
        let seats = reply.expect(200)["seats"].as_array().expect("seats").clone();
        seats.into_iter().find(|s| s["seatId"] == id).expect("the seat is on the map")
    }

    pub async fn bookings(&self) -> Vec<Value> {
        self.get("/bookings?limit=100").await.expect(200)["bookings"]
            .as_array()
            .expect("bookings")
            .clone()
    }

    pub async fn reservations(&self) -> Vec<Value> {
        self.get("/reservations").await.expect(200)["reservations"]
            .as_array()
            .expect("reservations")
            .clone()
    }
}
