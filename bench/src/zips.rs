//! How large each function's zip is: `bootstrap` alone, as it is deployed.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use flate2::{Compression, write::DeflateEncoder};
use serde::Serialize;
use serde_json::json;

use crate::{
    figures::{Part, table},
    summary::Row,
};

/// Bytes around the one member of a zip: its local header (30) and central one (46), each with the
/// name, and the end (22).
const AROUND: usize = 30 + 46 + 22 + 2 * "bootstrap".len();
/// Bytes that the table of targets allows.
const TARGET_MB: f64 = 6.0;

#[derive(Serialize)]
struct Sizes {
    binary_bytes: usize,
    zip_bytes: usize,
}

/// Where the binaries are that were measured.
enum Source {
    /// What `make build` has left for this processor: what is deployed.
    Deployed(&'static str),
    /// The profile's own.
    Profile(String),
}

/// Measures all functions.
pub fn run() -> anyhow::Result<Part> {
    let binaries = stack::binaries()?;
    let deployed = binaries.parent().unwrap_or(Path::new(".")).join("lambda");
    let functions = stack::functions()?;
    let bootstrap = |function: &String| deployed.join(function).join("bootstrap");
    let (source, paths): (Source, Vec<PathBuf>) = if functions
        .iter()
        .all(|f| bootstrap(f).is_file())
    {
        let first = functions.first().context("there is no function")?;
        (Source::Deployed(processor(&bootstrap(first))?), functions.iter().map(bootstrap).collect())
    } else {
        let profile = binaries.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if profile == "debug" {
            bail!("the binaries of the debug profile are not stripped, and never deployed");
        }
        let paths: Vec<_> =
            functions.iter().map(|f| binaries.join(f)).filter(|path| path.is_file()).collect();
        (Source::Profile(profile), paths)
    };
    let mut sizes = BTreeMap::new();
    for path in paths {
        let name = match &source {
            Source::Deployed(_) => path.parent().and_then(Path::file_name),
            Source::Profile(_) => path.file_name(),
        };
        let binary = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let zip_bytes = deflated(&binary)? + AROUND;
        sizes.insert(
            name.unwrap_or_default().to_string_lossy().into_owned(),
            Sizes { binary_bytes: binary.len(), zip_bytes },
        );
    }
    report(&source, functions.len(), &sizes)
}

fn report(
    source: &Source,
    functions: usize,
    sizes: &BTreeMap<String, Sizes>,
) -> anyhow::Result<Part> {
    let said = match source {
        Source::Deployed(processor) => format!("of `make build` for {processor}"),
        Source::Profile(profile) => {
            format!(
                "of the profile `{profile}` for this machine, stripped; `make build` was not run"
            )
        }
    };
    let largest =
        sizes.values().map(|sizes| sizes.zip_bytes).max().context("no function is built")?;
    let rows = sizes.iter().map(|(name, sizes)| {
        vec![format!("`{name}`"), mb(sizes.binary_bytes), mb(sizes.zip_bytes)]
    });
    let markdown = format!(
        "{} of {functions} functions, {said}; deflate level 9, in 10^6 bytes.\n\n{}",
        sizes.len(),
        table(&["function", "binary", "zip"], rows)
    );
    let mut rows = Vec::new();
    // One that is not built might be the largest.
    if sizes.len() == functions {
        rows.push(Row::at_most("zip of a function", largest as f64 / 1e6, "MB", TARGET_MB));
    }
    Ok(Part {
        name: "zips",
        json: json!({"source": said, "largest_zip_bytes": largest, "functions": sizes}),
        markdown,
        rows,
    })
}

fn mb(bytes: usize) -> String {
    format!("{:.2}", bytes as f64 / 1e6)
}

fn deflated(bytes: &[u8]) -> anyhow::Result<usize> {
    let mut encoder = DeflateEncoder::new(Counter(0), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.0)
}

/// Counts what is written and keeps nothing of it.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What an ELF file runs on: `e_machine`, the sixteen bits at 18.
fn processor(path: &Path) -> anyhow::Result<&'static str> {
    let head = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    match head.get(18..20) {
        Some([0xB7, 0]) => Ok("arm64"),
        Some([0x3E, 0]) => Ok("x86-64"),
        _ => bail!("{} is for no processor that Lambda has", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_deflates_and_what_does_not_stays() {
        let random: Vec<u8> = (0..10_000).flat_map(|_| uuid::Uuid::new_v4().into_bytes()).collect();
        assert!(deflated(&[7; 100_000]).unwrap() < 1_000);
        // Six bits of the 128 of a uuid are the same in all.
        assert!(deflated(&random).unwrap() > 150_000);
    }
}
