//! Finds the programs that this project does not build. `scripts/fetch_tools.py` fetches the
//! missing ones and writes `.local/tools/tools.json`.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, bail};

use crate::workspace_root;

/// The path of a tool: from `scripts/fetch_tools.py`, else from `PATH`.
///
/// # Errors
/// When it is in neither place. The text says how to get it.
pub fn find(name: &str) -> anyhow::Result<PathBuf> {
    let list = workspace_root().join(".local/tools/tools.json");
    if let Ok(text) = std::fs::read_to_string(&list) {
        let tools: BTreeMap<String, PathBuf> = serde_json::from_str(&text)
            .with_context(|| format!("{} is not a list of tools", list.display()))?;
        if let Some(path) = tools.get(name).filter(|path| path.is_file()) {
            return Ok(path.clone());
        }
    }
    on_path(name).map_or_else(
        || {
            bail!(
                "{name} is not installed; fetch it with: python3 scripts/fetch_tools.py (`make \
                dev` and `make test` do)"
            )
        },
        Ok,
    )
}

/// The first file of this name on `PATH`.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_is_an_error_that_says_how_to_get_it() {
        let error = find("no-such-tool-anywhere").unwrap_err().to_string();
        assert!(
            error.contains("no-such-tool-anywhere") && error.contains("fetch_tools.py"),
            "{error}"
        );
    }

    #[test]
    fn a_tool_on_path_is_found() {
        assert!(find("sh").unwrap().is_absolute());
    }
}
