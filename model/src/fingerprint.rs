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
        self.users.iter().flat_map(User::key).for_each(|key| hasher.write_u64(key));
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
        key.0
    }
}

type Keys = [[u64; 3]; USERS];

fn sorted(mut state: State) -> (Keys, State) {
    let mut keyed = state.users.map(|user| (user.key(), user));
    keyed.sort_unstable_by_key(|(key, _)| *key);
    state.users = keyed.map(|(_, user)| user);
    (keyed.map(|(key, _)| key), state)
}

/// Numbers in as few bits as they need, one after the other.
#[derive(Default)]
struct Packed(u64);

impl Packed {
    fn put(&mut self, bits: u32, value: u8) {
        debug_assert!(u32::from(value) < 1 << bits);
        debug_assert!(self.0 >> (64 - bits) == 0);
        self.0 = self.0 << bits | u64::from(value);
    }
}

impl User {
    /// All of it in three numbers: users with equal keys are equal.
    fn key(&self) -> [u64; 3] {
        let (mut holds, mut payments, mut calls) =
            (Packed::default(), Packed::default(), Packed::default());
        self.holds.iter().for_each(|hold| hold.put(&mut holds));
        self.payments.iter().for_each(|payment| payment.put(&mut payments));
        self.both_calls().into_iter().for_each(|call| call.put(&mut calls));
        calls.put(2, self.known_hold);
        calls.put(2, self.calls);
        [holds.0, payments.0, calls.0]
    }
}

impl Hold {
    fn put(&self, key: &mut Packed) {
        key.put(2, self.seats);
        key.put(3, self.status as u8);
        key.put(2, self.tx as u8);
        key.put(2, self.locks);
        key.put(3, self.version);
        key.put(2, self.payment);
        key.put(2, self.extensions);
        key.put(3, self.sales);
        key.put(2, self.sold);
        key.put(2, self.cancelled);
        key.put(2, self.paid_by);
        key.put(2, self.acknowledged);
        key.put(1, u8::from(self.listed));
    }
}

impl Payment {
    fn put(&self, key: &mut Packed) {
        key.put(2, self.verdict as u8);
        key.put(3, self.sales);
        key.put(3, self.refunds_due);
        key.put(2, self.failed);
        key.put(1, u8::from(self.answered));
        key.put(2, self.amount);
        key.put(5, self.key.map_or(0, |key| 1 << 4 | key.token << 3 | key.version));
        key.put(1, u8::from(self.shown));
        key.put(2, self.refunded);
    }
}

impl Call {
    fn put(&self, key: &mut Packed) {
        let (step, detail) = self.step.code();
        key.put(6, step);
        key.put(4, detail);
        key.put(1, self.token);
        key.put(1, self.payment);
        key.put(2, self.retries);
        key.put(1, u8::from(self.met_own_locks));
        key.put(1, u8::from(self.verified));
        key.put(3, self.version);
        key.put(2, self.seats);
        key.put(2, self.read);
        key.put(1, u8::from(self.before_cancel));
    }
}

impl Step {
    /// The step, and what it carries.
    fn code(self) -> (u8, u8) {
        let response = |response: Response| match response {
            Response::Held(token) => token,
            Response::NotHeld => 2,
            Response::Sold => 3,
            Response::NotSold => 4,
            Response::Unavailable => 5,
            Response::Released => 6,
            Response::NotReleased => 7,
            Response::Changed => 8,
            Response::NotChanged => 9,
            Response::Paying(payment) => 10 + payment,
            Response::NotPaying => 12,
            Response::Cancelled => 13,
            Response::NotCancelled => 14,
        };
        match self {
            Self::Idle => (0, 0),
            Self::ReadSeats => (1, 0),
            Self::WriteHold => (2, 0),
            Self::MarkOverdue => (3, 0),
            Self::ReadClaims => (4, 0),
            Self::RestoreFound => (5, 0),
            Self::FindAgain => (6, 0),
            Self::UndoRestore => (7, 0),
            Self::RestoreOwn => (8, 0),
            Self::GiveBack(result) => (9, response(result)),
            Self::Find => (10, 0),
            Self::Verify(seen) => (11, seen as u8),
            Self::Settle(purpose) => (12, purpose as u8),
            Self::Commit(purpose) => (13, purpose as u8),
            Self::RecordRefundDue(seen) => (14, seen as u8),
            Self::Expire(result) => (15, response(result)),
            Self::Release => (16, 0),
            Self::FindReleased => (17, 0),
            Self::Unlock(result) => (18, response(result)),
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
        }
    }
}

impl BrokenCall {
    fn code(self) -> u8 {
        match self {
            Self::Reserve(seats) => seats,
            Self::Change(seats) => 4 | seats,
            Self::Cancel(seats) => 8 | seats,
            Self::Confirm => 4,
            Self::Release => 8,
            Self::Pay => 12,
        }
    }
}
