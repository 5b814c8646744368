//! `dev.env`, which says that the stack is ready. It must not say so when the stack is gone.

use std::{
    fs,
    io::ErrorKind,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::Context;
use stack::envfile::write_private;

/// The file, for as long as this process lives. A small process waits for our end and then deletes
/// it: after a SIGKILL nobody else can.
pub struct ReadyFile {
    path: PathBuf,
    guard: Child,
}

impl ReadyFile {
    /// Writes the file, which says that the stack is ready.
    pub fn write(path: &Path, text: &str) -> anyhow::Result<Self> {
        // `cat` ends when our end of the pipe is closed, and the kernel closes it with this
        // process. A group of its own: a signal for the terminal's group is not meant for it.
        let guard = Command::new("/bin/sh")
            .args(["-c", r#"trap '' HUP INT TERM; cat >/dev/null; rm -f "$0""#])
            .arg(path)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start /bin/sh")?;
        let file = Self { path: path.to_owned(), guard };
        write_private(&file.path, text)?;
        Ok(file)
    }

    /// Deletes a file that an earlier stack has left.
    pub fn remove_stale(path: &Path) -> anyhow::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot delete {}", path.display()))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_goes_with_the_stack() {
        let path = std::env::temp_dir().join(format!("stack-ready-{}.env", std::process::id()));
        let file = ReadyFile::write(&path, "A=1\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=1\n");
        drop(file);
        assert!(!path.exists());
        ReadyFile::remove_stale(&path).unwrap();
    }
}
