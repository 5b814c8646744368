//! `ask-payments`: the worker that asks the providers about payments whose events are lost.

use futures_util::future::join_all;
use mongodb::bson::{DateTime, Document, doc};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use super::start_payment::{Paid, buyer, start, text};
use crate::support::{
    WAIT_TIMEOUT,
    expiry::end_hold,
    invariants,
    people::{Hold, Tenant, User},
    poll::eventually,
    stacks::{self, Shared},
};

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;

/// A stack of its own: a worker of another test would ask about these payments too.
/// One test at a time: a question that another test's worker has taken would count as asked.
async fn asked() -> (Paid, MutexGuard<'static, ()>) {
    static ASKED: Shared<Paid> = Shared::new();
    static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());
    let guard = ONE_AT_A_TIME.lock().await;
    (ASKED.get(|| Paid::start("asked", Some(FUNCTIONS))).await, guard)
}

const FUNCTIONS: &[&str] = &[
    "admin-login",
    "register-app",
    "update-app",
    "payment-setup",
    "create-seats",
    "signup",
    "list-seats",
    "reserve",
    "release",
    "start-payment",
    "confirm",
    "list-bookings",
    "list-reservations",
    "get-booking",
    "expire-reservations",
    "pay-refunds",
    "ask-payments",
];

/// A hold whose payment was started, and the id of its intent or order. No event will come.
struct Paying {
    user: User,
    hold: Hold,
    id: String,
}

impl Paying {
    async fn at(paid: &Paid, provider: &str) -> Self {
        Self::of(&paid.tenant(provider).await, provider).await
    }

    async fn of(tenant: &Tenant, provider: &str) -> Self {
        let (user, hold) = buyer(tenant).await;
        let field = if provider == "stripe" { "paymentId" } else { "orderId" };
        let id = text(start(&user, &hold).await.expect(201), field);
        Self { user, hold, id }
    }

    fn tenant(&self) -> &Tenant {
        &self.user.tenant
    }

    async fn document(&self) -> Document {
        let holds = self.tenant().stack.database().await.collection::<Document>("reservations");
        let token = doc! {"reservationToken": &self.hold.token};
        holds.find_one(token).await.unwrap().expect("the hold is there")
    }

    /// Writes to the hold, as if time had passed.
    async fn update(&self, update: Vec<Document>) {
        let holds = self.tenant().stack.database().await.collection::<Document>("reservations");
        let token = doc! {"reservationToken": &self.hold.token};
        assert_eq!(holds.update_one(token, update).await.unwrap().matched_count, 1);
    }

    /// The question about its payment is due now.
    async fn is_due(&self) {
        self.update(vec![doc! {"$set": {"askAt": "$$NOW"}}]).await;
    }

    /// The hold ended unsold `ms` milliseconds ago, and the question about its payment is due.
    async fn ended_before(&self, ms: i64) {
        let then = doc! {"$subtract": ["$$NOW", ms]};
        self.update(vec![
            doc! {"$set": {
                "status": "EXPIRED", "expiresAt": then.clone(), "updatedAt": then, "askAt": "$$NOW",
            }},
            doc! {"$unset": "claimed"},
        ])
        .await;
    }

    /// Invokes the worker until it has asked the provider the question that is due. Returns when it
    /// will ask next.
    async fn asked(&self) -> Option<DateTime> {
        let before = self.document().await.get_datetime("askAt").expect("a time").to_owned();
        eventually("the payment was asked about", WAIT_TIMEOUT, || async {
            self.tenant().stack.invoke("ask-payments", &json!({})).await;
            let hold = self.document().await;
            let next = hold.get_datetime("askAt").ok().copied();
            (next != Some(before)).then_some(next)
        })
        .await
    }

    async fn only_booking(&self) -> Value {
        let bookings = self.user.bookings().await;
        let [booking] = &bookings[..] else { panic!("one booking: {bookings:?}") };
        booking.clone()
    }
}

async fn object(paid: &Paid, id: &str) -> Value {
    paid.fake.control("object", &json!({"id": id})).await.unwrap()
}

fn millis_of(document: &Document, field: &str) -> i64 {
    document.get_datetime(field).expect("a time").timestamp_millis()
}

#[tokio::test]
async fn a_buyer_who_pays_and_closes_the_browser_is_booked_30_seconds_before_the_end_without_an_event()
 {
    let (paid, _turn) = asked().await;
    for provider in ["stripe", "razorpay"] {
        let paying = Paying::at(&paid, provider).await;
        let hold = paying.document().await;
        assert_eq!(millis_of(&hold, "expiresAt") - millis_of(&hold, "askAt"), 30_000);
        let payment = match provider {
            "stripe" => {
                paid.pay(&paying.id).await;
                paying.id.clone()
            }
            _ => paid.pay_order(&paying.id).await,
        };
        paying.is_due().await;
        assert_eq!(paying.asked().await, None, "a sold hold is not asked about again");
        let booking = paying.only_booking().await;
        assert_eq!(
            (&booking["status"], &booking["paymentId"]),
            (&json!("CONFIRMED"), &json!(payment))
        );
        paying.user.confirm(&paying.hold, &payment).await.expect(200);
        invariants::check(paying.tenant()).await;
    }
}

#[tokio::test]
async fn an_unpaid_live_hold_is_left_alone_and_asked_about_at_its_end() {
    let (paid, _turn) = asked().await;
    let paying = Paying::at(&paid, "stripe").await;
    paying.is_due().await;
    let next = paying.asked().await.expect("a time");
    assert_eq!(next.timestamp_millis(), millis_of(&paying.document().await, "expiresAt"));
    assert_eq!(object(&paid, &paying.id).await["status"], "requires_payment_method");
    paid.pay(&paying.id).await;
    paying.user.confirm(&paying.hold, &paying.id).await.expect(201);
    assert!(paying.document().await.get("askAt").is_none(), "a sold hold is not asked about");
}

#[tokio::test]
async fn an_intent_that_was_never_paid_is_cancelled_at_release_and_at_expiry() {
    let (paid, _turn) = asked().await;
    let (released, expired) =
        (Paying::at(&paid, "stripe").await, Paying::at(&paid, "stripe").await);
    released.user.release(&released.hold).await.expect(200);
    end_hold(expired.tenant(), &expired.hold).await;
    paid.stack.invoke("expire-reservations", &json!({})).await;
    for paying in [&released, &expired] {
        eventually("the intent is cancelled", WAIT_TIMEOUT, || async {
            paid.stack.invoke("ask-payments", &json!({})).await;
            (object(&paid, &paying.id).await["status"] == "canceled").then_some(())
        })
        .await;
        let hold = paying.document().await;
        let end = millis_of(&hold, "expiresAt").min(millis_of(&hold, "updatedAt"));
        eventually("the next question is a minute after the end", WAIT_TIMEOUT, || async {
            (millis_of(&paying.document().await, "askAt") == end + MINUTE).then_some(())
        })
        .await;
        assert_eq!(paying.user.bookings().await, [] as [Value; 0]);
    }
}

#[tokio::test]
async fn a_hold_that_ended_unsold_is_asked_about_five_times_until_73_hours_after_its_end() {
    let (paid, _turn) = asked().await;
    let paying = Paying::at(&paid, "razorpay").await;
    let after = [MINUTE, 15 * MINUTE, 2 * HOUR, 24 * HOUR, 73 * HOUR];
    for (asked_after, next_after) in std::iter::once(0).chain(after).zip(after) {
        paying.ended_before(asked_after + 1_000).await;
        let next = paying.asked().await.expect("another question").timestamp_millis();
        let hold = paying.document().await;
        assert_eq!(next - millis_of(&hold, "expiresAt"), next_after, "after {asked_after} ms");
    }
    paying.ended_before(73 * HOUR + 1_000).await;
    assert_eq!(paying.asked().await, None);
    assert_eq!(paying.user.bookings().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_payment_that_is_authorised_late_becomes_one_refund_even_if_the_app_is_inactive() {
    let (paid, _turn) = asked().await;
    let paying = Paying::at(&paid, "razorpay").await;
    let path = format!("razorpay/orders/{}/pay", paying.id);
    let payment = paid.fake.control(&path, &json!({"outcome": "authorized"})).await.unwrap();
    paying.is_due().await;
    paying.asked().await.expect("it is still open");
    paying.ended_before(24 * HOUR + 1_000).await;
    paying.asked().await.expect("it is still open");
    assert_eq!(paying.user.bookings().await, [] as [Value; 0]);

    let capture = format!("razorpay/payments/{}/capture", payment["id"].as_str().unwrap());
    paid.fake.control(&capture, &json!({})).await.unwrap();
    let app = format!("/admin/apps/{}", paying.tenant().app_id);
    let admin = paid.stack.admin().await;
    admin.patch(&app, &json!({"isActive": false})).await.expect(200);
    paying.ended_before(73 * HOUR + 1_000).await;
    assert_eq!(paying.asked().await, None);
    paying.is_due().await;
    assert_eq!(paying.asked().await, None);
    let id = payment["id"].clone();
    eventually("the money is back", WAIT_TIMEOUT, || async {
        paid.stack.invoke("pay-refunds", &json!({})).await;
        let refunded =
            object(&paid, id.as_str().unwrap()).await["amount_refunded"] == payment["amount"];
        refunded.then_some(())
    })
    .await;
    let database = paid.stack.database().await;
    let of_app = doc! {"appId": &paying.tenant().app_id};
    for collection in ["bookings", "refunds"] {
        let found = database.collection::<Document>(collection);
        assert_eq!(found.count_documents(of_app.clone()).await.unwrap(), 1, "{collection}");
    }
    admin.patch(&app, &json!({"isActive": true})).await.expect(200);
    let booking = paying.only_booking().await;
    assert_eq!((&booking["status"], &booking["paymentId"]), (&json!("REFUND_DUE"), &id));
    // The payment is given back by now. A further question makes no further record.
    paying.ended_before(2 * HOUR).await;
    paying.asked().await;
    paying.only_booking().await;
}

#[tokio::test]
async fn many_workers_at_once_make_one_booking_of_each_payment() {
    let (paid, _turn) = asked().await;
    let tenant = paid.tenant("stripe").await;
    let all = join_all((0..6).map(|_| Paying::of(&tenant, "stripe"))).await;
    for paying in &all {
        paid.pay(&paying.id).await;
        paying.is_due().await;
    }
    let event = json!({});
    join_all((0..4).map(|_| paid.stack.invoke("ask-payments", &event))).await;
    for paying in &all {
        assert_eq!(paying.only_booking().await["status"], "CONFIRMED");
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_provider_that_fails_is_asked_again_soon_and_later_less_often() {
    let (paid, _turn) = asked().await;
    let paying = Paying::at(&paid, "razorpay").await;
    for (after, pause) in [(MINUTE, 20_000), (8 * HOUR, HOUR), (100 * HOUR, 6 * HOUR)] {
        let fault =
            json!({"provider": "razorpay", "operation": "order_payments", "fault": "error_500"});
        paid.fake.control("faults", &fault).await.unwrap();
        paying.ended_before(after).await;
        let began = DateTime::now().timestamp_millis();
        let next = paying.asked().await.expect("a time").timestamp_millis() - began;
        assert!((next - pause).abs() < pause / 2, "after {after} ms the pause is {next} ms");
    }
}

#[tokio::test]
async fn payments_of_holds_of_an_earlier_version_are_asked_about_after_the_migration() {
    let (paid, _turn) = asked().await;
    let tenant = paid.tenant("stripe").await;
    let live = Paying::of(&tenant, "stripe").await;
    let ended = Paying::of(&tenant, "stripe").await;
    let (old, sold) = (Paying::of(&tenant, "stripe").await, Paying::of(&tenant, "stripe").await);
    for paying in [&live, &ended, &sold] {
        paid.pay(&paying.id).await;
    }
    sold.user.confirm(&sold.hold, &sold.id).await.expect(201);
    ended.ended_before(HOUR).await;
    old.ended_before(80 * HOUR).await;
    for paying in [&live, &ended, &old] {
        paying.update(vec![doc! {"$unset": "askAt"}]).await;
    }
    paid.stack.invoke("migrate", &json!({})).await;
    assert!(old.document().await.get("askAt").is_none(), "its last question is over");
    assert!(sold.document().await.get("askAt").is_none());
    let hold = live.document().await;
    assert_eq!(millis_of(&hold, "expiresAt") - millis_of(&hold, "askAt"), 30_000);
    for (paying, status) in [(&live, "CONFIRMED"), (&ended, "REFUND_DUE")] {
        paying.is_due().await;
        paying.asked().await;
        assert_eq!(paying.only_booking().await["status"], status);
    }
    // The earlier version, which runs beside this one for a while, sells and plans no question.
    live.is_due().await;
    assert_eq!(live.asked().await, None);
    live.only_booking().await;
}

#[tokio::test]
async fn the_simulation_is_never_asked() {
    let tenant = stacks::usual().await.tenant().await;
    let (user, hold) = buyer(&tenant).await;
    let id = text(start(&user, &hold).await.expect(201), "paymentId");
    let paying = Paying { user, hold, id };
    assert!(paying.document().await.get("askAt").is_none());
    paying.user.release(&paying.hold).await.expect(200);
    assert!(paying.document().await.get("askAt").is_none());
}
