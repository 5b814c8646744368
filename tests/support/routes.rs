//! Every route of the route table with a request that gets past its authentication, for the tests
//! that call all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;
use shared::http::routes::ROUTES;
pub use shared::http::routes::{Audience, Route as Row};

/// A route, and what the tests send to it.
#[derive(Clone, Debug)]
pub struct Route {
    pub row: &'static Row,
    pub method: &'static str,
    /// As the template has it.
    pub pattern: &'static str,
    /// With an example in place of each parameter, and the query that the route needs.
    pub path: String,
    pub audience: Audience,
    /// A body of the right form, where the route takes one.
    pub body: Option<Value>,
    /// The response to the right caller: the status, and the code of an error.
    pub welcome: (u16, &'static str),
}

/// The one row to add for a new route: a body that it accepts, and its response to the right
/// caller.
fn example(operation: &str) -> (Option<Value>, (u16, &'static str)) {
    const OK: (u16, &str) = (200, "");
    let token = "00000000-0000-4000-8000-000000000000";
    let nobody = || format!("{}@example.com", super::unique("nobody"));
    match operation {
        "admin-login" | "login" => {
            (Some(json!({"email": nobody(), "password": "not the password"})), OK)
        }
        "register-app" => {
            let origins = ["https://a.example.com"];
            let body = json!({"name": "N", "domain": "BUS", "allowedDomains": origins});
            (Some(body), (201, ""))
        }
        "update-app" => (Some(json!({"name": "N"})), (404, "APP_NOT_FOUND")),
        "rotate-key" => (Some(json!({"overlapSeconds": 0})), (404, "APP_NOT_FOUND")),
        "create-seats" => {
            let seats = json!([{"seatNumber": "A1", "price": 1}]);
            let to =
                json!({"appId": "no-such-app", "entityId": "e", "currency": "INR", "seats": seats});
            (Some(to), (404, "APP_NOT_FOUND"))
        }
        "signup" => {
            let body = json!({"email": "somebody@example.com", "password": "not the password", "name": "N"});
            (Some(body), (409, "EMAIL_TAKEN"))
        }
        "reserve" => (Some(json!({"seatId": "0123456789abcdef01234567"})), (404, "SEAT_NOT_FOUND")),
        "confirm" => {
            let body = json!({"reservationToken": token, "paymentId": "pay_1"});
            (Some(body), (404, "RESERVATION_NOT_FOUND"))
        }
        "release" => (Some(json!({"reservationToken": token})), (404, "RESERVATION_NOT_FOUND")),
        "get-booking" => (None, (404, "BOOKING_NOT_FOUND")),
        "list-apps" | "list-all-bookings" | "analytics" | "list-seats" | "list-bookings"
        | "list-reservations" | "health" => (None, OK),
        _ => panic!("tests/support/routes.rs has no example for {operation}"),
    }
}

/// All routes except HEAD, which is GET without a body and has its own test.
pub fn all() -> Vec<Route> {
    let route = |row: &'static Row| {
        let (body, welcome) = example(row.operation);
        let path = row.path.replace("{appId}", "no-such-app");
        let path = path.replace("{bookingId}", "BK-20260101-0000000000");
        let path = if row.operation == "list-seats" { path + "?entityId=hall" } else { path };
        let Row { method, path: pattern, audience, .. } = *row;
        Route { row, method, pattern, path, audience, body, welcome }
    };
    ROUTES.iter().filter(|row| row.method != "HEAD").map(route).collect()
}

/// The routes that these may call.
pub fn of(audiences: &[Audience]) -> Vec<Route> {
    all().into_iter().filter(|route| audiences.contains(&route.audience)).collect()
}

/// The one route with this method and pattern.
#[track_caller]
pub fn one(method: &str, pattern: &str) -> Route {
    let mut all = all().into_iter();
    all.find(|r| r.method == method && r.pattern == pattern)
        .unwrap_or_else(|| panic!("no route {method} {pattern}"))
}

impl Route {
    /// The function that serves it.
    pub fn function(&self) -> &'static str {
        self.row.function
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
