//! Every dependency comes from the public registry, with a checksum, and no crate of ours may hold
//! unsafe code. Licences, bans and advisories are cargo-deny's part (`make lint`, `make audit`).

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn read(file: &str) -> toml::Table {
    fs::read_to_string(root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}")).parse().unwrap()
}

/// Cargo's metadata. The lock file must match the manifests already.
fn cargo(arguments: &[&str]) -> String {
    let done = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--locked")
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "cargo {arguments:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap()
}

fn metadata() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--format-version", "1"])).unwrap()
}

#[test]
fn every_crate_comes_from_one_registry_and_the_lock_file_has_its_checksum() {
    let lock = read("Cargo.lock");
    let mut ours = 0;
    let mut registries = BTreeSet::new();
    for package in lock["package"].as_array().unwrap() {
        let name = &package["name"];
        match package.get("source").and_then(toml::Value::as_str) {
            None => ours += 1,
            Some(source) => {
                registries.insert(source);
                let checksum =
                    package.get("checksum").and_then(toml::Value::as_str).unwrap_or_default();
                assert!(
                    checksum.len() == 64 && checksum.bytes().all(|c| c.is_ascii_hexdigit()),
                    "{name:?}"
                );
            }
        }
    }
    assert_eq!(
        ours,
        metadata()["workspace_members"].as_array().unwrap().len(),
        "a crate from a folder is none of ours"
    );
    // cargo-deny checks which registry it is.
    assert!(
        registries.len() == 1 && registries.iter().all(|source| source.starts_with("registry+")),
        "{registries:?}"
    );
}

/// `forbid` cannot be overridden, so it is enough that each crate inherits the workspace's lints.
#[test]
fn no_crate_of_ours_may_hold_unsafe_code() {
    assert_eq!(
        read("Cargo.toml")["workspace"]["lints"]["rust"]["unsafe_code"].as_str(),
        Some("forbid")
    );
    let metadata = metadata();
    let ours: Vec<&Value> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| package["source"].is_null())
        .collect();
    assert_eq!(ours.len(), metadata["workspace_members"].as_array().unwrap().len());
    for package in ours {
        let path = package["manifest_path"].as_str().unwrap();
        let manifest: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
        let lints = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            .and_then(toml::Value::as_bool);
        assert_eq!(lints, Some(true), "{path} does not take the workspace's lints");
    }
}
