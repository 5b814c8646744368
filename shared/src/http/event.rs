//! API Gateway's events and responses (HTTP API, payload format 2.0).
//!
//! We parse events ourselves. `lambda_http` panics at some input of clients: a `host` or
//! `x-forwarded-proto` that makes no URL, or a query that makes no URI. It also refuses a whole
//! event for one header that is not ASCII.

use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_http::{
    Body, Response,
    aws_lambda_events::apigw::ApiGatewayV2httpResponse,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{collections::BTreeMap, net::IpAddr};

/// A request as the gateway sends it. Only the parts that we use are read.
#[derive(Debug, Default)]
pub(crate) struct Event {
    pub(super) method: String,
    pub(super) path: String,
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
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    path_parameters: Option<BTreeMap<String, String>>,
    request_context: Context,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

#[derive(Deserialize)]
struct Context {
    http: Http,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: Option<String>,
}

impl Event {
    /// Parses an event. An error means that no gateway sent it.
    pub(crate) fn read(event: &RawValue) -> Result<Self, String> {
        // serde's message may quote the value, so the error only says where it is.
        let mut json = serde_json::Deserializer::from_str(event.get());
        let raw: Raw = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            format!("this is no HTTP API event of format 2.0: see {}", error.path())
        })?;
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
        Ok(Self {
            method: raw.request_context.http.method,
            path: raw.raw_path.unwrap_or_default(),
            query: raw.raw_query_string.unwrap_or_default(),
            headers,
            parameters: raw.path_parameters.unwrap_or_default().into_iter().collect(),
            address: raw.request_context.http.source_ip.and_then(|ip| ip.parse().ok()),
            body,
        })
    }
}

/// A response as the gateway expects it.
pub(super) fn gateway_response(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (parts, body) = response.into_parts();
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = parts.status.as_u16().into();
    response.headers = parts.headers;
    response.body = Some(body).filter(|body| !matches!(body, Body::Empty));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json, value::to_raw_value};

    fn read(event: &Value) -> Result<Event, String> {
        Event::read(&to_raw_value(event).unwrap())
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
        for other in [json!(null), json!([]), json!("hunter2"), json!({}), format_1] {
            assert!(!read(&other).unwrap_err().contains("hunter2"));
        }
    }
}
