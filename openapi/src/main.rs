//! `make openapi`: writes `openapi.yaml` and `docs/api.html`. The argument is the folder that holds
//! Redoc's bundle.

use anyhow::{Context, Result};
use std::path::Path;

fn main() -> Result<()> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no folder above this crate")?;
    let redoc = std::env::args().nth(1).context("usage: openapi <folder of Redoc's bundle>")?;
    let read = |name: &str| {
        let path = Path::new(&redoc).join(name);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let write = |name: &str, text: &str| {
        let path = root.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write("openapi.yaml", &openapi::yaml()?)?;
    let licence = format!("{}\n\n{}", read("LICENSE")?, read("redoc.standalone.js.LICENSE.txt")?);
    write(
        "docs/api.html",
        &openapi::page::html(&openapi::document()?, &read("redoc.standalone.js")?, &licence)?,
    )
}
