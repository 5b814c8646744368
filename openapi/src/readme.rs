//! The table of endpoints in README.md.

use anyhow::{Context, Result};
use shared::http::routes::{Audience, ROUTES, Route, TAGS};
use std::fmt::Write;

const BEGIN: &str = "<!-- `make openapi` writes this table from shared/src/http/routes.rs. -->\n\n";
const END: &str = "\n<!-- The end of the table. -->\n";

/// Returns `readme` (the text of README.md) with a new table, made from the route table.
///
/// # Errors
///
/// The text has no place for the table.
pub fn with_endpoints(readme: &str) -> Result<String> {
    let (before, rest) = readme.split_once(BEGIN).context("README.md has no mark of its table")?;
    let (_, after) = rest.split_once(END).context("README.md's table has no end")?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", table()))
}

/// In the order of the reference. HEAD is left out: it is GET without a body.
fn table() -> String {
    let mut text = "| endpoint | purpose | who may call it |\n|---|---|---|\n".to_owned();
    let shown: Vec<&Route> = ROUTES.iter().filter(|route| route.method != "HEAD").collect();
    for (tag, _) in TAGS {
        let mut paths = Vec::new();
        for route in shown.iter().filter(|route| route.tag == *tag) {
            // One line for all methods of a path.
            if paths.contains(&route.path) {
                continue;
            }
            paths.push(route.path);
            let same = || shown.iter().filter(|other| other.path == route.path);
            let methods: Vec<&str> = same().map(|other| other.method).collect();
            let purposes: Vec<&str> = same().map(|other| other.summary).collect();
            let (methods, path) = (methods.join(", "), route.path);
            let purposes = purposes.join(". ");
            let _ = writeln!(text, "| `{methods} {path}` | {purposes} | {} |", who(route));
        }
    }
    text
}

fn who(route: &Route) -> &'static str {
    match route.audience {
        Audience::Public => "public",
        Audience::App => "app",
        Audience::User => "user",
        Audience::Organiser => "organiser",
        Audience::Admin => "admin",
    }
}
