//! Requests and responses, as far as the fake needs them.

use std::collections::BTreeMap;

use anyhow::Context;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue, LOCATION},
};
use serde_json::Value;

const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A request with its whole body.
pub(super) struct Call {
    pub(super) method: Method,
    /// The segments of the path. The first one names the area of the fake, such as `stripe`.
    pub(super) path: Vec<String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The fields of a form or of a query.
pub(super) type Fields = BTreeMap<String, String>;

impl Call {
    pub(super) async fn read(request: Request<Incoming>) -> anyhow::Result<Self> {
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, MAX_BODY_BYTES).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!(error)).context("the body")?.to_bytes();
        let path = parts.uri.path().split('/').filter(|part| !part.is_empty());
        Ok(Self {
            method: parts.method,
            path: path.map(decode).collect(),
            query: fields(parts.uri.query().unwrap_or_default()),
            headers: parts.headers,
            body,
        })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body's fields, where it is a form.
    pub(super) fn form(&self) -> Fields {
        fields(&String::from_utf8_lossy(&self.body))
    }

    /// The body, where it is JSON. An empty one is `{}`.
    pub(super) fn json(&self) -> Option<Value> {
        if self.body.is_empty() {
            return Some(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(&self.body).ok()
    }

    /// The method and the path, to choose what carries the request out.
    pub(super) fn route(&self) -> (&str, Vec<&str>) {
        (self.method.as_str(), self.path.iter().map(String::as_str).collect())
    }
}

fn fields(text: &str) -> Fields {
    let pair = |item: &str| {
        let (key, value) = item.split_once('=').unwrap_or((item, ""));
        (decode(key), decode(value))
    };
    text.split('&').filter(|item| !item.is_empty()).map(pair).collect()
}

/// Undoes the escapes of a form or a path.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let escaped = bytes
            .get(index + 1..index + 3)
            .filter(|_| bytes[index] == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = escaped {
            decoded.push(byte);
            index += 3;
        } else {
            decoded.push(if bytes[index] == b'+' { b' ' } else { bytes[index] });
            index += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// A response of the fake.
#[derive(Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    content_type: &'static str,
    body: Bytes,
    headers: Vec<(&'static str, String)>,
}

impl Reply {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(super) fn text(status: u16, body: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body.to_owned())
    }

    pub(super) fn html(status: u16, body: String) -> Self {
        Self::new(status, "text/html; charset=utf-8", body)
    }

    pub(super) fn see_other(location: String) -> Self {
        Self::text(303, "").with_header(LOCATION.as_str(), location)
    }

    fn new(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type, body: body.into(), headers: Vec::new() }
    }

    pub(super) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn into_http(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_form_are_decoded() {
        let form = fields("metadata%5Bname%5D=a+b%26c&amount=5&broken=%zz%4");
        assert_eq!(form["metadata[name]"], "a b&c");
        assert_eq!((form["amount"].as_str(), form["broken"].as_str()), ("5", "%zz%4"));
    }
}
