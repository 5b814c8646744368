//! What must hold in every state, and what must be reached for that to mean anything.

mod checks;

use self::checks::{
    booked_if_sold, bookings, every_hold, hold_and_booking, money, money_once, not_lost,
    one_booking, one_claim, one_hold, overdue_while, paid_price, payable, payment_of, rests,
};
use crate::{
    BookingModel, Bounds,
    state::{Entity, Hold, Purpose, Response, State, Status, Step, Tx, USERS, User},
};
use stateright::Property;

/// At most one CONFIRMED booking per seat.
pub const ONE_BOOKING: &str = "a seat is in at most one confirmed booking";
/// The seats' documents agree with the bookings.
pub const BOOKED_IF_SOLD: &str = "a seat is BOOKED exactly when one confirmed booking has it";
/// No two claims share a seat.
pub const ONE_CLAIM: &str = "a seat is in at most one claim, and a sold one in its own alone";
/// At most one live hold per seat.
pub const ONE_HOLD: &str = "no two live holds share a seat";
/// Holds agree with their bookings.
pub const HOLD_AND_BOOKING: &str =
    "a hold is CONFIRMED exactly when one booking was made of it, and then has its seats";
/// Whatever a 200 confirmed stays.
pub const NOT_LOST: &str = "an acknowledged confirm is a booking with that payment";
/// Locks are deleted by token.
pub const OWN_LOCKS: &str = "no call deletes a lock with another token";
/// Holds end once, by their user or their time.
pub const OWN_HOLDS: &str = "a hold ends only by its user or when overdue, and stays ended";
/// A sale checks that its hold is not overdue.
pub const NOT_OVERDUE: &str = "no overdue hold is sold";
/// No payment is forgotten.
pub const MONEY: &str =
    "a payment taken and answered is exactly one of a booking and a REFUND_DUE record";
/// A payment is recorded once, and a declined one never.
pub const MONEY_ONCE: &str =
    "a payment is recorded as taken at most once, and never if it was declined";
/// A refusal has changed nothing, and an accepted call has written its hold.
pub const TRUE_RESPONSES: &str = "a refused reserve left no claim, an accepted one wrote its hold, \
     and a refused change left the hold as it was";
/// A booking's price is its payment.
pub const PAID_PRICE: &str = "a booking costs what its payment took";
/// Locks go with the seats.
pub const NO_STRAY_LOCKS: &str = "a live hold at rest keeps no lock on a seat that it dropped";
/// A client pays what its hold costs.
pub const PAYABLE: &str =
    "the payment stored on a live hold is for its price, and is not recorded as REFUND_DUE";
/// A payment buys time once.
pub const EXTENDED_ONCE: &str = "a hold is extended at most once";
/// Paid = kept + refunds.
pub const REFUNDED: &str = "at rest, a booking's refunds are the price of its cancelled seats";
/// No refund is made twice.
pub const REFUNDED_ONCE: &str = "no cancelled seat is refunded twice";
/// Nothing of a cancelled entity stays sold.
pub const ENTITY_ENDED: &str = "after the entity's cancel has ended, nothing claims a seat of it";
/// Removal and sale agree.
pub const REMOVED_UNSOLD: &str = "a removed seat is not BOOKED";
/// Removal takes no seat from a hold.
pub const SEAT_THERE: &str = "no live hold finds its seat gone";

/// All that the current design promises, and what has to be reached within these bounds.
pub fn all(bounds: &Bounds) -> Vec<Property<BookingModel>> {
    let mut all = vec![
        Property::always(ONE_BOOKING, |_, state| one_booking(state)),
        Property::always(BOOKED_IF_SOLD, |_, state| booked_if_sold(state)),
        Property::always(ONE_CLAIM, |_, state| one_claim(state)),
        Property::always(ONE_HOLD, |_, state| one_hold(state)),
        Property::always(HOLD_AND_BOOKING, |_, state| every_hold(state, hold_and_booking)),
        Property::always(NOT_LOST, |_, state| every_hold(state, not_lost)),
        Property::always(OWN_LOCKS, |_, state: &State| !state.foreign_lock_deleted),
        Property::always(OWN_HOLDS, |_, state: &State| !state.hold_violated),
        Property::always(NOT_OVERDUE, |_, state: &State| !state.overdue_sold),
        Property::always(MONEY, |_, state| money(state)),
        Property::always(MONEY_ONCE, |_, state| money_once(state)),
        Property::always(TRUE_RESPONSES, |_, state: &State| !state.wrong_response),
        Property::sometimes("a hold expires under its confirm, before the guard", |_, state| {
            overdue_while(state, |step| step == Step::Settle(Purpose::Sell))
        }),
        Property::sometimes("a hold expires under its confirm, after the guard", |_, state| {
            overdue_while(state, |step| step == Step::Commit(Purpose::Sell))
        }),
        Property::sometimes("a payment is recorded as REFUND_DUE", |_, state: &State| {
            state.users.iter().flat_map(|user| user.payments).any(|p| p.refunds_due > 0)
        }),
        Property::sometimes("a payment is declined, and its hold released", |_, state: &State| {
            state.users.iter().flat_map(|user| user.payments).any(|p| p.failed > 0)
        }),
    ];
    if bounds.users > 1 {
        all.extend(contention());
    }
    if bounds.wipes > 0 {
        all.push(Property::sometimes(
            "a wipe lets two users pass the gate for one seat",
            |_, state: &State| {
                let passed = |u: usize, hold: &Hold| {
                    hold.status == Status::Live && state.locked_by_others(u) & hold.seats != 0
                };
                state.wiped && state.holds().any(|(u, _, hold)| passed(u, hold))
            },
        ));
    }
    if bounds.crashes > 0 {
        all.push(Property::sometimes(
            "a dead process leaves a transaction open",
            |_, state: &State| {
                state.holds().any(|(u, _, hold)| hold.tx != Tx::Closed && rests(&state.users[u]))
            },
        ));
    }
    if bounds.lost_replies > 0 {
        all.push(Property::sometimes(
            "a repeated confirm meets the sale of the call given up",
            |_, state: &State| {
                let sold = Step::Unlock(Response::Sold);
                state.users.iter().any(|user| user.both_calls().iter().all(|c| c.step == sold))
            },
        ));
    }
    if bounds.extra_calls > 0 {
        all.push(Property::sometimes(
            "a second payment for a sold hold is REFUND_DUE",
            |_, state: &State| {
                let due = |user: &User| user.payments.iter().any(|p| p.refunds_due > 0);
                let sold = |user: &User| user.holds.iter().any(|hold| hold.sales > 0);
                state.users.iter().any(|user| due(user) && sold(user))
            },
        ));
    }
    if bounds.amounts() {
        all.push(Property::always(PAID_PRICE, |_, state| bookings(state, paid_price)));
    }
    if bounds.changes > 0 {
        all.extend(changes(bounds));
    }
    if bounds.payments {
        all.extend(payments(bounds));
    }
    if bounds.cancels || bounds.entity_cancel {
        all.extend(cancellations(bounds));
    }
    if bounds.entity_cancel {
        all.extend(entity_cancel());
    }
    if bounds.removals > 0 {
        all.extend(removals());
    }
    all
}

/// The one property that the first design is checked for.
pub fn of_first_design() -> Vec<Property<BookingModel>> {
    vec![Property::always(ONE_BOOKING, |_, state: &State| one_booking(state))]
}

fn contention() -> [Property<BookingModel>; 2] {
    [
        Property::sometimes(
            "two users contend for a seat, and the index refuses one",
            |_, state: &State| {
                let refused = |u: usize| {
                    state.users[u].call.step == Step::GiveBack(Response::NotHeld)
                        && state.booked == 0
                };
                (0..USERS).any(|u| {
                    refused(u)
                        && state.holds().any(|(v, _, hold)| v != u && hold.status == Status::Live)
                })
            },
        ),
        Property::sometimes("both seats are sold, to two users", |_, state: &State| {
            state.holds().filter(|(.., hold)| hold.sales > 0).count() == 2
        }),
    ]
}

fn changes(bounds: &Bounds) -> Vec<Property<BookingModel>> {
    let mut all = vec![Property::sometimes("a changed hold is sold", |_, state: &State| {
        state.holds().any(|(.., hold)| hold.sales > 0 && hold.version > 0)
    })];
    if bounds.crashes == 0 {
        all.push(Property::always(NO_STRAY_LOCKS, |_, state: &State| {
            state.holds().all(|(u, _, hold)| {
                let live = hold.status == Status::Live;
                !live || hold.locks & !hold.seats == 0 || !rests(&state.users[u])
            })
        }));
    }
    if bounds.lost_replies > 0 && !bounds.payments {
        all.push(Property::sometimes(
            "a hold changes between the question to the provider and the sale",
            |_, state: &State| {
                state.users.iter().any(|user| {
                    let hold = &user.holds[usize::from(user.call.token)];
                    user.call.step == Step::Settle(Purpose::Sell)
                        && hold.status == Status::Live
                        && hold.version != user.call.version
                })
            },
        ));
        all.push(Property::sometimes(
            "a payment of the old price is REFUND_DUE, and its hold stays",
            |_, state: &State| {
                state.users.iter().any(|user| {
                    user.payments.iter().any(|payment| payment.refunds_due > 0)
                        && user.holds.iter().any(|h| h.status == Status::Live && h.version > 0)
                })
            },
        ));
    }
    if bounds.users > 1 {
        all.push(Property::sometimes(
            "a seat that a live hold dropped is held by another user",
            |_, state: &State| {
                let live = || state.holds().filter(|(.., hold)| hold.status == Status::Live);
                live().any(|(.., hold)| hold.version > 0) && live().count() == 2
            },
        ));
        all.push(Property::sometimes(
            "a change is refused, and the old hold stands",
            |_, state: &State| {
                state.users.iter().any(|user| {
                    let hold = &user.holds[usize::from(user.call.token)];
                    user.call.step == Step::GiveBack(Response::NotChanged)
                        && hold.status == Status::Live
                        && hold.version == 0
                })
            },
        ));
    }
    all
}

fn payments(bounds: &Bounds) -> Vec<Property<BookingModel>> {
    let mut all = vec![
        Property::always(PAYABLE, |_, state| payable(state)),
        Property::always(EXTENDED_ONCE, |_, state: &State| {
            state.holds().all(|(.., hold)| hold.extensions <= 1)
        }),
        Property::sometimes("a hold ends before its payment is stored", |_, state: &State| {
            state.users.iter().any(|user| {
                let hold = &user.holds[usize::from(user.call.token)];
                user.call.step == Step::StorePayment && hold.status == Status::Expired
            })
        }),
    ];
    if bounds.events > 0 {
        all.push(Property::sometimes("a provider's event sells", |_, state: &State| {
            state.users.iter().any(|user| user.background.step == Step::Commit(Purpose::Sell))
        }));
        all.push(Property::sometimes(
            "an event finds its hold ended, and the payment becomes REFUND_DUE",
            |_, state: &State| {
                state.users.iter().any(|user| {
                    user.payments.iter().any(|payment| payment.refunds_due > 0)
                        && user.background.step == Step::Unlock(Response::NotSold)
                })
            },
        ));
    }
    if bounds.other_amounts {
        all.push(Property::sometimes(
            "after another amount, a second payment is stored without a second extension",
            |_, state: &State| {
                state.holds().any(|(.., hold)| {
                    hold.payment != 0 && hold.version >= 3 && hold.extensions == 1
                })
            },
        ));
    }
    all
}

fn cancellations(bounds: &Bounds) -> Vec<Property<BookingModel>> {
    let mut all = vec![
        Property::always(REFUNDED, |_, state: &State| {
            bookings(state, |user, hold| {
                !rests(user) || payment_of(user, hold).refunded == hold.cancelled
            })
        }),
        Property::always(REFUNDED_ONCE, |_, state: &State| !state.refunded_twice),
    ];
    if bounds.cancels && bounds.users > 1 {
        all.push(Property::sometimes(
            "a cancelled seat is sold again, to another user",
            |_, state: &State| {
                let sold_again = |u: usize, seats: u8| {
                    state.holds().any(|(v, _, hold)| v != u && hold.booked() & seats != 0)
                };
                state.holds().any(|(u, _, hold)| sold_again(u, hold.cancelled))
            },
        ));
    }
    if bounds.cancels {
        all.push(Property::sometimes(
            "one seat of a booking is cancelled, the other stays",
            |_, state: &State| {
                state
                    .holds()
                    .any(|(.., hold)| hold.cancelled != 0 && hold.status == Status::Confirmed)
            },
        ));
    }
    all
}

fn entity_cancel() -> [Property<BookingModel>; 4] {
    [
        Property::always(ENTITY_ENDED, |_, state: &State| {
            state.entity != Entity::Done || state.claimed() == 0
        }),
        Property::sometimes("a sale is committed after CANCELLED", |_, state: &State| {
            let sold = |user: &User| {
                user.call.step == Step::Commit(Purpose::Sell) && user.call.before_cancel
            };
            state.entity == Entity::Cancelled && state.users.iter().any(sold)
        }),
        Property::sometimes("a hold is written after CANCELLED", |_, state: &State| {
            let writes = |user: &User| user.call.step == Step::WriteHold;
            state.entity == Entity::Cancelled && state.users.iter().any(writes)
        }),
        Property::sometimes("the entity's cancel ends after a sale", |_, state: &State| {
            let cancelled = |hold: &Hold| hold.status == Status::Cancelled;
            state.entity == Entity::Done && state.holds().any(|(.., hold)| cancelled(hold))
        }),
    ]
}

fn removals() -> [Property<BookingModel>; 3] {
    [
        Property::always(REMOVED_UNSOLD, |_, state: &State| state.removed & state.booked == 0),
        Property::always(SEAT_THERE, |_, state: &State| {
            let gone = Step::Settle(Purpose::LetGo);
            state.users.iter().flat_map(User::both_calls).all(|call| call.step != gone)
        }),
        Property::sometimes("a removed seat is held", |_, state: &State| {
            let held = |hold: &Hold| hold.status == Status::Live;
            state.holds().any(|(.., hold)| held(hold) && hold.seats & state.removed != 0)
        }),
    ]
}
