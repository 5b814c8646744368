//! Flaws that a review found. Each test is named for what the flaw broke.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use mongodb::bson::doc;

use super::{
    BUDGET, FaultRig, WAIT_TIMEOUT, booking, fault_slot, held, mongodb::FailPoint,
    repeat_while_unavailable, replicas::Trio, running_operations, stack_on, to_confirm, to_release,
    to_reserve, wait_until_expired,
};
use crate::support::{
    invariants, payment,
    people::Hold,
    poll::eventually,
    proxy::{Action, Trap},
    replica_set::ReplicaSet,
    reply::Reply,
    runtime_api::{Environment, Invocation},
    stacks::{Shared, Stack},
};

/// The budget of a call that is frozen in its transaction. It is longer than the rest of the test,
/// and shorter than the server's limit for a transaction.
const FROZEN_CALL_BUDGET: Duration = Duration::from_secs(200);

/// A server that leaves transactions open for minutes. With the 5 s of the other servers, many
/// states would end by themselves.
pub(super) async fn with_long_transactions() -> (Arc<Stack>, Arc<ReplicaSet>) {
    static WITH_LONG_TRANSACTIONS: Shared<(Arc<Stack>, Arc<ReplicaSet>)> = Shared::new();
    let start = || async {
        let set = ReplicaSet::start(1).await;
        let limit = doc! {"setParameter": 1, "transactionLifetimeLimitSeconds": 300};
        set.admin(0, limit).await.expect("it is set");
        (stack_on(&set).await, Arc::new(set))
    };
    WITH_LONG_TRANSACTIONS.get(start).await
}

/// A sale whose process is frozen in its transaction. The hold is marked, and the
/// mark is not committed.
struct Stopped {
    hold: Hold,
    payment: String,
    confirm: Environment,
    call: Invocation,
    trap: Trap,
    _network: FaultRig,
}

/// Lets a new confirm process connect to its servers and check the app's key.
pub(super) async fn warm_up_confirm(confirm: &Environment, rig: &FaultRig) {
    let nobodys = Hold { token: uuid::Uuid::new_v4().to_string(), seats: Vec::new() };
    let unknown = confirm.call(&to_confirm(&rig.ann, &nobodys, &payment()), BUDGET).await;
    unknown.error(404, "RESERVATION_NOT_FOUND");
}

impl Stopped {
    /// Ann's confirm for the rig's first seat. Her hold has run out since.
    async fn sale(rig: &FaultRig, server: u16) -> Self {
        let network = rig.apart(server).await;
        let (reserve, confirm) = tokio::join!(rig.start("reserve"), network.start("confirm"));
        // So the sale reaches the server long before its hold runs out.
        warm_up_confirm(&confirm, rig).await;
        let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
        let payment = payment();
        let mut trap = network.mongodb.trap("findAndModify", Action::HoldReply, 1);
        let call = confirm.invoke(&to_confirm(&rig.ann, &hold, &payment), FROZEN_CALL_BUDGET);
        trap.sprung().await;
        confirm.freeze();
        wait_until_expired(&rig.tenant.stack.database().await, &hold).await;
        Self { hold, payment, confirm, call, trap, _network: network }
    }

    /// Lets the process go on to its end. The call that it blocked has ended its transaction, and
    /// the hold has run out: the payment is due for refund.
    async fn ends_too_late(self, rig: &FaultRig) {
        self.confirm.thaw();
        drop(self.trap);
        let reply = self.call.reply().await;
        assert_eq!(
            reply.error(410, "RESERVATION_EXPIRED")["details"]["refundDue"],
            true,
            "{reply}"
        );
        let books = invariants::check(&rig.tenant).await;
        invariants::money_is_accounted_for(&books, &[self.payment]);
    }
}

#[tokio::test]
async fn a_release_that_meets_a_frozen_confirm_holds_up_no_other_tenants_release() {
    let _slot = fault_slot().await;
    let (stack, set) = with_long_transactions().await;
    let server = set.members[0].port;
    let (mut rig, other) =
        (FaultRig::on(Arc::clone(&stack), server, 1).await, FaultRig::on(stack, server, 6).await);
    rig.set("HOLD_TTL_SECONDS", "5");
    let (reserve, release) = tokio::join!(other.start("reserve"), rig.start("release"));
    // The process has cached both tenants. It has a connection, and a session that the next write
    // will use.
    let first = held(&reserve, &other.ann, &[&other.seats[0]]).await;
    release.call(&to_release(&other.ann, &first), BUDGET).await.expect(200);
    let stopped = Stopped::sale(&rig, server).await;
    let event = to_release(&rig.ann, &stopped.hold);
    release.call(&event, BUDGET).await.error(410, "RESERVATION_EXPIRED");
    for seat in &other.seats[1..] {
        let hold = held(&reserve, &other.bob, &[seat]).await;
        release.call(&to_release(&other.bob, &hold), BUDGET).await.expect(200);
    }
    stopped.ends_too_late(&rig).await;
    release.call(&event, BUDGET).await.error(410, "RESERVATION_EXPIRED");
    let books = invariants::check(&other.tenant).await;
    assert_eq!(books.count("RELEASED"), other.seats.len());
    invariants::no_locks_left_but(&other.tenant, &[]).await;
}

#[tokio::test]
async fn a_reserve_ends_a_transaction_that_blocks_an_overdue_hold_and_leaves_nothing_running() {
    let _slot = fault_slot().await;
    let (stack, set) = with_long_transactions().await;
    let server = set.members[0].port;
    let mut rig = FaultRig::on(stack, server, 1).await;
    rig.set("HOLD_TTL_SECONDS", "5");
    let reserve = rig.start("reserve").await;
    let stopped = Stopped::sale(&rig, server).await;
    let name = rig.name();
    let running = || {
        let kind =
            doc! {"active": true, "ns": format!("{}.reservations", rig.tenant.stack.database)};
        running_operations(&set, &name, kind)
    };
    let event = to_reserve(&rig.bob, &[&rig.seats[0]]);
    let call = reserve.invoke(&event, BUDGET);
    let waits = || async { (!running().await.is_empty()).then_some(()) };
    eventually("the reserve waits at the server", BUDGET, waits).await;
    call.reply().await.expect(201);
    let over = || async { running().await.is_empty().then_some(()) };
    eventually("nothing of it runs any more", WAIT_TIMEOUT, over).await;
    stopped.ends_too_late(&rig).await;
    reserve.call(&event, BUDGET).await.expect(200);
    invariants::no_locks_left_but(&rig.tenant, &[&rig.seats[0]]).await;
}

#[tokio::test]
async fn a_sale_with_no_time_left_for_its_commit_leaves_no_transaction_open() {
    let _slot = fault_slot().await;
    let (stack, set) = with_long_transactions().await;
    let server = set.members[0].port;
    let rig = FaultRig::on(stack, server, 1).await;
    let apart = rig.apart(server).await;
    let (reserve, late, other) =
        tokio::join!(rig.start("reserve"), rig.start("confirm"), apart.start("confirm"));
    let hold = held(&reserve, &rig.ann, &[&rig.seats[0]]).await;
    let paid = payment();
    let event = to_confirm(&rig.ann, &hold, &paid);
    let name = rig.name();
    let open = || running_operations(&set, &name, doc! {"transaction": {"$exists": true}});
    let mut trap = rig.mongodb.trap("insert", Action::HoldReply, 1);
    let commit = rig.mongodb.trap("commitTransaction", Action::Hold, usize::MAX);
    warm_up_confirm(&late, &rig).await;
    let budget = Duration::from_secs(6);
    let call = late.invoke(&event, budget);
    // The time of a function for its work, minus the time reserved for the commit.
    let no_time = Instant::now() + budget - Duration::from_millis(500 + 150);
    trap.sprung().await;
    assert_eq!(open().await.len(), 1, "the sale is under way");
    tokio::time::sleep_until(no_time.into()).await;
    drop(trap);
    call.reply().await.error(503, "SERVICE_UNAVAILABLE");
    let over = || async { open().await.is_empty().then_some(()) };
    eventually("the transaction has ended", WAIT_TIMEOUT, over).await;
    assert_eq!(commit.count(), 0, "no time was left to wait for a commit");
    assert!(invariants::check(&rig.tenant).await.bookings.is_empty());
    let sold = other.call(&event, BUDGET).await;
    sold.expect(201);
    let books = invariants::check(&rig.tenant).await;
    invariants::assert_kept(&books, &sold, &rig.ann, &hold, &paid);
    invariants::money_is_accounted_for(&books, &[paid]);
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn a_hold_that_was_returned_outlives_a_repeat_under_a_lower_limit() {
    let _slot = fault_slot().await;
    let mut rig = FaultRig::new(2).await;
    rig.set("MAX_HELD_SEATS_PER_USER", "2");
    let lower = rig.with("MAX_HELD_SEATS_PER_USER", "1");
    let (reserve, confirm, strict) = tokio::join!(
        rig.start("reserve"),
        rig.start("confirm"),
        Environment::start("reserve", &lower)
    );
    let (one, two) = (rig.seats[0].as_str(), rig.seats[1].as_str());
    let first = held(&reserve, &rig.ann, &[one]).await;
    let second = held(&reserve, &rig.ann, &[two]).await;
    let before = invariants::check(&rig.tenant).await;
    let repeat = strict.call(&to_reserve(&rig.ann, &[two]), BUDGET).await;
    repeat.error(429, "HOLD_LIMIT_REACHED");
    let after = invariants::check(&rig.tenant).await;
    assert_eq!(after.reservations, before.reservations, "both are as they were");
    assert_eq!(after.live().len(), 2);
    let locks = invariants::locks(&rig.tenant).await;
    for (seat, hold) in [(one, &first), (two, &second)] {
        assert_eq!(
            locks.get(seat).map(|lock| &lock["reservationToken"]),
            Some(&hold.token.as_str().into())
        );
    }
    let paid = payment();
    let sold = confirm.call(&to_confirm(&rig.ann, &second, &paid), BUDGET).await;
    sold.expect(201);
    invariants::assert_kept(&invariants::check(&rig.tenant).await, &sold, &rig.ann, &second, &paid);
    invariants::no_locks_left_but(&rig.tenant, &[one]).await;
}

#[tokio::test]
async fn server_errors_that_pass_are_a_503_and_the_same_call_again_succeeds() {
    const CODES: [i32; 14] =
        [43, 50, 112, 134, 217, 225, 251, 262, 279, 290, 365, 10058, 11601, 14031];
    let _slot = fault_slot().await;
    let fail = FailPoint::alone().await;
    let rig = FaultRig::new(CODES.len()).await;
    let (reserve, release) = tokio::join!(rig.start("reserve"), rig.start("release"));
    for (seat, code) in rig.seats.iter().zip(CODES) {
        let fails = async |process: &Environment, event, command| {
            // More often than the driver repeats a command by itself.
            fail.set(&rig, command, 1000, doc! {"errorCode": code}).await;
            let reply: Reply = process.call(event, BUDGET).await;
            assert!(fail.off().await > 0, "{command} failed with {code}");
            assert_eq!(
                (reply.status, reply.code()),
                (503, "SERVICE_UNAVAILABLE"),
                "{command}, {code}: {reply}"
            );
        };
        let reserving = to_reserve(&rig.ann, &[seat]);
        fails(&reserve, &reserving, "aggregate").await;
        fails(&reserve, &reserving, "findAndModify").await;
        let hold = held(&reserve, &rig.ann, &[seat]).await;
        let releasing = to_release(&rig.ann, &hold);
        fails(&release, &releasing, "findAndModify").await;
        release.call(&releasing, BUDGET).await.expect(200);
    }
    let books = invariants::check(&rig.tenant).await;
    assert_eq!((books.count("RELEASED"), books.reservations.len()), (CODES.len(), CODES.len()));
    invariants::no_locks_left_but(&rig.tenant, &[]).await;
}

#[tokio::test]
async fn a_primary_that_thaws_denies_no_hold_that_its_successor_took() {
    const ROUNDS: usize = 3;
    const SEATS: usize = 12;
    /// Within this time the function still has the connection of its last call: it closes those
    /// that were idle for a minute, and a frozen primary accepts no new one.
    const CONNECTED: Duration = Duration::from_secs(50);
    let trio = Trio::start(SEATS + 1).await;
    let rig = &trio.rig;
    // One function that soon learns of the new primary, and one that keeps using the old one.
    let every =
        |ms: u32| rig.with("MONGODB_URI", format!("{}&heartbeatFrequencyMS={ms}", trio.set.uri()));
    let (quick, mut slow) = (every(500), every(600_000));
    // A second connection that is being made when the primary freezes would time out, and the
    // function would look for a new primary.
    slow.insert("MONGODB_MAX_POOL_SIZE".to_owned(), "1".to_owned());
    let (reserve, confirm) =
        tokio::join!(Environment::start("reserve", &quick), Environment::start("confirm", &slow));
    // Both cache the tenant in advance.
    held(&reserve, &rig.bob, &[&rig.seats[SEATS]]).await;
    let nobodys = Hold { token: uuid::Uuid::new_v4().to_string(), seats: Vec::new() };
    let mut payments = Vec::new();
    let mut rounds = 0;
    for seat in &rig.seats[..SEATS] {
        if rounds == ROUNDS {
            break;
        }
        let old = trio.set.primary().await;
        let reply =
            repeat_while_unavailable(&confirm, &to_confirm(&rig.ann, &nobodys, &payment())).await;
        reply.error(404, "RESERVATION_NOT_FOUND");
        let connected = Instant::now();
        trio.set.freeze(old);
        trio.set.another_leads(old).await;
        let event = to_reserve(&rig.ann, &[seat]);
        let taken = || async {
            let reply = reserve.call(&event, Duration::from_secs(3)).await;
            matches!(reply.status, 200 | 201).then(|| Hold::of(&reply))
        };
        let hold = eventually("the successor takes a hold", WAIT_TIMEOUT, taken).await;
        if connected.elapsed() > CONNECTED {
            // A busy machine: this round would use a closed connection.
            trio.set.thaw(old);
            trio.set.all_in_service().await;
            continue;
        }
        payments.push(payment());
        let event = to_confirm(&rig.ann, &hold, payments.last().expect("one"));
        let network = &trio.set.members[old].proxy;
        network.record();
        let mut call = confirm.invoke(&event, BUDGET);
        let app = rig.tenant.app_id.as_bytes();
        let asks = || {
            let requests = network.requests();
            let names = |request: &[u8]| request.windows(app.len()).any(|part| part == app);
            let is_asked = requests.iter().any(|(_, request)| names(request));
            std::future::ready((is_asked || !call.is_open()).then_some(is_asked))
        };
        // On a busy machine the function may have lost its connection, and know the new primary.
        // Such a round runs to its end and does not count.
        let is_asked = eventually("the old primary is asked", BUDGET, asks).await;
        rounds += usize::from(is_asked);
        trio.set.thaw(old);
        let first = if is_asked { Some(call.reply().await) } else { None };
        let again = repeat_while_unavailable(&confirm, &event).await;
        let sold = booking(&again);
        if let Some(first) = first.filter(|first| first.status != 503) {
            first.expect(201);
            assert_eq!(booking(&first), sold, "{first} {again}");
        }
        trio.set.all_in_service().await;
    }
    let books = trio.check().await;
    assert!(rounds > 0, "the old primary was never asked: {}", confirm.log());
    assert_eq!(books.bookings.len(), payments.len());
    invariants::money_is_accounted_for(&books, &payments);
}
