//! Redis: whether it can be reached, keeps what it is given, and is what the settings say.

use shared::{
    config::Settings,
    locks::{Gate, RedisServer},
};

use super::report::Report;

const CHECK: &str = "redis";
/// The oldest version that the tests ran against.
const TESTED: (u32, u32) = (6, 2);
/// The policy under which no lock is evicted.
const POLICY: &str = "noeviction";

/// By how many milliseconds the servers' clocks are ahead of this machine's; empty if none was
/// reached.
pub async fn examine(report: &mut Report, settings: &Settings) -> Vec<i64> {
    let gate = match Gate::new(&settings.redis) {
        Ok(gate) => gate,
        Err(wrong) => {
            report.problem(CHECK, wrong, "mend the address");
            return Vec::new();
        }
    };
    match gate.servers().await {
        Ok(servers) => {
            for server in &servers {
                examine_one(report, server, gate.is_cluster());
            }
            servers.iter().map(|server| server.clock_ahead_ms).collect()
        }
        Err(wrong) => {
            report.problem(
                CHECK,
                format!("REDIS_URL: it cannot be asked ({wrong}); sales go on without it, slower and with weaker limits"),
                "see that it runs, that the security groups let this machine in, the password, and redis:// or rediss://",
            );
            Vec::new()
        }
    }
}

fn examine_one(report: &mut Report, server: &RedisServer, cluster: bool) {
    let at = server.address.as_deref().map(|address| format!("{address}: ")).unwrap_or_default();
    let kind = if server.in_cluster { ", of a cluster" } else { "" };
    let mut numbers =
        server.version.split('.').map(|number| number.parse::<u32>().unwrap_or_default());
    let version = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let text = format!("{at}version {}{kind}", server.version);
    if version < TESTED {
        report.warning(CHECK, text, "upgrade: the oldest that was tested is 6.2");
    } else {
        report.ok(CHECK, text);
    }
    topology(report, server, cluster, &at);
    memory(report, server, &at);
    persistence(report, server, &at);
}

fn topology(report: &mut Report, server: &RedisServer, cluster: bool, at: &str) {
    if !server.is_primary {
        report.problem(
            CHECK,
            format!("{at}it is a replica and refuses writes"),
            "give the primary's address",
        );
    }
    if server.in_cluster && !cluster {
        report.problem(
            CHECK,
            format!("{at}it is a node of a cluster"),
            "begin REDIS_URL with redis-cluster://",
        );
    }
    if server.cluster_ok == Some(false) {
        let mend = "look at CLUSTER NODES: a primary is gone and no replica took its place, or slots belong to nobody";
        report.problem(CHECK, format!("{at}the cluster does not serve every key"), mend);
    }
}

fn memory(report: &mut Report, server: &RedisServer, at: &str) {
    const MEND: &str =
        "CONFIG SET maxmemory-policy noeviction, and in the configuration or parameter group";
    match server.eviction_policy.as_deref() {
        Some(POLICY) => report.ok(CHECK, format!("{at}maxmemory-policy {POLICY}")),
        Some(other) => report.problem(
            CHECK,
            format!("{at}maxmemory-policy is {other}: locks that are held may be evicted, and limits forgotten"),
            MEND,
        ),
        None => report.warning(CHECK, format!("{at}its maxmemory-policy is not told"), MEND),
    }
    if server.evicted_keys > 0 {
        let text = format!("{at}{} keys were evicted since it was started", server.evicted_keys);
        report.warning(
            CHECK,
            text,
            "see that the policy is noeviction for good, and give it more memory",
        );
    }
    if server.max_memory > 0 && server.used_memory > server.max_memory / 5 * 4 {
        let text = format!("{at}{} of {} bytes are in use", server.used_memory, server.max_memory);
        report.warning(CHECK, text, "give it more: when it is full, sales go on without locks");
    }
}

fn persistence(report: &mut Report, server: &RedisServer, at: &str) {
    match (server.persists, server.appends) {
        (false, _) => report.problem(
            CHECK,
            format!("{at}its last write to disk failed, after which it refuses writes"),
            "look at its log, and for space on its disk",
        ),
        (true, true) => report.ok(CHECK, format!("{at}append-only file: on")),
        (true, false) => report.warning(
            CHECK,
            format!(
                "{at}append-only file: off, so that a restart forgets locks and limits; no seat is sold twice by that"
            ),
            "CONFIG SET appendonly yes, or a managed one with a replica that takes over",
        ),
    }
}
