//! `stack clean`: deletes the local stack's data, keys and logs. The fetched tools stay.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::{
    local::{Local, Lock},
    say,
};

/// Refuses while the stack runs. Its files are in `folder`, or in `.local`.
pub fn run(folder: Option<&str>) -> anyhow::Result<()> {
    let local = folder.map_or_else(Local::open, Local::at)?;
    let _lock = Lock::take(&local)?;
    let mut links = Vec::new();
    for folder in [local.data().join("mongodb"), local.data().join("redis")] {
        delete_in(&folder, |_| true)?;
    }
    // `logs` may be a link to a folder with other programs' logs.
    delete_in(&local.logs(), is_log)?;
    for entry in fs::read_dir(local.root())? {
        let path = entry?.path();
        // The lock lies in `run`. A lock file that is replaced while somebody waits for it locks
        // nothing.
        if path.ends_with("tools") || path.ends_with("run") {
            continue;
        }
        // The folder is a link to another disk. Data and logs are deleted by now. The link stays.
        if path.is_symlink() && path.is_dir() {
            links.push(path);
            continue;
        }
        remove(&path)?;
    }
    say::line!(
        "The local stack's data, keys and logs are deleted; the next `make dev` starts afresh."
    );
    for link in links {
        say::line!("{} is a link and stays; {}.", link.display(), what_stays(&local, &link));
    }
    Ok(())
}

fn what_stays(local: &Local, link: &Path) -> String {
    let target = fs::canonicalize(link).unwrap_or_else(|_| link.to_owned());
    if link == local.data() {
        format!("the databases in {} are deleted", target.display())
    } else if link == local.logs() {
        format!("the logs in {} are deleted", target.display())
    } else {
        format!("the content of {} stays too", target.display())
    }
}

fn is_log(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with(".log") || name.ends_with(".log.1")
}

/// Deletes the chosen entries of a folder. The folder itself may be a link, and stays.
fn delete_in(folder: &Path, chosen: impl Fn(&Path) -> bool) -> anyhow::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let entries: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    entries.iter().filter(|path| chosen(path)).try_for_each(|path| remove(path))
}

fn remove(path: &Path) -> anyhow::Result<()> {
    let removed = if path.is_dir() && !path.is_symlink() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    removed.with_context(|| format!("cannot delete {}", path.display()))
}
