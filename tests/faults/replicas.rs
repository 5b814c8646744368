//! A replica set of three members loses its primary, its majority, or a commit.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use serde_json::json;

use super::{
    BUDGET, FaultRig, WAIT_TIMEOUT, booking, held, repeat_while_unavailable, stack_on, to_confirm,
    to_release, to_reserve,
};
use crate::support::{
    invariants, payment,
    people::Hold,
    poll::eventually,
    proxy::{Action, Mode},
    reply::Reply,
    runtime_api::{Environment, Event},
    trio,
};

/// Three servers and a tenant on them.
pub struct Trio {
    pub(super) set: trio::Trio,
    pub(super) rig: FaultRig,
}

impl Trio {
    pub async fn start(seats: usize) -> Self {
        let set = trio::Trio::alone().await;
        let stack = stack_on(&set).await;
        let primary = set.primary().await;
        let mut rig = FaultRig::on(Arc::clone(&stack), set.members[primary].port, seats).await;
        rig.set("MONGODB_URI", set.uri());
        Self { set, rig }
    }

    /// Kills the primary before or after it executes the next find-and-modify. Starts it again once
    /// there is another primary. Returns the response of the call.
    async fn killed_at_a_write(
        &mut self,
        process: &Environment,
        event: &Event,
        action: Action,
    ) -> Reply {
        let primary = self.set.primary().await;
        let mut trap = self.set.members[primary].proxy.trap("findAndModify", action, 1);
        let call = process.invoke(event, BUDGET);
        trap.sprung().await;
        self.set.kill(primary).await;
        drop(trap);
        let (reply, _) = tokio::join!(call.reply(), self.set.another_leads(primary));
        self.set.restart(primary).await;
        reply
    }

    pub(super) async fn check(&self) -> invariants::Books {
        let tenant = &self.rig.tenant;
        self.set.agrees(&tenant.stack.database, &tenant.app_id).await;
        invariants::check(tenant).await
    }
}

#[tokio::test]
async fn a_primary_killed_at_each_step_of_a_confirm_costs_no_booking_and_makes_no_second() {
    let mut trio = Trio::start(4).await;
    let (reserve, confirm) = tokio::join!(trio.rig.start("reserve"), trio.rig.start("confirm"));
    let mut payments = Vec::new();
    let steps = [
        ("insert", Action::Hold),
        ("commitTransaction", Action::Hold),
        ("commitTransaction", Action::HoldReply),
    ];
    for (number, (word, action)) in steps.into_iter().enumerate() {
        let primary = trio.set.primary().await;
        let seat = trio.rig.seats[number].clone();
        let hold = held(&reserve, &trio.rig.ann, &[&seat]).await;
        payments.push(payment());
        let event = to_confirm(&trio.rig.ann, &hold, &payments[number]);
        let mut trap = trio.set.members[primary].proxy.trap(word, action, 1);
        let first = confirm.invoke(&event, BUDGET);
        trap.sprung().await;
        trio.set.kill(primary).await;
        drop(trap);
        let (first, _) = tokio::join!(first.reply(), trio.set.another_leads(primary));
        assert!(matches!(first.status, 200 | 201 | 503), "{word} {action:?}: {first}");
        let again = repeat_while_unavailable(&confirm, &event).await;
        let sold = booking(&again);
        if first.status != 503 {
            assert_eq!(booking(&first), sold, "{word} {action:?}");
        }
        trio.set.restart(primary).await;
        trio.set.all_in_service().await;
    }
    let books = trio.check().await;
    assert_eq!(books.bookings.len(), payments.len());
    invariants::money_is_accounted_for(&books, &payments);
}

/// The payment extends the hold in a write that a majority read does not show yet.
#[tokio::test]
async fn a_hold_that_is_extended_while_no_majority_confirms_it_is_not_reported_as_expired() {
    let mut trio = Trio::start(1).await;
    trio.rig.set("HOLD_TTL_SECONDS", "10");
    let (reserve, pay) = tokio::join!(trio.rig.start("reserve"), trio.rig.start("start-payment"));
    let start = |token: &str| {
        let body = json!({"reservationToken": token});
        Event::of(&trio.rig.ann, "POST", "/payments", &body)
    };
    // The process has checked the key and is connected, so only the hold uses the budget.
    let of_nothing = start(&uuid::Uuid::new_v4().to_string());
    pay.call(&of_nothing, BUDGET).await.error(404, "RESERVATION_NOT_FOUND");
    let hold = held(&reserve, &trio.rig.ann, &[&trio.rig.seats[0]]).await;
    let has_run_out = tokio::time::Instant::now() + Duration::from_secs(10);
    let primary = trio.set.primary().await;
    let others = || (0..trio.set.members.len()).filter(|member| *member != primary);
    others().for_each(|member| trio.set.freeze(member));
    let event = start(&hold.token);
    let budget = Duration::from_secs(2);
    pay.call(&event, budget).await.error(503, "SERVICE_UNAVAILABLE");
    tokio::time::sleep_until(has_run_out).await;
    pay.call(&event, budget).await.error(503, "SERVICE_UNAVAILABLE");
    others().for_each(|member| trio.set.thaw(member));
    repeat_while_unavailable(&pay, &event).await.expect(200);
    trio.set.all_in_service().await;
    trio.check().await;
}

#[tokio::test]
async fn a_primary_killed_at_the_write_of_a_hold_or_of_its_release_leaves_one_hold_or_none() {
    let mut trio = Trio::start(2).await;
    let (reserve, release) = tokio::join!(trio.rig.start("reserve"), trio.rig.start("release"));
    for (number, action) in [Action::Hold, Action::HoldReply].into_iter().enumerate() {
        let seat = trio.rig.seats[number].clone();
        let to_hold = to_reserve(&trio.rig.ann, &[&seat]);
        let first = trio.killed_at_a_write(&reserve, &to_hold, action).await;
        assert!(matches!(first.status, 201 | 503), "{action:?}: {first}");
        let again = repeat_while_unavailable(&reserve, &to_hold).await;
        assert!(matches!(again.status, 200 | 201), "{action:?}: {again}");
        let hold = Hold::of(&again);
        if first.status == 201 {
            assert_eq!(Hold::of(&first), hold, "{action:?}");
        }
        trio.set.all_in_service().await;
        let to_release = to_release(&trio.rig.ann, &hold);
        let first = trio.killed_at_a_write(&release, &to_release, action).await;
        assert!(matches!(first.status, 200 | 503), "{action:?}: {first}");
        repeat_while_unavailable(&release, &to_release).await.expect(200);
        trio.set.all_in_service().await;
    }
    let books = trio.check().await;
    assert_eq!(books.count("RELEASED"), books.reservations.len());
    invariants::no_locks_left_but(&trio.rig.tenant, &[]).await;
}

#[tokio::test]
async fn a_primary_that_freezes_is_replaced_and_its_thaw_brings_nothing_back() {
    let trio = Trio::start(2).await;
    let (reserve, confirm) = tokio::join!(trio.rig.start("reserve"), trio.rig.start("confirm"));
    let seats: Vec<&str> = trio.rig.seats.iter().map(String::as_str).collect();
    let hold = held(&reserve, &trio.rig.ann, &[seats[0]]).await;
    let paid = payment();
    let event = to_confirm(&trio.rig.ann, &hold, &paid);
    let old = trio.set.primary().await;
    trio.set.freeze(old);
    let first = confirm.call(&event, Duration::from_secs(2)).await;
    first.error(503, "SERVICE_UNAVAILABLE");
    trio.set.another_leads(old).await;
    let sold = booking(&repeat_while_unavailable(&confirm, &event).await);
    let reply = repeat_while_unavailable(&reserve, &to_reserve(&trio.rig.bob, &[seats[1]])).await;
    assert!(matches!(reply.status, 200 | 201), "{reply}");
    trio.set.thaw(old);
    trio.set.all_in_service().await;
    assert_eq!(booking(&repeat_while_unavailable(&confirm, &event).await), sold);
    let books = trio.check().await;
    assert_eq!((books.bookings.len(), books.live().len()), (1, 1));
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn a_primary_that_steps_down_at_any_step_of_a_confirm_costs_no_booking_and_makes_no_second() {
    let trio = Trio::start(5).await;
    let (reserve, confirm) = tokio::join!(trio.rig.start("reserve"), trio.rig.start("confirm"));
    let steps = [
        ("findAndModify", Action::Hold),
        ("bookedBy", Action::Hold),
        ("insert", Action::HoldReply),
        ("commitTransaction", Action::Hold),
        ("commitTransaction", Action::HoldReply),
    ];
    let mut payments = Vec::new();
    for ((word, action), seat) in steps.into_iter().zip(&trio.rig.seats) {
        let reply = repeat_while_unavailable(&reserve, &to_reserve(&trio.rig.ann, &[seat])).await;
        let hold = Hold::of(&reply);
        payments.push(payment());
        let event = to_confirm(&trio.rig.ann, &hold, payments.last().expect("one"));
        let primary = trio.set.primary().await;
        let mut trap = trio.set.members[primary].proxy.trap(word, action, 1);
        let first = confirm.invoke(&event, BUDGET);
        trap.sprung().await;
        trio.set.another_leads(primary).await;
        drop(trap);
        let first = first.reply().await;
        assert!(matches!(first.status, 200 | 201 | 503), "{word} {action:?}: {first}");
        let again = repeat_while_unavailable(&confirm, &event).await;
        let sold = booking(&again);
        if first.status != 503 {
            assert_eq!(booking(&first), sold, "{word} {action:?}");
        }
    }
    let books = trio.check().await;
    assert_eq!(books.bookings.len(), payments.len());
    invariants::money_is_accounted_for(&books, &payments);
}

#[tokio::test]
async fn a_primary_that_steps_down_under_a_crowd_sells_every_seat_once() {
    let mut trio = Trio::start(6).await;
    trio.rig.set("AWS_LAMBDA_MAX_CONCURRENCY", "8");
    let (reserve, confirm) = tokio::join!(trio.rig.start("reserve"), trio.rig.start("confirm"));
    let payments: Vec<String> = trio.rig.seats.iter().map(|_| payment()).collect();
    let rig = &trio.rig;
    let shop = |number: usize| {
        let (reserve, confirm, payments) = (&reserve, &confirm, &payments);
        async move {
            let user = [&rig.ann, &rig.bob][number % 2];
            tokio::time::sleep(Duration::from_millis(60 * number as u64)).await;
            let reply =
                repeat_while_unavailable(reserve, &to_reserve(user, &[&rig.seats[number]])).await;
            assert!(matches!(reply.status, 200 | 201), "{reply}");
            let event = to_confirm(user, &Hold::of(&reply), &payments[number]);
            let sold = booking(&repeat_while_unavailable(confirm, &event).await);
            assert_eq!(booking(&repeat_while_unavailable(confirm, &event).await), sold);
        }
    };
    let stepping = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        trio.set.another_leads(trio.set.primary().await).await;
    };
    tokio::join!(join_all((0..6).map(shop)), stepping);
    let books = trio.check().await;
    assert_eq!(books.bookings.len(), 6);
    invariants::money_is_accounted_for(&books, &payments);
}

#[tokio::test]
async fn without_a_majority_every_call_is_a_503_by_its_deadline_and_the_same_calls_succeed_with_one()
 {
    let trio = Trio::start(2).await;
    trio.set.election_timeout(2_000).await;
    let (reserve, confirm) = tokio::join!(trio.rig.start("reserve"), trio.rig.start("confirm"));
    let seats: Vec<&str> = trio.rig.seats.iter().map(String::as_str).collect();
    let reply = repeat_while_unavailable(&reserve, &to_reserve(&trio.rig.ann, &[seats[0]])).await;
    let (hold, paid) = (Hold::of(&reply), payment());
    let (to_hold, to_pay) =
        (to_reserve(&trio.rig.ann, &[seats[1]]), to_confirm(&trio.rig.ann, &hold, &paid));
    let primary = trio.set.primary().await;
    let others: Vec<usize> = (0..3).filter(|member| *member != primary).collect();
    for member in &others {
        trio.set.freeze(*member);
    }
    // The first time, the primary still accepts writes that no member replicates. The second time,
    // there is no primary.
    for _ in 0..2 {
        let budget = Duration::from_secs(3);
        let (one, two) =
            tokio::join!(reserve.call(&to_hold, budget), confirm.call(&to_pay, budget));
        for reply in [one, two] {
            reply.error(503, "SERVICE_UNAVAILABLE");
        }
    }
    for member in &others {
        trio.set.thaw(*member);
    }
    trio.set.primary().await;
    let reply = repeat_while_unavailable(&confirm, &to_pay).await;
    let sold = booking(&reply);
    let reply = repeat_while_unavailable(&reserve, &to_hold).await;
    assert!(matches!(reply.status, 200 | 201), "{reply}");
    assert_eq!(booking(&confirm.call(&to_pay, BUDGET).await), sold);
    let books = trio.check().await;
    assert_eq!((books.bookings.len(), books.live().len()), (1, 1));
    invariants::money_is_accounted_for(&books, &[paid]);
}

#[tokio::test]
async fn a_commit_that_only_the_old_primary_has_is_not_confirmed_and_the_repeat_sells_after_the_failover()
 {
    commit_on_the_old_primary_alone(&mut Trio::start(1).await).await;
}

/// A primary is cut off from the other members, takes a commit, and then dies.
pub async fn commit_on_the_old_primary_alone(trio: &mut Trio) {
    let old = trio.set.primary().await;
    // Two functions that can reach the old primary while the other members cannot.
    let apart = trio.rig.apart(trio.set.members[old].port).await;
    let (reserve, confirm, first, other) = tokio::join!(
        trio.rig.start("reserve"),
        trio.rig.start("confirm"),
        apart.start("confirm"),
        apart.start("confirm")
    );
    let hold = held(&reserve, &trio.rig.ann, &[&trio.rig.seats[0]]).await;
    let paid = payment();
    let event = to_confirm(&trio.rig.ann, &hold, &paid);
    // Both have checked the key and are connected, so only the commit uses the budget.
    let unknown = Hold { token: uuid::Uuid::new_v4().to_string(), seats: Vec::new() };
    let of_nothing = to_confirm(&trio.rig.ann, &unknown, &payment());
    for reply in join_all([&first, &other].map(|process| process.call(&of_nothing, BUDGET))).await {
        reply.error(404, "RESERVATION_NOT_FOUND");
    }
    trio.set.members[old].proxy.set_mode(Mode::Pause);
    let budget = Duration::from_secs(4);
    let call = first.invoke(&event, budget);
    let tenant = &trio.rig.tenant;
    let committed = || async {
        let local = trio.set.local_bookings(old, &tenant.stack.database, &tenant.app_id).await;
        (local == 1).then_some(())
    };
    eventually("the old primary has the commit", WAIT_TIMEOUT, committed).await;
    // A local read would see it. No response may contain data that a majority does not have.
    let repeat = other.invoke(&event, budget);
    call.reply().await.error(503, "SERVICE_UNAVAILABLE");
    repeat.reply().await.error(503, "SERVICE_UNAVAILABLE");
    trio.set.kill(old).await;
    // Writes on their way to the others are not delivered: the proxy ends those connections first.
    tokio::time::sleep(Duration::from_millis(500)).await;
    trio.set.members[old].proxy.set_mode(Mode::Pass);
    trio.set.another_leads(old).await;
    // The write that only the old primary had is lost, and no client saw it. The repeat sells the
    // seat.
    let reply = repeat_while_unavailable(&confirm, &event).await;
    reply.expect(201);
    let sold = booking(&reply);
    trio.set.restart(old).await;
    trio.set.all_in_service().await;
    assert_eq!(booking(&repeat_while_unavailable(&confirm, &event).await), sold);
    let books = trio.check().await;
    assert_eq!(books.bookings.len(), 1);
    invariants::money_is_accounted_for(&books, &[paid]);
}
