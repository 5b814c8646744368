//! The paths through the booking flow, each with its writes. A process is killed before and after
//! every one of them.

use super::super::booking_calls::Call;

/// A path through a function, and its writes.
pub struct Way {
    pub function: &'static str,
    pub call: Call,
    pub keyed: bool,
    /// How often the write succeeds before the fail point acts.
    pub pass: usize,
    /// Their names, with spaces between them.
    writes: &'static str,
}

const fn way(function: &'static str, call: Call, writes: &'static str) -> Way {
    Way { function, call, keyed: false, pass: 0, writes }
}

impl Way {
    pub fn writes(&self) -> impl Iterator<Item = &'static str> {
        self.writes.split_whitespace()
    }

    /// Sends the call with an idempotency key.
    const fn keyed(self) -> Self {
        Self { keyed: true, ..self }
    }

    /// Targets writes that the path makes a second time.
    const fn second(self) -> Self {
        Self { pass: 1, ..self }
    }
}

pub const WAYS: &[Way] = &[
    way("reserve", Call::Reserve, "gate.take reservations.claim"),
    way("reserve", Call::Reserve, "idempotency.begin reservations.claim idempotency.finish")
        .keyed(),
    way("reserve", Call::ReserveOverdue, "gate.take reservations.claim reservations.expire_on"),
    way("reserve", Call::ReserveOverdue, "reservations.claim").second(),
    way(
        "reserve",
        Call::ReserveOwn,
        "gate.take reservations.claim reservations.expire_on gate.restore gate.give_back",
    ),
    way(
        "reserve",
        Call::ReserveTooMany,
        "gate.take reservations.claim reservations.release gate.give_back",
    ),
    way("reserve", Call::ReserveTooMany, "idempotency.begin idempotency.forget").keyed(),
    way("reserve", Call::ReserveBest, "gate.take_first reservations.claim idempotency.finish")
        .keyed(),
    way("reserve", Call::Change, "gate.take reservations.change gate.release"),
    way("reserve", Call::Change, "reservations.change idempotency.finish").keyed(),
    way(
        "confirm",
        Call::Confirm,
        "payment.verify reservations.settle seats.book bookings.insert tx.commit gate.release",
    ),
    way("confirm", Call::Confirm, "idempotency.begin tx.commit idempotency.finish").keyed(),
    way(
        "confirm",
        Call::ConfirmDeclined,
        "reservations.settle bookings.insert tx.commit gate.release",
    ),
    way("confirm", Call::ConfirmDeclined, "tx.commit idempotency.finish").keyed(),
    way(
        "confirm",
        Call::ConfirmLate,
        "payment.verify reservations.settle bookings.insert tx.commit",
    ),
    way("confirm", Call::ConfirmLate, "gate.release idempotency.finish").keyed(),
    way("confirm", Call::ConfirmReleased, "bookings.insert tx.commit gate.release"),
    way("confirm", Call::ConfirmLateDeclined, "reservations.expire gate.release"),
    way("confirm", Call::ConfirmAgain, "gate.release"),
    way("confirm", Call::ConfirmRemoved, "entities.raise_seats_version tx.commit"),
    way("confirm", Call::ConfirmRemoved, "seats.book").second(),
    way("release", Call::Release, "reservations.release gate.release"),
    way("release", Call::Release, "idempotency.begin reservations.release idempotency.finish")
        .keyed(),
    way("release", Call::ReleaseLate, "reservations.release reservations.expire gate.release"),
    way(
        "create-seats",
        Call::Create,
        "idempotency.begin entities.touch seats.insert idempotency.finish_in tx.commit \
         idempotency.finish",
    )
    .keyed(),
    way(
        "entity-seats",
        Call::MakeSeats,
        "layout_seats.begin layout_seats.progress layout_seats.insert tx.commit",
    ),
    way("entity-seats", Call::MakeSeatsAgain, "seats.make_way"),
    way("entity-seats", Call::ChangeSeats, "seats.change entities.raise_seats_version"),
    way("entity-seats", Call::RemoveSeats, "seats.remove entities.raise_seats_version"),
    way(
        "expire-reservations",
        Call::Sweep,
        "reservations.expire_extended reservations.expire_batch",
    ),
    way(
        "ask-payments",
        Call::Ask,
        "reservations.take_to_ask payment.verify reservations.settle seats.book bookings.insert \
         tx.commit gate.release reservations.ask_next",
    ),
    way(
        "ask-payments",
        Call::AskLate,
        "reservations.take_to_ask payment.verify reservations.settle bookings.insert \
         refunds.insert tx.commit gate.release reservations.ask_next",
    ),
    way(
        "cancel-entities",
        Call::CancelEntity,
        "entities.take_cancel reservations.end_of_entity bookings.cancel reservations.cancel \
         seats.free refunds.insert tx.commit gate.release entities.keep_cancel \
         entities.plan_cancel",
    ),
    way(
        "start-payment",
        Call::StartPayment,
        "payment.start reservations.start_payment gate.restore",
    ),
    way(
        "cancel-booking",
        Call::Cancel,
        "bookings.cancel reservations.cancel seats.free refunds.insert tx.commit gate.release \
         refunds.take refunds.settle bookings.update",
    ),
    way("cancel-booking", Call::Cancel, "bookings.cancel tx.commit refunds.take").keyed(),
    way("cancel-booking", Call::Cancel, "tx.commit").second(),
    way(
        "admin-bookings",
        Call::AdminCancel,
        "bookings.cancel reservations.cancel seats.free refunds.insert tx.commit",
    ),
    way(
        "admin-bookings",
        Call::AdminRefund,
        "idempotency.begin bookings.update refunds.insert idempotency.finish_in tx.commit \
         refunds.take refunds.settle idempotency.finish",
    )
    .keyed(),
    way(
        "admin-refunds",
        Call::RetryRefund,
        "refunds.change_failed bookings.update refunds.insert idempotency.finish_in tx.commit \
         refunds.take",
    )
    .keyed(),
    way(
        "admin-refunds",
        Call::SettleRefund,
        "refunds.change_failed bookings.update tx.commit idempotency.finish",
    )
    .keyed(),
];
