//! Every route of the contract with a request that gets past its authentication, for the tests that
//! ask all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;
use shared::http::routes::ROUTES;

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

#[derive(Clone, Debug)]
pub struct Route {
    pub method: &'static str,
    /// As the template has it.
    pub pattern: &'static str,
    /// With an example in place of each parameter, and the query that the route needs.
    pub path: &'static str,
    pub layer: Layer,
    /// A body of the right form, where the route takes one.
    pub body: Option<Value>,
}

pub fn all() -> Vec<Route> {
    let get = |path, layer| Route { method: "GET", pattern: path, path, layer, body: None };
    let post =
        |path, layer, body| Route { method: "POST", pattern: path, path, layer, body: Some(body) };
    let token = "00000000-0000-4000-8000-000000000000";
    let seat = "0123456789abcdef01234567";
    let seats = json!([{"seatNumber": "A1", "price": 1}]);
    let origins = json!(["https://a.example.com"]);
    let login = json!({"email": format!("{}@example.com", super::unique("nobody")), "password": "not the password"});
    let signup =
        json!({"email": "somebody@example.com", "password": "not the password", "name": "N"});
    let renamed = json!({"name": "N"});
    let rotated = json!({"overlapSeconds": 0});
    let created =
        json!({"appId": "no-such-app", "entityId": "e", "currency": "INR", "seats": seats});
    vec![
        post("/admin/login", Layer::Open, login.clone()),
        post(
            "/admin/apps",
            Layer::Admin,
            json!({"name": "N", "domain": "BUS", "allowedDomains": origins}),
        ),
        get("/admin/apps", Layer::Admin),
        Route {
            method: "PATCH",
            path: "/admin/apps/no-such-app",
            ..post("/admin/apps/{appId}", Layer::Admin, renamed)
        },
        Route {
            path: "/admin/apps/no-such-app/rotate-key",
            ..post("/admin/apps/{appId}/rotate-key", Layer::Admin, rotated)
        },
        post("/admin/seats", Layer::Admin, created),
        get("/admin/bookings", Layer::Admin),
        get("/admin/analytics", Layer::Admin),
        post("/auth/signup", Layer::App, signup),
        post("/auth/login", Layer::App, login),
        Route { path: "/seats?entityId=hall", ..get("/seats", Layer::User) },
        post("/reserve-seat", Layer::User, json!({"seatId": seat})),
        post(
            "/confirm-booking",
            Layer::User,
            json!({"reservationToken": token, "paymentId": "pay_1"}),
        ),
        post("/release-seat", Layer::User, json!({"reservationToken": token})),
        get("/bookings", Layer::User),
        Route {
            path: "/bookings/BK-20260101-0000000000",
            ..get("/bookings/{bookingId}", Layer::User)
        },
        get("/reservations", Layer::User),
        get("/health", Layer::Open),
    ]
}

/// The routes of some layers.
pub fn of(layers: &[Layer]) -> Vec<Route> {
    all().into_iter().filter(|route| layers.contains(&route.layer)).collect()
}

/// The one route with this method and pattern.
#[track_caller]
pub fn one(method: &str, pattern: &str) -> Route {
    let mut all = all().into_iter();
    all.find(|r| r.method == method && r.pattern == pattern)
        .unwrap_or_else(|| panic!("no route {method} {pattern}"))
}

impl Route {
    /// The function that answers it.
    pub fn function(&self) -> &'static str {
        let row = ROUTES.iter().find(|row| row.method == self.method && row.path == self.pattern);
        row.unwrap_or_else(|| panic!("no function for {self}")).function
    }

    /// What API Gateway finds in a path for the pattern's parameters.
    pub fn parameters(&self, path: &str) -> BTreeMap<String, String> {
        let segments = self.pattern.split('/').zip(path.split('/'));
        let named = segments
            .filter_map(|(name, value)| Some((name.strip_prefix('{')?.strip_suffix('}')?, value)));
        named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.pattern)
    }
}

/// Method, path and function.
pub type Table = BTreeSet<(String, String, String)>;

/// The functions of the template: each one's name under `functions/`, and its HTTP events.
pub fn in_template() -> Vec<(String, Table)> {
    let text = std::fs::read_to_string(stack::workspace_root().join("template.yaml"))
        .expect("the template");
    let template: Yaml = serde_yaml_ng::from_str(&text).expect("YAML");
    let resources = template["Resources"].as_mapping().expect("resources");
    let functions = resources.values().filter(|r| r["Type"] == "AWS::Serverless::Function");
    let row = |function: &Yaml| {
        let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str();
        let binary = binary
            .unwrap_or_else(|| panic!("no Metadata.BuildProperties.Binary: {function:?}"))
            .to_owned();
        let mut table = Table::new();
        for event in
            function["Properties"]["Events"].as_mapping().into_iter().flat_map(|m| m.values())
        {
            if event["Type"] == "HttpApi" {
                let text = |name: &str| event["Properties"][name].as_str().map(str::to_owned);
                if let (Some(method), Some(path)) = (text("Method"), text("Path")) {
                    table.insert((method.to_uppercase(), path, binary.clone()));
                }
            }
        }
        (binary, table)
    };
    functions.map(row).collect()
}
