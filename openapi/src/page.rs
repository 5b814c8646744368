//! `docs/api.html`: the document and the program that shows it, in one file. It needs no network.

use anyhow::{Result, ensure};
use serde_json::Value;

const PAGE: &str = include_str!("page.html");
const BEGIN: &str = "<script type=\"application/json\" id=\"document\">";
const END: &str = "</script>";

/// The page. `redoc` is the text of Redoc's standalone bundle, `licence` the text of its licences.
///
/// # Errors
///
/// The bundle contains text that would close its `<script>` element.
pub fn html(document: &Value, redoc: &str, licence: &str) -> Result<String> {
    ensure!(!redoc.contains("</script"), "the bundle holds a script's end mark");
    ensure!(!licence.contains("-->"), "the licences hold a comment's end mark");
    // In JSON a `<` is only inside strings, where it may be escaped.
    let document = serde_json::to_string(document)?.replace('<', "\\u003c");
    Ok(PAGE
        .replace("{{licence}}", licence.trim())
        .replace("{{document}}", &format!("{BEGIN}{document}{END}"))
        .replace("{{redoc}}", redoc.trim()))
}

/// Reads the document back from a page.
///
/// # Errors
///
/// The page contains no document.
pub fn document_of(page: &str) -> Result<Value> {
    let json = page
        .split_once(BEGIN)
        .and_then(|(_, rest)| rest.split_once(END))
        .map_or("", |(json, _)| json);
    Ok(serde_json::from_str(json)?)
}
