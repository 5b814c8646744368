//! The clients of the payment providers, over real HTTP: against the fake, and, if keys are given,
//! against the providers' test modes.

mod checkout;
mod live;
mod razorpay;
mod stripe;
mod stripe_faults;
mod stripe_refunds;
mod transport;
mod webhooks;

use serde_json::{Value, json};
use shared::{
    domain::{AppId, Currency, PaymentId, ReservationToken},
    payment::{
        AmountDue, Gateway, PaymentRef, ProviderHttp, Razorpay, RefundRequest, StartedPayment,
        Stripe,
    },
};
use stack::FakePayments;

const SECRET_KEY: &str = "sk_test_ours";
const KEY_ID: &str = "rzp_test_ours";
const KEY_SECRET: &str = "razorpay-secret";
const WEBHOOK_SECRET: &str = "whsec_ours";

/// What a provider is asked to charge for a hold.
fn charge(amount: i64, currency: &str) -> AmountDue {
    AmountDue {
        app_id: AppId::parse("shop").unwrap(),
        token: ReservationToken::generate(),
        version: 0,
        amount,
        currency: Currency::parse(currency).unwrap(),
    }
}

fn stripe(fake: &FakePayments) -> Stripe {
    stripe_with(fake, SECRET_KEY)
}

fn stripe_with(fake: &FakePayments, key: &str) -> Stripe {
    Stripe::new(ProviderHttp::default(), &fake.stripe(), &key.into(), WEBHOOK_SECRET.into())
        .unwrap()
}

fn razorpay(fake: &FakePayments) -> Razorpay {
    Razorpay::new(
        ProviderHttp::default(),
        &fake.razorpay(),
        KEY_ID,
        &KEY_SECRET.into(),
        WEBHOOK_SECRET.into(),
    )
    .unwrap()
}

/// Starts a payment of Stripe, and returns its id.
async fn intent(gateway: &dyn Gateway, charge: &AmountDue) -> PaymentId {
    match gateway.start(charge).await.unwrap() {
        StartedPayment::Intent { payment_id, .. } => payment_id,
        _ => panic!("Stripe has only intents"),
    }
}

/// Starts a payment of Razorpay, and returns its order's id.
async fn order(gateway: &dyn Gateway, charge: &AmountDue) -> String {
    match gateway.start(charge).await.unwrap() {
        StartedPayment::Order { order_id, .. } => order_id,
        _ => panic!("Razorpay has only orders"),
    }
}

fn of_order(order_id: &str) -> PaymentRef {
    PaymentRef::Order { order_id: order_id.to_owned(), payment_id: None }
}

async fn pay(fake: &FakePayments, intent: &PaymentId, card: &str) {
    let path = format!("stripe/intents/{}/pay", intent.as_str());
    fake.control(&path, &json!({"card": card})).await.unwrap();
}

/// A paid intent of Stripe.
async fn paid_intent(fake: &FakePayments, charge: &AmountDue, card: &str) -> PaymentId {
    let id = intent(&stripe(fake), charge).await;
    pay(fake, &id, card).await;
    id
}

/// Pays an order of Razorpay, and returns the payment's id.
async fn pay_order(fake: &FakePayments, order_id: &str, outcome: &str) -> PaymentId {
    let path = format!("razorpay/orders/{order_id}/pay");
    let payment = fake.control(&path, &json!({"outcome": outcome, "late": true})).await.unwrap();
    PaymentId::parse(payment["id"].as_str().unwrap()).unwrap()
}

async fn fault(fake: &FakePayments, provider: &str, operation: &str, fault: &str) {
    let command = json!({"provider": provider, "operation": operation, "fault": fault});
    fake.control("faults", &command).await.unwrap();
}

/// An object as its provider shows it.
async fn object(fake: &FakePayments, id: &str) -> Value {
    fake.control("object", &json!({"id": id})).await.unwrap()
}

fn refund_of(payment_id: &PaymentId, charge: &AmountDue, amount: i64) -> RefundRequest {
    RefundRequest {
        refund_id: format!("rf-{}", ReservationToken::generate()),
        payment_id: payment_id.clone(),
        amount,
        currency: charge.currency.clone(),
        is_first: true,
    }
}
