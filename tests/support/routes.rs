//! Every route of the route table with a request that gets past its authentication, for the tests
//! that call all of them. The requests are the examples of openapi.yaml.

use std::collections::{BTreeMap, BTreeSet};

use openapi::{
    examples,
    operations::{self, RequestInput},
};
use serde_json::Value;
use serde_yaml_ng::Value as Yaml;
pub use shared::http::routes::{Audience, Route as Row};
use shared::{error::Code, http::routes::ROUTES};

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

/// The first example of the route's body. Sign-ins get an address of their own, because wrong
/// passwords are counted by account.
fn body(row: &operations::Row) -> Option<Value> {
    let examples = match row.input {
        RequestInput::Body(_, examples) | RequestInput::OptionalBody(_, examples) => examples,
        RequestInput::File(_, _, file) => return Some((file.json)()),
        RequestInput::Nothing | RequestInput::Query(..) => return None,
    };
    let (_, mut body) = examples().into_iter().next().expect("an example");
    if matches!(row.operation, "admin-login" | "login") {
        body["email"] = format!("{}@example.com", super::unique("nobody")).into();
    }
    Some(body)
}

/// The response to the example. What the example names does not exist, so an operation that looks
/// for it returns the 404 of the operation's own errors.
fn welcome(row: &operations::Row) -> (u16, &'static str) {
    let code = match row.operation {
        // The matrix has signed up the example's user.
        "signup" => Some(&Code::EmailTaken),
        "payment-events" => Some(&Code::InvalidSignature),
        _ => row.codes.iter().find(|code| code.status() == 404),
    };
    code.map_or((row.success.statuses[0].0, ""), |code| (code.status(), code.as_str()))
}

/// The query with the parameters that the route requires.
fn query(row: &operations::Row) -> String {
    let (RequestInput::Query(shape, examples) | RequestInput::File(shape, examples, _)) = row.input
    else {
        return String::new();
    };
    let schema = serde_json::to_value((shape.schema)()).expect("a schema");
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let examples = examples();
    let pair = |name: &str| {
        let example = &examples[name];
        format!("{name}={}", example.as_str().map_or_else(|| example.to_string(), str::to_owned))
    };
    required
        .map(pair)
        .reduce(|all, one| all + "&" + &one)
        .map_or(String::new(), |all| "?".to_owned() + &all)
}

/// All routes except HEAD, which is GET without a body and has its own test.
pub fn all() -> Vec<Route> {
    let route = |row: &'static Row| {
        let described = operations::row_of(row).expect("a described route");
        let path = examples::path_parameters(row)
            .into_iter()
            .fold(row.path.to_owned(), |path, (name, example)| {
                path.replace(&format!("{{{name}}}"), example)
            });
        let Row { method, path: pattern, audience, .. } = *row;
        let (body, welcome) = (body(described), welcome(described));
        Route { row, method, pattern, path: path + &query(described), audience, body, welcome }
    };
    ROUTES.iter().filter(|row| row.method != "HEAD").map(route).collect()
}

/// The routes that these may call.
pub fn callable_by(audiences: &[Audience]) -> Vec<Route> {
    all().into_iter().filter(|route| audiences.contains(&route.audience)).collect()
}

/// The one route with this method and pattern.
#[track_caller]
pub fn find(method: &str, pattern: &str) -> Route {
    let mut all = all().into_iter();
    all.find(|r| r.method == method && r.pattern == pattern)
        .unwrap_or_else(|| panic!("no route {method} {pattern}"))
}

impl Route {
    /// The function that serves it.
    pub fn function(&self) -> &'static str {
        self.row.function
    }

    /// Whether it is the public feed's: caches keep it, pages of all origins read it, and
    /// it ignores unknown parameters.
    pub fn is_feed(&self) -> bool {
        self.function() == "feed"
    }

    /// The response to the right caller whose request has something unknown in it.
    pub fn response_to_unknown(&self) -> (u16, &'static str) {
        if self.is_feed() { self.welcome } else { (400, "VALIDATION_ERROR") }
    }

    /// How many bytes its body may have.
    pub fn body_limit(&self) -> usize {
        match (self.row.operation, self.function()) {
            ("put-layout", _) => 2 << 20,
            ("import-layout", _) => 4 << 20,
            (_, "create-seats" | "entity-seats") => 1 << 20,
            _ => 64 << 10,
        }
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
