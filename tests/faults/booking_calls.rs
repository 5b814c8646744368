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
    BUDGET, FaultRig, WAIT_TIMEOUT, abort_transactions, app_name, booking,
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

/// What a call led to.
pub enum Outcome {
    Response(Reply),
    /// What a scheduled function reported about its work.
    WorkerReport(Value),
}

impl Outcome {
    pub fn is_replay(&self) -> bool {
        matches!(self, Outcome::Response(reply) if reply.replayed())
    }
}

impl Act {
    /// The text to compare with that of a repeat. Fails if the outcome is wrong for this call.
    pub fn checked(&self, outcome: &Outcome, case: &str) -> String {
        let reply = match outcome {
            Outcome::Response(reply) => reply,
            Outcome::WorkerReport(value) => {
                let count = match self.call {
                    Call::Sweep => "expired",
                    Call::CancelEntity => "entities",
                    _ => "asked",
                };
                assert!(value[count].is_u64(), "{case}: {value}");
                return String::new();
            }
        };
        let text = match self.call {
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
                panic!("{case}: a scheduled function has no such response: {reply}")
            }
        };
        if !self.known.is_empty() {
            assert_eq!(text, self.known, "{case}: {reply}");
        }
        text
    }

    /// Whether its response is stored under its idempotency key.
    pub fn is_replayed(&self) -> bool {
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
    rig: FaultRig,
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
        let mut rig = FaultRig::on(stack, set.members[0].port, seats + 1).await;
        outbox::wants_everything(&rig.tenant).await;
        rig.set("AWS_LAMBDA_MAX_CONCURRENCY", "16");
        rig.set("MONGODB_MAX_POOL_SIZE", "20");
        rig.set("MAX_HELD_SEATS_PER_USER", "1000");
        let paying = match function {
            "ask-payments" => Some(Paying::on(&mut rig).await),
            _ => None,
        };
        let strict = rig.with("MAX_HELD_SEATS_PER_USER", "1");
        let (reserve, release, confirm, strict, whole) = tokio::join!(
            rig.start("reserve"),
            rig.start("release"),
            rig.start("confirm"),
            Environment::start("reserve", &strict),
            rig.start(function)
        );
        if function == "cancel-booking" {
            let_buyers_cancel(&rig.tenant).await;
        }
        // The first hold of the user who has too many.
        held(&reserve, &rig.bob, &[&rig.seats[seats]]).await;
        let database = rig.tenant.stack.database().await;
        Self {
            rig,
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
        let mut settings = self.rig.with("FAILPOINTS", points);
        let own = app_name(&self.rig.tenant.stack, name);
        let uri = self.rig.settings["MONGODB_URI"].replace(&self.rig.name(), &own);
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
        let name = app_name(&self.rig.tenant.stack, name);
        abort_transactions(&self.set, &name).await;
        end_key_locks(&self.database).await;
        if self.function == "cancel-entities" {
            go_on(&self.rig.tenant).await;
        }
        if self.function == "ask-payments" {
            // The lease.
            ask_now(&self.database, doc! {"appId": &self.rig.tenant.app_id}).await;
        }
    }

    /// Repeats a call, as a client does while the outcome is unknown or the first
    /// call may still run.
    pub async fn repeat(&self, process: &Environment, event: &Event, case: &str) -> Outcome {
        if is_scheduled(&self.function) {
            return Outcome::WorkerReport(process.invoke(event, BUDGET).value().await);
        }
        let settled = || async {
            let reply = process.call(event, Duration::from_secs(3)).await;
            let open = matches!(reply.code(), "SERVICE_UNAVAILABLE" | "IDEMPOTENCY_KEY_IN_USE");
            // Seats of a layout are still missing.
            let open = open || reply.status == 202;
            (!open).then_some(Outcome::Response(reply))
        };
        eventually(case, WAIT_TIMEOUT, settled).await
    }
}
