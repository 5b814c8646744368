//! The state of the seat and its user before each kind of call.

use chrono::Utc;
use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use serde_json::{Value, json};

use super::{
    super::{BUDGET, booking, held, paying::ask_now, to_confirm, to_release, to_reserve},
    Act, BookingCalls, Call,
};
use crate::support::{
    expiry::end_hold,
    one_row_plan, payment,
    people::{Hold, PRICE, User},
    runtime_api::Event,
    unique,
};

impl BookingCalls {
    /// Brings the seat and its user into the state before the call.
    pub async fn set(&self, call: Call, seat: usize, keyed: bool) -> Act {
        let (ann, bob) = (&self.rig.ann, &self.rig.bob);
        let mut seat = self.rig.seats[seat].clone();
        let (since, mut known) = (Utc::now(), String::new());
        let event = match call {
            Call::Reserve => to_reserve(ann, &[&seat]),
            Call::ReserveBest => {
                // An entity with one seat: the call's.
                let entity = unique("one-seat");
                seat = self.rig.tenant.seats_in(&entity, &["A1"]).await.remove(0);
                let best = json!({"entityId": entity, "quantity": 1});
                Event::of(ann, "POST", "/reserve-seat", &json!({"bestAvailable": best}))
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
                let other = self.rig.tenant.seats(&[&unique("B")]).await.remove(0);
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
            Call::ConfirmRemoved => {
                let hold = held(&self.reserve, ann, &[&seat]).await;
                let removed = doc! {"$set": {"removed": true}};
                let own = doc! {"_id": ObjectId::parse_str(&seat).expect("an id")};
                let seats = self.database.collection::<Document>("seats");
                seats.update_one(own, removed).await.expect("a response");
                to_confirm(ann, &hold, &self.pay())
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
                seats.update_many(own, removed).await.expect("a response");
                event
            }
            Call::ChangeSeats => {
                let body = json!({"where": {"seatIds": [seat]}, "set": {"price": 7}});
                self.organiser("PATCH", &self.rig.tenant.entity, "", &body).await
            }
            Call::RemoveSeats => {
                let body = json!({"where": {"seatIds": [seat]}});
                self.organiser("POST", &self.rig.tenant.entity, "/remove", &body).await
            }
            Call::Sweep => {
                self.overdue(ann, &seat).await;
                Event::scheduled()
            }
            Call::CancelEntity => {
                let mut tenant = self.rig.tenant.clone();
                tenant.entity = tenant.new_entity("show", &json!({})).await;
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
                    end_hold(&self.rig.tenant, &hold).await;
                }
                ask_now(&self.database, doc! {"reservationToken": &hold.token}).await;
                Event::scheduled()
            }
        };
        let event = if keyed { event.key(&unique("key")) } else { event };
        Act { call, event, seat, known, since }
    }

    /// A payment that the provider accepts.
    fn pay(&self) -> String {
        let paid = payment();
        self.payments.lock().unwrap().push(paid.clone());
        paid
    }

    /// A new booking of the seat.
    async fn sold(&self, seat: &str) -> String {
        let hold = held(&self.reserve, &self.rig.ann, &[seat]).await;
        let event = to_confirm(&self.rig.ann, &hold, &self.pay());
        booking(&self.confirm.call(&event, BUDGET).await)
    }

    /// A refund of a new booking of the seat. It has failed.
    async fn failed_refund(&self, seat: &str) -> String {
        let id = self.sold(seat).await;
        let bookings = self.database.collection::<Document>("bookings");
        let booking = bookings.find_one(doc! {"bookingId": &id}).await.expect("a response");
        let booking = booking.expect("the booking");
        let (refund, now) = (ObjectId::new(), DateTime::now());
        let refund_id = format!("RF-{}", refund.to_hex());
        let event = |name: &str| {
            let id = format!("evt_{}_{}", refund.to_hex(), name.replace('.', "_"));
            doc! {"id": id, "type": name, "at": now}
        };
        let mut document = doc! {
            "_id": refund, "refundId": &refund_id, "booking": booking.get_object_id("_id").unwrap(),
            "status": "FAILED", "amount": PRICE, "version": 1_i64,
            "createdAt": now, "updatedAt": now,
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
        let stack = &self.rig.tenant.stack;
        let admin = User { token: stack.admin().await.token, ..self.rig.ann.clone() };
        let mut event = Event::of(&admin, "POST", path, body);
        let id = path.split('/').nth(3).expect("an id");
        event.payload["pathParameters"] = json!({"bookingId": id, "refundId": id});
        event
    }

    /// A hold that has run out and is not marked as expired yet.
    async fn overdue(&self, user: &User, seat: &str) -> Hold {
        let hold = held(&self.reserve, user, &[seat]).await;
        end_hold(&self.rig.tenant, &hold).await;
        hold
    }

    async fn creation(&self) -> Event {
        let tenant = &self.rig.tenant;
        let admin = User { token: tenant.stack.admin().await.token, ..self.rig.ann.clone() };
        let seats = json!([{"seatNumber": "A1", "price": 100}, {"seatNumber": "A2", "price": 100}]);
        let body = json!({
            "appId": tenant.app_id, "entityId": unique("hall"), "currency": "INR", "seats": seats,
        });
        Event::of(&admin, "POST", "/admin/seats", &body)
    }

    /// A call of the admin on the seats of an entity.
    async fn organiser(&self, method: &str, entity: &str, more: &str, body: &Value) -> Event {
        let tenant = &self.rig.tenant;
        let admin = User { token: tenant.stack.admin().await.token, ..self.rig.ann.clone() };
        let app = &tenant.app_id;
        let path = format!("/admin/apps/{app}/entities/{entity}/seats{more}");
        let mut event = Event::of(&admin, method, &path, body);
        event.payload["pathParameters"] = json!({"appId": app, "entityId": entity});
        event
    }

    /// An entity without seats, and a layout of two.
    async fn making(&self) -> Event {
        let (tenant, entity, layout) = (&self.rig.tenant, unique("show"), unique("hall"));
        let now = DateTime::now();
        let document = doc! {
            "appId": &tenant.app_id, "entityId": &entity, "domain": "EVENT", "currency": "INR",
            "seats": 0_i64, "createdAt": now, "updatedAt": now,
        };
        let entities = self.database.collection::<Document>("entities");
        entities.insert_one(document).await.expect("a response");
        let path = format!("/admin/apps/{}/layouts/{layout}", tenant.app_id);
        let admin = tenant.stack.admin().await;
        admin.call("PUT", &path).json(&one_row_plan(2)).send().await.expect(201);
        let body = json!({"layoutId": layout, "prices": {"gold": 5}});
        self.organiser("POST", &entity, "", &body).await
    }

    pub(super) fn own_seats(&self, entity: &Value) -> Document {
        let entity = entity.as_str().expect("an id");
        doc! {"appId": &self.rig.tenant.app_id, "entityId": entity}
    }
}
