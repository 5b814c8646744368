//! The API, as a load balancer sees it.

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{Uri, body::Bytes};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;

use super::report::Report;

const CHECK: &str = "api";
/// Enough for a cold start.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(15);
/// More than the response ever has.
const MAX_RESPONSE_BYTES: usize = 16 * 1024;

/// Calls `GET /health` of the API at `base`.
pub async fn examine(report: &mut Report, base: &str) {
    let result = tokio::time::timeout(RESPONSE_TIMEOUT, ask(base)).await;
    let (status, body) =
        match result.unwrap_or_else(|_| Err("it does not answer in time".to_owned())) {
            Ok(result) => result,
            Err(wrong) => {
                let fix =
                    "check that BASE_URL is the API's (the output ApiUrl), or that `make dev` runs";
                return report.problem(CHECK, format!("BASE_URL: {wrong}"), fix);
            }
        };
    // Only words that we know are printed.
    let up = |server: &str| body.pointer(server).and_then(Value::as_str) == Some("up");
    match (status, up("/data/mongo"), up("/data/redis")) {
        (200, true, true) => report.ok(CHECK, "GET /health: ok"),
        (200, true, false) => {
            report.warning(
                CHECK,
                "GET /health: degraded, the functions do not reach Redis",
                "see the lines on redis",
            );
        }
        (503, ..) if body.pointer("/error/details/mongo").is_some() => {
            report.problem(
                CHECK,
                "GET /health: down, the functions do not reach MongoDB",
                "see the lines on mongodb",
            );
        }
        _ => report.problem(
            CHECK,
            format!("GET /health answers {status}, and not as this API does"),
            "look at the function's log, and check that BASE_URL is the API's",
        ),
    }
}

/// The status and the JSON. No error quotes the address, which may hold a password.
async fn ask(base: &str) -> Result<(u16, Value), String> {
    let address: Uri = format!("{}/health", base.trim_end_matches('/'))
        .parse()
        .map_err(|_| "it is not an address")?;
    if !matches!(address.scheme_str(), Some("http" | "https")) {
        return Err("it must begin with http:// or https://".to_owned());
    }
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|_| "this machine has no root certificates")?;
    let connector = connector.https_or_http().enable_http1().build();
    let client = Client::builder(TokioExecutor::new()).build::<_, Empty<Bytes>>(connector);
    let result = client.get(address).await.map_err(|_| "it cannot be reached")?;
    let status = result.status().as_u16();
    let body = Limited::new(result.into_body(), MAX_RESPONSE_BYTES)
        .collect()
        .await
        .map_err(|_| "its response breaks off")?;
    Ok((status, serde_json::from_slice(&body.to_bytes()).unwrap_or_default()))
}
