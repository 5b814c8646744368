//! `make openapi`: writes the files that are generated from the route table and the types:
//! `openapi.yaml`, `docs/api.html`, and the local emulator's router in Cargo.toml. The argument is
//! the folder that holds Redoc's bundle.

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
    let manifest = root.join("Cargo.toml");
    let manifest = std::fs::read_to_string(&manifest).context("cannot read Cargo.toml")?;
    write("Cargo.toml", &openapi::router::with_router(&manifest))?;
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).context("no Cargo.toml")?;
    write("Cargo.toml", &openapi::router::with_router(&manifest))?;
    write("openapi.yaml", &openapi::yaml()?)?;
    let licence = format!("{}\n\n{}", read("LICENSE")?, read("redoc.standalone.js.LICENSE.txt")?);
    write(
        "docs/api.html",
        &openapi::page::html(&openapi::document()?, &read("redoc.standalone.js")?, &licence)?,
    )
}
