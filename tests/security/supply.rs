//! What others wrote and we build on, held against `deny.toml`: licences, banned crates, sources. cargo-deny says the same
//! and more (`make audit`), but is not there on every machine and takes minutes to build.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value;
use spdx::{Expression, ParseMode};

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn read(file: &str) -> toml::Table {
    fs::read_to_string(root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}")).parse().unwrap()
}

/// What cargo says; the lock file must already say what the manifests ask for.
fn cargo(arguments: &[&str]) -> String {
    let done = Command::new(env!("CARGO")).args(arguments).arg("--locked").current_dir(root()).output().unwrap();
    assert!(done.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn metadata() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--format-version", "1"])).unwrap()
}

fn texts(value: &toml::Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// Names of the crates that are compiled for a system: what cargo's resolver merely knows of is not among them.
fn built_for(target: &str) -> BTreeSet<String> {
    let tree = cargo(&["tree", "--workspace", "--prefix", "none", "--format", "{p}", "--target", target]);
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn every_crate_comes_from_crates_io_and_the_lock_file_has_its_checksum() {
    let lock = read("Cargo.lock");
    let mut ours = 0;
    for package in lock["package"].as_array().unwrap() {
        let name = &package["name"];
        match package.get("source").and_then(toml::Value::as_str) {
            None => ours += 1,
            Some(source) => {
                assert_eq!(source, CRATES_IO, "{name:?}");
                let checksum = package.get("checksum").and_then(toml::Value::as_str).unwrap_or_default();
                assert!(checksum.len() == 64 && checksum.bytes().all(|c| c.is_ascii_hexdigit()), "{name:?}");
            }
        }
    }
    assert_eq!(
        ours,
        metadata()["workspace_members"].as_array().unwrap().len(),
        "a crate from a folder is none of ours"
    );
    let allowed = read("deny.toml")["sources"]["allow-registry"].clone();
    assert_eq!(texts(&allowed).iter().map(|url| format!("registry+{url}")).collect::<Vec<_>>(), [CRATES_IO]);
}

#[test]
fn every_crate_has_a_licence_of_the_list() {
    let deny = read("deny.toml");
    let allowed = texts(&deny["licenses"]["allow"]);
    let targets = texts(&deny["graph"]["targets"]);
    let built: BTreeSet<String> = targets.into_iter().flat_map(built_for).collect();
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if !built.contains(name) {
            continue;
        }
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name} names no licence"));
        let expression = Expression::parse_mode(licence, ParseMode::LAX).unwrap_or_else(|e| panic!("{name}: {e}"));
        let fits = expression.evaluate(|wanted| {
            wanted.addition.is_none() && wanted.license.id().is_some_and(|id| allowed.contains(&id.name))
        });
        assert!(fits, "{name} is under {licence}");
    }
    assert!(built.contains("tokio") && built.contains("shared"), "{built:?}");
}

#[test]
fn no_banned_crate_is_compiled_for_any_system_of_ours() {
    let deny = read("deny.toml");
    let bans = deny["bans"]["deny"].as_array().unwrap();
    for target in texts(&deny["graph"]["targets"]) {
        let built = built_for(target);
        assert!(built.contains("aws-lc-rs"), "{target}: {built:?}");
        for ban in bans {
            let name = ban["crate"].as_str().unwrap();
            assert!(!built.contains(name), "{target}: {name} is banned: {:?}", ban["reason"]);
        }
    }
}

#[test]
fn every_dependency_of_ours_has_a_version() {
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap().iter().filter(|package| package["source"].is_null()) {
        for dependency in package["dependencies"].as_array().unwrap() {
            let free = dependency["req"] == "*" && dependency["path"].is_null();
            assert!(!free, "{} takes any version of {}", package["name"], dependency["name"]);
        }
    }
}

/// `forbid` cannot be lifted again further down, so it is enough that each crate takes the workspace's lints.
#[test]
fn no_crate_of_ours_may_hold_unsafe_code() {
    assert_eq!(read("Cargo.toml")["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    let metadata = metadata();
    let ours: Vec<&Value> =
        metadata["packages"].as_array().unwrap().iter().filter(|package| package["source"].is_null()).collect();
    assert!(ours.len() > 20, "{}", ours.len());
    for package in ours {
        let path = package["manifest_path"].as_str().unwrap();
        let manifest: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(lints, Some(true), "{path} does not take the workspace's lints");
    }
}
