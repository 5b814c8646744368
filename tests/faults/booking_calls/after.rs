//! What each call must leave behind, and what all calls together must.

use std::sync::atomic::Ordering;

use mongodb::bson::{Document, doc, oid::ObjectId};
use serde_json::json;

use super::{Act, BookingCalls, Call};
use crate::support::{invariants, redis_log::went_without_redis};

impl Act {
    /// Checks the seat after that outcome. `broken_off` is the hold that the
    /// interrupted call had left.
    pub async fn leaves(
        &self,
        calls: &BookingCalls,
        outcome: &str,
        broken_off: Option<String>,
        case: &str,
    ) {
        let lock = invariants::locks(&calls.rig.tenant).await.remove(&self.seat);
        match self.call {
            // A process that did not wait for a slow Redis leaves its locks. They end by
            // themselves.
            _ if went_without_redis(&calls.process(self.call).log(), self.since) => {}
            Call::Reserve
            | Call::ReserveOverdue
            | Call::ReserveOwn
            | Call::ReserveBest
            | Call::Change => {
                assert!(lock.is_none_or(|lock| lock["reservationToken"] == outcome), "{case}");
            }
            // The lock may stay for as long as a hold lasts. The workers do not work on a sold or
            // cancelled hold again.
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
            // A hold that its call never counted ends by its TTL. A refused call leaves no hold.
            Call::ReserveTooMany => {
                assert!(held.is_none() || held == broken_off, "{case}");
                calls.left.fetch_add(usize::from(held.is_some()), Ordering::Relaxed);
            }
            _ => assert_eq!(held, None, "{case}"),
        }
    }
}

impl BookingCalls {
    /// Checks what a call of the organiser leaves, however often it was made.
    async fn organiser_left(&self, act: &Act, case: &str) {
        let seats = self.database.collection::<Document>("seats");
        let entities = self.database.collection::<Document>("entities");
        let own = self.own_seats(&match act.call {
            Call::MakeSeats | Call::MakeSeatsAgain => {
                act.event.payload["pathParameters"]["entityId"].clone()
            }
            Call::ChangeSeats | Call::RemoveSeats | Call::ConfirmRemoved => {
                json!(self.rig.tenant.entity)
            }
            _ => return,
        });
        let entity = entities.find_one(own.clone()).await.expect("a response").expect("an entity");
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
                    Call::ConfirmRemoved => wanted.insert("removed", doc! {"$exists": false}),
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
            holds.find_one(doc! {"seatIds": seat, "status": "ACTIVE"}).await.expect("a response");
        hold.map(|hold| invariants::text(&hold, "reservationToken").to_owned())
    }

    /// Checks the invariants, and that the number of documents matches the calls of each kind.
    pub async fn close(self, made: impl Fn(Call) -> usize) {
        let books = invariants::check(&self.rig.tenant).await;
        invariants::money_is_accounted_for(&books, &self.payments.into_inner().unwrap());
        let with = |status: &str| {
            books.bookings.iter().filter(|b| invariants::text(b, "status") == status).count()
        };
        let expected = [
            made(Call::Confirm)
                + made(Call::ConfirmAgain)
                + made(Call::ConfirmRemoved)
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
