//! API Gateway's events and responses (HTTP API, payload format 2.0).
//!
//! We parse events ourselves. `lambda_http` panics at some input of clients: a `host` or
//! `x-forwarded-proto` that makes no URL, or a query that makes no URI. It also refuses a whole
//! event for one header that is not ASCII.

use super::route_path;
use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_http::{
    Body, Response,
    aws_lambda_events::apigw::ApiGatewayV2httpResponse,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};
use std::{collections::BTreeMap, net::IpAddr};

/// A request as the gateway sends it. Only the parts that we use are read.
#[derive(Debug, Default)]
pub(crate) struct Event {
    pub(super) method: String,
    /// The path as the route table writes it: without a stage or a base path.
    pub(super) path: String,
    /// What the URL has before that path: a stage or a base path.
    pub(super) base_path: String,
    /// The host that the gateway was called by, for an event without a `host` header.
    pub(super) domain_name: Option<String>,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) parameters: Vec<(String, String)>,
    /// From the gateway: a header with an address may be forged.
    pub(super) address: Option<IpAddr>,
    pub(super) body: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    route_key: Option<String>,
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    path_parameters: Option<BTreeMap<String, String>>,
    request_context: Context,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    http: Http,
    domain_name: Option<String>,
    stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: Option<String>,
}

/// The fields that mark an event as an HTTP request, in every payload format.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestMarkers {
    http_method: Option<IgnoredAny>,
    raw_path: Option<IgnoredAny>,
    request_context: Option<Value>,
}

/// Whether an event that we cannot read is an HTTP request. A scheduled event and a ping that keeps
/// a function warm are not.
fn is_request(event: &RawValue) -> bool {
    serde_json::from_str(event.get()).is_ok_and(|markers: RequestMarkers| {
        markers.http_method.is_some()
            || markers.raw_path.is_some()
            || markers.request_context.is_some_and(|context| context.get("http").is_some())
    })
}

impl Event {
    /// Parses an event; `None` if it is no HTTP request at all. An error means that our gateway
    /// did not send it.
    pub(crate) fn read(event: &RawValue) -> Result<Option<Self>, String> {
        // serde's message may quote the value, so the error only says where it is.
        let mut json = serde_json::Deserializer::from_str(event.get());
        let raw: Raw = match serde_path_to_error::deserialize(&mut json) {
            Ok(raw) => raw,
            Err(_) if !is_request(event) => return Ok(None),
            Err(error) => {
                let path = error.path();
                return Err(format!("this is no HTTP API event of format 2.0: see {path}"));
            }
        };
        let body = raw.body.unwrap_or_default();
        let body = match raw.is_base64_encoded {
            Some(true) => STANDARD
                .decode(body)
                .map_err(|_| "the event's body is marked as base64 and is not")?,
            Some(false) | None => body.into_bytes(),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in raw.headers.unwrap_or_default() {
            // Bytes beyond ASCII are allowed in a header's value. A name or value that HTTP does
            // not allow counts as absent.
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value.into_bytes()))
            {
                headers.append(name, value);
            }
        }
        let parameters: Vec<_> = raw.path_parameters.unwrap_or_default().into_iter().collect();
        let Context { http, domain_name, stage } = raw.request_context;
        let raw_path = raw.raw_path.unwrap_or_default();
        let path = route_path::resolve(
            raw.route_key.as_deref().unwrap_or_default(),
            &parameters,
            &raw_path,
            stage.as_deref().unwrap_or_default(),
        );
        let base_path = raw_path.strip_suffix(path.as_str()).unwrap_or_default().to_owned();
        Ok(Some(Self {
            method: http.method,
            path,
            base_path,
            domain_name,
            query: raw.raw_query_string.unwrap_or_default(),
            headers,
            parameters,
            address: http.source_ip.and_then(|ip| ip.parse().ok()),
            body,
        }))
    }
}

/// A response as the gateway expects it.
pub(super) fn gateway_response(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (parts, body) = response.into_parts();
    let is_binary = matches!(body, Body::Binary(_));
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = parts.status.as_u16().into();
    response.headers = parts.headers;
    response.body = Some(body).filter(|body| !matches!(body, Body::Empty));
    // A binary body is written as base64.
    response.is_base64_encoded = is_binary;
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, value::to_raw_value};

    fn read(event: &Value) -> Result<Event, String> {
        Event::read(&to_raw_value(event).unwrap()).map(|event| event.expect("a request"))
    }

    fn event() -> Value {
        json!({
            "version": "2.0", "rawPath": "/seats", "rawQueryString": "entityId=hall", "headers": {"host": "h"},
            "requestContext": {"http": {"method": "GET", "sourceIp": "203.0.113.7"}}, "isBase64Encoded": false,
        })
    }

    fn with(path: &str, value: Value) -> Event {
        let mut event = event();
        event[path] = value;
        read(&event).unwrap()
    }

    #[test]
    fn what_a_client_may_write_is_read_as_it_is() {
        for name in ["host", "x-forwarded-proto"] {
            for odd in ["1", "", "a b", "[", "\u{e9}", "%", "x:y:z"] {
                assert_eq!(
                    with("headers", json!({name: odd, "origin": "https://a.b"})).headers["origin"],
                    "https://a.b"
                );
            }
        }
        let headers =
            with("headers", json!({"user-agent": "caf\u{e9}", "a b": "no name", "x": "no\nvalue"}))
                .headers;
        assert_eq!(headers.len(), 1, "{headers:?}");
        for odd in ["a=<>\"", "\u{0}", "a b", "\u{e9}", "#", &"x".repeat(100_000)] {
            assert_eq!(with("rawQueryString", odd.into()).query, odd);
            assert_eq!(with("rawPath", odd.into()).path, odd);
        }
    }

    #[test]
    fn a_body_is_text_or_base64() {
        let mut event = event();
        event["body"] = "e30=".into();
        assert_eq!(read(&event).unwrap().body, b"e30=");
        event["isBase64Encoded"] = true.into();
        assert_eq!(read(&event).unwrap().body, b"{}");
        event["body"] = "hunter2!".into();
        assert!(!read(&event).unwrap_err().contains("hunter2"));
    }

    #[test]
    fn what_no_gateway_of_ours_sends_is_refused_without_being_quoted() {
        let format_1 = json!({"version": "1.0", "httpMethod": "GET", "path": "/seats", "requestContext": {"stage": "s"}});
        let broken = json!({"rawPath": "/seats", "requestContext": "hunter2"});
        let methodless = json!({"requestContext": {"http": {"method": ["hunter2"]}}});
        for other in [format_1, broken, methodless] {
            assert!(!read(&other).unwrap_err().contains("hunter2"));
        }
    }

    #[test]
    fn what_is_no_request_is_told_apart() {
        let scheduled = json!({"version": "0", "source": "aws.events", "detail": {}});
        let socket = json!({"requestContext": {"routeKey": "$connect", "connectionId": "a="}});
        for other in [
            json!(null),
            json!([]),
            json!(1),
            json!("ping"),
            json!({}),
            json!({"warmup": true}),
            json!({"Records": []}),
            scheduled,
            socket,
        ] {
            assert!(Event::read(&to_raw_value(&other).unwrap()).unwrap().is_none(), "{other}");
        }
    }
}
