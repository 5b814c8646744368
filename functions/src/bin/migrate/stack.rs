//! What CloudFormation asks of a custom resource, and how it is told: one JSON document, put to an
//! address that it gives. It waits for that alone, so that every way this can end has to lead
//! there. <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>

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

/// What of the function's time is kept to tell CloudFormation, with repeats; of a short time, a
/// half.
const TO_TELL: Duration = Duration::from_secs(20);
/// One try of telling it.
const TRY: Duration = Duration::from_secs(5);
const TRIES: u32 = 3;
/// The document may have 4,096 bytes, and ids take some of them.
const REASON_CHARS: usize = 800;
/// The resource's name for CloudFormation: always the same, since another would be another
/// resource.
const NAME: &str = "booking-database";

/// A request of CloudFormation's.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    request_type: Kind,
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
    /// Absent at the resource's creation.
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
struct Answer<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    physical_resource_id: &'a str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
}

impl Request {
    /// The request, or `None` of an event that is none of CloudFormation's.
    ///
    /// # Errors
    /// When it is one of CloudFormation's that cannot be understood; nobody can be told then but
    /// the log.
    pub fn read(event: &Value) -> Result<Option<Self>> {
        if event.get("RequestType").is_none() {
            return Ok(None);
        }
        Self::deserialize(event).map(Some).map_err(Error::internal)
    }

    /// Does the work, or nothing where the stack goes away, and tells CloudFormation. A failure
    /// that it was told of is none of the function's: the platform would run it once more, for
    /// nobody.
    ///
    /// # Errors
    /// When CloudFormation could not be told.
    pub async fn answer<R>(&self, work: impl FnOnce() -> R) -> Result<Vec<String>>
    where
        R: Future<Output = Result<Vec<String>>>,
    {
        // The data is not the stack's: nothing of it goes when the stack goes, nor when its
        // creation is undone.
        let outcome = match self.request_type {
            Kind::Delete => Ok(Vec::new()),
            Kind::Create | Kind::Update => in_time(work()).await,
        };
        let reason = outcome.as_ref().err().map(|failure| one_line(&failure.chain()));
        if let Some(reason) = &reason {
            warn!(cause = reason, "the deploy fails");
        }
        self.tell(reason).await?;
        Ok(outcome.unwrap_or_default())
    }

    async fn tell(&self, reason: Option<String>) -> Result<()> {
        let answer = Answer {
            status: if reason.is_some() { "FAILED" } else { "SUCCESS" },
            reason,
            physical_resource_id: self.physical_resource_id.as_deref().unwrap_or(NAME),
            stack_id: &self.stack_id,
            request_id: &self.request_id,
            logical_resource_id: &self.logical_resource_id,
        };
        let body = Bytes::from(serde_json::to_vec(&answer).map_err(Error::internal)?);
        let connector =
            HttpsConnectorBuilder::new().with_native_roots().map_err(Error::internal)?;
        let client = Client::builder(TokioExecutor::new())
            .build(connector.https_or_http().enable_http1().build());
        let mut tries = 1;
        loop {
            match tokio::time::timeout(TRY, self.put(&client, body.clone())).await {
                Ok(Ok(())) => break,
                outcome if tries == TRIES => {
                    let problem = outcome.map_or_else(
                        |_| "it does not answer".to_owned(),
                        |r| r.err().unwrap_or_default(),
                    );
                    return Err(Error::internal(format!(
                        "cloudformation cannot be told: {problem}"
                    )));
                }
                _ => tries += 1,
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        info!(request = ?self.request_type, status = answer.status, "cloudformation was told");
        Ok(())
    }

    /// The address holds a signature: no problem is told with its own words, which may quote it.
    async fn put(&self, client: &Https, body: Bytes) -> std::result::Result<(), String> {
        // Without a content type, which would have had to be signed.
        let request = hyper::Request::builder()
            .method(Method::PUT)
            .uri(&self.response_url)
            .body(Full::new(body));
        let request = request.map_err(|_| "its address is none".to_owned())?;
        let response =
            client.request(request).await.map_err(|_| "it cannot be reached".to_owned())?;
        if response.status().is_success() {
            Ok(())
        } else {
            Err(format!("it answers {}", response.status()))
        }
    }
}

type Https = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// The work's outcome, or that it did not end while there was time to tell of it.
async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let left = Deadline::current().remaining();
    let budget = left.saturating_sub(TO_TELL.min(left / 2));
    let overdue = |_| {
        Err(Error::unavailable(format!("migrate did not end within {} seconds", budget.as_secs())))
    };
    tokio::time::timeout(budget, work).await.unwrap_or_else(overdue)
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REASON_CHARS).collect()
}
