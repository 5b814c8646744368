//! `.local/`: what a stack leaves on disk, and who may use it at a time.

use std::{
    fs::{self, DirBuilder, File},
    io::{Read, Seek, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rustix::fs::{FlockOperation, flock};
use serde::{Serialize, de::DeserializeOwned};
use stack::{envfile::write_private, workspace_root};

/// How long a start waits for an earlier stack that is stopping.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an earlier stack may take to notice that the program which started it has ended.
const ORPHAN_TIMEOUT: Duration = Duration::from_secs(1);

/// The paths under `.local/`, or under the folder of another stack.
pub struct Local(PathBuf);

impl Local {
    pub fn open() -> anyhow::Result<Self> {
        Self::at(".local")
    }

    /// A folder in the workspace. Stacks in different folders are independent.
    pub fn at(folder: &str) -> anyhow::Result<Self> {
        let local = Self(workspace_root().join(folder));
        for folder in [local.0.clone(), local.run(), local.logs(), local.data()] {
            // On a shared machine nobody else may read the stack's keys and data.
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Ok(local)
    }

    /// The paths of `make dev`'s stack, whether or not it was ever started.
    pub fn unopened() -> Self {
        Self(workspace_root().join(".local"))
    }

    pub fn root(&self) -> &Path {
        &self.0
    }

    pub fn run(&self) -> PathBuf {
        self.0.join("run")
    }

    pub fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    pub fn events(&self) -> PathBuf {
        self.0.join("events")
    }

    /// The list of processes of the last run.
    pub fn children(&self) -> PathBuf {
        self.run().join("children")
    }

    /// Addresses and keys for the user. The file exists while the stack is ready.
    pub fn dev_env(&self) -> PathBuf {
        self.0.join("dev.env")
    }

    /// The settings of the functions.
    pub fn functions_env(&self) -> PathBuf {
        self.0.join("functions.env")
    }

    /// A file that an earlier start has saved, if it exists and is readable.
    pub fn load<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(&fs::read_to_string(self.0.join(name)).ok()?).ok()
    }

    /// Saves a value for the next start, in a file that only its owner can read.
    pub fn save<T: Serialize>(&self, name: &str, value: &T) -> anyhow::Result<()> {
        write_private(&self.0.join(name), &serde_json::to_string_pretty(value)?)
    }
}

/// The right to run the stack of this folder. The kernel releases it when the process
/// ends, however it ends.
pub struct Lock(File);

impl Lock {
    /// Whether a stack of this folder runs.
    pub fn is_held(local: &Local) -> bool {
        let Ok(file) = File::open(local.run().join("lock")) else { return false };
        flock(&file, FlockOperation::NonBlockingLockShared).is_err()
    }

    /// Takes it. Waits for an earlier stack that is stopping, but not for one that runs.
    pub fn take(local: &Local) -> anyhow::Result<Self> {
        let path = local.run().join("lock");
        let open = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = open.with_context(|| format!("cannot open {}", path.display()))?;
        let began = Instant::now();
        while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            file.rewind()?;
            file.read_to_string(&mut holder)?;
            let limit = if holder.contains(STOPPING) { STOP_TIMEOUT } else { ORPHAN_TIMEOUT };
            if began.elapsed() > limit {
                bail!(
                    "the local stack is running already ({}): stop it first, with ctrl-c",
                    holder.trim()
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut lock = Self(file);
        lock.note(&format!("process {}", std::process::id()))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(lock)
    }

    /// From now on another start may wait for this one to end.
    pub fn stopping(&mut self) {
        let _ = self.note(&format!("process {}, {STOPPING}", std::process::id()));
    }

    fn note(&mut self, text: &str) -> anyhow::Result<()> {
        self.0.set_len(0)?;
        self.0.rewind()?;
        Ok(self.0.write_all(text.as_bytes())?)
    }
}

const STOPPING: &str = "stopping";
