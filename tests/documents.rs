//! The documents name only tests and test files that exist, and every error code.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;
use shared::error::Code;

/// The folders of tests, each a module of this crate.
const SUITES: &str = "api|chaos|deploy|faults|local_stack|payments|performance|races|security";

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// All files in a folder and below with this extension.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found
}

/// Every module of the suites and every function in it,
/// as `api::login` and `api::login::some_test`.
fn names_in_sources() -> BTreeSet<String> {
    static FUNCTION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^ *(?:pub )?(?:async )?fn ([a-z0-9_]+)").expect("a pattern")
    });
    let tests = stack::workspace_root().join("tests");
    let mut names = BTreeSet::new();
    for suite in SUITES.split('|') {
        for file in files(&tests.join(suite), "rs") {
            let path = file.strip_prefix(&tests).expect("a file of the tests").with_extension("");
            let parts: Vec<_> = path.iter().map(|part| part.to_str().expect("UTF-8")).collect();
            let module = parts.join("::");
            let module = module.strip_suffix("::mod").unwrap_or(&module);
            names.insert(module.to_owned());
            let source = read(&file);
            let functions = FUNCTION.captures_iter(&source);
            names.extend(functions.map(|function| format!("{module}::{}", &function[1])));
        }
    }
    names
}

/// `a::{b, c}::d` names `a::b::d` and `a::c::d`.
fn expanded(name: &str) -> Vec<String> {
    let Some((before, rest)) = name.split_once('{') else { return vec![name.to_owned()] };
    let (list, after) = rest.split_once('}').unwrap_or_else(|| panic!("no end of a list: {name}"));
    list.split(',').flat_map(|one| expanded(&format!("{before}{}{after}", one.trim()))).collect()
}

/// What documents name that does not exist. A name may be cut short with `…`.
fn unknown(text: &str, names: &BTreeSet<String>) -> Vec<String> {
    static SPAN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(r"`((?:{SUITES})::[a-z0-9_:{{}}, ]+…?)`")).expect("a pattern")
    });
    static FILE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"tests/[a-z0-9_/]+\.rs").expect("a pattern"));
    let root = stack::workspace_root();
    let tests = SPAN.captures_iter(text).flat_map(|span| expanded(&span[1]));
    let tests = tests.filter(|name| match name.strip_suffix('…') {
        Some(beginning) => !names.iter().any(|known| known.starts_with(beginning)),
        None => !names.contains(name),
    });
    let files = FILE.find_iter(text).map(|file| file.as_str().to_owned());
    tests.chain(files.filter(|file| !root.join(file).is_file())).collect()
}

#[test]
fn documents_name_only_tests_that_exist() {
    let root = stack::workspace_root();
    let mut documents = files(&root.join("docs"), "md");
    documents.extend(
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "events/README.md"]
            .map(|name| root.join(name)),
    );
    let names = names_in_sources();
    let mut wrong = Vec::new();
    for document in documents {
        let unknown = unknown(&read(&document), &names);
        wrong.extend(unknown.into_iter().map(|name| format!("{}: {name}", document.display())));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_name_of_no_test_is_found_out() {
    let names = names_in_sources();
    let right = "`api::login`, `security::{limits, cors}`, `races::baskets::twelve_baskets_…` and \
        `tests/api/login.rs`, but not `faults::around(…)` or `fuzz::tokens`.";
    assert_eq!(unknown(right, &names), Vec::<String>::new());
    let wrong = "`api::logs`, `api::logi`, `api::{login, nothing}::x` in tests/api/logs.rs";
    let expected =
        ["api::logs", "api::logi", "api::login::x", "api::nothing::x", "tests/api/logs.rs"];
    assert_eq!(unknown(wrong, &names), expected);
}

#[test]
fn the_api_guide_explains_every_error() {
    let guide = read(&stack::workspace_root().join("docs/API.md"));
    let errors = guide.split("\n## Errors\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let missing = |code: &&Code| !errors.contains(&format!("`{}`", code.as_str()));
    let missing: Vec<_> = Code::ALL.iter().filter(missing).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
