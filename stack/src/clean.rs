//! `stack clean`: the data, keys and logs of the local stack go, the fetched tools stay.

use std::fs;

use anyhow::Context;

use crate::{
    local::{Local, Lock},
    say,
};

/// Refuses while the stack runs.
pub fn run() -> anyhow::Result<()> {
    let local = Local::open()?;
    let _lock = Lock::take(&local)?;
    for entry in fs::read_dir(local.root())? {
        let path = entry?.path();
        // The lock lies in `run`, and a lock file that is replaced while somebody waits for it
        // locks nothing.
        if path.ends_with("tools") || path.ends_with("run") {
            continue;
        }
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.with_context(|| format!("cannot remove {}", path.display()))?;
    }
    say::line!(
        "The local stack's data, keys and logs are gone; the next `make dev` starts afresh."
    );
    Ok(())
}
