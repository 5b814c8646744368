//! States packed into few words, because millions of them are hashed. And one representative for
//! all states that differ by the names of users and seats alone.

use crate::state::{BrokenCall, Call, Hold, Payment, Response, State, Step, USERS, User};
use stateright::Representative;
use std::hash::{Hash, Hasher};

impl Representative for State {
    /// Users and seats have no names of their own. Of all namings, this is the least.
    fn representative(&self) -> Self {
        let (keys, same) = sorted(*self);
        let (mirrored_keys, mirrored) = sorted(self.mirrored());
        if (keys, same.world()) <= (mirrored_keys, mirrored.world()) { same } else { mirrored }
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        for user in &self.users {
            let [main, rest] = user.key();
            hasher.write_u128(main);
            hasher.write_u128(rest);
        }
        hasher.write_u64(self.world());
    }
}

impl State {
    /// All that does not belong to a user.
    fn world(&self) -> u64 {
        let mut key = Packed::default();
        for seats in [self.booked, self.removing, self.removed, self.entity as u8] {
            key.put(2, seats);
        }
        for left in [self.wipes, self.crashes, self.lost_replies, self.extra_calls] {
            key.put(4, left);
        }
        for left in [self.changes, self.events, self.removals] {
            key.put(4, left);
        }
        for flag in [
            self.wiped,
            self.foreign_lock_deleted,
            self.hold_violated,
            self.overdue_sold,
            self.wrong_response,
            self.refunded_twice,
        ] {
            key.put(1, u8::from(flag));
        }
        key.0 as u64
    }
}

type Keys = [[u128; 2]; USERS];

fn sorted(mut state: State) -> (Keys, State) {
    let mut keyed = state.users.map(|user| (user.key(), user));
    keyed.sort_unstable_by_key(|(key, _)| *key);
    state.users = keyed.map(|(_, user)| user);
    (keyed.map(|(key, _)| key), state)
}

/// Numbers in as few bits as they need, one after the other.
#[derive(Default)]
struct Packed(u128);

impl Packed {
    fn put(&mut self, bits: u32, value: u8) {
        debug_assert!(u32::from(value) < 1 << bits);
        debug_assert!(self.0 >> (128 - bits) == 0);
        self.0 = self.0 << bits | u128::from(value);
    }
}

impl User {
    /// All of it in two numbers: users with equal keys are equal.
    fn key(&self) -> [u128; 2] {
        let (mut main, mut rest) = (Packed::default(), Packed::default());
        for hold in &self.holds {
            hold.put(&mut main, &mut rest);
        }
        for payment in &self.payments {
            payment.put(&mut main, &mut rest);
        }
        for call in self.both_calls() {
            call.put(&mut main, &mut rest);
        }
        main.put(2, self.known_hold);
        main.put(2, self.calls);
        [main.0, rest.0]
    }
}

impl Hold {
    fn put(&self, main: &mut Packed, rest: &mut Packed) {
        main.put(2, self.seats);
        main.put(3, self.status as u8);
        main.put(2, self.tx as u8);
        main.put(2, self.locks);
        main.put(3, self.sales);
        main.put(2, self.paid_by);
        main.put(2, self.acknowledged);
        rest.put(3, self.version);
        rest.put(2, self.payment);
        rest.put(2, self.extensions);
        rest.put(2, self.sold);
        rest.put(2, self.cancelled);
        rest.put(2, self.noted as u8);
    }
}

impl Payment {
    fn put(&self, main: &mut Packed, rest: &mut Packed) {
        main.put(2, self.verdict as u8);
        main.put(3, self.sales);
        main.put(3, self.refunds_due);
        main.put(2, self.failed);
        main.put(1, u8::from(self.answered));
        rest.put(2, self.amount);
        rest.put(5, self.key.map_or(0, |key| 1 << 4 | key.token << 3 | key.version));
        rest.put(1, u8::from(self.shown));
        rest.put(2, self.refunded);
    }
}

impl Call {
    fn put(&self, main: &mut Packed, rest: &mut Packed) {
        main.put(10, 0);
        main.0 |= u128::from(self.step.code());
        main.put(1, self.token);
        main.put(1, self.payment);
        main.put(2, self.retries);
        main.put(1, u8::from(self.met_own_locks));
        main.put(1, u8::from(self.verified));
        rest.put(3, self.version);
        rest.put(2, self.seats);
        rest.put(2, self.read);
        rest.put(1, u8::from(self.before_cancel));
    }
}

impl Step {
    fn code(self) -> u16 {
        let response = |response: Response| match response {
            Response::Held(token) => u16::from(token),
            Response::NotHeld => 2,
            Response::Sold => 3,
            Response::NotSold => 4,
            Response::Unavailable => 5,
            Response::Released => 6,
            Response::NotReleased => 7,
            Response::Changed => 8,
            Response::NotChanged => 9,
            Response::Paying(payment) => 10 + u16::from(payment),
            Response::NotPaying => 12,
            Response::Cancelled => 13,
            Response::NotCancelled => 14,
        };
        let (step, detail) = match self {
            Self::Idle => (0, 0),
            Self::ReadSeats => (1, 0),
            Self::WriteHold => (2, 0),
            Self::MarkOverdue => (3, 0),
            Self::ReadClaims => (4, 0),
            Self::RestoreFound => (5, 0),
            Self::FindAgain => (6, 0),
            Self::UndoRestore => (7, 0),
            Self::RestoreOwn => (8, 0),
            Self::GiveBack(answer) => (9, response(answer)),
            Self::Find => (10, 0),
            Self::Verify(seen) => (11, seen as u16),
            Self::Settle(purpose) => (12, purpose as u16),
            Self::Commit(purpose) => (13, purpose as u16),
            Self::RecordRefundDue(seen) => (14, seen as u16),
            Self::Expire(answer) => (15, response(answer)),
            Self::Release => (16, 0),
            Self::FindReleased => (17, 0),
            Self::Unlock(answer) => (18, response(answer)),
            Self::Insert => (19, 0),
            Self::CheckLock => (20, 0),
            Self::DeleteLock => (21, 0),
            Self::CommitUnguarded => (22, 0),
            Self::MarkReleased => (23, 0),
            Self::BrokenOff(broken) => (24, broken.code()),
            Self::FindToChange => (25, 0),
            Self::LockAdded => (26, 0),
            Self::WriteChange => (27, 0),
            Self::FindToPay => (28, 0),
            Self::CreatePayment => (29, 0),
            Self::StorePayment => (30, 0),
            Self::FindToCancel => (31, 0),
            Self::OpenCancel => (32, 0),
            Self::CommitCancel => (33, 0),
            Self::AddRefund => (34, 0),
        };
        step << 4 | detail
    }
}

impl BrokenCall {
    fn code(self) -> u16 {
        match self {
            Self::Reserve(seats) => u16::from(seats),
            Self::Change(seats) => 4 | u16::from(seats),
            Self::Cancel(seats) => 8 | u16::from(seats),
            Self::Confirm => 4,
            Self::Release => 8,
            Self::Pay => 12,
        }
    }
}
