//! `make openapi`: writes the files that are generated from the route table and the types. These
//! are `openapi.yaml`, `docs/api.html`, the events of each operation, and parts of Cargo.toml and
//! README.md. The argument is the folder that holds Redoc's bundle.

use anyhow::{Context, Result};
use openapi::{events, page, readme, router};
use std::path::Path;

fn main() -> Result<()> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no folder above this crate")?;
    let redoc = std::env::args().nth(1).context("usage: openapi <folder of Redoc's bundle>")?;
    let redoc = Path::new(&redoc);
    rewrite(root, "Cargo.toml", |manifest| Ok(router::with_router(manifest)))?;
    rewrite(root, "README.md", readme::with_endpoints)?;
    rewrite(root, "events/expected.json", events::expected)?;
    for event in events::all()? {
        write(root, &format!("events/{}", event.name), &event.text)?;
    }
    write(root, "openapi.yaml", &openapi::yaml()?)?;
    let licence =
        read(redoc, "LICENSE")? + "\n\n" + &read(redoc, "redoc.standalone.js.LICENSE.txt")?;
    let bundle = read(redoc, "redoc.standalone.js")?;
    write(root, "docs/api.html", &page::html(&openapi::document()?, &bundle, &licence)?)
}

fn read(folder: &Path, name: &str) -> Result<String> {
    let path = folder.join(name);
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn rewrite(folder: &Path, name: &str, change: impl Fn(&str) -> Result<String>) -> Result<()> {
    write(folder, name, &change(&read(folder, name)?)?)
}
