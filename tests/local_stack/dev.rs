//! A real `stack dev`, as `make dev` runs it, on the servers of this test process.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::support::{servers, unique};

/// Longer than a start of all functions takes on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(180);
const STOP_TIMEOUT: Duration = Duration::from_secs(60);

pub type Env = BTreeMap<String, String>;

pub struct Dev {
    pub folder: PathBuf,
    child: Child,
    output: PathBuf,
}

/// The servers of this test process, a database of its own, and one process of each function.
pub async fn env() -> Env {
    Env::from(
        [
            ("PATH", std::env::var_os("PATH").unwrap().into_string().unwrap()),
            ("PORT", stack::free_port().unwrap().to_string()),
            ("CONCURRENCY", "1".to_owned()),
            ("MONGODB_URI", servers::mongodb_uri().await.to_owned()),
            ("MONGODB_DATABASE", unique("dev")),
            ("REDIS_URL", servers::redis_url().await.to_owned()),
            ("RATE_LIMIT_ADMIN_LOGIN", "1000000/60".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    )
}

pub fn with(env: &Env, name: &str, value: &str) -> Env {
    let mut env = env.clone();
    env.insert(name.to_owned(), value.to_owned());
    env
}

impl Dev {
    /// Starts it in a folder of its own.
    pub fn start(env: &Env) -> Self {
        Self::start_in(&servers::directory("stack-dev"), env)
    }

    pub fn start_in(folder: &Path, env: &Env) -> Self {
        let output = folder.join("output");
        let file = File::create(&output).unwrap();
        let child = Command::new(stack::binaries().unwrap().join("stack"))
            .args(["dev", folder.to_str().unwrap()])
            .env_clear()
            .envs(env)
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { folder: folder.to_owned(), child, output }
    }

    /// Everything that it has printed.
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap()
    }

    pub fn dev_env_path(&self) -> PathBuf {
        self.folder.join("dev.env")
    }

    /// Waits until it is ready, and returns the variables of `dev.env`.
    pub async fn ready(&mut self) -> Env {
        let began = Instant::now();
        loop {
            if let Ok(text) = std::fs::read_to_string(self.dev_env_path()) {
                return stack::envfile::read(&text);
            }
            let ended = self.child.try_wait().unwrap();
            let in_time = began.elapsed() < START_TIMEOUT;
            assert!(ended.is_none() && in_time, "it is not ready: {ended:?}\n{}", self.output());
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until it no longer says that it is ready.
    pub async fn no_longer_ready(&self) {
        let began = Instant::now();
        while self.dev_env_path().exists() {
            assert!(began.elapsed() < STOP_TIMEOUT, "dev.env stays");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = timeout(START_TIMEOUT, self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("it still runs:\n{}", self.output())).unwrap()
    }

    /// Sends a signal and waits for the end.
    pub async fn stop(&mut self, signal: Signal) -> ExitStatus {
        let pid = self.child.id().expect("it runs").cast_signed();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
        let ended = timeout(STOP_TIMEOUT, self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("it still runs:\n{}", self.output())).unwrap()
    }
}
