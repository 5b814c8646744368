//! The public libraries of Standard Webhooks for Rust, Python and JavaScript verify what is sent.

use std::{path::PathBuf, process::Stdio};

use serde_json::json;
use standardwebhooks::Webhook;
use tokio::{io::AsyncWriteExt as _, process::Command};

use super::webhook_deliveries::endpoint;
use crate::support::receiver::{OK, Received};

const PYTHON: &str = "import json, sys
from standardwebhooks.webhooks import Webhook
one = json.load(sys.stdin)
Webhook(one['secret']).verify(one['body'], one['headers'])
";

const JAVASCRIPT: &str = "import { Webhook } from 'standardwebhooks';
let text = '';
for await (const part of process.stdin) text += part;
const one = JSON.parse(text);
new Webhook(one.secret).verify(one.body, one.headers);
";

/// The folder of Python's library, fetched if it is not there.
async fn python_library() -> PathBuf {
    let root = stack::workspace_root();
    let folder = root.join(".local/tools/standardwebhooks");
    if !folder.is_dir() {
        let mut fetch = Command::new("python3");
        fetch.arg(root.join("scripts/fetch_tools.py")).args(["--only", "standardwebhooks"]);
        assert!(fetch.status().await.expect("python3 runs").success());
    }
    folder
}

/// Whether a program ends well with this input.
async fn accepts(mut program: Command, input: &str) -> bool {
    program.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = program.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("an input");
    stdin.write_all(input.as_bytes()).await.expect("it reads");
    drop(stdin);
    child.wait().await.expect("it ends").success()
}

/// Whether every library accepts it, or none does. `make test` does not ask for Node: without its
/// packages, JavaScript's library is left out.
async fn verifies(received: &Received, secret: &str) -> bool {
    let mut headers = reqwest::header::HeaderMap::new();
    let mut input = json!({"secret": secret, "body": received.body, "headers": {}});
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let value = &received.headers[name];
        headers.insert(name, value.parse().unwrap());
        input["headers"][name] = json!(value);
    }
    let rust = Webhook::new(secret).unwrap().verify(received.body.as_bytes(), &headers).is_ok();
    let mut python = Command::new("python3");
    python.args(["-c", PYTHON]).env("PYTHONPATH", python_library().await);
    let input = input.to_string();
    assert_eq!(accepts(python, &input).await, rust, "Python");
    let root = stack::workspace_root();
    if root.join("node_modules/standardwebhooks").is_dir() {
        let mut node = Command::new("node");
        node.args(["--input-type=module", "-e", JAVASCRIPT]).current_dir(root);
        assert_eq!(accepts(node, &input).await, rust, "JavaScript");
    } else {
        eprintln!("JavaScript's library is not there: it comes with `make web`");
    }
    rust
}

#[tokio::test]
async fn public_libraries_verify_each_secret_that_signs_and_no_other() {
    let (endpoint, receivers, url) = endpoint("signatures", OK).await;
    let send = async || {
        endpoint.test().await;
        endpoint.deliver().await;
        receivers.received(&url).pop().expect("a request")
    };
    let rotate = async |seconds: u32| {
        let path = format!("{}/rotate-secret", endpoint.path);
        let reply = endpoint.server.post(&path, &json!({"overlapSeconds": seconds})).await;
        reply.expect(200)["secret"].as_str().unwrap().to_owned()
    };
    let first = endpoint.secret.clone();
    let received = send().await;
    assert!(verifies(&received, &first).await);
    assert_eq!(received.headers["content-type"], "application/json");
    let forged =
        Received { body: received.body.replace("webhook.test", "webhook.fake"), ..received };
    assert!(!verifies(&forged, &first).await);

    let second = rotate(3_600).await;
    let received = send().await;
    assert_eq!(received.headers["webhook-signature"].split(' ').count(), 2);
    for secret in [&first, &second] {
        assert!(verifies(&received, secret).await);
    }
    let third = rotate(0).await;
    let received = send().await;
    assert_eq!(received.headers["webhook-signature"].split(' ').count(), 1);
    assert!(verifies(&received, &third).await);
    for secret in [&first, &second] {
        assert!(!verifies(&received, secret).await);
    }
}
