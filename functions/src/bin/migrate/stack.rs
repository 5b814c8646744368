//! CloudFormation's requests to a custom resource, and the response: one JSON document, sent by PUT
//! to an address in the request. CloudFormation waits for it, so every outcome has to be reported.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>

use http_body_util::Full;
use hyper::{Method, body::Bytes};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{
    clock::Deadline,
    error::{Error, Result},
};
use std::{future::Future, time::Duration};
use tracing::{info, warn};

/// How much of the function's time is kept for reporting, with retries. It is at most half of the
/// time that is left.
const REPORT_RESERVE: Duration = Duration::from_secs(20);
const PUT_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_ATTEMPTS: u32 = 3;
/// The document may have 4,096 bytes, and the ids take some of them.
const MAX_REASON_CHARS: usize = 800;
/// The resource's id for CloudFormation. It never changes: a new id would mean a new resource.
const RESOURCE_ID: &str = "booking-database";

/// A request from CloudFormation.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    request_type: Kind,
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
    /// Absent when the resource is created.
    physical_resource_id: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
enum Kind {
    Create,
    Update,
    Delete,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Report<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    physical_resource_id: &'a str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
}

impl Request {
    /// Parses an event; `None` if it does not come from CloudFormation.
    ///
    /// # Errors
    /// The event comes from CloudFormation and is malformed. It may have no address for a report.
    pub fn parse(event: &Value) -> Result<Option<Self>> {
        if event.get("RequestType").is_none() {
            return Ok(None);
        }
        Self::deserialize(event).map(Some).map_err(Error::internal)
    }

    /// Does the work and reports the outcome. When the stack is deleted, there is no work.
    ///
    /// A failure that was reported does not fail the function. Otherwise the platform would run it
    /// again, and nobody would wait for it.
    ///
    /// # Errors
    /// CloudFormation could not be reached.
    pub async fn run_and_report<R, T>(&self, work: impl FnOnce() -> R) -> Result<T>
    where
        R: Future<Output = Result<T>>,
        T: Default,
    {
        // The data stays in the database when the stack is deleted or its creation is rolled back.
        let outcome = match self.request_type {
            Kind::Delete => Ok(T::default()),
            Kind::Create | Kind::Update => in_time(work()).await,
        };
        let reason = outcome.as_ref().err().map(|failure| one_line(&failure.chain()));
        if let Some(reason) = &reason {
            warn!(cause = reason, "the deploy fails");
        }
        self.report(reason).await?;
        Ok(outcome.unwrap_or_default())
    }

    async fn report(&self, reason: Option<String>) -> Result<()> {
        let report = Report {
            status: if reason.is_some() { "FAILED" } else { "SUCCESS" },
            reason,
            physical_resource_id: self.physical_resource_id.as_deref().unwrap_or(RESOURCE_ID),
            stack_id: &self.stack_id,
            request_id: &self.request_id,
            logical_resource_id: &self.logical_resource_id,
        };
        let body = Bytes::from(serde_json::to_vec(&report).map_err(Error::internal)?);
        let connector =
            HttpsConnectorBuilder::new().with_native_roots().map_err(Error::internal)?;
        let client = Client::builder(TokioExecutor::new())
            .build(connector.https_or_http().enable_http1().build());
        let mut attempts = 1;
        loop {
            match tokio::time::timeout(PUT_TIMEOUT, self.put(&client, body.clone())).await {
                Ok(Ok(())) => break,
                outcome if attempts == MAX_ATTEMPTS => {
                    let problem = outcome.map_or_else(
                        |_| "it does not respond".to_owned(),
                        |r| r.err().unwrap_or_default(),
                    );
                    return Err(Error::internal(format!(
                        "the outcome did not reach cloudformation: {problem}"
                    )));
                }
                _ => attempts += 1,
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        info!(request = ?self.request_type, status = report.status, "reported to cloudformation");
        Ok(())
    }

    /// The address contains a signature. An error of the client may quote it, so it is replaced.
    async fn put(&self, client: &Https, body: Bytes) -> std::result::Result<(), String> {
        // The address's signature covers no content type, so none is sent.
        let request = hyper::Request::builder()
            .method(Method::PUT)
            .uri(&self.response_url)
            .body(Full::new(body));
        let request = request.map_err(|_| "its address is malformed".to_owned())?;
        let response =
            client.request(request).await.map_err(|_| "it cannot be reached".to_owned())?;
        if response.status().is_success() {
            Ok(())
        } else {
            Err(format!("it responds with {}", response.status()))
        }
    }
}

type Https = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// The outcome of the work, or an error if no time for the report would be left.
async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let left = Deadline::current().remaining();
    let budget = left.saturating_sub(REPORT_RESERVE.min(left / 2));
    let timed_out = |_| {
        Err(Error::unavailable(format!("migrate did not end within {} seconds", budget.as_secs())))
    };
    tokio::time::timeout(budget, work).await.unwrap_or_else(timed_out)
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON_CHARS).collect()
}
