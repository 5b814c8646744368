//! Log files that outlive one restart.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// A new, empty log. The previous log is kept beside it as `<name>.1`: a restart is the first thing
/// that people try after a crash.
pub(crate) fn start(path: &Path) -> anyhow::Result<File> {
    keep_previous(path)
        .and_then(|()| File::create(path))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Moves a log that is not empty out of the way.
pub(crate) fn keep_previous(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(log) if log.len() > 0 => fs::rename(path, previous(path)),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn previous(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_keeps_the_log_of_the_run_before() {
        let folder = std::env::temp_dir().join(format!("stack-logs-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let log = folder.join("reserve.log");
        drop(start(&log).unwrap());
        fs::write(&log, "the crash").unwrap();
        drop(start(&log).unwrap());
        // A second restart with nothing new keeps it too.
        drop(start(&log).unwrap());
        assert_eq!(fs::read_to_string(&log).unwrap(), "");
        assert_eq!(fs::read_to_string(folder.join("reserve.log.1")).unwrap(), "the crash");
        fs::remove_dir_all(folder).unwrap();
    }
}
