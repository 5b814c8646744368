//! `migrate` as CloudFormation invokes it. CloudFormation waits until the function has put a
//! JSON response to a pre-signed S3 address, whatever happens. Here a server of this test
//! stands in for S3.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use http_body_util::{BodyExt as _, Empty};
use hyper::{
    Request, Response, body::Bytes, body::Incoming, server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use mongodb::{
    IndexModel,
    bson::{Document, doc},
    options::IndexOptions,
};
use serde_json::{Value, json};
use stack::admin::Credentials;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    faults::tls::{Authority, Terminator},
    support::{
        runtime_api::{Environment, Event},
        servers, unique,
    },
};

const BUDGET: Duration = Duration::from_secs(40);
const SIGNATURE: &str = "X-Amz-Signature=0123456789abcdef";

/// A request to the address: the names of its headers, and its body.
type Put = (Vec<String>, Value);

/// Stands in for S3: accepts requests after refusing the first few.
struct Bucket {
    url: String,
    puts: Arc<Mutex<Vec<Put>>>,
    server: JoinHandle<()>,
}

impl Bucket {
    async fn refusing(mut refused: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/stack?{SIGNATURE}", listener.local_addr().unwrap());
        let puts = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&puts);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let status = if refused > 0 { 503 } else { 200 };
                refused = refused.saturating_sub(1);
                let kept = Arc::clone(&kept);
                let service = service_fn(move |request| take(Arc::clone(&kept), status, request));
                // One request a connection, so that each refusal refuses one request.
                let connection = http1::Builder::new()
                    .keep_alive(false)
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self { url, puts, server }
    }

    /// The response that `migrate` has put, which must be exactly one.
    #[track_caller]
    fn response(&self) -> Value {
        let mut puts = std::mem::take(&mut *self.puts.lock().unwrap());
        assert_eq!(puts.len(), 1, "{puts:?}");
        let (headers, body) = puts.remove(0);
        assert!(
            !headers.iter().any(|name| name == "content-type"),
            "the signature covers no content-type"
        );
        assert!(
            headers.iter().any(|name| name == "content-length"),
            "S3 does not accept chunked bodies: {headers:?}"
        );
        assert!(body.to_string().len() < 4096);
        body
    }

    fn event(&self, kind: &str) -> Value {
        let mut event = json!({
            "RequestType": kind,
            "ServiceToken": "arn:aws:lambda:eu-central-1:123456789012:function:migrate",
            "ResponseURL": self.url,
            "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/booking/1",
            "RequestId": unique("request"),
            "ResourceType": "AWS::CloudFormation::CustomResource",
            "LogicalResourceId": "Migration",
            "ResourceProperties": {"ServiceToken": "…", "Code": "migrate:7"},
        });
        if kind != "Create" {
            event["PhysicalResourceId"] = "what-create-has-said".into();
        }
        event
    }

    /// Sends an event to `migrate`, whose invocation must not fail, and returns its response.
    async fn send(&self, function: &Environment, kind: &str, budget: Duration) -> Value {
        let event = self.event(kind);
        function.invoke(&Event::raw(kind, event.clone()), budget).value().await;
        let response = self.response();
        for id in ["StackId", "RequestId", "LogicalResourceId"] {
            assert_eq!(response[id], event[id], "{response}");
        }
        if kind != "Create" {
            assert_eq!(
                response["PhysicalResourceId"], event["PhysicalResourceId"],
                "a different id would mean a different resource"
            );
        }
        response
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(
    kept: Arc<Mutex<Vec<Put>>>,
    status: u16,
    request: Request<Incoming>,
) -> Result<Response<Empty<Bytes>>, Infallible> {
    assert_eq!((request.method().as_str(), request.uri().query()), ("PUT", Some(SIGNATURE)));
    let headers = request.headers().keys().map(ToString::to_string).collect();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    if status == 200 {
        kept.lock().unwrap().push((headers, serde_json::from_slice(&body).unwrap()));
    }
    Ok(Response::builder().status(status).body(Empty::new()).unwrap())
}

type Settings = BTreeMap<String, String>;

async fn settings() -> Settings {
    let mut settings = Credentials::generate().unwrap().env();
    settings.insert("MONGODB_URI".into(), servers::mongodb_uri().await.into());
    settings.insert("MONGODB_DATABASE".into(), unique("deploy"));
    settings.insert("REDIS_URL".into(), servers::redis_url().await.into());
    settings
}

async fn database(settings: &Settings) -> mongodb::Database {
    let client = mongodb::Client::with_uri_str(&settings["MONGODB_URI"]).await.unwrap();
    client.database(&settings["MONGODB_DATABASE"])
}

async fn collections(settings: &Settings) -> usize {
    database(settings).await.list_collection_names().await.unwrap().len()
}

#[tokio::test]
async fn the_first_deployment_creates_the_collections_and_the_next_changes_nothing() {
    let (settings, bucket) = (settings().await, Bucket::refusing(0).await);
    let function = Environment::start("migrate", &settings).await;
    let created = bucket.send(&function, "Create", BUDGET).await;
    assert_eq!((&created["Status"], created.get("Reason")), (&json!("SUCCESS"), None), "{created}");
    assert!(created["PhysicalResourceId"].as_str().is_some_and(|id| !id.is_empty()), "{created}");
    assert!(collections(&settings).await >= 5);
    let updated = bucket.send(&function, "Update", BUDGET).await;
    assert_eq!(updated["Status"], "SUCCESS", "{updated}");
    let again = function.invoke(&Event::scheduled(), BUDGET).value().await;
    assert_eq!(again["changes"], json!([]), "invoked by hand, it returns the changes: {again}");
}

#[tokio::test]
async fn deleting_the_stack_keeps_the_data_and_works_without_a_database() {
    let (mut settings, bucket) = (settings().await, Bucket::refusing(0).await);
    let function = Environment::start("migrate", &settings).await;
    bucket.send(&function, "Create", BUDGET).await;
    let before = collections(&settings).await;
    assert_eq!(bucket.send(&function, "Delete", BUDGET).await["Status"], "SUCCESS");
    assert_eq!(collections(&settings).await, before);
    // A stack must be deletable even if its settings are broken.
    let whole = settings.clone();
    settings.insert("MONGODB_URI".into(), "mongodb://127.0.0.1:1/".into());
    settings.remove("MONGODB_DATABASE");
    let function = Environment::start("migrate", &settings).await;
    assert_eq!(bucket.send(&function, "Delete", BUDGET).await["Status"], "SUCCESS");
    assert_eq!(collections(&whole).await, before);
}

#[tokio::test]
async fn an_impossible_migration_fails_the_deployment_and_says_why() {
    let (settings, bucket) = (settings().await, Bucket::refusing(0).await);
    // The index that prevents double sales, with the right name but not unique.
    let seats = database(&settings).await.collection::<Document>("seats");
    let keys = doc! {"appId": 1, "entityId": 1, "seatNumber": 1};
    let options =
        IndexOptions::builder().name("appId_entityId_seatNumber_unique".to_owned()).build();
    seats.create_index(IndexModel::builder().keys(keys).options(options).build()).await.unwrap();
    let function = Environment::start("migrate", &settings).await;
    for kind in ["Create", "Update"] {
        let response = bucket.send(&function, kind, BUDGET).await;
        assert_eq!(response["Status"], "FAILED", "{response}");
        let reason = response["Reason"].as_str().unwrap();
        assert!(reason.contains("seatNumber") && !reason.contains('\n'), "{reason}");
        assert!(!reason.contains(&settings["USER_JWT_SECRET"]), "{reason}");
    }
}

#[tokio::test]
async fn data_that_violates_a_unique_index_fails_the_deployment_and_is_not_shown() {
    let (settings, bucket) = (settings().await, Bucket::refusing(0).await);
    let users = database(&settings).await.collection::<Document>("users");
    for _ in 0..2 {
        users.insert_one(doc! {"email": "asha@example.com"}).await.unwrap();
    }
    let function = Environment::start("migrate", &settings).await;
    let response = bucket.send(&function, "Update", BUDGET).await;
    let reason = response["Reason"].as_str().unwrap();
    assert!(response["Status"] == "FAILED" && reason.contains("email_unique"), "{response}");
    for text in [reason, &function.log()] {
        assert!(!text.contains("asha@example.com"), "{text}");
    }
}

#[tokio::test]
async fn a_missing_or_malformed_setting_fails_the_deployment_by_name() {
    let (all, bucket) = (settings().await, Bucket::refusing(0).await);
    for (name, value) in [
        ("MONGODB_DATABASE", None),
        ("MONGODB_URI", Some("mongodb://somebody:a-password@127.0.0.1:1/")),
        ("REDIS_URL", Some("http://a-password@127.0.0.1")),
        ("USER_JWT_SECRET", Some("a-password-of-31-bytes.........")),
    ] {
        let mut settings = all.clone();
        settings.remove(name);
        settings.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        let function = Environment::start("migrate", &settings).await;
        let response = bucket.send(&function, "Create", BUDGET).await;
        let reason = response["Reason"].as_str().unwrap();
        assert!(response["Status"] == "FAILED" && reason.contains(name), "{name}: {response}");
        // Invoked by hand, it fails visibly.
        let (status, _) =
            function.invoke(&Event::scheduled(), BUDGET).gateway_response(BUDGET).await.unwrap();
        assert_eq!(status, 502, "{name}");
        for text in [response.to_string(), function.log()] {
            assert!(!text.contains("a-password") && !text.contains(SIGNATURE), "{name}: {text}");
        }
        assert!(function.log().contains(name), "{}", function.log());
    }
}

#[tokio::test]
async fn a_database_that_never_responds_is_reported_before_the_functions_timeout() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (mut settings, bucket) = (settings().await, Bucket::refusing(0).await);
    let address = silent.local_addr().unwrap();
    settings.insert("MONGODB_URI".into(), format!("mongodb://{address}/?directConnection=true"));
    let function = Environment::start("migrate", &settings).await;
    // Shorter than the timeout for the database's first response.
    let response = bucket.send(&function, "Create", Duration::from_secs(4)).await;
    assert_eq!(response["Status"], "FAILED");
    assert!(
        response["Reason"].as_str().unwrap().contains("migrate did not end within"),
        "{response}"
    );
}

#[tokio::test]
async fn a_refused_response_is_retried_and_fails_the_function_in_the_end() {
    let settings = settings().await;
    let function = Environment::start("migrate", &settings).await;
    let bucket = Bucket::refusing(2).await;
    assert_eq!(bucket.send(&function, "Create", BUDGET).await["Status"], "SUCCESS");
    // Lambda then invokes the function again.
    let bucket = Bucket::refusing(usize::MAX).await;
    let event = Event::raw("Update", bucket.event("Update"));
    let (status, _) = function.invoke(&event, BUDGET).gateway_response(BUDGET).await.unwrap();
    assert_eq!((status, bucket.puts.lock().unwrap().len()), (502, 0));
    let log = function.log();
    assert!(log.contains("the outcome did not reach cloudformation"), "{log}");
    assert!(!log.contains(SIGNATURE), "{log}");
}

/// S3 accepts TLS only.
#[tokio::test]
async fn the_response_goes_over_tls_to_a_trusted_certificate_only() {
    let (mut settings, mut bucket) = (settings().await, Bucket::refusing(0).await);
    let authority = Authority::new();
    let terminator = Terminator::of(&authority, servers::port_of(&bucket.url)).await;
    bucket.url = format!("https://127.0.0.1:{}/stack?{SIGNATURE}", terminator.port);
    let stranger = Environment::start("migrate", &settings).await;
    let event = Event::raw("Delete", bucket.event("Delete"));
    let (status, _) = stranger.invoke(&event, BUDGET).gateway_response(BUDGET).await.unwrap();
    assert_eq!((status, bucket.puts.lock().unwrap().len()), (502, 0), "{}", stranger.log());
    // The file with the trusted authorities.
    settings.insert("SSL_CERT_FILE".into(), authority.file());
    let function = Environment::start("migrate", &settings).await;
    assert_eq!(bucket.send(&function, "Create", BUDGET).await["Status"], "SUCCESS");
}

#[tokio::test]
async fn an_incomplete_event_of_cloudformation_changes_nothing() {
    let (settings, bucket) = (settings().await, Bucket::refusing(0).await);
    let function = Environment::start("migrate", &settings).await;
    for (field, value) in [("ResponseURL", None), ("RequestType", Some("Drop")), ("StackId", None)]
    {
        let mut event = bucket.event("Create");
        event.as_object_mut().unwrap().remove(field);
        if let Some(value) = value {
            event[field] = value.into();
        }
        let (status, _) = function
            .invoke(&Event::raw(field, event), BUDGET)
            .gateway_response(BUDGET)
            .await
            .unwrap();
        assert_eq!(status, 502, "{field}");
    }
    assert_eq!(collections(&settings).await, 0);
    assert!(bucket.puts.lock().unwrap().is_empty());
}
