//! Child processes that never outlive this one, however it ends.
//!
//! On Linux a child asks the kernel to kill it when its parent dies (`setpriv --pdeathsig`). The
//! kernel means the parent *thread*, so one thread that lives as long as the process starts all
//! children. Where `setpriv` is missing, [`record_in`] lets the next start find and end what a
//! killed process has left.

use std::{
    fs::OpenOptions,
    future::pending,
    io::Write,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{OnceLock, mpsc as sync_mpsc},
    time::Duration,
};

use anyhow::{Context, anyhow};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::Command,
    runtime::{Builder, Handle},
    sync::{mpsc, watch},
    time::timeout,
};

use crate::tools;

static CHILDREN_FILE: OnceLock<PathBuf> = OnceLock::new();

/// Writes every later child into this file, for [`end_leftovers`] of the next start.
pub fn record_in(path: PathBuf) {
    let _ = CHILDREN_FILE.set(path);
}

/// The runtime of the thread that starts and owns all children.
#[expect(
    clippy::expect_used,
    reason = "without this thread nothing can be started, and it needs only memory"
)]
pub(crate) fn child_runtime() -> &'static Handle {
    static RUNTIME: OnceLock<Handle> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let (send, receive) = sync_mpsc::channel();
        let run = move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
            send.send(runtime.handle().clone()).expect("the caller waits for it");
            runtime.block_on(pending::<()>());
        };
        std::thread::Builder::new().name("stack-children".to_owned()).spawn(run).expect("a thread");
        receive.recv().expect("the thread sends its handle first")
    })
}

/// A command that starts a child without input and with a minimal environment. A variable of the
/// caller's shell must not change what a test proves.
pub fn command(program: &Path) -> Command {
    static SETPRIV: OnceLock<Option<PathBuf>> = OnceLock::new();
    let setpriv = SETPRIV.get_or_init(|| {
        let found = tools::on_path("setpriv").filter(|_| cfg!(target_os = "linux"))?;
        let trial =
            std::process::Command::new(&found).args(["--pdeathsig", "KILL", "--", "true"]).status();
        trial.is_ok_and(|status| status.success()).then_some(found)
    });
    let mut command = match setpriv {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            // The child makes this request itself, and the parent may be dead by then. So the shell
            // checks the parent once more.
            command.args([
                "--pdeathsig",
                "KILL",
                "--",
                "/bin/sh",
                "-c",
                r#"[ "$PPID" = "$0" ] && exec "$@""#,
            ]);
            command.arg(std::process::id().to_string()).arg(program);
            command
        }
        None => Command::new(program),
    };
    command.env_clear();
    for name in [
        "PATH",
        "HOME",
        "USER",
        "TMPDIR",
        "LANG",
        "LD_LIBRARY_PATH",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    // A group of its own: ctrl-c in a terminal reaches only us, and we end the children in order.
    command.stdin(Stdio::null()).process_group(0).kill_on_drop(true);
    command
}

/// A running child. Dropping it kills it.
pub struct Child {
    pid: u32,
    signals: mpsc::UnboundedSender<Signal>,
    exit: watch::Receiver<Option<ExitStatus>>,
}

impl Child {
    /// Starts it. `marks` are words of its command line by which a later start recognises it.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub async fn spawn(mut command: Command, marks: Vec<String>) -> anyhow::Result<Self> {
        let program = command.as_std().get_program().to_owned();
        let (signals, mut orders) = mpsc::unbounded_channel();
        let (exited, exit) = watch::channel(None);
        let start = async move {
            let mut child = command.spawn()?;
            let pid = child.id().unwrap_or_default();
            tokio::spawn(async move {
                loop {
                    tokio::select! {
                        status = child.wait() => {
                            let _ = exited.send(status.ok());
                            return;
                        }
                        order = orders.recv() => match order {
                            // The process is not reaped yet, so the id is still its own.
                            Some(signal) => { let _ = pid_of(pid).map(|pid| kill_process(pid, signal)); }
                            None => { let _ = child.start_kill(); let _ = child.wait().await; return; }
                        },
                    }
                }
            });
            std::io::Result::Ok(pid)
        };
        let pid = child_runtime()
            .spawn(start)
            .await?
            .with_context(|| format!("cannot start {}", program.display()))?;
        record(pid, &marks);
        Ok(Self { pid, signals, exit })
    }

    /// The process id. It is not reused while the child is not waited for.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends the process a signal. Without effect once it has ended.
    pub fn signal(&self, signal: Signal) {
        let _ = self.signals.send(signal);
    }

    /// Waits for its end and returns its status.
    ///
    /// # Errors
    /// When the process was lost.
    pub async fn wait(&self) -> anyhow::Result<ExitStatus> {
        let mut exit = self.exit.clone();
        let status = exit.wait_for(Option::is_some).await;
        status
            .ok()
            .and_then(|status| *status)
            .ok_or_else(|| anyhow!("process {} was lost", self.pid))
    }

    /// Whether the process has ended.
    #[must_use]
    pub fn has_exited(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Asks it to end and waits. Kills it if it has not ended within `limit`.
    pub async fn end(self, limit: Duration) {
        self.signal(Signal::TERM);
        if timeout(limit, self.wait()).await.is_err() {
            self.signal(Signal::KILL);
            let _ = self.wait().await;
        }
    }
}

fn pid_of(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

fn record(pid: u32, marks: &[String]) {
    let Some(path) = CHILDREN_FILE.get() else { return };
    let line = format!("{}\n", serde_json::json!([pid, marks]));
    // The stack runs without the record too. Only a start after a SIGKILL needs it, and only where
    // setpriv is missing.
    let _ = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut f| f.write_all(line.as_bytes()));
}

/// Ends processes that an earlier run recorded with [`record_in`] and could not end itself. A
/// process is ended only if its command line has every mark: its id may belong to another program
/// by now. Returns how many were ended.
///
/// # Errors
/// When the record exists and cannot be removed.
pub async fn end_leftovers(record: &Path) -> anyhow::Result<usize> {
    let Ok(text) = std::fs::read_to_string(record) else { return Ok(0) };
    // A killed run may have left an unfinished line.
    let recorded =
        text.lines().filter_map(|line| serde_json::from_str::<(u32, Vec<String>)>(line).ok());
    let ours: Vec<Pid> = recorded
        .filter(|(pid, marks)| is_ours(*pid, marks))
        .filter_map(|(pid, _)| pid_of(pid))
        .collect();
    for pid in &ours {
        let _ = kill_process(*pid, Signal::TERM);
    }
    // mongod writes its last checkpoint on SIGTERM. After ten seconds the rest is killed.
    for round in 0..150 {
        let alive: Vec<_> =
            ours.iter().filter(|pid| rustix::process::test_kill_process(**pid).is_ok()).collect();
        if alive.is_empty() {
            break;
        }
        if round == 100 {
            for pid in alive {
                let _ = kill_process(*pid, Signal::KILL);
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    std::fs::remove_file(record).with_context(|| format!("cannot remove {}", record.display()))?;
    Ok(ours.len())
}

fn is_ours(pid: u32, marks: &[String]) -> bool {
    !marks.is_empty()
        && command_line(pid).is_some_and(|line| marks.iter().all(|mark| line.contains(mark)))
}

/// The command line of a process: from `/proc`, or from `ps` where there is none.
fn command_line(pid: u32) -> Option<String> {
    if Path::new("/proc/self/cmdline").exists() {
        let words = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        return Some(String::from_utf8_lossy(&words).replace('\0', " "));
    }
    let ps = std::process::Command::new("ps")
        .args(["-ww", "-o", "command=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    ps.status.success().then(|| String::from_utf8_lossy(&ps.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sleeper(mark: &str) -> Child {
        let mut command = command(Path::new("/bin/sleep"));
        command.args([mark, "600"]);
        let child = Child::spawn(command, Vec::new()).await.unwrap();
        // Each exec on its way (setpriv, sh, sleep) leaves it without a command line for a moment.
        let is_asleep =
            || command_line(child.pid()).is_some_and(|line| line.starts_with("/bin/sleep"));
        while !is_asleep() {
            assert!(!child.has_exited());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        child
    }

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("stack-children-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(name)
    }

    #[tokio::test]
    async fn only_a_process_with_every_mark_is_ended() {
        let (ours, other) = (sleeper("601").await, sleeper("602").await);
        let record = scratch("leftovers");
        let line = |pid: u32, marks: &[&str]| format!("{}\n", serde_json::json!([pid, marks]));
        let text = line(ours.pid(), &["sleep", "601"])
            + &line(other.pid(), &["sleep", "601"])
            + &line(other.pid(), &[])
            + &line(u32::MAX, &["sh"])
            + "[12, [\"unfini";
        std::fs::write(&record, text).unwrap();

        assert_eq!(end_leftovers(&record).await.unwrap(), 1);

        assert!(!ours.wait().await.unwrap().success());
        assert!(!other.has_exited());
        assert!(!record.exists());
        assert_eq!(end_leftovers(&record).await.unwrap(), 0);
    }

    #[test]
    fn a_child_dies_with_its_parent_however_that_ends() {
        const PARENT: &str = "STACK_TEST_IS_THE_PARENT";
        if std::env::var_os(PARENT).is_some() {
            let child = tokio::runtime::Runtime::new().unwrap().block_on(sleeper("604"));
            println!("child {}", child.pid());
            // No destructor runs, as after a SIGKILL.
            std::process::abort();
        }
        if !cfg!(target_os = "linux") || tools::on_path("setpriv").is_none() {
            return;
        }
        let name = "children::tests::a_child_dies_with_its_parent_however_that_ends";
        let mut parent = std::process::Command::new(std::env::current_exe().unwrap());
        let output =
            parent.args(["--exact", name, "--nocapture"]).env(PARENT, "1").output().unwrap();
        let output = String::from_utf8_lossy(&output.stdout).into_owned();
        let pid: u32 = output
            .split("child ")
            .nth(1)
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let began = std::time::Instant::now();
        while command_line(pid).is_some_and(|line| line.contains("604")) {
            assert!(began.elapsed() < Duration::from_secs(60), "process {pid} outlives its parent");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[tokio::test]
    async fn a_dropped_child_is_killed() {
        let child = sleeper("603").await;
        let (pid, exit) = (child.pid(), child.exit.clone());
        drop(child);
        // The sender goes when the child has been reaped.
        let mut exit = exit;
        let _ = timeout(Duration::from_secs(5), exit.wait_for(Option::is_some)).await.unwrap();
        assert_eq!(command_line(pid).unwrap_or_default(), "");
    }

    #[tokio::test]
    async fn a_child_that_ignores_sigterm_is_killed_in_the_end() {
        let mut command = command(Path::new("/bin/sh"));
        command.args(["-c", "trap '' TERM; while :; do sleep 0.1; done"]).stdout(Stdio::null());
        let child = Child::spawn(command, Vec::new()).await.unwrap();
        timeout(Duration::from_secs(5), child.end(Duration::from_millis(200))).await.unwrap();
    }
}
