//! The faults of a run. They come in an order that the seed decides, and each ends
//! before the next begins.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use mongodb::bson::{Document, doc};
use rand::{Rng, rngs::StdRng};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};
use tokio::time::sleep;

use super::{
    fleet::Fleet,
    spec::Micros,
    world::{Fleets, World, now},
};
use crate::support::{
    proxy::Mode,
    servers::{own_redis, port_of, redis_command},
};

/// Every kind of fault, as the report names it.
pub const KINDS: &[(&str, Kind)] = &[
    ("MongoDB: primary killed, started again", Kind::PrimaryKilled),
    ("MongoDB: primary frozen (SIGSTOP), thawed", Kind::PrimaryFrozen),
    ("MongoDB: primary steps down", Kind::PrimaryStepsDown),
    ("MongoDB: primary's network swallows all", Kind::Primary(Mode::Pause)),
    ("MongoDB: primary's network refuses all", Kind::Primary(Mode::Refuse)),
    ("MongoDB: primary's replies lost", Kind::Primary(Mode::LoseReplies)),
    (
        "MongoDB: primary's network slow (120 ms)",
        Kind::Primary(Mode::Delay(Duration::from_millis(120))),
    ),
    ("MongoDB: primary's connections cut, five times", Kind::PrimaryCut),
    ("MongoDB: primary's sockets half-open", Kind::PrimarySevered),
    ("MongoDB: secondary killed, started again", Kind::SecondaryKilled),
    ("MongoDB: no majority (both secondaries frozen)", Kind::NoMajority),
    ("MongoDB: transient transaction errors", Kind::Command(Failure::Transient)),
    ("MongoDB: commits of unknown outcome", Kind::Command(Failure::UnknownCommit)),
    ("MongoDB: commits answered by a closed connection", Kind::Command(Failure::ClosedCommit)),
    ("Redis: wiped", Kind::RedisWiped),
    ("Redis: killed, an empty one in its place", Kind::RedisReplaced),
    ("Redis: failover to a replica that missed the last locks", Kind::RedisFailover),
    ("Redis: out of memory", Kind::RedisFull),
    ("Redis: read-only", Kind::RedisReadOnly),
    ("Redis: scripts forgotten", Kind::RedisForgetsScripts),
    ("Redis: locks poisoned (another type, no TTL)", Kind::RedisPoisoned),
    ("Redis: stalled (SIGSTOP-like, 1 s)", Kind::RedisStalled),
    ("Redis: network swallows all", Kind::Redis(Mode::Pause)),
    ("Redis: network refuses all", Kind::Redis(Mode::Refuse)),
    ("Redis: replies lost", Kind::Redis(Mode::LoseReplies)),
    ("Redis: slow (500 ms)", Kind::Redis(Mode::Delay(Duration::from_millis(500)))),
    ("Redis: sockets half-open", Kind::RedisSevered),
    ("Function: a process of each killed", Kind::ProcessesKilled),
    ("Function: all processes replaced", Kind::AllReplaced),
    ("Function: processes frozen, thawed after their deadline", Kind::ProcessesFrozen),
    ("Function: each event delivered twice at once", Kind::Twice),
    ("Function: hardly any time before the deadline", Kind::Haste),
    ("Seat list sent again", Kind::SeatsSentAgain),
    ("Payments: replies lost", Kind::Payments("reply_lost")),
    ("Payments: 500, nothing done", Kind::Payments("error_500")),
    ("Payments: 500, though it is done", Kind::Payments("error_500_done")),
    ("Payments: too many requests", Kind::Payments("rate_limited")),
    ("Payments: slow (2 s)", Kind::Payments("slow")),
    ("Payments: no JSON", Kind::Payments("malformed")),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    Transient,
    UnknownCommit,
    ClosedCommit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    PrimaryKilled,
    PrimaryFrozen,
    PrimaryStepsDown,
    Primary(Mode),
    PrimaryCut,
    PrimarySevered,
    SecondaryKilled,
    NoMajority,
    Command(Failure),
    RedisWiped,
    RedisReplaced,
    RedisFailover,
    RedisFull,
    RedisReadOnly,
    RedisForgetsScripts,
    RedisPoisoned,
    RedisStalled,
    Redis(Mode),
    RedisSevered,
    ProcessesKilled,
    AllReplaced,
    ProcessesFrozen,
    Twice,
    Haste,
    SeatsSentAgain,
    Payments(&'static str),
}

impl Kind {
    /// Whether another primary may be elected. Then a plain read may reach the former one.
    fn may_elect(self) -> bool {
        matches!(
            self,
            Self::PrimaryKilled
                | Self::PrimaryFrozen
                | Self::PrimaryStepsDown
                | Self::Primary(_)
                | Self::PrimarySevered
                | Self::NoMajority
                | Self::Command(_)
        )
    }
}

/// Causes the fault and ends it. Returns when it ended: from then on everything has to work again.
pub async fn cause(world: &Arc<World>, kind: Kind, rng: &mut StdRng) -> Micros {
    let election = kind.may_elect().then(|| world.failover_begins(now()));
    let time = Duration::from_millis(rng.random_range(600..2_000));
    let healed = match kind {
        Kind::PrimaryKilled
        | Kind::PrimaryFrozen
        | Kind::PrimaryStepsDown
        | Kind::Primary(_)
        | Kind::PrimaryCut
        | Kind::PrimarySevered
        | Kind::SecondaryKilled
        | Kind::NoMajority
        | Kind::Command(_) => mongodb(world, kind, time).await,
        Kind::Payments(fault) => provider(world, fault, time).await,
        Kind::ProcessesKilled
        | Kind::AllReplaced
        | Kind::ProcessesFrozen
        | Kind::Twice
        | Kind::Haste
        | Kind::SeatsSentAgain => functions(world, kind, time, rng).await,
        _ => redis(world, kind, time).await,
    };
    if let Some(election) = election {
        world.failover_ends(election);
    }
    healed
}

async fn mongodb(world: &World, kind: Kind, time: Duration) -> Micros {
    let mut set = world.set.lock().await;
    let primary = set.primary().await;
    let others: Vec<usize> = (0..set.members.len()).filter(|member| *member != primary).collect();
    let proxy = &set.members[primary].proxy;
    match kind {
        Kind::PrimaryKilled => {
            set.kill(primary).await;
            set.primary().await;
            let elected = now();
            set.restart(primary).await;
            set.all_in_service().await;
            return elected;
        }
        Kind::PrimaryFrozen => {
            set.freeze(primary);
            set.primary_but(primary).await;
            let elected = now();
            sleep(time).await;
            set.thaw(primary);
            set.all_in_service().await;
            return elected;
        }
        Kind::PrimaryStepsDown => {
            set.step_down().await;
            set.primary().await;
        }
        Kind::Primary(mode) => {
            proxy.set_mode(mode);
            sleep(time).await;
            proxy.set_mode(Mode::Pass);
            set.primary().await;
        }
        Kind::PrimaryCut => {
            for _ in 0..5 {
                proxy.cut();
                sleep(time / 5).await;
            }
        }
        Kind::PrimarySevered => proxy.sever(),
        Kind::SecondaryKilled => {
            set.kill(others[0]).await;
            sleep(time).await;
            set.restart(others[0]).await;
            set.all_in_service().await;
        }
        Kind::NoMajority => {
            others.iter().for_each(|member| set.freeze(*member));
            sleep(time).await;
            others.iter().for_each(|member| set.thaw(*member));
            set.primary().await;
        }
        Kind::Command(failure) => {
            // It may have been deposed meanwhile; then there is nothing to switch off.
            let _ = set.admin(primary, fail(failure, &world.stack.database)).await;
            sleep(time).await;
            let off = doc! {"configureFailPoint": "failCommand", "mode": "off"};
            let _ = set.admin(primary, off).await;
        }
        _ => unreachable!("not MongoDB's"),
    }
    now()
}

/// The server's own fail point: while it is on, three of four of the named commands fail, and only
/// commands of the functions, whose `appName` contains their database.
fn fail(failure: Failure, database: &str) -> Document {
    let data = match failure {
        Failure::Transient => doc! {
            "failCommands": ["findAndModify", "update", "insert", "commitTransaction"],
            "errorCode": 251, "errorLabels": ["TransientTransactionError"],
        },
        Failure::UnknownCommit => doc! {
            "failCommands": ["commitTransaction"],
            "writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out", "errInfo": {}},
        },
        Failure::ClosedCommit => {
            doc! {"failCommands": ["commitTransaction"], "closeConnection": true}
        }
    };
    let mut data = data;
    data.insert("appName", format!("unified-booking({database})"));
    doc! {
        "configureFailPoint": "failCommand", "mode": {"activationProbability": 0.75}, "data": data,
    }
}

async fn connection(redis: &stack::Redis) -> MultiplexedConnection {
    let client = redis::Client::open(redis.url()).expect("a URL");
    client.get_multiplexed_async_connection().await.expect("Redis answers")
}

async fn redis(world: &World, kind: Kind, time: Duration) -> Micros {
    let mut redis = world.redis.lock().await;
    let mut direct = connection(&redis).await;
    let proxy = &world.redis_proxy;
    match kind {
        Kind::RedisWiped => redis_command(&mut direct, &["FLUSHALL"]).await,
        Kind::RedisReplaced => {
            let empty = own_redis("chaos-redis").await;
            drop(std::mem::replace(&mut *redis, empty));
            sleep(time / 2).await;
            proxy.fail_over(port_of(redis.url()));
        }
        Kind::RedisFailover => {
            let replica = own_redis("chaos-redis").await;
            let mut follower = connection(&replica).await;
            let master = port_of(redis.url()).to_string();
            redis_command(&mut follower, &["REPLICAOF", "127.0.0.1", &master]).await;
            sleep(time).await;
            // From here on it misses new locks, and keeps the locks that the other deletes.
            redis_command(&mut follower, &["REPLICAOF", "NO", "ONE"]).await;
            sleep(time).await;
            proxy.fail_over(port_of(replica.url()));
            drop(std::mem::replace(&mut *redis, replica));
        }
        Kind::RedisFull => {
            redis_command(&mut direct, &["CONFIG", "SET", "maxmemory", "1"]).await;
            sleep(time).await;
            redis_command(&mut direct, &["CONFIG", "SET", "maxmemory", "0"]).await;
        }
        Kind::RedisReadOnly => {
            // A replica of a server that does not respond.
            redis_command(&mut direct, &["REPLICAOF", "127.0.0.1", "1"]).await;
            sleep(time).await;
            redis_command(&mut direct, &["REPLICAOF", "NO", "ONE"]).await;
        }
        Kind::RedisForgetsScripts => {
            for _ in 0..5 {
                redis_command(&mut direct, &["SCRIPT", "FLUSH"]).await;
                sleep(time / 5).await;
            }
        }
        Kind::RedisPoisoned => poison(world, &mut direct, time).await,
        Kind::RedisStalled => {
            redis_command(&mut direct, &["CLIENT", "PAUSE", "1000", "ALL"]).await;
            sleep(Duration::from_secs(1)).await;
        }
        Kind::Redis(mode) => {
            proxy.set_mode(mode);
            sleep(time).await;
            proxy.set_mode(Mode::Pass);
        }
        Kind::RedisSevered => proxy.sever(),
        _ => unreachable!("not Redis's"),
    }
    now()
}

/// Other values take the place of the shows' locks, and they never expire.
async fn poison(world: &World, direct: &mut MultiplexedConnection, time: Duration) {
    let mut keys = Vec::new();
    for house in &world.houses {
        for seat in house.show().seats.iter().step_by(3) {
            let key = format!("seat:lock:{{{}}}:{seat}", house.tenant.app_id);
            let _: redis::RedisResult<()> = direct.rpush(&key, "poison").await;
            keys.push(key);
        }
    }
    sleep(time).await;
    for key in keys {
        if direct.key_type::<_, redis::ValueType>(&key).await == Ok(redis::ValueType::List) {
            let _: redis::RedisResult<()> = direct.del(&key).await;
        }
    }
}

/// The next requests to the provider meet this fault.
async fn provider(world: &World, fault: &str, time: Duration) -> Micros {
    for operation in ["create_intent", "get_intent", "create_refund", "list_refunds"] {
        let command = serde_json::json!({
            "provider": "stripe", "operation": operation, "fault": fault, "times": 3,
            "millis": 2_000,
        });
        world.payments.control("faults", &command).await.expect("the fake takes a fault");
    }
    sleep(time).await;
    now()
}

async fn functions(world: &Arc<World>, kind: Kind, time: Duration, rng: &mut StdRng) -> Micros {
    let Fleets { reserve, confirm, release, start_payment, events, cancel, refunds, .. } =
        &world.fleets;
    let Fleets { list, sweep, feed, deliver, .. } = &world.fleets;
    let disturbed: [&Fleet; 9] =
        [reserve, confirm, release, start_payment, events, cancel, refunds, feed, deliver];
    match kind {
        Kind::ProcessesKilled => {
            let killed: Vec<_> =
                disturbed.iter().filter_map(|fleet| Some((*fleet, fleet.any(rng)?))).collect();
            join_all(killed.into_iter().map(|(fleet, process)| fleet.replace(process))).await;
        }
        Kind::AllReplaced => {
            let all = disturbed.into_iter().chain([list, sweep]);
            join_all(all.flat_map(|fleet| fleet.all().map(move |process| fleet.replace(process))))
                .await;
        }
        Kind::ProcessesFrozen => {
            let time = Duration::from_millis(rng.random_range(3_200..5_000));
            let frozen: Vec<_> =
                disturbed.iter().filter_map(|fleet| Some((*fleet, fleet.any(rng)?))).collect();
            join_all(frozen.into_iter().map(|(fleet, process)| fleet.freeze(process, time))).await;
        }
        Kind::Twice | Kind::Haste => {
            let switch = if kind == Kind::Twice { &world.twice } else { &world.hasty };
            switch.store(true, Ordering::Relaxed);
            sleep(time).await;
            switch.store(false, Ordering::Relaxed);
        }
        Kind::SeatsSentAgain => seats_sent_again(world).await,
        _ => unreachable!("not the functions'"),
    }
    now()
}

/// The admin sends the tenant's seats again. By now some are free, some held and some sold.
async fn seats_sent_again(world: &World) {
    let house = &world.houses[0];
    let show = house.show();
    let numbers = 1..=show.seats.len();
    let seats: Vec<_> = numbers
        .map(|number| serde_json::json!({"seatNumber": format!("A{number}"), "price": 1}))
        .collect();
    let body = serde_json::json!({
        "appId": house.tenant.app_id, "entityId": show.entity, "currency": "INR", "seats": seats,
    });
    let reply = world.stack.admin().await.post("/admin/seats", &body).await;
    if reply.status != 503 && reply.code() != "SEAT_ALREADY_EXISTS" {
        world.ledger.violation(format!("the seat list sent again was answered {reply}"));
    }
}
