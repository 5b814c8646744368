//! Redis: the gate that makes losers cheap. The only user of the driver.
//!
//! Nothing here decides who gets a seat, and nothing here may fail a request: when Redis is down,
//! slow, read-only or full, the answer is `None`, the caller goes on with MongoDB alone, and the
//! loss is logged. Limits are then those of each process.

mod admission;
mod connection;
mod inspect;
mod local_limits;
mod proofs;
mod seats;
mod sign_in;

pub use admission::{Admission, Charge, Network, Quota, Requester, Subject};
pub use inspect::RedisServer;
pub use seats::{HoldCycle, SeatLock, SeatLocks, Taken};
pub use sign_in::SignInAttempt;

use crate::{
    config::RedisTarget,
    domain::AppId,
    faults::flawed,
    metrics::{self, Metric},
};
use connection::Connection;
use redis::{FromRedisValue, RedisError, Script, ScriptInvocation};
use std::{
    collections::HashSet,
    sync::{
        Arc, LazyLock, Mutex, PoisonError, RwLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tracing::warn;

/// How long a call may take before the request goes on without it.
const CALL_TIMEOUT: Duration = Duration::from_millis(300);
/// How long Redis is left alone after it failed, so that an outage does not cost every request
/// [`CALL_TIMEOUT`].
const OUTAGE_PAUSE: Duration = Duration::from_secs(1);

macro_rules! scripts {
    ($($name:ident = $file:literal),+) => {
        $(static $name: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!($file)));)+
    };
}
scripts!(
    ADMIT = "admit.lua",
    TAKE = "take.lua",
    RESTORE = "restore.lua",
    RELEASE = "release.lua",
    LOCKED_SEATS = "locked_seats.lua",
    HELD_SEATS_UPPER_BOUND = "held_seats_upper_bound.lua",
    SEATS_CHANGED = "seats_changed.lua",
    SEATS_VERSION = "seats_version.lua",
    GET_TEXT = "get_text.lua",
    SET_WITH_TTL = "set_with_ttl.lua",
    SIGN_IN = "sign_in.lua"
);

/// The script that takes a hold's own locks away.
fn release_script() -> &'static Script {
    static PLAIN_DEL: LazyLock<Script> =
        LazyLock::new(|| Script::new("return redis.call('DEL', unpack(KEYS))"));
    if flawed("plain-del") { &PLAIN_DEL } else { &RELEASE }
}

/// After how many calls in a row without an answer the connection is given up for a new one.
/// Neither the driver nor the network does that where something in between still acknowledges what
/// nobody reads.
const MAX_UNANSWERED_CALLS: u32 = 2;

/// The gate, as one process uses it: one connection, shared by reference.
pub struct Gate {
    target: RedisTarget,
    connection: RwLock<Arc<Connection>>,
    local_limits: local_limits::LocalLimits,
    unanswered: AtomicU32,
    /// The apps in which holds were made that Redis has not heard of.
    unseen_holds: Mutex<HashSet<AppId>>,
    /// Milliseconds since 1970 until which Redis is left alone; by the wall clock, which goes on
    /// while frozen.
    paused_until: AtomicU64,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

impl Gate {
    /// A gate at that address. Does not wait for a connection: a cold start must not fail for want
    /// of Redis.
    ///
    /// # Errors
    /// The address cannot be one.
    pub fn new(target: &RedisTarget) -> Result<Self, RedisError> {
        let connection = RwLock::new(Arc::new(Connection::new(target)?));
        Ok(Self {
            target: target.clone(),
            connection,
            local_limits: local_limits::LocalLimits::default(),
            unanswered: AtomicU32::new(0),
            unseen_holds: Mutex::default(),
            paused_until: AtomicU64::new(0),
        })
    }

    /// Whether Redis answers.
    pub async fn ping(&self) -> bool {
        let answer = tokio::time::timeout(CALL_TIMEOUT * 3, self.connection().ping()).await;
        match answer {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                warn!(error = describe(&error), "redis does not answer a ping");
                false
            }
            Err(_) => {
                warn!("redis does not answer a ping in time");
                false
            }
        }
    }

    fn connection(&self) -> Arc<Connection> {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts calls without an answer, and makes a new connection when there were too many on this
    /// one.
    fn replace_if_unresponsive(&self, used: &Arc<Connection>, unanswered: bool) {
        if !unanswered {
            self.unanswered.store(0, Ordering::Relaxed);
            return;
        }
        if self.unanswered.fetch_add(1, Ordering::Relaxed) + 1 < MAX_UNANSWERED_CALLS {
            return;
        }
        let mut current = self.connection.write().unwrap_or_else(PoisonError::into_inner);
        // Of several calls that waited on the same connection, one replaces it.
        if Arc::ptr_eq(&current, used)
            && let Ok(fresh) = Connection::new(&self.target)
        {
            *current = Arc::new(fresh);
            self.unanswered.store(0, Ordering::Relaxed);
        }
    }

    /// Whether Redis is being left alone just now.
    fn is_paused(&self) -> bool {
        epoch_ms() < self.paused_until.load(Ordering::Relaxed)
    }

    /// Runs a script; `None` when Redis cannot be asked just now.
    async fn run<T: FromRedisValue>(
        &self,
        what: &'static str,
        script: &ScriptInvocation<'_>,
    ) -> Option<T> {
        if self.is_paused() { None } else { self.run_even_if_paused(what, script).await.ok() }
    }

    /// Runs a script even if Redis is being left alone.
    async fn run_even_if_paused<T: FromRedisValue>(
        &self,
        what: &'static str,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, NoAnswer> {
        let connection = self.connection();
        let outcome = tokio::time::timeout(CALL_TIMEOUT, connection.invoke(script)).await;
        self.replace_if_unresponsive(
            &connection,
            matches!(&outcome, Ok(Err(error)) if error.is_timeout()) || outcome.is_err(),
        );
        let (cause, out_of_reach) = match outcome {
            Ok(Ok(value)) => match T::from_redis_value(value) {
                Ok(value) => return Ok(value),
                Err(_) => ("an answer cannot be read".to_owned(), false),
            },
            // A server that refuses (read-only, full) does so at once: no need to leave it alone.
            Ok(Err(error)) => {
                (describe(&error), error.is_io_error() || error.is_connection_dropped())
            }
            Err(_) => (format!("no answer within {} ms", CALL_TIMEOUT.as_millis()), true),
        };
        if out_of_reach {
            self.paused_until
                .store(epoch_ms() + OUTAGE_PAUSE.as_millis() as u64, Ordering::Relaxed);
        }
        metrics::count(Metric::RedisDegraded);
        warn!(what, cause, "going on without redis");
        Err(NoAnswer)
    }
}

/// Redis was asked and not heard: the script may have run.
#[derive(Clone, Copy, Debug)]
struct NoAnswer;

/// What can be said of an error of redis without saying what it was about.
fn describe(error: &RedisError) -> String {
    format!("{} {}", error.category(), error.code().unwrap_or_default())
}

fn epoch_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
