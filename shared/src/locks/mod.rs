//! Redis: seat locks, rate limits, and values that processes share. The only user of the driver.
//!
//! Redis makes refusals cheap. It never decides who gets a seat, and it never fails a request. When
//! it is down, slow, read-only or full, a call returns `None`, and the caller goes on with MongoDB
//! alone. Rate limits then count per process. Each failed call is logged.

mod admission;
mod connection;
mod inspect;
mod local_limits;
mod proofs;
mod seats;
mod sign_in;
mod target;

pub(crate) use admission::{Admission, Network, Quota, QuotaCharge, Requester, Subject};
pub use inspect::RedisServer;
pub(crate) use seats::{FirstBasketOutcome, HoldCycle, LockOutcome, LockedSeat, SeatLocks};
pub(crate) use sign_in::SignInAttempt;

use crate::{
    config::RedisSettings,
    domain::AppId,
    env::SettingError,
    faults::flawed,
    metrics::{self, Metric},
};
use connection::Connection;
use local_limits::LocalLimits;
use redis::{FromRedisValue, RedisError, Script, ScriptInvocation};
use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex, PoisonError, RwLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use target::RedisTarget;
use tracing::warn;

/// How long a call may take before the request continues without Redis.
const CALL_TIMEOUT: Duration = Duration::from_millis(300);
const PING_TIMEOUT: Duration = Duration::from_millis(900);
const PING_KEY: &str = "health:ping";
/// The shortest time between two new connections because a server accepts no writes. The server may
/// be a demoted primary, whose sockets stay open, or simply read-only.
const READ_ONLY_RECONNECT_INTERVAL: Duration = Duration::from_secs(1);
/// How long Redis is not called after it failed. Otherwise every request during an outage
/// would wait for [`CALL_TIMEOUT`].
const OUTAGE_PAUSE: Duration = Duration::from_secs(1);
/// Reconnect after this many consecutive timeouts: a half-open connection never reports an error.
const MAX_CONSECUTIVE_TIMEOUTS: u32 = 2;

/// Each script is the text of its files, one after the other.
macro_rules! scripts {
    ($($name:ident = $($file:literal)+;)+) => {
        $(static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!($(include_str!($file)),+)));)+
    };
}
scripts! {
    ADMIT = "admit.lua";
    TAKE = "take.lua";
    RESTORE = "restore.lua";
    COUNT_CYCLES = "count_cycles.lua";
    RELEASE = "seat_changes.lua" "release.lua";
    LOCKED_SEATS = "locked_seats.lua";
    HELD_SEATS_UPPER_BOUND = "seat_changes.lua" "held_seats_upper_bound.lua";
    SEATS_CHANGED = "seat_changes.lua" "seats_changed.lua";
    SEATS_VERSION = "seat_changes.lua" "seats_version.lua";
    GET_TEXT = "get_text.lua";
    SET_WITH_TTL = "set_with_ttl.lua";
    SIGN_IN = "sign_in.lua";
    CHECK_WRITES = "check_writes.lua";
}

/// The script that deletes a hold's own locks.
fn release_script() -> &'static Script {
    static PLAIN_DEL: LazyLock<Script> =
        LazyLock::new(|| Script::new("return redis.call('DEL', unpack(KEYS))"));
    if flawed("plain-del") { &PLAIN_DEL } else { &RELEASE }
}

/// Redis as one process uses it: one connection, shared by all requests.
pub struct Gate {
    target: RedisTarget,
    connection: RwLock<Arc<Connection>>,
    local_limits: LocalLimits,
    consecutive_timeouts: AtomicU32,
    /// How many holds Redis has not seen, by app.
    unseen_holds: Mutex<HashMap<AppId, u64>>,
    /// No call until this time, in milliseconds since 1970. By the wall clock, because the
    /// monotonic clock may stand still while a function is frozen.
    paused_until: AtomicU64,
    /// When a connection was last replaced because its server takes no writes, in milliseconds
    /// since 1970.
    read_only_since: AtomicU64,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

impl Gate {
    /// Prepares a connection. Does not wait for it, so a cold start succeeds without Redis.
    ///
    /// # Errors
    /// `REDIS_URL` or `REDIS_CA_FILE` is malformed.
    pub fn new(settings: &RedisSettings) -> Result<Self, SettingError> {
        let target = RedisTarget::new(settings)?;
        let connection = Connection::new(&target)
            .map_err(|_| SettingError::new("REDIS_URL", "is not an address that redis takes"))?;
        Ok(Self {
            target,
            connection: RwLock::new(Arc::new(connection)),
            local_limits: LocalLimits::default(),
            consecutive_timeouts: AtomicU32::new(0),
            unseen_holds: Mutex::default(),
            paused_until: AtomicU64::new(0),
            read_only_since: AtomicU64::new(0),
        })
    }

    /// Whether the settings name a cluster.
    pub fn is_cluster(&self) -> bool {
        self.target.is_cluster
    }

    /// Whether Redis responds and accepts writes. A replica or a full server is of no use.
    pub async fn ping(&self) -> bool {
        let connection = self.connection();
        let ping = async {
            connection.ping().await?;
            let mut write = CHECK_WRITES.prepare_invoke();
            connection.invoke(write.key(PING_KEY)).await.map(|_| ())
        };
        match tokio::time::timeout(PING_TIMEOUT, ping).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                warn!(error = describe(&error), "redis fails a health check");
                false
            }
            Err(_) => {
                warn!("redis does not respond to a health check in time");
                false
            }
        }
    }

    fn connection(&self) -> Arc<Connection> {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts consecutive timeouts, and replaces the connection after too many of them.
    fn reconnect_if_unresponsive(&self, used: &Arc<Connection>, timed_out: bool) {
        if !timed_out {
            self.consecutive_timeouts.store(0, Ordering::Relaxed);
            return;
        }
        if self.consecutive_timeouts.fetch_add(1, Ordering::Relaxed) + 1 < MAX_CONSECUTIVE_TIMEOUTS
        {
            return;
        }
        let mut current = self.connection.write().unwrap_or_else(PoisonError::into_inner);
        // Several calls may have timed out on this connection. Only the first replaces it.
        if Arc::ptr_eq(&current, used)
            && let Ok(fresh) = Connection::new(&self.target)
        {
            *current = Arc::new(fresh);
            self.consecutive_timeouts.store(0, Ordering::Relaxed);
        }
    }

    /// Whether the same call on a new connection may succeed. Every script may run twice: at worst,
    /// a request counts twice against a limit.
    fn is_worth_repeating(&self, used: &Arc<Connection>, error: &RedisError) -> bool {
        if error.is_timeout() {
            return false;
        }
        if error.is_connection_dropped() || error.is_io_error() {
            // The server closed an idle connection, or was restarted.
            return true;
        }
        // Inside a script, Redis 6 reports the code as ERR.
        let is_read_only =
            error.code() == Some("READONLY") || error.to_string().contains("READONLY");
        is_read_only && self.replace_read_only(used)
    }

    /// Replaces a connection to a server that takes no writes, at most once in
    /// [`READ_ONLY_RECONNECT_INTERVAL`]. Returns whether the connection is another one now.
    fn replace_read_only(&self, used: &Arc<Connection>) -> bool {
        let mut current = self.connection.write().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&current, used) {
            return true;
        }
        let now = epoch_ms();
        let next = self.read_only_since.load(Ordering::Relaxed)
            + READ_ONLY_RECONNECT_INTERVAL.as_millis() as u64;
        let Some(fresh) = (now >= next).then(|| Connection::new(&self.target).ok()).flatten()
        else {
            return false;
        };
        self.read_only_since.store(now, Ordering::Relaxed);
        *current = Arc::new(fresh);
        true
    }

    /// Whether Redis failed a moment ago and is not called now.
    fn is_paused(&self) -> bool {
        epoch_ms() < self.paused_until.load(Ordering::Relaxed)
    }

    /// Runs a script; `None` when Redis is unavailable.
    async fn run<T: FromRedisValue>(
        &self,
        what: &'static str,
        script: &ScriptInvocation<'_>,
    ) -> Option<T> {
        if self.is_paused() { None } else { self.run_even_if_paused(what, script).await.ok() }
    }

    async fn run_even_if_paused<T: FromRedisValue>(
        &self,
        what: &'static str,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, NoResponse> {
        let mut connection = self.connection();
        let mut outcome = tokio::time::timeout(CALL_TIMEOUT, connection.invoke(script)).await;
        if let Ok(Err(error)) = &outcome
            && self.is_worth_repeating(&connection, error)
        {
            connection = self.connection();
            outcome = tokio::time::timeout(CALL_TIMEOUT, connection.invoke(script)).await;
        }
        self.reconnect_if_unresponsive(
            &connection,
            matches!(&outcome, Ok(Err(error)) if error.is_timeout()) || outcome.is_err(),
        );
        let (cause, is_unreachable) = match outcome {
            Ok(Ok(value)) => match T::from_redis_value(value) {
                Ok(value) => return Ok(value),
                Err(_) => ("the response cannot be read".to_owned(), false),
            },
            // A server that refuses (read-only, full) does so at once. Calling it costs nothing.
            Ok(Err(error)) => {
                (describe(&error), error.is_io_error() || error.is_connection_dropped())
            }
            Err(_) => (format!("no response within {} ms", CALL_TIMEOUT.as_millis()), true),
        };
        if is_unreachable {
            self.paused_until
                .store(epoch_ms() + OUTAGE_PAUSE.as_millis() as u64, Ordering::Relaxed);
        }
        metrics::count(Metric::RedisDegraded);
        warn!(what, cause, "going on without redis");
        Err(NoResponse)
    }
}

/// A script was sent, and no usable response came. The script may have run.
#[derive(Clone, Copy, Debug)]
struct NoResponse;

/// An error's kind and code. Its message may quote a key or a value, so it is left out.
fn describe(error: &RedisError) -> String {
    format!("{} {}", error.category(), error.code().unwrap_or_default())
}

fn epoch_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
