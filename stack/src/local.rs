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

/// How long a start waits for a predecessor that is going down.
const GOING_DOWN: Duration = Duration::from_secs(30);
/// How long a predecessor may take to notice that whoever started it is gone.
const NOTICES: Duration = Duration::from_secs(1);

/// The paths under `.local/`, or under another folder that is a stack's own.
pub struct Local(PathBuf);

impl Local {
    pub fn open() -> anyhow::Result<Self> {
        Self::at(".local")
    }

    /// A folder of the workspace's: stacks in different ones do not meet.
    pub fn at(folder: &str) -> anyhow::Result<Self> {
        let local = Self(workspace_root().join(folder));
        for folder in [local.0.clone(), local.run(), local.logs(), local.data()] {
            // Keys and data of the stack are nobody else's on a shared machine.
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Ok(local)
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

    /// The processes of the last run.
    pub fn children(&self) -> PathBuf {
        self.run().join("children")
    }

    /// What the stack offers, and the sign that it is ready.
    pub fn dev_env(&self) -> PathBuf {
        self.0.join("dev.env")
    }

    /// What the functions were given.
    pub fn functions_env(&self) -> PathBuf {
        self.0.join("functions.env")
    }

    /// What an earlier start has kept under this name, if it is there and readable.
    pub fn kept<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(&fs::read_to_string(self.0.join(name)).ok()?).ok()
    }

    /// Keeps something for the next start, for its owner's eyes only.
    pub fn keep<T: Serialize>(&self, name: &str, value: &T) -> anyhow::Result<()> {
        write_private(&self.0.join(name), &serde_json::to_string_pretty(value)?)
    }
}

/// The right to run the stack of this folder. The kernel takes it back when the process ends,
/// however it ends.
pub struct Lock(File);

impl Lock {
    /// Takes it; waits for a predecessor that is going down, but not for one that runs.
    pub fn take(local: &Local) -> anyhow::Result<Self> {
        let path = local.run().join("lock");
        let open = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = open.with_context(|| format!("cannot open {}", path.display()))?;
        let began = Instant::now();
        while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            file.rewind()?;
            file.read_to_string(&mut holder)?;
            let patience = if holder.contains(STOPPING) { GOING_DOWN } else { NOTICES };
            if began.elapsed() > patience {
                bail!(
                    "the local stack is running already ({}): end that one first, with ctrl-c",
                    holder.trim()
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut lock = Self(file);
        lock.note(&format!("process {}", std::process::id()))?;
        Ok(lock)
    }

    /// From now on others may wait for the end.
    pub fn stopping(&mut self) {
        let _ = self.note(&format!("process {}, {STOPPING}", std::process::id()));
    }

    fn note(&mut self, text: &str) -> anyhow::Result<()> {
        self.0.set_len(0)?;
        self.0.rewind()?;
        Ok(self.0.write_all(text.as_bytes())?)
    }
}

const STOPPING: &str = "going down";
