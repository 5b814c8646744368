//! The table of endpoints in README.md.

use anyhow::{Context, Result};
use shared::http::routes::{Audience, ROUTES, TAGS};
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
    let shown = ROUTES.iter().filter(|route| route.method != "HEAD");
    for (tag, _) in TAGS {
        for route in shown.clone().filter(|route| route.tag == *tag) {
            let who = match route.audience {
                Audience::Public => "public",
                Audience::App => "app",
                Audience::User => "user",
                Audience::Organiser => "organiser",
                Audience::Admin => "admin",
            };
            let (method, path) = (route.method, route.path);
            let _ = writeln!(text, "| `{method} {path}` | {} | {who} |", route.summary);
        }
    }
    text
}
