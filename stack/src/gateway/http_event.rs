//! A request as the event that a function gets, and a function's response as HTTP: what API
//! Gateway does for an HTTP API (payload format 2.0).

use std::{
    collections::BTreeMap,
    net::IpAddr,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    body::Bytes,
    header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
    http::request::Parts,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::http::routes::ROUTES;

/// The function for requests without a route: the template's `$default` route.
pub(super) const DEFAULT_FUNCTION: &str = "preflight";
const DEFAULT_ROUTE: &str = "$default";

/// Where a request goes.
pub(super) struct Destination {
    pub function: &'static str,
    route_key: String,
    parameters: Vec<(&'static str, String)>,
}

impl Destination {
    /// The row of the route table that the request matches, or the default route. Paths are
    /// compared as they were sent: percent signs are not decoded, and dots are not resolved.
    pub(super) fn of(method: &str, path: &str) -> Self {
        let row = ROUTES
            .iter()
            .filter(|route| route.method == method)
            .find_map(|route| Some((route, parameters(route.path, path)?)));
        match row {
            Some((route, parameters)) => Self {
                function: route.function,
                route_key: format!("{} {}", route.method, route.path),
                parameters,
            },
            None => Self {
                function: DEFAULT_FUNCTION,
                route_key: DEFAULT_ROUTE.to_owned(),
                parameters: Vec::new(),
            },
        }
    }
}

/// The values of the pattern's `{name}` segments, if the path matches.
fn parameters(pattern: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut values = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(values),
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(wanted), Some(given)) if !given.is_empty() => {
                let name = wanted.strip_prefix('{')?.strip_suffix('}')?;
                values.push((name, given.to_owned()));
            }
            _ => return None,
        }
    }
}

/// The event. Only the gateway fills in `requestContext`: nothing that a client sends gets there
/// but the method, the path and the user agent.
pub(super) fn event(
    parts: &Parts,
    body: &Bytes,
    client: IpAddr,
    destination: &Destination,
    request_id: &str,
) -> Value {
    let path = parts.uri.path();
    let headers = headers(&parts.headers, client);
    let text = |name: HeaderName| headers.get(name.as_str()).cloned().unwrap_or_default();
    let host = text(HOST);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": destination.route_key,
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": host,
            "domainPrefix": host,
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": client.to_string(),
                "userAgent": text(USER_AGENT),
            },
            "requestId": request_id,
            "routeKey": destination.route_key,
            "stage": DEFAULT_ROUTE,
            "timeEpoch": u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        },
        "headers": headers,
        "isBase64Encoded": false,
    });
    if !destination.parameters.is_empty() {
        let values = destination.parameters.iter();
        let values: Map<String, Value> =
            values.map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
        event["pathParameters"] = values.into();
    }
    match std::str::from_utf8(body) {
        Ok("") => {}
        Ok(text) => event["body"] = text.into(),
        Err(_) => {
            event["body"] = STANDARD.encode(body).into();
            event["isBase64Encoded"] = true.into();
        }
    }
    event
}

/// The headers, names in lower case. A header that was sent twice becomes one, its values joined by
/// commas. Only the gateway sets the headers about the connection.
pub(super) fn headers(sent: &HeaderMap, client: IpAddr) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in sent {
        let value = text(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|joined| *joined = format!("{joined},{value}"))
            .or_insert(value);
    }
    // A proxy in front wrote the earlier addresses. The last one is the address of our client.
    let forwarded = match headers.get("x-forwarded-for") {
        Some(earlier) => format!("{earlier}, {client}"),
        None => client.to_string(),
    };
    headers.insert("x-forwarded-for".to_owned(), forwarded);
    headers.insert("x-forwarded-proto".to_owned(), "http".to_owned());
    headers
}

/// A header's value as text. Bytes that are not UTF-8 are read as Latin-1, as HTTP once meant them:
/// every value has a text, and ASCII stays what it is.
fn text(value: &[u8]) -> String {
    std::str::from_utf8(value)
        .map_or_else(|_| value.iter().copied().map(char::from).collect(), str::to_owned)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionResponse {
    status_code: u16,
    headers: Option<BTreeMap<String, String>>,
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// A function's response as HTTP; `None` when it is not an HTTP API's response.
pub(super) fn response(payload: &[u8]) -> Option<Response<Full<Bytes>>> {
    let result: FunctionResponse = serde_json::from_slice(payload).ok()?;
    let body = result.body.unwrap_or_default();
    let body = match result.is_base64_encoded {
        Some(true) => STANDARD.decode(body).ok()?.into(),
        Some(false) | None => Bytes::from(body),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = StatusCode::from_u16(result.status_code).ok()?;
    let headers = response.headers_mut();
    let mut append = |name: &str, value: &str| -> Option<()> {
        let name = HeaderName::try_from(name).ok()?;
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        Some(())
    };
    let single = result.headers.unwrap_or_default();
    for (name, values) in result.multi_value_headers.unwrap_or_default() {
        for value in values.iter().filter(|_| !single.contains_key(&name)) {
            append(&name, value)?;
        }
    }
    for (name, value) in &single {
        append(name, value)?;
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn parts(request: hyper::http::request::Builder) -> Parts {
        request.body(()).unwrap().into_parts().0
    }

    fn event_of(parts: &Parts, body: &'static [u8]) -> Value {
        let destination = Destination::of(parts.method.as_str(), parts.uri.path());
        event(parts, &Bytes::from_static(body), [192, 0, 2, 7].into(), &destination, "id")
    }

    #[test]
    fn a_request_goes_to_the_function_of_its_route_and_every_other_one_to_the_default() {
        let destination = Destination::of("PATCH", "/admin/apps/city-hall");
        assert_eq!(destination.function, "update-app");
        assert_eq!(destination.parameters, [("appId", "city-hall".to_owned())]);
        for (method, path) in [
            ("GET", "/"),
            ("GET", "*"),
            ("GET", "/seats/"),
            ("GET", "//seats"),
            ("GET", "/./seats"),
            ("GET", "/%73eats"),
            ("PUT", "/seats"),
            ("OPTIONS", "/seats"),
            ("GET", "/bookings/"),
            ("POST", "/2015-03-31/functions/migrate/invocations"),
            ("GET", "/.rt/reserve/2018-06-01/runtime/invocation/next"),
            ("GET", "/x/..%2f.rt/reserve/2018-06-01/runtime/invocation/next"),
        ] {
            assert_eq!(Destination::of(method, path).function, "preflight", "{method} {path}");
        }
        for route in ROUTES {
            assert_eq!(Destination::of(route.method, route.path).function, route.function);
        }
    }

    #[test]
    fn a_client_forges_neither_its_address_nor_the_scheme() {
        let parts = parts(
            Request::get("/bookings/BK-1?limit=1")
                .header("x-forwarded-for", "203.0.113.9")
                .header("x-forwarded-proto", "https")
                .header("lambda-runtime-client-context", "x"),
        );
        let event = event_of(&parts, b"");
        assert_eq!(event["requestContext"]["http"]["sourceIp"], "192.0.2.7");
        assert_eq!(event["headers"]["x-forwarded-for"], "203.0.113.9, 192.0.2.7");
        assert_eq!(event["headers"]["x-forwarded-proto"], "http");
        assert_eq!(
            (&event["rawPath"], &event["rawQueryString"]),
            (&json!("/bookings/BK-1"), &json!("limit=1"))
        );
        assert_eq!(event["pathParameters"], json!({"bookingId": "BK-1"}));
        assert!(event.get("body").is_none());
    }

    #[test]
    fn a_header_keeps_its_text_whatever_its_bytes_and_two_become_one() {
        let latin_1 = HeaderValue::from_bytes(b"iPhone de Jos\xe9").unwrap();
        let utf_8 = HeaderValue::from_bytes("iPhone de José".as_bytes()).unwrap();
        for value in [latin_1, utf_8] {
            let parts = parts(Request::get("/health").header("user-agent", value));
            assert_eq!(event_of(&parts, b"")["headers"]["user-agent"], "iPhone de José");
        }
        let parts = parts(Request::get("/health").header("x-a", "1").header("x-a", "2"));
        assert_eq!(event_of(&parts, b"")["headers"]["x-a"], "1,2");
    }

    #[test]
    fn a_body_that_is_not_text_travels_as_base64() {
        let parts = parts(Request::post("/seats"));
        assert_eq!(event_of(&parts, b"{}")["body"], "{}");
        let event = event_of(&parts, b"\xff");
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("/w=="), &json!(true)));
    }

    #[test]
    fn a_functions_response_becomes_http_and_anything_else_does_not() {
        let payload = json!({
            "statusCode": 200, "headers": {"vary": "Origin"},
            "multiValueHeaders": {"vary": ["Origin"], "x-a": ["1", "2"]},
            "body": "{}", "isBase64Encoded": false, "cookies": [],
        });
        let result = response(payload.to_string().as_bytes()).unwrap();
        assert_eq!(result.headers().get_all("vary").iter().count(), 1);
        assert_eq!(result.headers().get_all("x-a").iter().count(), 2);
        for other in [
            "",
            "{}",
            "null",
            r#"{"statusCode": 99999}"#,
            r#"{"statusCode": 200, "headers": {"a b": "c"}}"#,
        ] {
            assert!(response(other.as_bytes()).is_none(), "{other}");
        }
    }
}
