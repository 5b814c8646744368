//! A process kills itself before and after each write of each path through the booking flow.
//! Repeating the call finishes the work. After that, every repeat gets one stable response.

mod ways;

use std::{collections::BTreeSet, fs, os::unix::process::ExitStatusExt as _, path::Path};

use futures_util::{StreamExt as _, stream};
use rustix::process::Signal;

use self::ways::{WAYS, Way};
use super::{
    BUDGET,
    booking_calls::{BookingCalls, is_scheduled},
    fault_slot,
};
use crate::support::{
    runtime_api::{Environment, Event, plain, rigged},
    unique,
};

/// How many cases run at once.
pub(super) const AT_ONCE: usize = 8;

/// Runs every path through `function`, once before and once after each write.
async fn survives(function: &str) {
    let _slot = fault_slot().await;
    let ways = WAYS.iter().filter(|way| way.function == function);
    let cases = ways.flat_map(|way| {
        way.writes()
            .flat_map(move |write| ["before", "after"].map(|side| (way, format!("{write}:{side}"))))
    });
    let cases: Vec<(&Way, String)> = cases.collect();
    let calls = BookingCalls::new(function, cases.len()).await;
    let played =
        cases.iter().enumerate().map(|(seat, (way, point))| play(&calls, way, point, seat));
    // A run covers all holds, so two runs at once would leave nothing to each other.
    let at_once = if is_scheduled(function) { 1 } else { AT_ONCE };
    stream::iter(played).buffer_unordered(at_once).collect::<Vec<()>>().await;
    calls.close(|call| cases.iter().filter(|(way, _)| way.call == call).count()).await;
}

async fn play(calls: &BookingCalls, way: &Way, point: &str, seat: usize) {
    let case = format!("{:?}{}, {point}", way.call, if way.keyed { " with a key" } else { "" });
    let (name, kill) = (unique("killed"), format!("{point}={}return(kill)", passing(way.pass)));
    let killed = calls.rigged(way.call, &kill, &name).await;
    let act = calls.set(way.call, seat, way.keyed).await;
    dies_at(&killed, &act.event, point, &case).await;
    calls.end_traces(&name).await;
    let broken_off = calls.hold_on(&act).await;
    let process = calls.process(way.call);
    let first = act.checked(&calls.repeat(process, &act.event, &case).await, &case);
    let again = calls.repeat(process, &act.event, &case).await;
    assert_eq!(act.checked(&again, &case), first, "{case}: a repeat gets another response");
    assert_eq!(again.is_replay(), way.keyed && act.is_replayed(), "{case}");
    act.leaves(calls, &first, broken_off, &case).await;
}

fn passing(times: usize) -> String {
    if times == 0 { String::new() } else { format!("{times}*off->") }
}

/// The process works on `event` and ends at that point without a response.
async fn dies_at(process: &Environment, event: &Event, point: &str, case: &str) {
    let mut invocation = process.invoke(event, BUDGET);
    let status = process.ended().await;
    assert!(invocation.is_open(), "{case}: it responded before it ended");
    assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{case}: {status}: {}", process.log());
    let log = process.log();
    assert!(log.contains(&format!("killed at {point}")), "{case}: {log}");
}

#[tokio::test]
async fn a_reserve_that_ends_before_or_after_any_of_its_writes_is_finished_by_its_repeat() {
    survives("reserve").await;
}

#[tokio::test]
async fn a_payment_start_that_ends_before_or_after_any_of_its_writes_is_finished_by_its_repeat() {
    survives("start-payment").await;
}

#[tokio::test]
async fn a_cancellation_that_ends_before_or_after_any_of_its_writes_is_finished_by_its_repeat() {
    survives("cancel-booking").await;
}

#[tokio::test]
async fn a_cancellation_or_refund_of_an_admin_that_ends_before_or_after_any_of_its_writes_is_finished()
 {
    survives("admin-bookings").await;
}

#[tokio::test]
async fn a_retry_or_settlement_that_ends_before_or_after_any_of_its_writes_is_finished_by_its_repeat()
 {
    survives("admin-refunds").await;
}

#[tokio::test]
async fn a_confirm_that_ends_before_or_after_any_of_its_writes_is_finished_by_its_repeat() {
    survives("confirm").await;
}

#[tokio::test]
async fn a_release_that_ends_before_or_after_any_of_its_writes_is_finished_by_its_repeat() {
    survives("release").await;
}

#[tokio::test]
async fn a_creation_of_seats_that_ends_before_or_after_any_of_its_writes_is_finished_by_its_repeat()
{
    survives("create-seats").await;
}

#[tokio::test]
async fn a_call_of_the_organiser_that_ends_before_or_after_any_of_its_writes_is_finished_by_its_repeat()
 {
    survives("entity-seats").await;
}

#[tokio::test]
async fn a_sweep_that_ends_before_or_after_its_write_is_finished_by_the_next() {
    survives("expire-reservations").await;
}

#[tokio::test]
async fn an_ask_payments_run_that_ends_before_or_after_any_of_its_writes_is_finished_by_the_next() {
    survives("ask-payments").await;
}

#[tokio::test]
async fn a_cancellation_of_an_entity_that_ends_before_or_after_any_of_its_writes_is_finished_by_the_next()
 {
    survives("cancel-entities").await;
}

/// Every `around("<write>"` in a source folder.
fn writes_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            writes_in(&path, found);
        } else {
            let text = fs::read_to_string(&path).expect("a source");
            let names = text.split("around(\"").skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(names.map(str::to_owned));
        }
    }
}

#[test]
fn every_write_with_fail_points_is_killed_by_some_test() {
    let mut written = BTreeSet::new();
    writes_in(&stack::workspace_root().join("shared/src"), &mut written);
    let writes = WAYS.iter().flat_map(|way| way.writes());
    let writes = writes.chain(super::relay::WRITES).chain(super::relay::ENDPOINT_WRITES);
    let writes = writes.chain(super::relay::REPEATS);
    let killed: BTreeSet<String> = writes.map(str::to_owned).collect();
    assert_eq!(written, killed);
}

/// Which of these files hold a text; a byte search of our own would take minutes in a debug build.
fn holding(text: &str, files: &[std::path::PathBuf]) -> BTreeSet<std::path::PathBuf> {
    let mut grep = std::process::Command::new("grep");
    let output = grep.args(["-l", "-F", "-a", "-e", text]).args(files).output().expect("grep runs");
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("paths").lines().map(Into::into).collect()
}

#[test]
fn no_function_but_the_rigged_ones_has_a_fail_point() {
    let every: Vec<_> =
        stack::functions().expect("the functions").iter().map(|name| plain(name)).collect();
    let functions: BTreeSet<_> = WAYS.iter().map(|way| way.function).collect();
    let with_points: Vec<_> = functions.into_iter().map(rigged).collect();
    // The code that reads the variable, and the code that ends the process.
    for text in ["FAILPOINTS", "killed at "] {
        assert_eq!(holding(text, &with_points), with_points.iter().cloned().collect(), "{text}");
        assert_eq!(holding(text, &every), BTreeSet::new(), "{text}");
    }
}
