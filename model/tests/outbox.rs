//! Verifies that each change has its event, whatever crashes, and refutes each flaw by itself.

use model::outbox::{Flaw, NO_EVENT_LOST, NO_EVENT_MADE_UP, OutboxModel};
use stateright::{Checker, Model};

fn model(flaw: Option<Flaw>) -> OutboxModel {
    OutboxModel { flaw, changes: 3, crashes: 2, relays: 2 }
}

#[test]
fn each_change_has_its_event_with_two_relays_crashes_and_failovers() {
    let checker = model(None).checker().spawn_dfs().join();
    checker.assert_properties();
    assert!(checker.is_done(), "the whole state space was explored");
}

#[test]
fn each_flaw_loses_an_event_or_makes_one_up() {
    for (flaw, property) in [
        (Flaw::EventInSecondWrite, NO_EVENT_LOST),
        (Flaw::RemovesFirst, NO_EVENT_LOST),
        (Flaw::RemovesAll, NO_EVENT_LOST),
        (Flaw::ReadsUncommitted, NO_EVENT_MADE_UP),
    ] {
        let checker = model(Some(flaw)).checker().spawn_bfs().join();
        assert!(checker.discovery(property).is_some(), "{flaw:?} breaks nothing");
    }
}
