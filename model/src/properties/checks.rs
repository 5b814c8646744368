//! What a state is checked for.

use crate::state::{Hold, PER_USER, Payment, State, Status, Step, User, Verdict};

pub fn every_hold(state: &State, check: fn(&Hold) -> bool) -> bool {
    state.holds().all(|(.., hold)| check(hold))
}

/// Whether the check holds for every booking.
pub fn bookings(state: &State, check: fn(&User, &Hold) -> bool) -> bool {
    state.holds().all(|(u, _, hold)| hold.sales == 0 || check(&state.users[u], hold))
}

pub fn payment_of<'a>(user: &'a User, hold: &Hold) -> &'a Payment {
    &user.payments[usize::from(hold.paid_by.saturating_sub(1)).min(PER_USER - 1)]
}

/// Whether no call of the user is at work.
pub fn rests(user: &User) -> bool {
    user.both_calls().iter().all(|call| !call.step.runs())
}

pub fn one_booking(state: &State) -> bool {
    sales(state).iter().all(|sales| *sales <= 1)
}

pub fn booked_if_sold(state: &State) -> bool {
    let [one, other] = sales(state);
    state.booked == u8::from(one == 1) | u8::from(other == 1) << 1
}

/// How many confirmed bookings each seat has.
fn sales(state: &State) -> [u8; 2] {
    state.holds().fold([0, 0], |[one, other], (.., hold)| {
        [one + hold.sales * (hold.booked() & 1), other + hold.sales * (hold.booked() >> 1)]
    })
}

pub fn one_claim(state: &State) -> bool {
    let mut claimed = 0;
    state.holds().filter(|(.., hold)| hold.status.claims()).all(|(.., hold)| {
        let alone = claimed & hold.seats == 0;
        claimed |= hold.seats;
        alone && (hold.status == Status::Confirmed || state.booked & hold.seats == 0)
    })
}

pub fn one_hold(state: &State) -> bool {
    let mut held = 0;
    state.holds().filter(|(.., hold)| hold.status == Status::Live).all(|(.., hold)| {
        let alone = held & hold.seats == 0;
        held |= hold.seats;
        alone
    })
}

pub fn hold_and_booking(hold: &Hold) -> bool {
    let agree = hold.status != Status::Confirmed || hold.seats == hold.booked();
    u8::from(hold.status.sold()) == hold.sales && agree
}

pub fn not_lost(hold: &Hold) -> bool {
    hold.acknowledged == 0
        || (hold.status.sold() && hold.sales > 0 && hold.paid_by == hold.acknowledged)
}

pub fn paid_price(user: &User, hold: &Hold) -> bool {
    let payment = payment_of(user, hold);
    payment.verdict == Verdict::Taken && payment.amount == hold.sold
}

pub fn payable(state: &State) -> bool {
    state.holds().all(|(u, _, hold)| {
        let stored = usize::from(hold.payment).checked_sub(1);
        let payment = stored.and_then(|p| state.users[u].payments.get(p));
        hold.status != Status::Live
            || payment.is_none_or(|p| p.amount == hold.seats && p.refunds_due == 0)
    })
}

pub fn money(state: &State) -> bool {
    let payments = state.users.iter().flat_map(|user| &user.payments);
    payments
        .filter(|payment| payment.answered && payment.verdict.taken())
        .all(|payment| payment.sales + payment.refunds_due == 1)
}

pub fn money_once(state: &State) -> bool {
    let mut payments = state.users.iter().flat_map(|user| &user.payments);
    payments.all(|payment| payment.sales + payment.refunds_due <= u8::from(payment.verdict.taken()))
}

pub fn overdue_while(state: &State, step: fn(Step) -> bool) -> bool {
    state.users.iter().any(|user| {
        let hold = &user.holds[usize::from(user.call.token)];
        step(user.call.step) && hold.status == Status::Overdue
    })
}
