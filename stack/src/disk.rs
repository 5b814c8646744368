//! Whether a disk is full.

use std::path::Path;

/// The least free space with which a server can write its journal.
const MIN_FREE_BYTES: u64 = 16 * 1024 * 1024;

/// A sentence for the terminal, if the disk of this folder is full, or was full when
/// this log was written.
pub(crate) fn full(folder: &Path, log: &str) -> Option<String> {
    let free = rustix::fs::statvfs(folder).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let full = free.is_ok_and(|free| free < MIN_FREE_BYTES);
    (full || log.contains("No space left on device"))
        .then(|| format!("the disk of {} is full: free some space", folder.display()))
}
