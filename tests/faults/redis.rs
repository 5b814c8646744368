//! A Redis that is gone, slow, read-only, full, wiped or filled with wrong values costs only speed.

use std::time::Duration;

use redis::AsyncCommands as _;
use serde_json::Value;

use super::{
    BUDGET, FaultRig, WAIT_TIMEOUT, booking, fault_slot, held, script, to_confirm, to_release,
    to_reserve,
};
use crate::support::{
    invariants, payment,
    people::Hold,
    poll::eventually,
    proxy::{Action, Mode},
    runtime_api::{Environment, Event},
    servers::{own_redis, port_of, redis_command},
};

const TAKE: &str = include_str!("../../shared/src/locks/take.lua");
const RESTORE: &str = include_str!("../../shared/src/locks/restore.lua");
/// The script as the functions send it, after the part that all scripts share.
const RELEASE: &str = concat!(
    include_str!("../../shared/src/locks/seat_changes.lua"),
    include_str!("../../shared/src/locks/release.lua")
);

/// The three functions of a booking, over one rig.
struct Shop {
    reserve: Environment,
    confirm: Environment,
    release: Environment,
}

impl Shop {
    async fn open(rig: &FaultRig) -> Self {
        let (reserve, confirm, release) =
            tokio::join!(rig.start("reserve"), rig.start("confirm"), rig.start("release"));
        Self { reserve, confirm, release }
    }

    /// Checks every step that a lock could block, on two free seats: hold, repeat, refuse,
    /// release, hold, sell.
    async fn works(&self, rig: &FaultRig, seats: [&str; 2]) {
        let (ann, bob) = (&rig.ann, &rig.bob);
        let hold = held(&self.reserve, ann, &seats).await;
        let again = self.reserve.call(&to_reserve(ann, &seats), BUDGET).await;
        assert_eq!((again.status, Hold::of(&again)), (200, hold.clone()));
        self.reserve
            .call(&to_reserve(bob, &seats[..1]), BUDGET)
            .await
            .error(409, "SEAT_ALREADY_LOCKED");
        self.release.call(&to_release(ann, &hold), BUDGET).await.expect(200);
        let hold = held(&self.reserve, bob, &seats[..1]).await;
        let paid = payment();
        let event = to_confirm(bob, &hold, &paid);
        let sold = self.confirm.call(&event, BUDGET).await;
        sold.expect(201);
        let again = self.confirm.call(&event, BUDGET).await;
        assert_eq!((again.status, booking(&again)), (200, booking(&sold)));
        self.reserve.call(&to_reserve(ann, &seats), BUDGET).await.error(409, "SEAT_ALREADY_BOOKED");
        let books = invariants::check(&rig.tenant).await;
        invariants::money_is_accounted_for(&books, &[paid]);
        assert!(books.live().is_empty());
    }

    /// Waits until a hold on this seat sets its lock again.
    async fn locks_again(&self, rig: &FaultRig, seat: &str) {
        let taken = || async {
            let hold = held(&self.reserve, &rig.ann, &[seat]).await;
            let locked = invariants::locks(&rig.tenant).await.contains_key(seat);
            self.release.call(&to_release(&rig.ann, &hold), BUDGET).await.expect(200);
            locked.then_some(())
        };
        eventually("a lock is taken", WAIT_TIMEOUT, taken).await;
    }
}

#[tokio::test]
async fn a_redis_that_refuses_or_swallows_costs_no_booking_and_is_used_again_when_it_is_back() {
    let _slot = fault_slot().await;
    for mode in [Mode::Refuse, Mode::Pause] {
        let rig = FaultRig::new(4).await;
        let seats: Vec<&str> = rig.seats.iter().map(String::as_str).collect();
        let shop = Shop::open(&rig).await;
        shop.works(&rig, [seats[0], seats[1]]).await;
        rig.redis.set_mode(mode);
        shop.works(&rig, [seats[2], seats[1]]).await;
        rig.redis.set_mode(Mode::Pass);
        shop.locks_again(&rig, seats[3]).await;
        invariants::check(&rig.tenant).await;
    }
}

#[tokio::test]
async fn a_redis_connection_that_went_silent_is_replaced_by_a_new_one() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(4).await;
    let seats: Vec<&str> = rig.seats.iter().map(String::as_str).collect();
    let shop = Shop::open(&rig).await;
    shop.works(&rig, [seats[0], seats[1]]).await;
    // Only the open connections are affected. The server works.
    rig.redis.sever();
    shop.works(&rig, [seats[2], seats[1]]).await;
    shop.locks_again(&rig, seats[3]).await;
    invariants::check(&rig.tenant).await;
}

#[tokio::test]
async fn a_process_starts_and_sells_while_redis_is_gone() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(2).await;
    rig.redis.set_mode(Mode::Refuse);
    let shop = Shop::open(&rig).await;
    shop.works(&rig, [&rig.seats[0], &rig.seats[1]]).await;
}

#[tokio::test]
async fn a_slow_redis_is_not_waited_for() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(2).await;
    let shop = Shop::open(&rig).await;
    // Far longer than the functions wait, and far shorter than an invocation.
    rig.redis.set_mode(Mode::Delay(Duration::from_secs(2)));
    shop.works(&rig, [&rig.seats[0], &rig.seats[1]]).await;
    for process in [&shop.reserve, &shop.confirm, &shop.release] {
        assert!(process.log().contains("going on without redis"), "{}", process.log());
    }
}

#[tokio::test]
async fn a_redis_that_has_become_a_read_only_replica_costs_no_booking() {
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(2).await;
    let replica = own_redis("replica").await;
    let client = redis::Client::open(replica.url()).expect("a URL");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it answers");
    let port = port_of(&rig.tenant.stack.redis_url);
    redis_command(&mut connection, &["REPLICAOF", "127.0.0.1", &port.to_string()]).await;
    let write: Result<(), _> = connection.set("x", 1).await;
    assert_eq!(write.expect_err("it takes no writes").code(), Some("READONLY"));
    rig.set("REDIS_URL", replica.url());
    let shop = Shop::open(&rig).await;
    shop.works(&rig, [&rig.seats[0], &rig.seats[1]]).await;
}

#[tokio::test]
async fn a_full_redis_costs_no_booking() {
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(2).await;
    let full = own_redis("full").await;
    let client = redis::Client::open(full.url()).expect("a URL");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it answers");
    redis_command(&mut connection, &["CONFIG", "SET", "maxmemory", "1mb"]).await;
    let mut filled = 0;
    loop {
        let write: Result<(), _> =
            connection.set(format!("fill-{filled}"), "x".repeat(64 * 1024)).await;
        filled += 1;
        match write {
            Ok(()) => assert!(filled < 1000, "it never fills"),
            Err(error) => {
                assert_eq!(error.code(), Some("OOM"), "{error}");
                break;
            }
        }
    }
    rig.set("REDIS_URL", full.url());
    let shop = Shop::open(&rig).await;
    shop.works(&rig, [&rig.seats[0], &rig.seats[1]]).await;
    let locks: Vec<String> = connection.keys("seat:lock:*").await.expect("KEYS");
    assert!(locks.is_empty(), "{locks:?}");
}

#[tokio::test]
async fn scripts_that_redis_has_lost_are_sent_again() {
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(4).await;
    let forgetful = own_redis("forgetful").await;
    rig.set("REDIS_URL", forgetful.url());
    let client = redis::Client::open(forgetful.url()).expect("a URL");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it answers");
    let seats: Vec<&str> = rig.seats.iter().map(String::as_str).collect();
    let shop = Shop::open(&rig).await;
    shop.works(&rig, [seats[0], seats[1]]).await;
    redis_command(&mut connection, &["SCRIPT", "FLUSH"]).await;
    let hold = held(&shop.reserve, &rig.ann, &[seats[2]]).await;
    // The seat is locked all the same: the gate was called and did not time out.
    let key = format!("seat:lock:{{{}}}:{}", rig.tenant.app_id, seats[2]);
    let left: i64 = connection.pttl(&key).await.expect("PTTL");
    assert!((1..=120_000).contains(&left), "{left}");
    redis_command(&mut connection, &["SCRIPT", "FLUSH"]).await;
    shop.release.call(&to_release(&rig.ann, &hold), BUDGET).await.expect(200);
    let left: i64 = connection.pttl(&key).await.expect("PTTL");
    assert_eq!(left, -2, "given back in spite of it");
    for process in [&shop.reserve, &shop.release] {
        assert!(!process.log().contains("going on without redis"), "{}", process.log());
    }
}

#[tokio::test]
async fn a_poisoned_key_keeps_no_seat_from_being_sold() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(5).await;
    let shop = Shop::open(&rig).await;
    let mut redis = rig.tenant.stack.redis().await;
    let key = |seat: usize| format!("seat:lock:{{{}}}:{}", rig.tenant.app_id, rig.seats[seat]);
    let () = redis.rpush(key(0), "poison").await.expect("a list");
    let () = redis.hset(key(1), "reservationToken", "poison").await.expect("a hash");
    let () = redis.set(key(2), "poison").await.expect("no JSON, no TTL");
    // A lock of an unknown user without a TTL, and one that ends in a year.
    let foreign = r#"{"reservationToken":"x","userId":"000000000000000000000000","timestamp":1,"expiresAt":2}"#;
    let () = redis.set(key(3), foreign).await.expect("no TTL");
    let () = redis.set_ex(key(4), foreign, 31_536_000).await.expect("a TTL");
    let mut payments = Vec::new();
    for seat in &rig.seats {
        let hold = held(&shop.reserve, &rig.ann, &[seat]).await;
        payments.push(payment());
        let event = to_confirm(&rig.ann, &hold, payments.last().expect("one"));
        shop.confirm.call(&event, BUDGET).await.expect(201);
    }
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(books.bookings.len(), 5);
    invariants::money_is_accounted_for(&books, &payments);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn a_lock_taken_in_a_call_whose_reply_was_lost_belongs_to_the_hold_and_outlives_no_failure() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(2).await;
    let take = script(&rig.tenant.stack, TAKE).await;
    let shop = Shop::open(&rig).await;
    let seats: Vec<&str> = rig.seats.iter().map(String::as_str).collect();
    let hold = held(&shop.reserve, &rig.bob, &[seats[1]]).await;
    shop.confirm.call(&to_confirm(&rig.bob, &hold, &payment()), BUDGET).await.expect(201);

    // The lock is set, its response is lost, and the hold is written. The lock belongs to the hold,
    // and the release deletes it.
    let trap = rig.redis.trap(&take, Action::LoseReply, 2);
    let hold = held(&shop.reserve, &rig.ann, &[seats[0]]).await;
    assert!(trap.count() >= 1);
    drop(trap);
    if let Some(lock) = invariants::locks(&rig.tenant).await.get(seats[0]) {
        assert_eq!(lock["reservationToken"], hold.token.as_str());
    }
    shop.release.call(&to_release(&rig.ann, &hold), BUDGET).await.expect(200);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;

    // The lock is set, its response is lost, and MongoDB refuses the hold. No lock may stay, or
    // nobody could hold the free seat for a TTL.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let trap = rig.redis.trap(&take, Action::LoseReply, 2);
    shop.reserve
        .call(&to_reserve(&rig.ann, &seats), BUDGET)
        .await
        .error(409, "SEAT_ALREADY_BOOKED");
    assert!(trap.count() >= 1);
    drop(trap);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
    invariants::check(&rig.tenant).await;
}

#[tokio::test]
async fn a_delete_that_comes_late_leaves_the_lock_of_the_next_holder_alone() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    script(&rig.tenant.stack, RELEASE).await;
    late_delete(&rig).await;
}

/// The delete of a hold's lock reaches Redis after another user has got the seat.
pub async fn late_delete(rig: &FaultRig) {
    let shop = Shop::open(rig).await;
    let seat = rig.seats[0].as_str();
    // The release is done in MongoDB. Its delete of the lock waits in the network.
    let hold = held(&shop.reserve, &rig.ann, &[seat]).await;
    let apart = rig.apart(super::shared_server().await.1.members[0].port).await;
    let late = apart.start("release").await;
    // Among a release's commands to Redis, only the delete carries the hold's token.
    let mut trap = apart.redis.trap(&hold.token, Action::Hold, 1);
    let first = late.invoke(&to_release(&rig.ann, &hold), BUDGET);
    trap.sprung().await;
    late.freeze();
    // Meanwhile Redis loses the lock, and another user takes the seat.
    let mut redis = rig.tenant.stack.redis().await;
    let gone: i64 =
        redis.del(format!("seat:lock:{{{}}}:{seat}", rig.tenant.app_id)).await.expect("DEL");
    assert_eq!(gone, 1);
    let next = held(&shop.reserve, &rig.bob, &[seat]).await;
    drop(trap);
    tokio::time::sleep(Duration::from_millis(200)).await;
    late.thaw();
    first.reply().await.expect(200);
    let locks = invariants::locks(&rig.tenant).await;
    let lock = locks.get(seat).expect("the next holder's lock stands");
    assert_eq!(lock["reservationToken"], next.token.as_str());
    shop.reserve
        .call(&to_reserve(&rig.ann, &[seat]), BUDGET)
        .await
        .error(409, "SEAT_ALREADY_LOCKED");
    shop.confirm.call(&to_confirm(&rig.bob, &next, &payment()), BUDGET).await.expect(201);
    assert_eq!(invariants::check(&rig.tenant).await.bookings.len(), 1);
}

#[tokio::test]
async fn a_failover_to_a_replica_that_missed_the_lock_shows_no_held_seat_as_free_and_sells_it_once()
{
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(2).await;
    let (first, second) = tokio::join!(own_redis("first"), own_redis("second"));
    rig.redis.fail_over(port_of(first.url()));
    rig.set("MAX_HELD_SEATS_PER_USER", "2");
    let shop = Shop::open(&rig).await;
    let seats: Vec<&str> = rig.seats.iter().map(String::as_str).collect();
    let hold = held(&shop.reserve, &rig.ann, &[seats[0]]).await;
    let keys = |url: &str| {
        let client = redis::Client::open(url).expect("a URL");
        async move {
            let mut connection =
                client.get_multiplexed_async_connection().await.expect("it answers");
            let keys: Vec<String> = connection.keys("seat:lock:*").await.expect("KEYS");
            keys.len()
        }
    };
    assert_eq!((keys(first.url()).await, keys(second.url()).await), (1, 0));
    rig.redis.fail_over(port_of(second.url()));
    let list = rig.start("list-seats").await;
    shop.reserve
        .call(&to_reserve(&rig.bob, &seats), BUDGET)
        .await
        .error(409, "SEAT_ALREADY_LOCKED");
    let event =
        Event::of(&rig.bob, "GET", &format!("/seats?entityId={}", rig.tenant.entity), &Value::Null);
    let listed = list.call(&event, BUDGET).await;
    let free: Vec<&str> = listed.expect(200)["seats"]
        .as_array()
        .expect("seats")
        .iter()
        .filter_map(|s| s["seatId"].as_str())
        .collect();
    assert_eq!(free, [seats[1]]);
    let paid = payment();
    shop.confirm.call(&to_confirm(&rig.ann, &hold, &paid), BUDGET).await.expect(201);
    // Back to the first server, which still has the lock of the sold seat. The lock decides
    // nothing.
    rig.redis.fail_over(port_of(first.url()));
    shop.confirm.call(&to_confirm(&rig.ann, &hold, &paid), BUDGET).await.expect(200);
    let refused = shop.reserve.call(&to_reserve(&rig.bob, &[seats[0]]), BUDGET).await;
    assert!(matches!(refused.code(), "SEAT_ALREADY_BOOKED" | "SEAT_ALREADY_LOCKED"), "{refused}");
    held(&shop.reserve, &rig.bob, &[seats[1]]).await;
    let books = invariants::check(&rig.tenant).await;
    assert_eq!((books.bookings.len(), books.live().len()), (1, 1));
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn a_lock_that_a_repeat_puts_back_while_a_release_takes_it_away_is_not_that_of_a_dead_hold() {
    let _slot = fault_slot().await;
    let rig = FaultRig::new(1).await;
    let restore = script(&rig.tenant.stack, RESTORE).await;
    let shop = Shop::open(&rig).await;
    let seat = rig.seats[0].as_str();
    let hold = held(&shop.reserve, &rig.ann, &[seat]).await;
    let apart = rig.apart(super::shared_server().await.1.members[0].port).await;
    let repeating = apart.start("reserve").await;
    // The repeat has read its hold as live and is about to restore its lock. Then the hold is
    // released.
    let mut trap = apart.redis.trap(&restore, Action::Hold, 1);
    let repeat = repeating.invoke(&to_reserve(&rig.ann, &[seat]), BUDGET);
    trap.sprung().await;
    shop.release.call(&to_release(&rig.ann, &hold), BUDGET).await.expect(200);
    drop(trap);
    let again = repeat.reply().await;
    again.expect(201);
    let next = Hold::of(&again);
    assert_ne!(next.token, hold.token, "a released hold is not revived");
    if let Some(lock) = invariants::locks(&rig.tenant).await.get(seat) {
        assert_eq!(lock["userId"], rig.ann.user_id.as_str());
    }
    shop.reserve
        .call(&to_reserve(&rig.bob, &[seat]), BUDGET)
        .await
        .error(409, "SEAT_ALREADY_LOCKED");
    shop.release.call(&to_release(&rig.ann, &hold), BUDGET).await.expect(200);
    shop.confirm.call(&to_confirm(&rig.ann, &next, &payment()), BUDGET).await.expect(201);
    let books = invariants::check(&rig.tenant).await;
    assert_eq!(
        (books.count("RELEASED"), books.count("CONFIRMED"), books.bookings.len()),
        (1, 1, 1)
    );
}
