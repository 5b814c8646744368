//! What must hold in every state, and what must be reached for that to mean anything.

use crate::{
    Booking, Bounds,
    state::{Aim, Answer, At, Hold, State, Status, Tx, USERS, User, Verdict},
};
use stateright::Property;

/// At most one CONFIRMED booking a seat.
pub const ONE_BOOKING: &str = "a seat is in at most one confirmed booking";
/// The seats' documents agree with the bookings.
pub const BOOKED_IF_SOLD: &str = "a seat is BOOKED exactly when one confirmed booking has it";
/// No two claims share a seat.
pub const ONE_CLAIM: &str = "a seat is in at most one claim, and a sold one in its own alone";
/// What the claims are for.
pub const ONE_HOLD: &str = "no two live holds share a seat";
/// Holds and their bookings agree.
pub const HOLD_AND_BOOKING: &str = "a hold is CONFIRMED exactly when one booking was made of it";
/// What was answered 200 stays.
pub const NOT_LOST: &str = "an acknowledged confirm is a booking with that payment";
/// Deletes are by token.
pub const OWN_LOCKS: &str = "no call deletes a lock with another token";
/// Holds end by their user or their time, once.
pub const OWN_HOLDS: &str = "a hold ends only by its user or when overdue, and stays ended";
/// The sale looks at the clock.
pub const NOT_OVERDUE: &str = "no overdue hold is sold";
/// Money is never silent.
pub const MONEY: &str =
    "a payment taken and answered is exactly one of a booking and a REFUND_DUE record";
/// Money counts once.
pub const MONEY_ONCE: &str =
    "a payment is recorded as taken at most once, and never if it was declined";
/// Answers to reserve are true.
pub const TRUE_ANSWERS: &str =
    "a reserve answered 409 left no claim, and one answered 2xx wrote its hold";

/// All that the design as built promises, and what has to be reached within these bounds.
pub fn all(bounds: &Bounds) -> Vec<Property<Booking>> {
    let mut all = vec![
        Property::always(ONE_BOOKING, |_, state| one_booking(state)),
        Property::always(BOOKED_IF_SOLD, |_, state| booked_if_sold(state)),
        Property::always(ONE_CLAIM, |_, state| one_claim(state)),
        Property::always(ONE_HOLD, |_, state| one_hold(state)),
        Property::always(HOLD_AND_BOOKING, |_, state: &State| {
            state.holds().all(|(.., hold)| u8::from(hold.status == Status::Confirmed) == hold.sales)
        }),
        Property::always(NOT_LOST, |_, state: &State| {
            state.holds().all(|(.., hold)| not_lost(hold))
        }),
        Property::always(OWN_LOCKS, |_, state: &State| !state.stolen),
        Property::always(OWN_HOLDS, |_, state: &State| !state.robbed),
        Property::always(NOT_OVERDUE, |_, state: &State| !state.sold_overdue),
        Property::always(MONEY, |_, state| money(state)),
        Property::always(MONEY_ONCE, |_, state| money_once(state)),
        Property::always(TRUE_ANSWERS, |_, state: &State| !state.lied),
        Property::sometimes("a hold expires under its confirm, before the guard", |_, state| {
            overdue_while(state, |at| at == At::Settle(Aim::Sell))
        }),
        Property::sometimes("a hold expires under its confirm, after the guard", |_, state| {
            overdue_while(state, |at| at == At::Commit(Aim::Sell))
        }),
        Property::sometimes("a payment is recorded as REFUND_DUE", |_, state: &State| {
            state.users.iter().flat_map(|user| user.payments).any(|payment| payment.refunds > 0)
        }),
        Property::sometimes("a payment is declined, and its hold let go", |_, state: &State| {
            state.users.iter().flat_map(|user| user.payments).any(|payment| payment.failed > 0)
        }),
    ];
    if bounds.users > 1 {
        all.push(Property::sometimes(
            "two users contend for a seat, and the index refuses one",
            |_, state: &State| {
                let refused = |u: usize| {
                    state.users[u].call.at == At::GiveBack(Answer::NotHeld) && state.booked == 0
                };
                (0..USERS).any(|u| {
                    refused(u)
                        && state.holds().any(|(v, _, hold)| v != u && hold.status == Status::Live)
                })
            },
        ));
        all.push(Property::sometimes("both seats are sold, to two users", |_, state: &State| {
            state.holds().filter(|(.., hold)| hold.sales > 0).count() == 2
        }));
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
                let idle =
                    |u: usize| !state.users[u].call.at.runs() && !state.users[u].late.at.runs();
                state.holds().any(|(u, _, hold)| hold.tx != Tx::Closed && idle(u))
            },
        ));
    }
    if bounds.losses > 0 {
        all.push(Property::sometimes(
            "a repeated confirm meets the sale of the call given up",
            |_, state: &State| {
                let sold = At::Unlock(Answer::Sold);
                state.users.iter().any(|user| user.call.at == sold && user.late.at == sold)
            },
        ));
    }
    if bounds.extra > 0 {
        all.push(Property::sometimes(
            "a second payment for a sold hold is REFUND_DUE",
            |_, state: &State| {
                let refunded =
                    |user: &User| user.payments.iter().any(|payment| payment.refunds > 0);
                state
                    .users
                    .iter()
                    .any(|user| refunded(user) && user.holds.iter().any(|hold| hold.sales > 0))
            },
        ));
    }
    all
}

/// The one promise that the first design is asked for.
pub fn of_the_first_design() -> Vec<Property<Booking>> {
    vec![Property::always(ONE_BOOKING, |_, state: &State| one_booking(state))]
}

fn one_booking(state: &State) -> bool {
    sales(state).iter().all(|sales| *sales <= 1)
}

fn booked_if_sold(state: &State) -> bool {
    let [one, other] = sales(state);
    state.booked == u8::from(one == 1) | u8::from(other == 1) << 1
}

/// Of each seat, the confirmed bookings.
fn sales(state: &State) -> [u8; 2] {
    state.holds().fold([0, 0], |[one, other], (.., hold)| {
        [one + hold.sales * (hold.seats & 1), other + hold.sales * (hold.seats >> 1)]
    })
}

fn one_claim(state: &State) -> bool {
    let mut claimed = 0;
    state.holds().filter(|(.., hold)| hold.status.claims()).all(|(.., hold)| {
        let alone = claimed & hold.seats == 0;
        claimed |= hold.seats;
        alone && (hold.status == Status::Confirmed || state.booked & hold.seats == 0)
    })
}

fn one_hold(state: &State) -> bool {
    let mut held = 0;
    state.holds().filter(|(.., hold)| hold.status == Status::Live).all(|(.., hold)| {
        let alone = held & hold.seats == 0;
        held |= hold.seats;
        alone
    })
}

fn not_lost(hold: &Hold) -> bool {
    hold.acknowledged == 0
        || (hold.status == Status::Confirmed && hold.sales > 0 && hold.paid_by == hold.acknowledged)
}

fn money(state: &State) -> bool {
    let payments = state.users.iter().flat_map(|user| &user.payments);
    payments
        .filter(|payment| payment.answered && payment.verdict == Verdict::Taken)
        .all(|payment| payment.sales + payment.refunds == 1)
}

fn money_once(state: &State) -> bool {
    let mut payments = state.users.iter().flat_map(|user| &user.payments);
    payments.all(|payment| {
        payment.sales + payment.refunds <= u8::from(payment.verdict == Verdict::Taken)
    })
}

fn overdue_while(state: &State, at: fn(At) -> bool) -> bool {
    state.users.iter().any(|user| {
        let hold = &user.holds[usize::from(user.call.token)];
        at(user.call.at) && matches!(hold.status, Status::Overdue)
    })
}
