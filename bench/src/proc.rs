//! What Linux tells of a process, finer than `/proc/<pid>/stat`: for what is measured by few
//! requests.

use std::{collections::HashSet, fs};

use anyhow::Context as _;
use serde::Serialize;

/// CPU time of all threads so far, in milliseconds, to the nanosecond: `stat` counts in hundredths
/// of a second. That of threads that have ended is not in it.
///
/// # Errors
/// When the process is gone.
pub fn cpu_ms(pid: u32) -> anyhow::Result<f64> {
    let mut nanoseconds = 0.0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end meanwhile.
        let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        nanoseconds += text
            .split(' ')
            .next()
            .and_then(|on_cpu| on_cpu.parse::<f64>().ok())
            .unwrap_or_default();
    }
    Ok(nanoseconds / 1e6)
}

/// Memory of a process, in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Memory {
    /// Resident now.
    pub rss_mib: f64,
    /// The most that was ever resident.
    pub peak_mib: f64,
}

/// How much memory a process has.
///
/// # Errors
/// When the process is gone.
pub fn memory(pid: u32) -> anyhow::Result<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let of = |name: &str| -> anyhow::Result<f64> {
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .with_context(|| format!("no {name}"))?;
        let kib: f64 = line.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024.0)
    };
    Ok(Memory { rss_mib: of("VmRSS")?, peak_mib: of("VmHWM")? })
}

/// The remote ports of a process's established connections over IPv4.
///
/// # Errors
/// When the process is gone.
pub fn connections(pid: u32) -> anyhow::Result<Vec<u16>> {
    const ESTABLISHED: &str = "01";
    let mut own = HashSet::new();
    for file in fs::read_dir(format!("/proc/{pid}/fd"))? {
        // One that has been closed meanwhile leads nowhere.
        let Ok(to) = fs::read_link(file?.path()) else { continue };
        own.extend(
            to.to_string_lossy()
                .strip_prefix("socket:[")
                .map(|inode| inode.trim_end_matches(']').to_owned()),
        );
    }
    let table = fs::read_to_string(format!("/proc/{pid}/net/tcp"))?;
    let remote = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ours = fields.get(3) == Some(&ESTABLISHED) && own.contains(*fields.get(9)?);
        let port = fields.get(2)?.rsplit_once(':')?.1;
        u16::from_str_radix(port, 16).ok().filter(|_| ours)
    };
    Ok(table.lines().filter_map(remote).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn this_process_is_seen() {
        let own = std::process::id();
        assert!(cpu_ms(own).unwrap() > 0.0);
        let memory = memory(own).unwrap();
        assert!(memory.rss_mib > 0.5 && memory.peak_mib >= memory.rss_mib);
    }

    #[test]
    fn a_connection_is_told_by_its_remote_port() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).unwrap();
        assert!(connections(std::process::id()).unwrap().contains(&address.port()));
        drop(stream);
    }
}
