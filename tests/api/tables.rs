//! What is written down twice says the same twice: routes in the code, for the local emulator and
//! in the template.

use std::collections::BTreeSet;

use shared::http::routes::ROUTES;

use crate::support::routes::{self, Table, in_template};

fn in_code() -> Table {
    let row = |r: &shared::http::routes::Route| {
        (r.method.to_owned(), r.path.to_owned(), r.function.to_owned())
    };
    ROUTES.iter().map(row).collect()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(stack::workspace_root().join(path))
        .unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn the_emulators_router_is_the_codes_table_and_sends_all_else_to_preflight() {
    let cargo: toml::Table = read("Cargo.toml").parse().unwrap();
    let router = cargo["workspace"]["metadata"]["lambda"]["watch"]["router"].as_table().unwrap();
    let mut table = Table::new();
    for (path, entry) in router {
        let Some(rows) = entry.as_array() else {
            assert_eq!(entry.as_str(), Some("preflight"), "{path}");
            continue;
        };
        let mut methods = BTreeSet::new();
        for row in rows {
            let (method, function) =
                (row["method"].as_str().unwrap(), row["function"].as_str().unwrap());
            methods.insert(method);
            if function != "preflight" {
                table.insert((method.to_owned(), path.clone(), function.to_owned()));
            }
        }
        let all = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
        assert_eq!(
            methods.into_iter().collect::<Vec<_>>(),
            all,
            "{path} leaves a method to the emulator's own 404"
        );
    }
    assert_eq!(table, in_code());
    for path in ["/", "/{*rest}"] {
        assert_eq!(router[path].as_str(), Some("preflight"), "{path}");
    }
}

#[test]
fn the_template_deploys_the_codes_table() {
    let mut table = Table::new();
    for (function, routes) in in_template() {
        if function != "preflight" {
            table.extend(routes);
        }
    }
    assert_eq!(table, in_code());
}

#[test]
fn every_function_is_deployed_and_no_other() {
    let deployed: BTreeSet<String> =
        in_template().into_iter().map(|(function, _)| function).collect();
    let built: BTreeSet<String> = stack::functions().unwrap().into_iter().collect();
    assert_eq!(deployed, built);
    let routed: BTreeSet<&str> = ROUTES.iter().map(|r| r.function).collect();
    let without_route = ["expire-reservations", "migrate", "preflight"];
    let expected: BTreeSet<&str> =
        built.iter().map(String::as_str).filter(|f| !without_route.contains(f)).collect();
    assert_eq!(routed, expected);
}

/// Without this a new endpoint would escape the tests that ask every route.
#[test]
fn the_tests_ask_every_route() {
    let asked: BTreeSet<(String, String)> =
        routes::all().iter().map(|r| (r.method.to_owned(), r.pattern.to_owned())).collect();
    let known: BTreeSet<(String, String)> =
        in_code().into_iter().map(|(method, path, _)| (method, path)).collect();
    assert_eq!(asked, known);
}
