//! Every kind of call of the booking flow, each on its own seat. A call may be interrupted and
//! repeated. This module says what the result must be.

mod after;
mod before;

use std::{
    sync::{Arc, Mutex, atomic::AtomicUsize},
    time::Duration,
};

use chrono::{DateTime, Utc};
use mongodb::{
    Database,
    bson::{Document, doc},
};
use serde_json::Value;

use super::{
    BUDGET, Bench, WAIT_TIMEOUT, abort_transactions, app_name, booking,
    cancelled_entity::go_on,
    held,
    paying::{Paying, ask_now},
    shared_server, stack_on,
};
use crate::support::{
    expiry::end_key_locks,
    outbox,
    people::{Hold, Tenant},
    poll::eventually,
    replica_set::ReplicaSet,
    reply::Reply,
    runtime_api::{Environment, Event},
    stacks::{Shared, Stack},
};

/// A call, and the state of the seat and the user before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Reserve,
    /// The seat's hold has run out and is not marked as expired yet.
    ReserveOverdue,
    /// The caller already holds exactly these seats.
    ReserveOwn,
    /// The service chooses the seat.
    ReserveBest,
    /// The user would hold more seats than allowed.
    ReserveTooMany,
    /// A hold on another seat changes to this one.
    Change,
    Confirm,
    ConfirmDeclined,
    /// The hold has run out and is not marked as expired yet.
    ConfirmLate,
    ConfirmLateDeclined,
    /// The hold was released.
    ConfirmReleased,
    ConfirmAgain,
    /// The organiser has removed the seat while it was held.
    ConfirmRemoved,
    Release,
    ReleaseLate,
    Create,
    /// An entity's seats are made from a layout.
    MakeSeats,
    /// They existed before, and were removed.
    MakeSeatsAgain,
    ChangeSeats,
    RemoveSeats,
    /// The payment of a hold is started, at the simulation.
    StartPayment,
    /// A booking is cancelled, at the simulation and with all its money back.
    Cancel,
    /// An admin cancels a booking, with all its money back.
    AdminCancel,
    /// An admin gives back the whole payment, and cancels nothing.
    AdminRefund,
    /// An admin makes a failed refund again, or settles it.
    RetryRefund,
    SettleRefund,
    Sweep,
    /// The worker asks about a payment that was made for a live hold.
    Ask,
    /// The hold has run out, and its payment was made.
    AskLate,
    /// The worker ends a hold and cancels a booking of a cancelled entity.
    CancelEntity,
}

/// Whether a function works on everything that is due, without a request.
pub fn is_scheduled(function: &str) -> bool {
    matches!(function, "expire-reservations" | "ask-payments" | "cancel-entities")
}

/// A call that is ready to be made.
pub struct Act {
    call: Call,
    pub event: Event,
    seat: String,
    /// What the response must contain, if that is known before the call.
    known: String,
    /// When its preparation began.
    since: DateTime<Utc>,
}

pub enum Answer {
    Reply(Reply),
    Swept(Value),
}

impl Answer {
    pub fn is_replay(&self) -> bool {
        matches!(self, Answer::Reply(reply) if reply.replayed())
    }
}

impl Act {
    /// The outcome in the response. Fails if the response is wrong for this call.
    pub fn outcome(&self, answer: &Answer, case: &str) -> String {
        let reply = match answer {
            Answer::Reply(reply) => reply,
            Answer::Swept(value) => {
                let count = match self.call {
                    Call::Sweep => "expired",
                    Call::CancelEntity => "entities",
                    _ => "asked",
                };
                assert!(value[count].is_u64(), "{case}: {value}");
                return String::new();
            }
        };
        let outcome = match self.call {
            Call::Reserve
            | Call::ReserveOverdue
            | Call::ReserveOwn
            | Call::ReserveBest
            | Call::Change => Hold::of(reply).token,
            Call::Confirm | Call::ConfirmAgain | Call::ConfirmRemoved => booking(reply),
            Call::Create => reply.expect(201)["seats"].to_string(),
            Call::Release => reply.expect(200).to_string(),
            // The repeat makes what the interrupted call has not made.
            Call::MakeSeats | Call::MakeSeatsAgain => {
                assert!(matches!(reply.status, 200 | 201), "{case}: {reply}");
                reply.expect(reply.status)["total"].to_string()
            }
            // The repeat changes what the interrupted call has not changed.
            Call::ChangeSeats | Call::RemoveSeats => reply.expect(200)["skipped"].to_string(),
            // The repeat gets a 200 if the interrupted call has stored the payment.
            Call::StartPayment => started(reply),
            Call::Cancel | Call::AdminCancel => cancelled(reply),
            Call::AdminRefund | Call::RetryRefund => reply.expect(201)["refundId"].to_string(),
            Call::SettleRefund => reply.expect(200)["status"].to_string(),
            Call::ReserveTooMany => failure(reply, 429, "HOLD_LIMIT_REACHED", false),
            Call::ConfirmDeclined => failure(reply, 402, "PAYMENT_FAILED", false),
            Call::ConfirmLate => failure(reply, 410, "RESERVATION_EXPIRED", true),
            Call::ConfirmReleased => failure(reply, 409, "RESERVATION_RELEASED", true),
            Call::ConfirmLateDeclined | Call::ReleaseLate => {
                failure(reply, 410, "RESERVATION_EXPIRED", false)
            }
            Call::Sweep | Call::Ask | Call::AskLate | Call::CancelEntity => {
                panic!("{case}: a scheduled function has no such answer: {reply}")
            }
        };
        if !self.known.is_empty() {
            assert_eq!(outcome, self.known, "{case}: {reply}");
        }
        outcome
    }

    /// Whether its response is stored under its idempotency key.
    pub fn is_kept(&self) -> bool {
        self.call != Call::ReserveTooMany
    }
}

/// The started payment, and until when the hold lasts: one payment, and one extension.
#[track_caller]
fn started(reply: &Reply) -> String {
    assert!(matches!(reply.status, 200 | 201), "{reply}");
    let data = &reply.body["data"];
    format!("{} until {}", data["paymentId"], data["holdExpiresAt"])
}

/// Buyers of the tenant's entity get all back.
async fn let_buyers_cancel(tenant: &Tenant) {
    let entities = tenant.stack.database().await.collection::<Document>("entities");
    let tiers = vec![doc! {"hoursBefore": 0_i64, "refundPercent": 100_i64}];
    let set = doc! {"$set": {"cancellationPolicy": {"tiers": tiers}}};
    let own = doc! {"appId": &tenant.app_id, "entityId": &tenant.entity};
    let updated = entities.update_one(own, set).await.expect("an update");
    assert_eq!(updated.matched_count, 1);
}

/// One cancellation, and one refund of all that was paid.
#[track_caller]
fn cancelled(reply: &Reply) -> String {
    let booking = reply.expect(200);
    assert_eq!(booking["status"], "CANCELLED", "{reply}");
    let (cancellations, refunds) = (&booking["cancellations"], &booking["refunds"]);
    assert_eq!(cancellations.as_array().map(Vec::len), Some(1), "{reply}");
    assert_eq!(refunds.as_array().map(Vec::len), Some(1), "{reply}");
    assert_eq!(refunds[0]["amount"], booking["paidAmount"], "{reply}");
    format!("{cancellations} {}", refunds[0]["refundId"])
}

/// Expects this failure, with or without `refundDue`. Returns its code.
#[track_caller]
fn failure(reply: &Reply, status: u16, code: &str, refund_due: bool) -> String {
    let details = &reply.error(status, code)["details"];
    assert_eq!(details["refundDue"] == true, refund_due, "{reply}");
    code.to_owned()
}

/// A tenant with a seat for each case, and processes that no test interrupts.
pub struct BookingCalls {
    bench: Bench,
    function: String,
    database: Database,
    set: Arc<ReplicaSet>,
    reserve: Environment,
    release: Environment,
    confirm: Environment,
    /// Its limit is one held seat per user.
    strict: Environment,
    /// Runs the function under test, uninterrupted.
    whole: Environment,
    paying: Option<Paying>,
    payments: Mutex<Vec<String>>,
    /// The number of holds that interrupted calls left before they counted them.
    left: AtomicUsize,
}

impl BookingCalls {
    pub async fn new(function: &str, seats: usize) -> Self {
        // Another test's sweep must not mark the expired holds.
        static STACK: Shared<Arc<Stack>> = Shared::new();
        let set = shared_server().await.1;
        let stack = match function {
            "expire-reservations" | "ask-payments" | "cancel-entities" => stack_on(&set).await,
            _ => STACK.get(|| async { stack_on(&shared_server().await.1).await }).await,
        };
        let mut bench = Bench::on(stack, set.members[0].port, seats + 1).await;
        outbox::wants_everything(&bench.tenant).await;
        bench.set("AWS_LAMBDA_MAX_CONCURRENCY", "16");
        bench.set("MONGODB_MAX_POOL_SIZE", "20");
        bench.set("MAX_HELD_SEATS_PER_USER", "1000");
        let paying = match function {
            "ask-payments" => Some(Paying::on(&mut bench).await),
            _ => None,
        };
        let strict = bench.with("MAX_HELD_SEATS_PER_USER", "1");
        let (reserve, release, confirm, strict, whole) = tokio::join!(
            bench.start("reserve"),
            bench.start("release"),
            bench.start("confirm"),
            Environment::start("reserve", &strict),
            bench.start(function)
        );
        if function == "cancel-booking" {
            let_buyers_cancel(&bench.tenant).await;
        }
        // The first hold of the user who has too many.
        held(&reserve, &bench.bob, &[&bench.seats[seats]]).await;
        let database = bench.tenant.stack.database().await;
        Self {
            bench,
            function: function.to_owned(),
            database,
            set,
            reserve,
            release,
            confirm,
            strict,
            whole,
            paying,
            payments: Mutex::default(),
            left: AtomicUsize::default(),
        }
    }

    /// A process with these fail points for this call. MongoDB knows it by this name.
    pub async fn rigged(&self, call: Call, points: &str, name: &str) -> Environment {
        let mut settings = self.bench.with("FAILPOINTS", points);
        let own = app_name(&self.bench.tenant.stack, name);
        let uri = self.bench.settings["MONGODB_URI"].replace(&self.bench.name(), &own);
        settings.insert("MONGODB_URI".to_owned(), uri);
        if call == Call::ReserveTooMany {
            settings.insert("MAX_HELD_SEATS_PER_USER".to_owned(), "1".to_owned());
        }
        Environment::start(&self.function, &settings).await
    }

    /// The uninterrupted process for this call.
    pub fn process(&self, call: Call) -> &Environment {
        if call == Call::ReserveTooMany { &self.strict } else { &self.whole }
    }

    /// Ends what a killed process leaves behind for a while. The server's limit ends its
    /// transaction. The call's deadline ends the lock of its idempotency key.
    pub async fn end_traces(&self, name: &str) {
        let name = app_name(&self.bench.tenant.stack, name);
        abort_transactions(&self.set, &name).await;
        end_key_locks(&self.database).await;
        if self.function == "cancel-entities" {
            go_on(&self.bench.tenant).await;
        }
        if self.function == "ask-payments" {
            // The lease.
            ask_now(&self.database, doc! {"appId": &self.bench.tenant.app_id}).await;
        }
    }

    /// Repeats a call, as a client does while the outcome is unknown or the first
    /// call may still run.
    pub async fn repeat(&self, process: &Environment, event: &Event, case: &str) -> Answer {
        if is_scheduled(&self.function) {
            return Answer::Swept(process.invoke(event, BUDGET).value().await);
        }
        let answered = || async {
            let reply = process.call(event, Duration::from_secs(3)).await;
            let open = matches!(reply.code(), "SERVICE_UNAVAILABLE" | "IDEMPOTENCY_KEY_IN_USE");
            // Seats of a layout are still missing.
            let open = open || reply.status == 202;
            (!open).then_some(Answer::Reply(reply))
        };
        eventually(case, WAIT_TIMEOUT, answered).await
    }
}
