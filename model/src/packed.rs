//! States in few words, for hashing millions of them, and one state for all that differ by names
//! alone.

use crate::state::{Answer, At, Broken, State, USERS, User};
use stateright::Representative;
use std::hash::{Hash, Hasher};

impl Representative for State {
    /// Users and seats have no names of their own: of all namings the least.
    fn representative(&self) -> Self {
        let (keys, same) = sorted(*self);
        let (mirrored_keys, mirrored) = sorted(self.mirrored());
        if (keys, same.booked) <= (mirrored_keys, mirrored.booked) { same } else { mirrored }
    }
}

impl Hash for State {
    /// Millions of states are hashed: packed, that is seven words instead of a hundred and fifty
    /// fields.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        for user in &self.users {
            hasher.write_u128(user.key());
        }
        let flags = [self.wiped, self.stolen, self.robbed, self.sold_overdue, self.lied];
        let numbers = [self.booked, self.wipes, self.crashes, self.losses, self.extra];
        let flags = flags.into_iter().fold(0, |all, flag| all << 1 | u64::from(flag));
        hasher
            .write_u64(numbers.into_iter().fold(flags, |all, number| all << 4 | u64::from(number)));
    }
}

fn sorted(mut state: State) -> ([u128; USERS], State) {
    let mut keyed = state.users.map(|user| (user.key(), user));
    keyed.sort_unstable_by_key(|(key, _)| *key);
    state.users = keyed.map(|(_, user)| user);
    (keyed.map(|(key, _)| key), state)
}

/// Numbers in as few bits as they need, one after the other.
struct Packed(u128);

impl Packed {
    fn put(&mut self, bits: u32, value: u8) {
        debug_assert!(u32::from(value) < 1 << bits);
        self.0 = self.0 << bits | u128::from(value);
    }
}

impl User {
    /// All of it in one number: two users with the same are the same.
    fn key(&self) -> u128 {
        let mut key = Packed(0);
        for hold in &self.holds {
            key.put(2, hold.seats);
            key.put(3, hold.status as u8);
            key.put(2, hold.tx as u8);
            key.put(2, hold.locks);
            key.put(3, hold.sales);
            key.put(2, hold.paid_by);
            key.put(2, hold.acknowledged);
        }
        for payment in &self.payments {
            key.put(2, payment.verdict as u8);
            key.put(3, payment.sales);
            key.put(3, payment.refunds);
            key.put(2, payment.failed);
            key.put(1, u8::from(payment.answered));
        }
        for call in [&self.call, &self.late] {
            key.put(8, call.at.code());
            key.put(1, call.token);
            key.put(1, call.payment);
            key.put(2, call.tries);
            key.put(1, u8::from(call.flag));
        }
        key.put(2, self.known);
        key.put(2, self.calls);
        key.0
    }
}

impl At {
    fn code(self) -> u8 {
        let answered = |answer: Answer| match answer {
            Answer::Held(token) => token,
            Answer::NotHeld => 2,
            Answer::Sold => 3,
            Answer::NotSold => 4,
            Answer::Unavailable => 5,
            Answer::Released => 6,
            Answer::NotReleased => 7,
        };
        let (step, detail) = match self {
            Self::Idle => (0, 0),
            Self::ReadSeats => (1, 0),
            Self::Claim => (2, 0),
            Self::MarkOverdue => (3, 0),
            Self::ReadClaims => (4, 0),
            Self::RestoreFound => (5, 0),
            Self::FindAgain => (6, 0),
            Self::Unrestore => (7, 0),
            Self::RestoreOwn => (8, 0),
            Self::GiveBack(answer) => (9, answered(answer)),
            Self::Find => (10, 0),
            Self::Verify(seen) => (11, seen as u8),
            Self::Settle(aim) => (12, aim as u8),
            Self::Commit(aim) => (13, aim as u8),
            Self::Record(seen) => (14, seen as u8),
            Self::Expire(answer) => (15, answered(answer)),
            Self::Release => (16, 0),
            Self::FindReleased => (17, 0),
            Self::Unlock(answer) => (18, answered(answer)),
            Self::Insert => (19, 0),
            Self::CheckLock => (20, 0),
            Self::DeleteLock => (21, 0),
            Self::CommitUnguarded => (22, 0),
            Self::MarkReleased => (23, 0),
            Self::BrokeOff(ask) => (
                24,
                match ask {
                    Broken::Reserve(seats) => seats,
                    Broken::Confirm => 4,
                    Broken::Release => 5,
                },
            ),
        };
        step << 3 | detail
    }
}
