//! A response, and the checks that every response has to pass, whatever the test is about.

use std::collections::BTreeSet;

use reqwest::{Response, header::HeaderMap};
use serde_json::Value;

/// Texts that no response may contain: hashes, connection strings, a driver's messages, a panic
/// or a source path.
const NEVER: &[&str] = &[
    "$2a$",
    "$2b$",
    "$2y$",
    "passwordHash",
    "apiKeyHash",
    "keyHash",
    "mongodb://",
    "redis://",
    "rediss://",
    "E11000",
    "WriteError",
    "WriteConcern",
    "ErrorKind",
    "dup key",
    "panicked",
    ".rs:",
    "/src/",
    "RUST_BACKTRACE",
];

pub struct Reply {
    /// Method and path, for messages.
    what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Reply {
    pub(super) async fn read(what: String, response: Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { what, status, headers, body, text }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|v| v.to_str().expect("a header of visible ASCII"))
    }

    /// `error.code`, or an empty string on a success.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// Whether this is the stored response of an earlier call with the same idempotency key.
    pub fn replayed(&self) -> bool {
        self.header("idempotency-replayed") == Some("true")
    }

    /// The `data` of a success with this status; anything else fails the test.
    #[track_caller]
    pub fn expect(&self, status: u16) -> &Value {
        assert_eq!(self.status, status, "{self}");
        self.check_headers();
        keys(&self.body, &["success", "data", "message"], &[], &self.to_string());
        assert_eq!(self.body["success"], true, "{self}");
        assert!(self.body["message"].as_str().is_some_and(|m| !m.is_empty()), "{self}");
        self.check_secrets();
        &self.body["data"]
    }

    /// The `error` of a failure with this status and code; anything else fails the test.
    #[track_caller]
    pub fn error(&self, status: u16, code: &str) -> &Value {
        assert_eq!((self.status, self.code()), (status, code), "{self}");
        self.check_headers();
        keys(&self.body, &["success", "error"], &[], &self.to_string());
        assert_eq!(self.body["success"], false, "{self}");
        let error = &self.body["error"];
        keys(error, &["code", "message", "requestId"], &["details"], &self.to_string());
        assert!(error["message"].as_str().is_some_and(|m| !m.is_empty()), "{self}");
        assert_eq!(error["requestId"].as_str(), self.header("x-request-id"), "{self}");
        self.check_secrets();
        if status == 429 || status == 503 || code == "IDEMPOTENCY_KEY_IN_USE" {
            let wait =
                self.header("retry-after").unwrap_or_else(|| panic!("no Retry-After: {self}"));
            assert!(wait.parse::<u64>().is_ok_and(|s| s >= 1), "Retry-After {wait}: {self}");
        }
        error
    }

    /// A 400 VALIDATION_ERROR that names `field`; of a nested field, its last name is enough.
    #[track_caller]
    pub fn refuses(&self, field: &str) {
        let error = self.error(400, "VALIDATION_ERROR");
        let fields =
            error["details"]["fields"].as_array().unwrap_or_else(|| panic!("no fields: {self}"));
        for entry in fields {
            keys(entry, &["field", "reason"], &[], &self.to_string());
            assert!(entry["reason"].as_str().is_some_and(|r| !r.is_empty()), "{self}");
        }
        let named = |entry: &Value| {
            let name = entry["field"].as_str().unwrap_or_default();
            name == field
                || name.ends_with(&format!(".{field}"))
                || name.starts_with(&format!("{field}["))
        };
        assert!(fields.iter().any(named), "`{field}` is not named: {self}");
    }

    #[track_caller]
    fn check_headers(&self) {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self}");
        self.check_common_headers();
    }

    /// Checks the headers of every response, also of one without a body.
    #[track_caller]
    pub fn check_common_headers(&self) {
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{self}");
        // Only the feed may be cached, and of its errors only an unknown key.
        let caching =
            if self.code() == "FEED_NOT_FOUND" { "public, max-age=10" } else { "no-store" };
        assert_eq!(self.header("cache-control"), Some(caching), "{self}");
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "{self}");
        assert_eq!(self.header("access-control-allow-credentials"), None, "{self}");
    }

    /// Only a sign-in issues a token, and only registration and rotation issue a key. A token is
    /// recognised by the start of its payload: `eyJ` alone may occur in a random key.
    #[track_caller]
    fn check_secrets(&self) {
        for word in NEVER {
            assert!(!self.text.contains(word), "`{word}` in {self}");
        }
        // After the path comes a query, or the name of the process.
        let path_end =
            self.what.match_indices([' ', '?']).nth(1).map_or(self.what.len(), |(at, _)| at);
        let route = &self.what[..path_end];
        let success = self.status < 300;
        let gives_token = success
            && ["/auth/signup", "/auth/login", "/admin/login"].iter().any(|p| route.ends_with(p));
        let gives_key = success && (route == "POST /admin/apps" || route.ends_with("/rotate-key"));
        let gives_secret_key =
            success && route.starts_with("POST ") && route.ends_with("/secret-keys");
        assert!(gives_token || !self.text.contains(".eyJ"), "a token in {self}");
        assert!(gives_key || !self.text.contains("ubk_"), "a key in {self}");
        assert!(gives_secret_key || !self.text.contains("ubs_"), "a secret key in {self}");
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} → {} {} {:?}", self.what, self.status, self.text, self.headers)
    }
}

/// Fails unless `value` is an object with all of `required`, any of `optional`, and nothing else.
#[track_caller]
pub fn keys(value: &Value, required: &[&str], optional: &[&str], context: &str) {
    let object = value.as_object().unwrap_or_else(|| panic!("not an object: {value} in {context}"));
    let have: BTreeSet<&str> = object.keys().map(String::as_str).collect();
    let must: BTreeSet<&str> = required.iter().copied().collect();
    let may: BTreeSet<&str> = must.iter().copied().chain(optional.iter().copied()).collect();
    assert!(must.is_subset(&have), "missing {:?} in {value} of {context}", must.difference(&have));
    assert!(
        have.is_subset(&may),
        "not promised: {:?} in {value} of {context}",
        have.difference(&may)
    );
}

/// An array of strings, as owned strings.
#[track_caller]
pub fn strings(value: &Value) -> Vec<String> {
    let array = value.as_array().unwrap_or_else(|| panic!("not an array: {value}"));
    array
        .iter()
        .map(|v| v.as_str().unwrap_or_else(|| panic!("not a string: {v}")).to_owned())
        .collect()
}

/// A time as the contract writes it, RFC 3339 in UTC with three digits of
/// milliseconds; returned in milliseconds.
#[track_caller]
pub fn time(value: &Value) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("not a time: {value}"));
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000Z", "{text}");
    chrono::DateTime::parse_from_rfc3339(text)
        .unwrap_or_else(|e| panic!("{text}: {e}"))
        .timestamp_millis()
}
