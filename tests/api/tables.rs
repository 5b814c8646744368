//! The template deploys every route of the route table and every function.

use std::collections::BTreeSet;

use shared::http::routes::ROUTES;

use crate::support::routes::{Table, in_template};

fn in_code() -> Table {
    let row = |r: &shared::http::routes::Route| {
        (r.method.to_owned(), r.path.to_owned(), r.function.to_owned())
    };
    ROUTES.iter().map(row).collect()
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
    let without_route = [
        "ask-payments",
        "cancel-entities",
        "deliver-webhooks",
        "expire-reservations",
        "live",
        "migrate",
        "pay-refunds",
        "preflight",
        "publish-live",
    ];
    let expected: BTreeSet<&str> =
        built.iter().map(String::as_str).filter(|f| !without_route.contains(f)).collect();
    assert_eq!(routed, expected);
}
