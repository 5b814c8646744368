//! The providers' webhooks, from the fake's delivery to the verified event.

use super::{
    KEY_ID, SECRET_KEY, WEBHOOK_SECRET, charge, intent, order, paid_intent, pay_order, razorpay,
    refund_of, stripe,
};
use crate::support::WAIT_TIMEOUT;
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request, Response, body::Bytes, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use shared::payment::{Gateway, InvalidEvent, ProviderEvent};
use stack::FakePayments;
use std::{
    convert::Infallible,
    time::{Duration, SystemTime},
};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

struct Received {
    headers: HeaderMap,
    body: Bytes,
}

/// A server that refuses the first requests with 503 and then accepts all.
async fn receiver(mut refusals: u32) -> (String, UnboundedReceiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let (sender, received) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let sender = sender.clone();
            let status = if refusals > 0 { 503 } else { 200 };
            refusals = refusals.saturating_sub(1);
            let service = service_fn(move |request: Request<Incoming>| {
                let sender = sender.clone();
                async move {
                    let headers = request.headers().clone();
                    let body = request.into_body().collect().await.unwrap().to_bytes();
                    let _ = sender.send(Received { headers, body });
                    let mut response = Response::new(Full::new(Bytes::new()));
                    *response.status_mut() = status.try_into().unwrap();
                    // One request a connection, so that each is counted.
                    response.headers_mut().insert("connection", "close".parse().unwrap());
                    Ok::<_, Infallible>(response)
                }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    (url, received)
}

async fn register(fake: &FakePayments, provider: &str, url: &str, secrets: &[&str]) {
    let account = if provider == "stripe" { SECRET_KEY } else { KEY_ID };
    let endpoint =
        json!({"provider": provider, "account": account, "url": url, "secrets": secrets});
    fake.control("webhooks", &endpoint).await.unwrap();
}

async fn next(received: &mut UnboundedReceiver<Received>) -> Received {
    timeout(WAIT_TIMEOUT, received.recv()).await.unwrap().unwrap()
}

/// The next event, verified.
async fn event(gateway: &dyn Gateway, received: &mut UnboundedReceiver<Received>) -> ProviderEvent {
    let Received { headers, body } = next(received).await;
    gateway.event(&headers, &body, SystemTime::now()).unwrap()
}

#[tokio::test]
async fn an_event_of_stripe_names_the_intent_and_the_hold() {
    let fake = FakePayments::start(None).await.unwrap();
    let (url, mut received) = receiver(0).await;
    register(&fake, "stripe", &url, &[WEBHOOK_SECRET]).await;
    let (stripe, charge) = (stripe(&fake), charge(1000, "USD"));
    let id = intent(&stripe, &charge).await;
    let created = event(&stripe, &mut received).await;
    let expected = ProviderEvent {
        event_id: created.event_id.clone(),
        kind: "payment_intent.created".into(),
        payment_id: Some(id),
        order_id: None,
        token: Some(charge.token),
        is_about_money_back: false,
        dispute_id: None,
    };
    assert_eq!(created, expected);
    assert!(created.event_id.unwrap().starts_with("evt_"));
}

#[tokio::test]
async fn events_of_charges_refunds_and_disputes_name_the_intent() {
    let fake = FakePayments::start(None).await.unwrap();
    let (url, mut received) = receiver(0).await;
    let (stripe, charge) = (stripe(&fake), charge(1000, "USD"));
    let id = paid_intent(&fake, &charge, "4242424242424242").await;
    register(&fake, "stripe", &url, &[WEBHOOK_SECRET]).await;
    stripe.refund(&refund_of(&id, &charge, 10)).await.unwrap();
    let dispute = format!("stripe/intents/{}/dispute", id.as_str());
    fake.control(&dispute, &json!({"status": "needs_response"})).await.unwrap();
    let mut kinds = Vec::new();
    for _ in 0..3 {
        let event = event(&stripe, &mut received).await;
        assert_eq!(event.payment_id.as_ref(), Some(&id), "{}", event.kind);
        assert!(event.is_about_money_back);
        assert_eq!(event.dispute_id.is_some(), event.kind == "charge.dispute.created");
        kinds.push(event.kind);
    }
    kinds.sort();
    assert_eq!(kinds, ["charge.dispute.created", "charge.refunded", "refund.created"]);
}

#[tokio::test]
async fn events_of_razorpay_name_the_order_and_the_payment() {
    let fake = FakePayments::start(None).await.unwrap();
    let (url, mut received) = receiver(0).await;
    register(&fake, "razorpay", &url, &[WEBHOOK_SECRET]).await;
    let (razorpay, charge) = (razorpay(&fake), charge(1000, "INR"));
    let id = order(&razorpay, &charge).await;
    let payment = pay_order(&fake, &id, "captured").await;
    razorpay.refund(&refund_of(&payment, &charge, 10)).await.unwrap();
    let mut kinds = Vec::new();
    for _ in 0..4 {
        let event = event(&razorpay, &mut received).await;
        assert_eq!(event.payment_id.as_ref(), Some(&payment), "{}", event.kind);
        assert_eq!(event.order_id.as_deref(), Some(id.as_str()), "{}", event.kind);
        assert_eq!(event.token, Some(charge.token), "{}", event.kind);
        assert!(event.event_id.is_some());
        kinds.push(event.kind);
    }
    kinds.sort();
    assert_eq!(kinds, ["order.paid", "payment.authorized", "payment.captured", "refund.processed"]);
}

#[tokio::test]
async fn a_refused_event_is_sent_again_and_signed_again() {
    let fake = FakePayments::start(None).await.unwrap();
    let (url, mut received) = receiver(2).await;
    register(&fake, "stripe", &url, &[WEBHOOK_SECRET]).await;
    let stripe = stripe(&fake);
    intent(&stripe, &charge(1000, "USD")).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(event(&stripe, &mut received).await.event_id);
    }
    assert!(ids[0].is_some() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn events_come_twice_and_in_the_wrong_order() {
    let fake = FakePayments::start(None).await.unwrap();
    let (url, mut received) = receiver(0).await;
    register(&fake, "razorpay", &url, &[WEBHOOK_SECRET]).await;
    fake.control("webhooks/mode", &json!({"held": true, "copies": 2, "beforeResponse": true}))
        .await
        .unwrap();
    let razorpay = razorpay(&fake);
    let id = order(&razorpay, &charge(1000, "INR")).await;
    pay_order(&fake, &id, "captured").await;
    assert!(received.try_recv().is_err(), "an event was not held back");
    fake.control("webhooks/release", &json!({"reversed": true})).await.unwrap();
    let mut kinds = Vec::new();
    for _ in 0..6 {
        kinds.push(event(&razorpay, &mut received).await.kind);
    }
    let expected = ["order.paid", "payment.captured", "payment.authorized"];
    assert_eq!(kinds, expected.map(|kind| [kind, kind]).concat());
}

#[tokio::test]
async fn an_event_may_come_before_the_response() {
    let fake = FakePayments::start(None).await.unwrap();
    let (url, mut received) = receiver(0).await;
    register(&fake, "stripe", &url, &[WEBHOOK_SECRET]).await;
    fake.control("webhooks/mode", &json!({"beforeResponse": true})).await.unwrap();
    intent(&stripe(&fake), &charge(1000, "USD")).await;
    assert!(received.try_recv().is_ok(), "the event had not come when the response did");
    let log = fake.control("webhooks/deliveries", &json!({})).await.unwrap();
    assert_eq!(log["deliveries"][0]["status"], 200);
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign() {
    let fake = FakePayments::start(None).await.unwrap();
    let (url, mut received) = receiver(0).await;
    register(&fake, "stripe", &url, &["whsec_new", WEBHOOK_SECRET]).await;
    let stripe = stripe(&fake);
    intent(&stripe, &charge(1000, "USD")).await;
    assert_eq!(event(&stripe, &mut received).await.kind, "payment_intent.created");
}

#[tokio::test]
async fn a_wrong_stale_or_missing_signature_is_refused() {
    let fake = FakePayments::start(None).await.unwrap();
    let (url, mut received) = receiver(0).await;
    for provider in ["stripe", "razorpay"] {
        register(&fake, provider, &url, &["whsec_of_somebody"]).await;
    }
    let (stripe, razorpay) = (stripe(&fake), razorpay(&fake));
    intent(&stripe, &charge(1000, "USD")).await;
    let forged = next(&mut received).await;
    let now = SystemTime::now();
    assert_eq!(stripe.event(&forged.headers, &forged.body, now), Err(InvalidEvent::Signature));
    assert_eq!(stripe.event(&HeaderMap::new(), &forged.body, now), Err(InvalidEvent::Signature));
    pay_order(&fake, &order(&razorpay, &charge(1000, "INR")).await, "failed").await;
    let forged = next(&mut received).await;
    assert_eq!(razorpay.event(&forged.headers, &forged.body, now), Err(InvalidEvent::Signature));
    assert_eq!(razorpay.event(&HeaderMap::new(), &forged.body, now), Err(InvalidEvent::Signature));
}

#[tokio::test]
async fn an_old_event_of_stripe_and_a_changed_body_are_refused() {
    let fake = FakePayments::start(None).await.unwrap();
    let (url, mut received) = receiver(0).await;
    register(&fake, "stripe", &url, &[WEBHOOK_SECRET]).await;
    let stripe = stripe(&fake);
    intent(&stripe, &charge(1000, "USD")).await;
    let Received { headers, body } = next(&mut received).await;
    let later = SystemTime::now() + Duration::from_secs(400);
    assert_eq!(stripe.event(&headers, &body, later), Err(InvalidEvent::Signature));
    let same: Value = serde_json::from_slice(&body).unwrap();
    let spaced = serde_json::to_string_pretty(&same).unwrap();
    let refused = stripe.event(&headers, spaced.as_bytes(), SystemTime::now());
    assert_eq!(refused, Err(InvalidEvent::Signature), "the raw bytes are signed");
}
