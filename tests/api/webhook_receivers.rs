//! Receivers of every kind, and how their responses are treated.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::{TlsAcceptor, rustls};

use super::webhook_deliveries::Endpoint;
use crate::support::{
    receiver::{ReceiverBehaviour, Receivers},
    reply::time,
    stacks::Plan,
};

/// An https server with a certificate that nobody trusts. Returns its port.
async fn untrusted() -> u16 {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.expect("a key"))
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    port
}

/// The seconds from the first attempt to the next, and whether the next one was made meanwhile.
fn pause(delivery: &Value) -> (f64, bool) {
    let attempts = delivery["attempts"].as_array().unwrap();
    let ended = time(&attempts[0]["at"]) + attempts[0]["durationMs"].as_i64().unwrap();
    let next = attempts.get(1).map_or(&delivery["nextAttemptAt"], |second| &second["at"]);
    ((time(next) - ended) as f64 / 1_000.0, attempts.len() > 1)
}

#[tokio::test]
async fn every_kind_of_receiver_is_understood() {
    let functions = &["admin-login", "register-app", "secret-keys", "webhooks", "deliver-webhooks"];
    let plan = Plan { functions: Some(functions), ..Plan::new("receivers").unlimited() };
    let stack = plan.start().await;
    let receivers = Receivers::start().await;
    let respond = |status, headers| receivers.add(ReceiverBehaviour::Respond(status, headers, ""));
    let long_text = "ä".repeat(600);
    let long: &'static str = Box::leak(long_text.into_boxed_str());
    let elsewhere = receivers.add(ReceiverBehaviour::Respond("200 OK", "", ""));
    let to = format!("location: {elsewhere}\r\n");
    let redirect: &'static str = Box::leak(to.into_boxed_str());
    let (none, soon, late) = ("", "retry-after: 8\r\n", "retry-after: 86400\r\n");
    let date = "retry-after: Fri, 31 Dec 2100 23:59:59 GMT\r\n";
    let closed = "http://127.0.0.1:1/".to_owned();
    let (delivered, pending) = ("DELIVERED", "PENDING");
    let rows = [
        (receivers.add(ReceiverBehaviour::Respond("200 OK", "", long)), delivered, Some(200), ""),
        (respond("204 No Content", none), delivered, Some(204), ""),
        (respond("299 Fine", none), delivered, Some(299), ""),
        (receivers.add(ReceiverBehaviour::Flood), delivered, Some(200), ""),
        (
            respond("301 Moved Permanently", redirect),
            pending,
            Some(301),
            "redirects are not followed",
        ),
        (respond("307 Temporary Redirect", redirect), pending, Some(307), "redirects"),
        (respond("400 Bad Request", none), pending, Some(400), "responded with 400"),
        (respond("429 Too Many Requests", soon), pending, Some(429), "responded with 429"),
        (respond("429 Too Many Requests", late), pending, Some(429), "responded with 429"),
        (respond("503 Service Unavailable", date), pending, Some(503), "responded with 503"),
        (respond("500 Internal Server Error", late), pending, Some(500), "responded with 500"),
        (respond("410 Gone", none), "FAILED", Some(410), "responded with 410"),
        (receivers.add(ReceiverBehaviour::Reset), pending, None, "reset"),
        (closed, pending, None, "refused"),
        (format!("https://localhost:{}/", untrusted().await), pending, None, "TLS"),
        (receivers.add(ReceiverBehaviour::Hang), pending, None, "within 15 s"),
        (receivers.add(ReceiverBehaviour::Drip), pending, None, "within 15 s"),
        (receivers.add(ReceiverBehaviour::BreakOff), delivered, Some(200), ""),
    ];
    let mut endpoints = Vec::new();
    for (url, ..) in &rows {
        let endpoint = Endpoint::new(stack.tenant().await, url).await;
        endpoint.test().await;
        endpoints.push(endpoint);
    }
    endpoints[0].deliver().await;
    for (endpoint, (url, status, answered, error)) in endpoints.iter().zip(&rows) {
        let delivery = endpoint.delivery().await;
        assert_eq!(delivery["status"], *status, "{url}: {delivery}");
        let attempt = &delivery["attempts"][0];
        assert_eq!(attempt["status"].as_i64(), *answered, "{url}: {delivery}");
        let text = attempt["error"].as_str().unwrap_or_default();
        assert!(text.contains(error) && text.is_empty() == error.is_empty(), "{url}: {delivery}");
        let took = Duration::from_millis(attempt["durationMs"].as_u64().unwrap());
        let limit = Duration::from_secs(if error.contains("15 s") { 15 } else { 0 });
        assert!(took >= limit && took < limit + Duration::from_secs(60), "{url}: {took:?}");
    }
    let of = async |number: usize| endpoints[number].delivery().await;
    assert_eq!(of(0).await["attempts"][0]["response"], "ä".repeat(512), "the first KiB");
    assert_eq!(of(3).await["attempts"][0]["response"], "x".repeat(1_024));
    assert!(receivers.received(&elsewhere).is_empty(), "a redirect was followed");
    // An attempt may be made late.
    let within = |low: f64, high: f64, (pause, was_made): (f64, bool)| {
        assert!(pause >= low && (was_made || pause <= high + 30.0), "{low} to {high}: {pause}");
    };
    within(8.0, 8.0, pause(&of(7).await));
    // Twice the next delay is the most.
    within(10.0, 10.0, pause(&of(8).await));
    within(10.0, 10.0, pause(&of(9).await));
    // Only 429 and 503 may set the delay.
    within(4.0, 6.0, pause(&of(10).await));
    let gone = endpoints[11].server.get(&endpoints[11].path).await;
    let gone = gone.expect(200);
    assert_eq!(
        (&gone["enabled"], &gone["disabledReason"]),
        (&json!(false), &json!("The receiver responded with 410 Gone"))
    );
}
