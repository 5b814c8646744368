//! `seat:lock:{<appId>}:<seatId>`: which user has locked a seat. All locks of a tenant are in one
//! slot of a cluster, so one script takes all locks of a basket or none.

use super::{
    COUNT_CYCLES, Gate, HELD_SEATS_UPPER_BOUND, LOCKED_SEATS, RESTORE, SEATS_CHANGED,
    SEATS_VERSION, TAKE, release_script,
};
use crate::{
    domain::{AppId, EntityId, ReservationToken, SeatId, SeatIds, UserId},
    faults::around,
};
use redis::ScriptInvocation;
use serde::Deserialize;
use std::{collections::HashMap, fmt::Write as _, sync::PoisonError, time::Duration};

/// The longest hold there can be. A lock with a longer TTL is not ours. Redis's count of held seats
/// is used only once Redis has seen every lock for this long.
const MAX_LOCK_SECONDS: u64 = 3_600;

/// How many hold cycles a user may have on a seat within a lock's TTL.
const MAX_HOLD_CYCLES: u32 = 10;

/// The lock of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeatLock {
    pub(crate) remaining_ms: i64,
    /// The owner, if the lock names one that can be read.
    pub(crate) user: Option<UserId>,
}

pub(crate) type SeatLocks = HashMap<SeatId, SeatLock>;

/// The outcome of [`Gate::take_locks`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LockOutcome {
    /// The caller has all locks. `own`: some were the caller's before and were left unchanged.
    All { own: bool },
    /// Others have these locks, each for this many milliseconds. None was taken.
    Refused(Vec<(SeatId, i64)>),
    /// The caller reached [`MAX_HOLD_CYCLES`] on a seat and has to wait this many
    /// milliseconds. None was taken.
    CoolingDown(i64),
    /// Redis was called and did not respond. The locks may have been taken.
    Unknown,
    /// Redis was not called, because it failed a moment ago.
    Skipped,
}

/// The outcome of [`Gate::take_first`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FirstBasketOutcome {
    /// The caller has all locks of the basket with this index. `own`: some were the caller's
    /// before and were left unchanged.
    Basket { index: usize, own: bool },
    /// Each basket has a seat that somebody else has locked, or that the caller has
    /// to leave to others.
    None(Vec<LockedSeat>),
    /// Redis was called and did not respond. The locks of one basket may have been taken.
    Unknown,
    /// Redis was not called, because it failed a moment ago.
    Skipped,
}

/// A seat that [`Gate::take_first`] did not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LockedSeat {
    pub seat: SeatId,
    pub remaining_ms: i64,
    /// The caller reached [`MAX_HOLD_CYCLES`] on it. It is free for others.
    pub is_cooling_down: bool,
}

/// A hold cycle: a lock is set and deleted without a sale.
///
/// After [`MAX_HOLD_CYCLES`] on one seat within a lock's TTL, the user has to leave that seat to
/// others for one TTL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HoldCycle {
    pub(crate) user: UserId,
    pub(crate) lock_ttl: Duration,
}

/// The fields of a lock's value that are read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LockValue {
    user_id: String,
}

fn push_lock_keys(script: &mut ScriptInvocation<'_>, app: &AppId, seats: &[SeatId]) {
    let mut key = format!("seat:lock:{{{}}}:", app.as_str());
    let prefix = key.len();
    for seat in seats {
        key.truncate(prefix);
        let _ = write!(key, "{seat}");
        script.key(key.as_str());
    }
}

fn push_cycle_keys(script: &mut ScriptInvocation<'_>, app: &AppId, seats: &[SeatId], user: UserId) {
    for seat in seats {
        script.key(format!("seat:turns:{{{}}}:{seat}:{user}", app.as_str()));
    }
}

fn prepare_take(
    app: &AppId,
    seats: &[SeatId],
    token: ReservationToken,
    user: UserId,
    ttl: Duration,
    has_unseen_holds: bool,
) -> ScriptInvocation<'static> {
    let mut script = TAKE.prepare_invoke();
    push_lock_keys(&mut script, app, seats);
    push_cycle_keys(&mut script, app, seats, user);
    script.key(taken_seats_key(app, user)).key(known_since_key(app));
    script
        .arg(token.to_string())
        .arg(user.to_string())
        .arg(ttl.as_millis() as u64)
        .arg(MAX_HOLD_CYCLES)
        .arg(u8::from(has_unseen_holds))
        .arg(MAX_LOCK_SECONDS * 1_000);
    script
}

fn prepare_release(
    app: &AppId,
    seats: &[SeatId],
    token: ReservationToken,
    cycle: Option<HoldCycle>,
) -> ScriptInvocation<'static> {
    let mut script = release_script().prepare_invoke();
    push_lock_keys(&mut script, app, seats);
    script.arg(token.to_string()).arg(seats.len());
    if let Some(HoldCycle { user, lock_ttl }) = cycle {
        push_cycle_keys(&mut script, app, seats, user);
        script.arg(lock_ttl.as_millis() as u64).arg(MAX_HOLD_CYCLES);
    }
    script
}

/// The seats that a user has locked lately.
fn taken_seats_key(app: &AppId, user: UserId) -> String {
    format!("seat:taken:{{{}}}:{user}", app.as_str())
}

/// The key of the time since which Redis has seen every lock.
fn known_since_key(app: &AppId) -> String {
    format!("seat:known:{{{}}}", app.as_str())
}

/// The key of the version of an entity's seats. The version differs after each change of them.
fn seats_version_key(app: &AppId, entity: &EntityId) -> String {
    format!("seats:version:{{{}}}:{}", app.as_str(), entity.as_str())
}

impl Gate {
    /// Takes the locks of all `seats`, or of none.
    pub(crate) async fn take_locks(
        &self,
        app: &AppId,
        seats: &[SeatId],
        token: ReservationToken,
        user: UserId,
        ttl: Duration,
    ) -> LockOutcome {
        if self.is_paused() {
            return LockOutcome::Skipped;
        }
        let unseen_holds = self.unseen_holds(app);
        let script = prepare_take(app, seats, token, user, ttl, unseen_holds.is_some());
        let Ok(response) =
            around("gate.take", self.run_even_if_paused::<Vec<i64>>("take locks", &script)).await
        else {
            return LockOutcome::Unknown;
        };
        match response.as_slice() {
            [] => LockOutcome::Unknown,
            [0, _, own, _] => {
                self.clear_unseen_holds(app, unseen_holds);
                LockOutcome::All { own: *own > 0 }
            }
            [0, ..] => LockOutcome::All { own: false },
            [2, ms @ ..] => LockOutcome::CoolingDown(ms.first().copied().unwrap_or(1)),
            [_, refused @ ..] => LockOutcome::Refused(
                refused
                    .chunks_exact(2)
                    .filter_map(|pair| {
                        Some((*seats.get(usize::try_from(pair[0]).ok()?.checked_sub(1)?)?, pair[1]))
                    })
                    .collect(),
            ),
        }
    }

    /// Takes the locks of the first basket whose seats nobody else has locked. The baskets are
    /// equally large and share no seat.
    pub(crate) async fn take_first(
        &self,
        app: &AppId,
        baskets: &[SeatIds],
        token: ReservationToken,
        user: UserId,
        ttl: Duration,
    ) -> FirstBasketOutcome {
        if self.is_paused() {
            return FirstBasketOutcome::Skipped;
        }
        let seats: Vec<SeatId> =
            baskets.iter().flat_map(|basket| basket.as_slice()).copied().collect();
        let unseen_holds = self.unseen_holds(app);
        let mut script = prepare_take(app, &seats, token, user, ttl, unseen_holds.is_some());
        script.arg(seats.len() / baskets.len().max(1));
        let taken = self.run_even_if_paused::<Vec<i64>>("take the first locks", &script);
        let Ok(response) = around("gate.take_first", taken).await else {
            return FirstBasketOutcome::Unknown;
        };
        let index = |number: i64| usize::try_from(number).ok()?.checked_sub(1);
        match response.as_slice() {
            [0, _, own, basket] => {
                self.clear_unseen_holds(app, unseen_holds);
                match index(*basket) {
                    Some(index) => FirstBasketOutcome::Basket { index, own: *own > 0 },
                    None => FirstBasketOutcome::Unknown,
                }
            }
            [3, locked @ ..] => {
                let rows = locked.chunks_exact(3);
                FirstBasketOutcome::None(
                    rows.filter_map(|row| {
                        Some(LockedSeat {
                            seat: *seats.get(index(row[0])?)?,
                            remaining_ms: row[1],
                            is_cooling_down: row[2] == 1,
                        })
                    })
                    .collect(),
                )
            }
            _ => FirstBasketOutcome::Unknown,
        }
    }

    /// Notes that a hold was made that Redis may not know of. The next [`Gate::take_locks`] reports
    /// it. Redis then gives no upper bound of held seats for as long as this hold may last.
    pub(crate) fn note_unseen_hold(&self, app: &AppId) {
        let mut unseen = self.unseen_holds.lock().unwrap_or_else(PoisonError::into_inner);
        *unseen.entry(app.clone()).or_default() += 1;
    }

    fn unseen_holds(&self, app: &AppId) -> Option<u64> {
        self.unseen_holds.lock().unwrap_or_else(PoisonError::into_inner).get(app).copied()
    }

    /// Resets the app's number of unseen holds, if it is still the `reported` number.
    fn clear_unseen_holds(&self, app: &AppId, reported: Option<u64>) {
        let Some(reported) = reported else { return };
        let mut unseen = self.unseen_holds.lock().unwrap_or_else(PoisonError::into_inner);
        if unseen.get(app) == Some(&reported) {
            unseen.remove(app);
        }
    }

    /// Sets the locks of `seats` for a hold that MongoDB has, unless others have them.
    pub(crate) async fn restore_locks(
        &self,
        app: &AppId,
        seats: &[SeatId],
        token: ReservationToken,
        user: UserId,
        remaining_ms: i64,
    ) {
        if remaining_ms < 1 {
            return;
        }
        let mut script = RESTORE.prepare_invoke();
        push_lock_keys(&mut script, app, seats);
        script.key(taken_seats_key(app, user));
        script.arg(token.to_string()).arg(user.to_string()).arg(remaining_ms);
        let _: Option<i64> = around("gate.restore", self.run("restore locks", &script)).await;
    }

    /// Deletes those locks of `seats` that carry `token`, and counts a change of the entity. Counts
    /// a hold cycle if this ends one. Best effort: a lock that stays expires by its TTL.
    pub(crate) async fn release_locks(
        &self,
        app: &AppId,
        entity: &EntityId,
        seats: &[SeatId],
        token: ReservationToken,
        cycle: Option<HoldCycle>,
    ) {
        let mut script = prepare_release(app, seats, token, cycle);
        script.key(seats_version_key(app, entity));
        let _: Option<i64> = around("gate.release", self.run("release locks", &script)).await;
    }

    /// Counts a hold cycle on each seat of a hold that was kept for a payment and
    /// not paid. Best effort.
    pub(crate) async fn count_cycles(&self, app: &AppId, seats: &[SeatId], cycle: HoldCycle) {
        let mut script = COUNT_CYCLES.prepare_invoke();
        push_cycle_keys(&mut script, app, seats, cycle.user);
        script
            .arg(MAX_LOCK_SECONDS * 1_000)
            .arg(MAX_HOLD_CYCLES)
            .arg(cycle.lock_ttl.as_millis() as u64);
        let _: Option<i64> = self.run("count hold cycles", &script).await;
    }

    /// Deletes the locks that a failed attempt may have taken, also after [`LockOutcome::Unknown`].
    /// Otherwise a lock that belongs to no hold could stay.
    pub(crate) async fn give_back_locks(
        &self,
        app: &AppId,
        seats: &[SeatId],
        token: ReservationToken,
        taken: &LockOutcome,
        cycle: Option<HoldCycle>,
    ) {
        match taken {
            LockOutcome::Refused(_) | LockOutcome::CoolingDown(_) | LockOutcome::Skipped => {}
            LockOutcome::All { .. } | LockOutcome::Unknown => {
                let script = prepare_release(app, seats, token, cycle);
                let _: Result<i64, _> =
                    around("gate.give_back", self.run_even_if_paused("give locks back", &script))
                        .await;
            }
        }
    }

    /// Counts a new hold as a change of its entity, and returns an upper bound of the seats that
    /// the user holds in the app. The bound includes seats that are being held just now.
    ///
    /// `None` if Redis is unavailable, or was new or unavailable to any process
    /// within the last [`MAX_LOCK_SECONDS`].
    pub(crate) async fn held_seats_upper_bound(
        &self,
        app: &AppId,
        entity: &EntityId,
        user: UserId,
    ) -> Option<usize> {
        let mut script = HELD_SEATS_UPPER_BOUND.prepare_invoke();
        script
            .key(seats_version_key(app, entity))
            .key(taken_seats_key(app, user))
            .key(known_since_key(app))
            .arg(MAX_LOCK_SECONDS * 1_000);
        usize::try_from(self.run::<i64>("count held seats", &script).await?).ok()
    }

    /// Counts a change of an entity's seats. Best effort: without it, a cached page may be served
    /// for one more second.
    pub async fn seats_changed(&self, app: &AppId, entity: &EntityId) {
        let mut script = SEATS_CHANGED.prepare_invoke();
        script.key(seats_version_key(app, entity));
        let _: Option<i64> = self.run("count a change", &script).await;
    }

    /// The version of an entity's seats. It differs from an earlier one if the seats have changed
    /// since. `None` when Redis is unavailable.
    pub(crate) async fn seats_version(&self, app: &AppId, entity: &EntityId) -> Option<i64> {
        let mut script = SEATS_VERSION.prepare_invoke();
        script.key(seats_version_key(app, entity));
        self.run("read the version of seats", &script).await
    }

    /// The locks of `seats`; `None` when Redis is unavailable.
    pub(crate) async fn locked_seats(&self, app: &AppId, seats: &[SeatId]) -> Option<SeatLocks> {
        if seats.is_empty() {
            return Some(SeatLocks::new());
        }
        let mut script = LOCKED_SEATS.prepare_invoke();
        push_lock_keys(&mut script, app, seats);
        script.arg(MAX_LOCK_SECONDS * 1_000);
        let response: Vec<redis::Value> = self.run("read locks", &script).await?;
        let mut locks = SeatLocks::new();
        for row in response.chunks_exact(3) {
            let [
                redis::Value::Int(index),
                redis::Value::Int(remaining_ms),
                redis::Value::BulkString(value),
            ] = row
            else {
                continue;
            };
            let seat =
                usize::try_from(*index).ok().and_then(|index| seats.get(index.checked_sub(1)?));
            // We did not write such a value, so the seat stays visible as free.
            let Ok(value) = serde_json::from_slice::<LockValue>(value) else { continue };
            if let Some(seat) = seat {
                let user = UserId::parse(&value.user_id).ok();
                locks.insert(*seat, SeatLock { remaining_ms: *remaining_ms, user });
            }
        }
        Some(locks)
    }
}
