//! Every route of the contract with a request that gets past its authentication, for the tests that ask all of them.

use serde_json::{Value, json};

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layer {
    /// Anybody: the two that need no credentials.
    Open,
    /// The admin.
    Admin,
    /// An app's page, nobody logged in.
    App,
    /// An app's page and a user of that app.
    User,
}

#[derive(Debug)]
pub struct Route {
    pub method: &'static str,
    /// With an example in place of each parameter.
    pub path: &'static str,
    pub layer: Layer,
    /// A body of the right form, where the route takes one.
    pub body: Option<Value>,
}

pub fn all() -> Vec<Route> {
    let get = |path, layer| Route { method: "GET", path, layer, body: None };
    let post = |path, layer, body| Route { method: "POST", path, layer, body: Some(body) };
    let token = "00000000-0000-4000-8000-000000000000";
    let seat = "0123456789abcdef01234567";
    let seats = json!([{"seatNumber": "A1", "price": 1}]);
    let origins = json!(["https://a.example.com"]);
    let login = json!({"email": "nobody@example.com", "password": "not the password"});
    let signup = json!({"email": "somebody@example.com", "password": "not the password", "name": "N"});
    vec![
        post("/admin/login", Layer::Open, login.clone()),
        post("/admin/apps", Layer::Admin, json!({"name": "N", "domain": "BUS", "allowedDomains": origins})),
        get("/admin/apps", Layer::Admin),
        Route {
            method: "PATCH",
            path: "/admin/apps/no-such-app",
            layer: Layer::Admin,
            body: Some(json!({"name": "N"})),
        },
        post("/admin/apps/no-such-app/rotate-key", Layer::Admin, json!({"overlapSeconds": 0})),
        post(
            "/admin/seats",
            Layer::Admin,
            json!({"appId": "no-such-app", "entityId": "e", "currency": "INR", "seats": seats}),
        ),
        get("/admin/bookings", Layer::Admin),
        get("/admin/analytics", Layer::Admin),
        post("/auth/signup", Layer::App, signup),
        post("/auth/login", Layer::App, login),
        get("/seats?entityId=hall", Layer::User),
        post("/reserve-seat", Layer::User, json!({"seatId": seat})),
        post("/confirm-booking", Layer::User, json!({"reservationToken": token, "paymentId": "pay_1"})),
        post("/release-seat", Layer::User, json!({"reservationToken": token})),
        get("/bookings", Layer::User),
        get("/bookings/BK-20260101-0000000000", Layer::User),
        get("/reservations", Layer::User),
        get("/health", Layer::Open),
    ]
}

/// The routes of some layers.
pub fn of(layers: &[Layer]) -> Vec<Route> {
    all().into_iter().filter(|route| layers.contains(&route.layer)).collect()
}
