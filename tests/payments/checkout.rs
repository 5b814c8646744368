//! The fake's page for a browser.

use super::{KEY_SECRET, charge, of_order, order, razorpay, stripe};
use reqwest::{Client, Response, redirect::Policy};
use shared::payment::{Gateway, PaymentOutcome, PaymentRef, StartedPayment};
use stack::FakePayments;

const RETURN: &str = "http://localhost:5173/done";

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

async fn open(fake: &FakePayments, query: &str) -> Response {
    browser().get(format!("{}?{query}", fake.checkout())).send().await.unwrap()
}

async fn submit(fake: &FakePayments, form: &str) -> Response {
    browser().post(fake.checkout()).body(form.to_owned()).send().await.unwrap()
}

fn location(response: &Response) -> &str {
    response.headers()["location"].to_str().unwrap()
}

/// The link's parameter of a started intent: the id and the secret.
async fn client_secret(
    fake: &FakePayments,
    charge: &shared::payment::AmountDue,
) -> (PaymentRef, String) {
    let started = stripe(fake).start(charge).await.unwrap();
    let StartedPayment::Intent { payment_id, .. } = started else { panic!("an order") };
    let intent = super::object(fake, payment_id.as_str()).await;
    (PaymentRef::Intent(payment_id), intent["client_secret"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_buyer_pays_an_intent_and_is_sent_back() {
    let fake = FakePayments::start(None).await.unwrap();
    let charge = charge(1050, "USD");
    let (id, secret) = client_secret(&fake, &charge).await;
    let page = open(&fake, &format!("client_secret={secret}&return_url={RETURN}?a=%22%3Cb")).await;
    let text = page.text().await.unwrap();
    assert!(text.contains("1050 USD") && text.contains("a=&quot;&lt;b"), "{text}");
    let form = format!("client_secret={secret}&return_url={RETURN}&choice=4242424242424242");
    let sent = submit(&fake, &form).await;
    assert_eq!(sent.status(), 303);
    assert!(location(&sent).starts_with(&format!("{RETURN}?payment_intent=pi_")), "{sent:?}");
    assert!(location(&sent).ends_with("&redirect_status=succeeded"));
    let outcome = stripe(&fake).check(&id, &charge).await.unwrap();
    assert!(matches!(outcome, PaymentOutcome::Taken { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_card_may_ask_for_authentication_on_the_page() {
    let fake = FakePayments::start(None).await.unwrap();
    let (_, secret) = client_secret(&fake, &charge(1050, "USD")).await;
    let form = format!("client_secret={secret}&return_url={RETURN}");
    let asked = submit(&fake, &format!("{form}&choice=4000002500003155")).await;
    assert!(asked.text().await.unwrap().contains("Authenticate"));
    let sent = submit(&fake, &format!("{form}&authenticated=no")).await;
    assert!(location(&sent).ends_with("redirect_status=failed"), "{sent:?}");
}

#[tokio::test]
async fn a_buyer_pays_an_order_and_brings_a_signature_back() {
    let fake = FakePayments::start(None).await.unwrap();
    let charge = charge(29_900, "INR");
    let id = order(&razorpay(&fake), &charge).await;
    let page = open(&fake, &format!("order_id={id}")).await.text().await.unwrap();
    assert!(page.contains("29900 INR"), "{page}");
    let sent = submit(&fake, &format!("order_id={id}&return_url={RETURN}&choice=captured")).await;
    let url = reqwest::Url::parse(location(&sent)).unwrap();
    let back: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(back["razorpay_order_id"], id);
    assert_eq!(back["razorpay_signature"].len(), 64);
    assert!(!url.as_str().contains(KEY_SECRET));
    let outcome = razorpay(&fake).check(&of_order(&id), &charge).await.unwrap();
    assert!(matches!(outcome, PaymentOutcome::Taken { .. }), "{outcome:?}");
}

#[tokio::test]
async fn unknown_payments_and_foreign_addresses_are_refused() {
    let fake = FakePayments::start(None).await.unwrap();
    let (_, secret) = client_secret(&fake, &charge(1050, "USD")).await;
    let wrong = secret.replace("_secret_", "_secret_x");
    for (query, status) in [
        (format!("client_secret={wrong}"), 404),
        ("order_id=order_unknown".into(), 404),
        (String::new(), 404),
        (format!("client_secret={secret}&return_url=https://example.com/"), 400),
    ] {
        assert_eq!(open(&fake, &query).await.status(), status, "{query}");
    }
}
