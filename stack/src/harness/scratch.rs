//! Where a run of tests may write.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// An empty directory of this run, named after its purpose.
pub fn directory(purpose: &str) -> PathBuf {
    static RUN: LazyLock<PathBuf> = LazyLock::new(|| {
        let binaries = crate::binaries().expect("the folder of the binaries");
        let root = binaries.parent().expect("the target folder").join("tmp/integration");
        remove_dead_runs(&root);
        root.join(std::process::id().to_string())
    });
    let path = RUN.join(format!("{purpose}-{:016x}", rand::random::<u64>()));
    std::fs::create_dir_all(&path).expect("a directory to write in");
    path
}

/// A run cannot remove its own files, since its servers write to the end. The next run does.
fn remove_dead_runs(root: &Path) {
    let Ok(runs) = std::fs::read_dir(root) else { return };
    for run in runs.flatten() {
        let alive = Path::new("/proc").join(run.file_name()).exists();
        if !alive && Path::new("/proc/self").exists() {
            let _ = std::fs::remove_dir_all(run.path());
        }
    }
}
