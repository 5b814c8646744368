//! Every kind of call of the booking flow, each on its own seat. A call may be interrupted and
//! repeated. This file says what the result must be.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mongodb::{
    Database,
    bson::{DateTime, Document, doc, oid::ObjectId},
};
use serde_json::{Value, json};

use super::{
    BUDGET, Bench, PATIENCE, abort_transactions, app_name, booking,
    cancelled_entity::go_on,
    held,
    paying::{Paying, ask_now},
    shared_server, stack_on, to_confirm, to_release, to_reserve,
};
use crate::support::{
    expiry::{end_hold, end_key_locks},
    invariants, outbox, payment,
    people::{Hold, PRICE, Tenant, User},
    poll::eventually,
    replica_set::ReplicaSet,
    reply::Reply,
    runtime_api::{Environment, Event},
    stacks::{Shared, Stack},
    unique,
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
            Call::Confirm | Call::ConfirmAgain => booking(reply),
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

    /// Checks the seat after that outcome. `broken_off` is the hold that the interrupted call had
    /// left.
    pub async fn leaves(
        &self,
        calls: &BookingCalls,
        outcome: &str,
        broken_off: Option<String>,
        case: &str,
    ) {
        let lock = invariants::locks(&calls.bench.tenant).await.remove(&self.seat);
        match self.call {
            // A process that did not wait for a slow Redis leaves its locks. They end by
            // themselves.
            _ if calls.process(self.call).log().contains("going on without redis") => {}
            Call::Reserve
            | Call::ReserveOverdue
            | Call::ReserveOwn
            | Call::ReserveBest
            | Call::Change => {
                assert!(lock.is_none_or(|lock| lock["reservationToken"] == outcome), "{case}");
            }
            // Its lock may stay, for as long as the hold would have. Nobody asks about a sold hold
            // again.
            Call::ReserveTooMany | Call::Ask | Call::CancelEntity => {}
            Call::StartPayment => assert!(lock.is_some(), "{case}"),
            _ => assert_eq!(lock, None, "{case}: {}", calls.whole.log()),
        }
        calls.organiser_left(self, case).await;
        let held = calls.hold_on(self).await;
        match self.call {
            Call::Reserve
            | Call::ReserveOverdue
            | Call::ReserveOwn
            | Call::ReserveBest
            | Call::Change => {
                assert_eq!(held.as_deref(), Some(outcome), "{case}")
            }
            Call::StartPayment => assert!(held.is_some(), "{case}"),
            // It ends by its TTL if its call never counted it. A refused call leaves no hold.
            Call::ReserveTooMany => {
                assert!(held.is_none() || held == broken_off, "{case}");
                calls.left.fetch_add(usize::from(held.is_some()), Ordering::Relaxed);
            }
            _ => assert_eq!(held, None, "{case}"),
        }
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

    /// Brings the seat and its user into the state before the call.
    pub async fn set(&self, call: Call, seat: usize, keyed: bool) -> Act {
        let (ann, bob) = (&self.bench.ann, &self.bench.bob);
        let mut seat = self.bench.seats[seat].clone();
        let mut known = String::new();
        let event = match call {
            Call::Reserve => to_reserve(ann, &[&seat]),
            Call::ReserveBest => {
                // An entity with one seat: the call's.
                let entity = unique("one-seat");
                seat = self.bench.tenant.seats_in(&entity, &["A1"]).await.remove(0);
                let wish = json!({"entityId": entity, "quantity": 1});
                Event::of(ann, "POST", "/reserve-seat", &json!({"bestAvailable": wish}))
            }
            Call::ReserveTooMany => to_reserve(bob, &[&seat]),
            Call::ReserveOverdue => {
                self.overdue(bob, &seat).await;
                to_reserve(ann, &[&seat])
            }
            Call::ReserveOwn => {
                known = held(&self.reserve, ann, &[&seat]).await.token;
                to_reserve(ann, &[&seat])
            }
            Call::Change => {
                let other = self.bench.tenant.seats(&[&unique("B")]).await.remove(0);
                known = held(&self.reserve, ann, &[&other]).await.token;
                let body = json!({"reservationToken": known, "seatIds": [seat]});
                Event::of(ann, "POST", "/reserve-seat", &body)
            }
            Call::Confirm => {
                to_confirm(ann, &held(&self.reserve, ann, &[&seat]).await, &self.pay())
            }
            Call::ConfirmDeclined => {
                to_confirm(ann, &held(&self.reserve, ann, &[&seat]).await, &unique("pay_fail"))
            }
            Call::ConfirmLate => to_confirm(ann, &self.overdue(ann, &seat).await, &self.pay()),
            Call::ConfirmLateDeclined => {
                to_confirm(ann, &self.overdue(ann, &seat).await, &unique("pay_fail"))
            }
            Call::ConfirmReleased => {
                let hold = held(&self.reserve, ann, &[&seat]).await;
                let release = self.release.call(&to_release(ann, &hold), BUDGET).await;
                release.expect(200);
                to_confirm(ann, &hold, &self.pay())
            }
            Call::ConfirmAgain => {
                let event = to_confirm(ann, &held(&self.reserve, ann, &[&seat]).await, &self.pay());
                known = booking(&self.whole.call(&event, BUDGET).await);
                event
            }
            Call::Release => to_release(ann, &held(&self.reserve, ann, &[&seat]).await),
            Call::ReleaseLate => to_release(ann, &self.overdue(ann, &seat).await),
            Call::StartPayment => {
                let hold = held(&self.reserve, ann, &[&seat]).await;
                let body = json!({"reservationToken": hold.token});
                Event::of(ann, "POST", "/payments", &body)
            }
            Call::Cancel => {
                let body = json!({"bookingId": self.sold(&seat).await});
                Event::of(ann, "POST", "/cancel-booking", &body)
            }
            Call::AdminCancel => {
                let path = format!("/admin/bookings/{}/cancel", self.sold(&seat).await);
                self.admins(&path, &json!({"refund": "FULL", "reason": "Rain"})).await
            }
            Call::AdminRefund => {
                let path = format!("/admin/bookings/{}/refund", self.sold(&seat).await);
                self.admins(&path, &json!({"amount": PRICE, "reason": "Rain"})).await
            }
            Call::RetryRefund => {
                let path = format!("/admin/refunds/{}/retry", self.failed_refund(&seat).await);
                self.admins(&path, &json!({"reason": "Rain"})).await
            }
            Call::SettleRefund => {
                let path = format!("/admin/refunds/{}/settle", self.failed_refund(&seat).await);
                self.admins(&path, &json!({"note": "By hand"})).await
            }
            Call::Create => self.creation().await,
            Call::MakeSeats => self.making().await,
            Call::MakeSeatsAgain => {
                let event = self.making().await;
                self.whole.call(&event, BUDGET).await.expect(201);
                let own = self.own_seats(&event.payload["pathParameters"]["entityId"]);
                let removed = doc! {"$set": {"removed": true}};
                let seats = self.database.collection::<Document>("seats");
                seats.update_many(own, removed).await.expect("an answer");
                event
            }
            Call::ChangeSeats => {
                let body = json!({"where": {"seatIds": [seat]}, "set": {"price": 7}});
                self.organiser("PATCH", &self.bench.tenant.entity, "", &body).await
            }
            Call::RemoveSeats => {
                let body = json!({"where": {"seatIds": [seat]}});
                self.organiser("POST", &self.bench.tenant.entity, "/remove", &body).await
            }
            Call::Sweep => {
                self.overdue(ann, &seat).await;
                Event::scheduled()
            }
            Call::CancelEntity => {
                let mut tenant = self.bench.tenant.clone();
                tenant.entity = tenant.sells("show", &json!({})).await;
                let seats = tenant.seats(&["A1", "A2"]).await;
                let sold = held(&self.reserve, ann, &[&seats[0]]).await;
                let sold = to_confirm(ann, &sold, &self.pay());
                self.confirm.call(&sold, BUDGET).await.expect(201);
                held(&self.reserve, ann, &[&seats[1]]).await;
                seat = seats[1].clone();
                // Without the end of the holds that the call itself tries.
                let cancel = doc! {
                    "refundPercent": 100_i64, "reason": "x", "by": "admin", "at": "$$NOW",
                    "workAt": "$$NOW",
                };
                let id = format!("evt_{}_entity_cancelled", ObjectId::new().to_hex());
                let event = doc! {"id": id, "type": "entity.cancelled", "at": "$$NOW"};
                let events = doc! {"$concatArrays": [{"$ifNull": ["$events", []]}, [event]]};
                let set = vec![doc! {"$set": {
                    "state": "CANCELLED", "cancel": cancel, "events": events, "unsent": true,
                    "version": {"$add": ["$version", 1_i64]},
                }}];
                let entities = self.database.collection::<Document>("entities");
                let own = doc! {"appId": &tenant.app_id, "entityId": &tenant.entity};
                entities.update_one(own, set).await.expect("an update");
                Event::scheduled()
            }
            Call::Ask | Call::AskLate => {
                let hold = held(&self.reserve, ann, &[&seat]).await;
                let paying = self.paying.as_ref().expect("a provider");
                let paid = paying.pay(ann, &hold).await;
                self.payments.lock().unwrap().push(paid);
                if call == Call::AskLate {
                    end_hold(&self.bench.tenant, &hold).await;
                }
                ask_now(&self.database, doc! {"reservationToken": &hold.token}).await;
                Event::scheduled()
            }
        };
        let event = if keyed { event.key(&unique("key")) } else { event };
        Act { call, event, seat, known }
    }

    /// A payment that the provider accepts.
    fn pay(&self) -> String {
        let paid = payment();
        self.payments.lock().unwrap().push(paid.clone());
        paid
    }

    /// A new booking of the seat.
    async fn sold(&self, seat: &str) -> String {
        let hold = held(&self.reserve, &self.bench.ann, &[seat]).await;
        let event = to_confirm(&self.bench.ann, &hold, &self.pay());
        booking(&self.confirm.call(&event, BUDGET).await)
    }

    /// A refund of a new booking of the seat. It has failed.
    async fn failed_refund(&self, seat: &str) -> String {
        let id = self.sold(seat).await;
        let bookings = self.database.collection::<Document>("bookings");
        let booking = bookings.find_one(doc! {"bookingId": &id}).await.expect("an answer");
        let booking = booking.expect("the booking");
        let (refund, now) = (ObjectId::new(), DateTime::now());
        let refund_id = format!("RF-{}", refund.to_hex());
        let event = |name: &str| {
            let id = format!("evt_{}_{}", refund.to_hex(), name.replace('.', "_"));
            doc! {"id": id, "type": name, "at": now}
        };
        let mut document = doc! {
            "_id": refund, "refundId": &refund_id, "booking": booking.get_object_id("_id").unwrap(),
            "status": "FAILED", "amount": PRICE, "version": 1_i64, "createdAt": now, "updatedAt": now,
            "events": [event("refund.due"), event("refund.failed")], "unsent": true,
        };
        for field in ["appId", "bookingId", "reservationToken", "paymentId", "currency", "provider"]
        {
            document.extend(booking.get(field).map(|value| (field.to_owned(), value.clone())));
        }
        let refunds = self.database.collection::<Document>("refunds");
        refunds.insert_one(document).await.expect("the validator takes it");
        let entry = doc! {
            "at": now, "actor": "admin", "action": "REFUND", "refundId": &refund_id,
            "amount": PRICE,
        };
        let history = doc! {"$push": {"history": entry}};
        bookings.update_one(doc! {"bookingId": &id}, history).await.expect("an update");
        refund_id
    }

    /// A call of the admin on a booking.
    async fn admins(&self, path: &str, body: &Value) -> Event {
        let stack = &self.bench.tenant.stack;
        let admin = User { token: stack.admin().await.token, ..self.bench.ann.clone() };
        let mut event = Event::of(&admin, "POST", path, body);
        let id = path.split('/').nth(3).expect("an id");
        event.payload["pathParameters"] = json!({"bookingId": id, "refundId": id});
        event
    }

    /// A hold that has run out and is not marked as expired yet.
    async fn overdue(&self, user: &User, seat: &str) -> Hold {
        let hold = held(&self.reserve, user, &[seat]).await;
        end_hold(&self.bench.tenant, &hold).await;
        hold
    }

    async fn creation(&self) -> Event {
        let tenant = &self.bench.tenant;
        let admin = User { token: tenant.stack.admin().await.token, ..self.bench.ann.clone() };
        let seats = json!([{"seatNumber": "A1", "price": 100}, {"seatNumber": "A2", "price": 100}]);
        let body = json!({
            "appId": tenant.app_id, "entityId": unique("hall"), "currency": "INR", "seats": seats,
        });
        Event::of(&admin, "POST", "/admin/seats", &body)
    }

    /// A call of the admin on the seats of an entity.
    async fn organiser(&self, method: &str, entity: &str, more: &str, body: &Value) -> Event {
        let tenant = &self.bench.tenant;
        let admin = User { token: tenant.stack.admin().await.token, ..self.bench.ann.clone() };
        let app = &tenant.app_id;
        let path = format!("/admin/apps/{app}/entities/{entity}/seats{more}");
        let mut event = Event::of(&admin, method, &path, body);
        event.payload["pathParameters"] = json!({"appId": app, "entityId": entity});
        event
    }

    /// An entity without seats, and a layout of two.
    async fn making(&self) -> Event {
        let (tenant, entity, layout) = (&self.bench.tenant, unique("show"), unique("hall"));
        let now = DateTime::now();
        let document = doc! {
            "appId": &tenant.app_id, "entityId": &entity, "domain": "EVENT", "currency": "INR",
            "seats": 0_i64, "createdAt": now, "updatedAt": now,
        };
        let entities = self.database.collection::<Document>("entities");
        entities.insert_one(document).await.expect("an answer");
        let plan = json!({
            "name": "Hall", "size": {"width": 10, "height": 10}, "focalPoint": {"x": 1, "y": 1},
            "categories": [{"key": "gold", "label": "Gold", "color": "red", "mark": "G"}],
            "sections": [{"key": "A", "label": "A", "rows": [
                {"label": "1", "run": {"first": 1, "count": 2, "x": 1, "y": 1, "dx": 1, "dy": 0}},
            ]}],
        });
        let path = format!("/admin/apps/{}/layouts/{layout}", tenant.app_id);
        let admin = tenant.stack.admin().await;
        admin.call("PUT", &path).json(&plan).send().await.expect(201);
        let body = json!({"layoutId": layout, "prices": {"gold": 5}});
        self.organiser("POST", &entity, "", &body).await
    }

    fn own_seats(&self, entity: &Value) -> Document {
        let entity = entity.as_str().expect("an id");
        doc! {"appId": &self.bench.tenant.app_id, "entityId": entity}
    }

    /// Checks what a call of the organiser leaves, however often it was made.
    async fn organiser_left(&self, act: &Act, case: &str) {
        let seats = self.database.collection::<Document>("seats");
        let entities = self.database.collection::<Document>("entities");
        let own = self.own_seats(&match act.call {
            Call::MakeSeats | Call::MakeSeatsAgain => {
                act.event.payload["pathParameters"]["entityId"].clone()
            }
            Call::ChangeSeats | Call::RemoveSeats => json!(self.bench.tenant.entity),
            _ => return,
        });
        let entity = entities.find_one(own.clone()).await.expect("an answer").expect("an entity");
        assert!(entity.get_i64("seatsVersion").expect("a number") > 0, "{case}");
        let mut wanted = own;
        match act.call {
            Call::MakeSeats | Call::MakeSeatsAgain => {
                assert!(entity.get("seatsIncomplete").is_none(), "{case}: {entity}");
                wanted.extend(doc! {"price": 5_i64, "removed": {"$exists": false}});
            }
            _ => {
                let seat = ObjectId::parse_str(&act.seat).expect("an id");
                wanted.insert("_id", seat);
                match act.call {
                    Call::ChangeSeats => wanted.insert("price", 7_i64),
                    _ => wanted.insert("removed", true),
                };
            }
        }
        let expected = if wanted.contains_key("_id") { 1 } else { 2 };
        assert_eq!(seats.count_documents(wanted).await.expect("a count"), expected, "{case}");
    }

    /// The token of the ACTIVE hold on the call's seat.
    pub async fn hold_on(&self, act: &Act) -> Option<String> {
        let seat = ObjectId::parse_str(&act.seat).expect("an id");
        let holds = self.database.collection::<Document>("reservations");
        let hold =
            holds.find_one(doc! {"seatIds": seat, "status": "ACTIVE"}).await.expect("an answer");
        hold.map(|hold| invariants::text(&hold, "reservationToken").to_owned())
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

    /// Repeats a call, as a client does while the outcome is unknown or the first call may still
    /// run.
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
        eventually(case, PATIENCE, answered).await
    }

    /// Checks the invariants, and that the number of documents matches the calls of each kind.
    pub async fn close(self, made: impl Fn(Call) -> usize) {
        let books = invariants::check(&self.bench.tenant).await;
        invariants::money_is_accounted_for(&books, &self.payments.into_inner().unwrap());
        let with = |status: &str| {
            books.bookings.iter().filter(|b| invariants::text(b, "status") == status).count()
        };
        let expected = [
            made(Call::Confirm)
                + made(Call::ConfirmAgain)
                + made(Call::Ask)
                + made(Call::AdminRefund)
                + made(Call::RetryRefund)
                + made(Call::SettleRefund),
            made(Call::ConfirmDeclined),
            made(Call::ConfirmLate) + made(Call::ConfirmReleased) + made(Call::AskLate),
            made(Call::Cancel) + made(Call::CancelEntity) + made(Call::AdminCancel),
        ];
        let found = ["CONFIRMED", "FAILED", "REFUND_DUE", "CANCELLED"].map(with);
        assert_eq!(found, expected);
        assert_eq!(books.bookings.len(), expected.iter().sum::<usize>());
        let held = [
            Call::Reserve,
            Call::ReserveOverdue,
            Call::ReserveOwn,
            Call::ReserveBest,
            Call::Change,
            Call::StartPayment,
        ];
        let held: usize = held.into_iter().map(&made).sum();
        // And the first hold of the user who has too many.
        assert_eq!(books.live().len(), held + self.left.into_inner() + 1);
    }
}
