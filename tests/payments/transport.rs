//! Credentials, addresses and connections.

use super::{KEY_ID, KEY_SECRET, charge, order, razorpay};
use shared::payment::{Gateway, ProviderError, ProviderHttp, Razorpay, Stripe};
use stack::FakePayments;
use std::error::Error;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc::unbounded_channel,
};

fn stripe_at(base: &str, key: &str) -> Result<Stripe, String> {
    Stripe::new(ProviderHttp::default(), base, &key.into(), "whsec".into())
}

fn razorpay_at(base: &str, key_id: &str, secret: &str) -> Result<Razorpay, String> {
    Razorpay::new(ProviderHttp::default(), base, key_id, &secret.into(), "whsec".into())
}

#[tokio::test]
async fn a_secret_is_never_shown() {
    let stripe = stripe_at("https://api.stripe.com", "sk_test_topsecret").unwrap();
    let razorpay = razorpay_at("https://api.razorpay.com", KEY_ID, "topsecret").unwrap();
    let shown = format!("{stripe:?} {razorpay:?}");
    assert!(!shown.contains("topsecret") && !shown.contains("whsec"), "{shown}");
    for refused in [
        stripe_at("https://api.stripe.com", "topsecret").unwrap_err(),
        stripe_at("https://api.stripe.com", "sk_test_topsecret\n").unwrap_err(),
        razorpay_at("https://api.razorpay.com", "topsecret", "topsecret").unwrap_err(),
        stripe_at("api.stripe.com", "sk_test_topsecret").unwrap_err(),
        stripe_at("ftp://api.stripe.com", "sk_test_topsecret").unwrap_err(),
    ] {
        assert!(refused.contains("must") && !refused.contains("topsecret"), "{refused}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_an_error_of_their_own() {
    let fake = FakePayments::start(None).await.unwrap();
    order(&razorpay(&fake), &charge(500, "INR")).await;
    let wrong = razorpay_at(&fake.razorpay(), KEY_ID, &format!("not-{KEY_SECRET}")).unwrap();
    let error = wrong.start(&charge(500, "INR")).await.unwrap_err();
    assert!(matches!(error, ProviderError::Credentials(_)), "{error:?}");
    let error = stripe_at(&fake.stripe(), "sk_test_").unwrap().start(&charge(500, "USD")).await;
    assert!(matches!(error, Err(ProviderError::Credentials(_))), "{error:?}");
}

#[tokio::test]
async fn without_a_connection_nothing_has_happened() {
    let base = format!("http://127.0.0.1:{}", stack::free_port().unwrap());
    let stripe = stripe_at(&base, "sk_test_ours").unwrap();
    let error = stripe.start(&charge(500, "USD")).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unreachable(_)), "{error:?}");
    assert!(error.source().is_some(), "the cause is kept");
}

#[tokio::test]
async fn a_failed_connection_is_tried_once_more() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let (sender, mut connections) = unbounded_channel();
    tokio::spawn(async move {
        // No TLS: each connection ends in its handshake.
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
            let _ = sender.send(());
        }
    });
    let stripe = stripe_at(&base, "sk_test_ours").unwrap();
    let error = stripe.start(&charge(500, "USD")).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unreachable(_)), "{error:?}");
    let mut attempts = 0;
    while connections.try_recv().is_ok() {
        attempts += 1;
    }
    assert_eq!(attempts, 2);
}

#[tokio::test]
async fn a_request_that_was_sent_is_not_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let requests = tokio::spawn(async move {
        let mut requests = 0;
        // Reads a request and closes the connection.
        while let Ok((mut stream, _)) = listener.accept().await {
            requests += 1;
            let _ = stream.read(&mut [0; 1024]).await;
            if requests == 2 {
                break;
            }
        }
        requests
    });
    let stripe = stripe_at(&base, "sk_test_ours").unwrap();
    for _ in 0..2 {
        let error = stripe.start(&charge(500, "USD")).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
    }
    assert_eq!(requests.await.unwrap(), 2);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let fake = FakePayments::start(None).await.unwrap();
    let target = fake.stripe();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let head = "HTTP/1.1 307 Temporary Redirect\r\nconnection: close\r\ncontent-length: 0";
            let reply = format!("{head}\r\nlocation: {target}/v1/payment_intents\r\n\r\n");
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    let stripe = stripe_at(&base, "sk_test_ours").unwrap();
    let error = stripe.start(&charge(500, "USD")).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
}
