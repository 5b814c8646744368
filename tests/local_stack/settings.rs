//! Every documented setting reaches the functions.

use std::collections::BTreeSet;

use stack::setting_names::{LOG_LEVEL, OF_FUNCTIONS, OF_THE_STACK};

/// The settings of every function, from the first table of the page on settings.
fn documented() -> BTreeSet<String> {
    let root = stack::workspace_root();
    let page = std::fs::read_to_string(root.join("docs/SETTINGS.md"))
        .or_else(|_| std::fs::read_to_string(root.join("README.md")))
        .unwrap();
    let section = page.split("\n## Settings").nth(1).expect("a section on settings");
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| row.split('|').nth(1).unwrap().split(','))
        .map(|name| name.trim().trim_matches('`').to_owned())
        .collect()
}

#[test]
fn make_dev_passes_every_documented_setting_on() {
    let passed: BTreeSet<String> = OF_FUNCTIONS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(passed, documented(), "stack/src/setting_names.rs and the table differ");
    assert!(!OF_THE_STACK.iter().chain(&[LOG_LEVEL]).any(|name| passed.contains(*name)));
}
