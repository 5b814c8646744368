//! `seat:lock:{<appId>}:<seatId>`: who is choosing which seat. A tenant's locks share a slot of a
//! cluster, so that one script takes all of a basket or none.

use super::{
    Gate, HELD_SEATS_UPPER_BOUND, LOCKED_SEATS, RESTORE, SEATS_CHANGED, SEATS_VERSION, TAKE,
    release_script,
};
use crate::{
    domain::{AppId, EntityId, ReservationToken, SeatId, UserId},
    faults::around,
};
use redis::ScriptInvocation;
use serde::Deserialize;
use std::{collections::HashMap, fmt::Write as _, sync::PoisonError, time::Duration};

/// A lock that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatLock {
    /// Milliseconds until it ends.
    pub remaining_ms: i64,
    /// Who has it, where the lock is readable.
    pub user: Option<UserId>,
}

/// The locks of some seats, by seat.
pub type SeatLocks = HashMap<SeatId, SeatLock>;

/// What became of an attempt to take the locks of a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Nobody else has one. `own`: some stood already, the caller's own, and were left as they
    /// were.
    All {
        /// Whether locks of the caller's own were met.
        own: bool,
    },
    /// Others have these, for so many milliseconds. None was taken.
    Refused(Vec<(SeatId, i64)>),
    /// The caller has taken and given back one of the seats too often, and leaves it to others for
    /// so many milliseconds. None was taken.
    CoolingDown(i64),
    /// Redis was asked and not heard: they may be taken.
    Unknown,
    /// Redis was not asked: it failed a moment ago.
    Skipped,
}

/// A lock given back without a sale is a turn, of the user whose it was; after [`MAX_HOLD_CYCLES`] on one
/// seat within a TTL the user leaves that seat to others for a TTL.
#[derive(Clone, Copy, Debug)]
pub struct HoldCycle {
    /// Whose.
    pub user: UserId,
    /// How long a lock lasts at most.
    pub ttl: Duration,
}

/// How many turns a user may have on a seat within a lock's TTL.
const MAX_HOLD_CYCLES: u32 = 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Value {
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

/// The script that gives locks back, with all it needs.
fn prepare_release(
    app: &AppId,
    seats: &[SeatId],
    token: ReservationToken,
    cycle: Option<HoldCycle>,
) -> ScriptInvocation<'static> {
    let mut script = release_script().prepare_invoke();
    push_lock_keys(&mut script, app, seats);
    script.arg(token.to_string()).arg(seats.len());
    if let Some(HoldCycle { user, ttl }) = cycle {
        push_cycle_keys(&mut script, app, seats, user);
        script.arg(ttl.as_millis() as u64).arg(MAX_HOLD_CYCLES);
    }
    script
}

/// The seats that a user has taken lately.
fn taken_seats_key(app: &AppId, user: UserId) -> String {
    format!("seat:taken:{{{}}}:{user}", app.as_str())
}

/// Since when Redis knows of all seats that are taken.
fn known_since_key(app: &AppId) -> String {
    format!("seat:known:{{{}}}", app.as_str())
}

/// Counts what happens to an entity's seats.
fn seats_version_key(app: &AppId, entity: &EntityId) -> String {
    format!("seats:version:{{{}}}:{}", app.as_str(), entity.as_str())
}

impl Gate {
    /// Takes the locks of all `seats`, or of none.
    pub async fn take_locks(
        &self,
        app: &AppId,
        seats: &[SeatId],
        token: ReservationToken,
        user: UserId,
        ttl: Duration,
    ) -> Taken {
        if self.is_paused() {
            return Taken::Skipped;
        }
        let mut script = TAKE.prepare_invoke();
        push_lock_keys(&mut script, app, seats);
        push_cycle_keys(&mut script, app, seats, user);
        script.key(taken_seats_key(app, user)).key(known_since_key(app));
        let missed = self.has_unseen_holds(app);
        script
            .arg(token.to_string())
            .arg(user.to_string())
            .arg(ttl.as_millis() as u64)
            .arg(MAX_HOLD_CYCLES)
            .arg(u8::from(missed));
        let Ok(answer) =
            around("gate.take", self.run_even_if_paused::<Vec<i64>>("take locks", &script)).await
        else {
            return Taken::Unknown;
        };
        match answer.as_slice() {
            [] => Taken::Unknown,
            [0, _, own] => {
                if missed {
                    self.clear_unseen_holds(app);
                }
                Taken::All { own: *own > 0 }
            }
            [0, ..] => Taken::All { own: false },
            [2, rest @ ..] => Taken::CoolingDown(rest.first().copied().unwrap_or(1)),
            [_, refused @ ..] => Taken::Refused(
                refused
                    .chunks_exact(2)
                    .filter_map(|pair| {
                        Some((*seats.get(usize::try_from(pair[0]).ok()?.checked_sub(1)?)?, pair[1]))
                    })
                    .collect(),
            ),
        }
    }

    /// A hold was made of which Redis may not know: it is told with the next locks that are taken,
    /// and does not say how many a user holds for as long as this one may last.
    pub fn note_unseen_hold(&self, app: &AppId) {
        self.unseen_holds.lock().unwrap_or_else(PoisonError::into_inner).insert(app.clone());
    }

    fn has_unseen_holds(&self, app: &AppId) -> bool {
        self.unseen_holds.lock().unwrap_or_else(PoisonError::into_inner).contains(app)
    }

    fn clear_unseen_holds(&self, app: &AppId) {
        self.unseen_holds.lock().unwrap_or_else(PoisonError::into_inner).remove(app);
    }

    /// Makes the locks of `seats` those of a hold that MongoDB has, unless others have them.
    pub async fn restore_locks(
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
        script.arg(token.to_string()).arg(user.to_string()).arg(remaining_ms);
        let _: Option<i64> = around("gate.restore", self.run("restore locks", &script)).await;
    }

    /// Gives back those locks of `seats` that carry `token`, counts that as a turn if it is one,
    /// and tells of the change in their entity. Best effort: what stays ends by its TTL.
    pub async fn release_locks(
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

    /// Gives back what a [`Gate::take_locks`] may have taken: also if it was not heard of, when others
    /// would otherwise meet a lock that belongs to nothing.
    pub async fn give_back_locks(
        &self,
        app: &AppId,
        seats: &[SeatId],
        token: ReservationToken,
        taken: &Taken,
        cycle: Option<HoldCycle>,
    ) {
        match taken {
            Taken::Refused(_) | Taken::CoolingDown(_) | Taken::Skipped => {}
            Taken::All { .. } | Taken::Unknown => {
                let script = prepare_release(app, seats, token, cycle);
                let _: Result<i64, _> =
                    around("gate.give_back", self.run_even_if_paused("give locks back", &script))
                        .await;
            }
        }
    }

    /// Tells of a new hold in an entity, and says how many seats of the app its user holds at most,
    /// with those that are just being held. `None` where Redis does not know, since it was new, or
    /// out of somebody's reach, within the TTL of a lock.
    pub async fn held_seats_upper_bound(
        &self,
        app: &AppId,
        entity: &EntityId,
        user: UserId,
        ttl: Duration,
    ) -> Option<usize> {
        let mut script = HELD_SEATS_UPPER_BOUND.prepare_invoke();
        script
            .key(seats_version_key(app, entity))
            .key(taken_seats_key(app, user))
            .key(known_since_key(app))
            .arg(ttl.as_millis() as u64);
        usize::try_from(self.run::<i64>("count what is taken", &script).await?).ok()
    }

    /// Tells that something happened to an entity's seats. Best effort: pages that nobody called
    /// outdated are used for a second at most.
    pub async fn seats_changed(&self, app: &AppId, entity: &EntityId) {
        let mut script = SEATS_CHANGED.prepare_invoke();
        script.key(seats_version_key(app, entity));
        let _: Option<i64> = self.run("tell of a change", &script).await;
    }

    /// How often something has happened to an entity's seats lately: another number than before if
    /// anything did since, up to seconds ago. `None` when Redis cannot be asked.
    pub async fn seats_version(&self, app: &AppId, entity: &EntityId) -> Option<i64> {
        let mut script = SEATS_VERSION.prepare_invoke();
        script.key(seats_version_key(app, entity));
        self.run("look for changes", &script).await
    }

    /// Which of `seats` are locked; `None` when Redis cannot be asked.
    pub async fn locked_seats(
        &self,
        app: &AppId,
        seats: &[SeatId],
        longest: Duration,
    ) -> Option<SeatLocks> {
        if seats.is_empty() {
            return Some(SeatLocks::new());
        }
        let mut script = LOCKED_SEATS.prepare_invoke();
        push_lock_keys(&mut script, app, seats);
        script.arg(longest.as_millis() as u64);
        let answer: Vec<redis::Value> = self.run("look at locks", &script).await?;
        let mut locks = SeatLocks::new();
        for row in answer.chunks_exact(3) {
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
            // What is no lock of ours hides no seat.
            let Ok(value) = serde_json::from_slice::<Value>(value) else { continue };
            if let Some(seat) = seat {
                let user = UserId::parse(&value.user_id).ok();
                locks.insert(*seat, SeatLock { remaining_ms: *remaining_ms, user });
            }
        }
        Some(locks)
    }
}
