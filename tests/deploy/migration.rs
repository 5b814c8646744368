//! `migrate` as CloudFormation invokes it: it waits for one document at an address that it gives,
//! and for nothing else, so that every end of the function has to lead there. The address is S3's;
//! here a server of this test stands for it.

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

/// What was put to the address: the headers' names and the body.
type Put = (Vec<String>, Value);

/// Where CloudFormation wants its answer: takes `put`s, after having refused the first few.
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
                // One request a connection, so that a refusal is of one request.
                let connection = http1::Builder::new()
                    .keep_alive(false)
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self { url, puts, server }
    }

    /// What it was told, which has to be one thing.
    #[track_caller]
    fn told(&self) -> Value {
        let mut puts = std::mem::take(&mut *self.puts.lock().unwrap());
        assert_eq!(puts.len(), 1, "{puts:?}");
        let (headers, body) = puts.remove(0);
        assert!(
            !headers.iter().any(|name| name == "content-type"),
            "it would have had to be signed"
        );
        assert!(
            headers.iter().any(|name| name == "content-length"),
            "S3 takes no body in parts: {headers:?}"
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

    /// One invocation, which must not fail, and what the bucket was told.
    async fn ask(&self, function: &Environment, kind: &str, budget: Duration) -> Value {
        let event = self.event(kind);
        function.invoke(&Event::raw(kind, event.clone()), budget).value().await;
        let told = self.told();
        for id in ["StackId", "RequestId", "LogicalResourceId"] {
            assert_eq!(told[id], event[id], "{told}");
        }
        if kind != "Create" {
            assert_eq!(
                told["PhysicalResourceId"], event["PhysicalResourceId"],
                "another would be another resource"
            );
        }
        told
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
async fn a_deploy_makes_the_database_and_the_next_finds_it_made() {
    let (settings, bucket) = (settings().await, Bucket::refusing(0).await);
    let function = Environment::start("migrate", &settings).await;
    let created = bucket.ask(&function, "Create", BUDGET).await;
    assert_eq!((&created["Status"], created.get("Reason")), (&json!("SUCCESS"), None), "{created}");
    assert!(created["PhysicalResourceId"].as_str().is_some_and(|id| !id.is_empty()), "{created}");
    assert!(collections(&settings).await >= 5);
    let updated = bucket.ask(&function, "Update", BUDGET).await;
    assert_eq!(updated["Status"], "SUCCESS", "{updated}");
    let again = function.invoke(&Event::scheduled(), BUDGET).value().await;
    assert_eq!(again["changes"], json!([]), "asked by anybody else, it answers: {again}");
}

#[tokio::test]
async fn a_stack_that_goes_away_takes_nothing_along_and_waits_for_nothing() {
    let (mut settings, bucket) = (settings().await, Bucket::refusing(0).await);
    let function = Environment::start("migrate", &settings).await;
    bucket.ask(&function, "Create", BUDGET).await;
    let before = collections(&settings).await;
    assert_eq!(bucket.ask(&function, "Delete", BUDGET).await["Status"], "SUCCESS");
    assert_eq!(collections(&settings).await, before);
    // Also where nothing works any more: a stack that cannot be deleted is the worse for it.
    let whole = settings.clone();
    settings.insert("MONGODB_URI".into(), "mongodb://127.0.0.1:1/".into());
    settings.remove("MONGODB_DATABASE");
    let function = Environment::start("migrate", &settings).await;
    assert_eq!(bucket.ask(&function, "Delete", BUDGET).await["Status"], "SUCCESS");
    assert_eq!(collections(&whole).await, before);
}

#[tokio::test]
async fn a_migration_that_cannot_be_done_fails_the_deploy_and_says_why() {
    let (settings, bucket) = (settings().await, Bucket::refusing(0).await);
    // The index that keeps a seat from being sold twice, under its own name and not unique.
    let seats = database(&settings).await.collection::<Document>("seats");
    let keys = doc! {"appId": 1, "entityId": 1, "seatNumber": 1};
    let options =
        IndexOptions::builder().name("appId_entityId_seatNumber_unique".to_owned()).build();
    seats.create_index(IndexModel::builder().keys(keys).options(options).build()).await.unwrap();
    let function = Environment::start("migrate", &settings).await;
    for kind in ["Create", "Update"] {
        let told = bucket.ask(&function, kind, BUDGET).await;
        assert_eq!(told["Status"], "FAILED", "{told}");
        let reason = told["Reason"].as_str().unwrap();
        assert!(reason.contains("seatNumber") && !reason.contains('\n'), "{reason}");
        assert!(!reason.contains(&settings["USER_JWT_SECRET"]), "{reason}");
    }
}

#[tokio::test]
async fn data_that_an_index_cannot_be_made_over_fails_the_deploy_and_is_not_shown() {
    let (settings, bucket) = (settings().await, Bucket::refusing(0).await);
    let users = database(&settings).await.collection::<Document>("users");
    for _ in 0..2 {
        users.insert_one(doc! {"email": "asha@example.com"}).await.unwrap();
    }
    let function = Environment::start("migrate", &settings).await;
    let told = bucket.ask(&function, "Update", BUDGET).await;
    let reason = told["Reason"].as_str().unwrap();
    assert!(told["Status"] == "FAILED" && reason.contains("email_unique"), "{told}");
    for text in [reason, &function.log()] {
        assert!(!text.contains("asha@example.com"), "{text}");
    }
}

#[tokio::test]
async fn a_setting_that_is_missing_or_wrong_fails_the_deploy_by_name() {
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
        let told = bucket.ask(&function, "Create", BUDGET).await;
        let reason = told["Reason"].as_str().unwrap();
        assert!(told["Status"] == "FAILED" && reason.contains(name), "{name}: {told}");
        // Whoever invokes it by hand gets no answer that looks like one.
        let (status, _) = function.invoke(&Event::scheduled(), BUDGET).heard(BUDGET).await.unwrap();
        assert_eq!(status, 502, "{name}");
        for text in [told.to_string(), function.log()] {
            assert!(!text.contains("a-password") && !text.contains(SIGNATURE), "{name}: {text}");
        }
        assert!(function.log().contains(name), "{}", function.log());
    }
}

#[tokio::test]
async fn a_database_that_never_answers_is_told_of_before_the_functions_time_is_over() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (mut settings, bucket) = (settings().await, Bucket::refusing(0).await);
    let address = silent.local_addr().unwrap();
    settings.insert("MONGODB_URI".into(), format!("mongodb://{address}/?directConnection=true"));
    let function = Environment::start("migrate", &settings).await;
    // Shorter than the wait for the database's first answer.
    let told = bucket.ask(&function, "Create", Duration::from_secs(4)).await;
    assert_eq!(told["Status"], "FAILED");
    assert!(told["Reason"].as_str().unwrap().contains("migrate did not end within"), "{told}");
}

#[tokio::test]
async fn an_address_that_refuses_at_first_is_asked_again_and_one_that_always_does_fails_the_function()
 {
    let settings = settings().await;
    let function = Environment::start("migrate", &settings).await;
    let bucket = Bucket::refusing(2).await;
    assert_eq!(bucket.ask(&function, "Create", BUDGET).await["Status"], "SUCCESS");
    // The platform invokes it once more then.
    let bucket = Bucket::refusing(usize::MAX).await;
    let event = Event::raw("Update", bucket.event("Update"));
    let (status, _) = function.invoke(&event, BUDGET).heard(BUDGET).await.unwrap();
    assert_eq!((status, bucket.puts.lock().unwrap().len()), (502, 0));
    assert!(function.log().contains("cloudformation cannot be told"), "{}", function.log());
    assert!(!function.log().contains(SIGNATURE), "{}", function.log());
}

/// S3 speaks TLS alone.
#[tokio::test]
async fn it_is_told_over_tls_and_only_where_the_certificate_is_trusted() {
    let (mut settings, mut bucket) = (settings().await, Bucket::refusing(0).await);
    let authority = Authority::new();
    let terminator = Terminator::of(&authority, servers::port_of(&bucket.url)).await;
    bucket.url = format!("https://127.0.0.1:{}/stack?{SIGNATURE}", terminator.port);
    let stranger = Environment::start("migrate", &settings).await;
    let event = Event::raw("Delete", bucket.event("Delete"));
    let (status, _) = stranger.invoke(&event, BUDGET).heard(BUDGET).await.unwrap();
    assert_eq!((status, bucket.puts.lock().unwrap().len()), (502, 0), "{}", stranger.log());
    // Where the system keeps those that it trusts.
    settings.insert("SSL_CERT_FILE".into(), authority.file());
    let function = Environment::start("migrate", &settings).await;
    assert_eq!(bucket.ask(&function, "Create", BUDGET).await["Status"], "SUCCESS");
}

#[tokio::test]
async fn an_event_of_cloudformation_that_lacks_something_changes_nothing() {
    let (settings, bucket) = (settings().await, Bucket::refusing(0).await);
    let function = Environment::start("migrate", &settings).await;
    for (field, value) in [("ResponseURL", None), ("RequestType", Some("Drop")), ("StackId", None)]
    {
        let mut event = bucket.event("Create");
        event.as_object_mut().unwrap().remove(field);
        if let Some(value) = value {
            event[field] = value.into();
        }
        let (status, _) =
            function.invoke(&Event::raw(field, event), BUDGET).heard(BUDGET).await.unwrap();
        assert_eq!(status, 502, "{field}");
    }
    assert_eq!(collections(&settings).await, 0);
    assert!(bucket.puts.lock().unwrap().is_empty());
}
