//! The read concern, the write concern and the time limit that each command to MongoDB must have.

use std::collections::BTreeSet;

use super::super::BUDGET;
use crate::support::mongodb_wire::Command;

/// Checks what every command must carry for its kind.
pub fn assert_safe(command: &Command) {
    if command.in_transaction() {
        assert_safe_in_a_transaction(command);
        return;
    }
    match command.name() {
        // The search for orphaned transactions reads the server's operations, and no data. It may
        // find one of another test and end it, since tests share a server.
        "aggregate" if command.collection().is_empty() => {}
        "killSessions" => {}
        "find" | "aggregate" => {
            assert_eq!(
                command.concern("readConcern").unwrap_or("local"),
                concern_of_read(command),
                "{command:?}"
            );
        }
        "findAndModify" | "update" | "insert" | "delete" => {
            assert_eq!(command.concern("writeConcern"), Some("majority"), "{command:?}");
            assert_eq!(
                command.body.contains_key("txnNumber"),
                !writes_many(command),
                "{command:?}"
            );
        }
        other => panic!("{other} is not expected here: {command:?}"),
    }
    if command.name() == "findAndModify" {
        assert_limited(command);
    }
}

/// Checks that the command has a time limit within the invocation's time.
fn assert_limited(command: &Command) {
    let most = i64::try_from(BUDGET.as_millis()).expect("not so long");
    assert!((1..=most).contains(&command.limited_ms()), "{command:?}");
}

/// Every read sees majority-committed data, except the search for conflicting holds. Its result
/// only refuses a request, or a guarded write checks it again.
fn concern_of_read(command: &Command) -> &'static str {
    // Seats with the rules of their entity.
    if command.name() == "aggregate" {
        return "majority";
    }
    let filter = command.body.get_document("filter").expect("a filter");
    let claims = command.collection() == "reservations"
        && filter.contains_key("claimed")
        && !filter.contains_key("entityId");
    if claims { "local" } else { "majority" }
}

fn writes_many(command: &Command) -> bool {
    let updates = command
        .body
        .get_array("updates")
        .into_iter()
        .flatten()
        .filter_map(|update| update.as_document());
    updates.into_iter().any(|update| update.get_bool("multi").unwrap_or(false))
}

fn assert_safe_in_a_transaction(command: &Command) {
    let first = command.flag("startTransaction") == Some(true);
    let ends = matches!(command.name(), "commitTransaction" | "abortTransaction");
    assert!(
        command.body.contains_key("txnNumber") && command.body.contains_key("lsid"),
        "{command:?}"
    );
    assert_eq!(command.concern("readConcern"), first.then_some("snapshot"), "{command:?}");
    assert_eq!(command.concern("writeConcern"), ends.then_some("majority"), "{command:?}");
    if first || command.name() == "commitTransaction" {
        assert_limited(command);
    }
}

/// Checks that these commands contain exactly one transaction, and that its first one begins it.
pub fn assert_one_transaction(asked: &[Command]) {
    let statements: Vec<&Command> =
        asked.iter().filter(|command| command.in_transaction()).collect();
    let numbers: BTreeSet<i64> =
        statements.iter().filter_map(|c| c.body.get_i64("txnNumber").ok()).collect();
    let starts: Vec<bool> =
        statements.iter().map(|c| c.flag("startTransaction") == Some(true)).collect();
    assert_eq!(numbers.len(), 1, "{statements:?}");
    assert_eq!(starts.iter().position(|start| *start), Some(0), "{statements:?}");
    assert_eq!(starts.iter().filter(|start| **start).count(), 1, "{statements:?}");
}
