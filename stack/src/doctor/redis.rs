//! Redis: whether it responds, keeps its data, and fits the settings.

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

/// Returns by how many milliseconds each server's clock is ahead of this machine's; none if
/// Redis does not respond.
pub async fn examine(report: &mut Report, settings: &Settings) -> Vec<i64> {
    let gate = match Gate::new(&settings.redis) {
        Ok(gate) => gate,
        Err(wrong) => {
            report.problem(CHECK, wrong, "correct the address");
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
                format!(
                    "REDIS_URL: Redis cannot be asked ({wrong}); sales go on without it, \
                    slower and with weaker limits"
                ),
                "check that it runs, that the security groups let this machine in, the password, \
                and redis:// or rediss://",
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
        report.warning(CHECK, text, "upgrade: 6.2 is the oldest version that was tested");
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
            "set the primary's address",
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
        let fix = "look at CLUSTER NODES: a primary is gone and no replica took its place, or \
            slots belong to nobody";
        report.problem(CHECK, format!("{at}the cluster does not serve every key"), fix);
    }
}

/// Whether the server refuses writes because its memory is full.
pub fn is_full(server: &RedisServer) -> bool {
    server.max_memory > 0 && server.used_memory >= server.max_memory
}

fn memory(report: &mut Report, server: &RedisServer, at: &str) {
    const FIX: &str =
        "CONFIG SET maxmemory-policy noeviction, and in the configuration or parameter group";
    match server.eviction_policy.as_deref() {
        Some(POLICY) => report.ok(CHECK, format!("{at}maxmemory-policy {POLICY}")),
        Some(other) => report.problem(
            CHECK,
            format!(
                "{at}maxmemory-policy is {other}: it may evict locks of live holds, and \
                forget limits"
            ),
            FIX,
        ),
        None => report.warning(CHECK, format!("{at}it does not tell its maxmemory-policy"), FIX),
    }
    if server.evicted_keys > 0 {
        let text = format!("{at}{} keys were evicted since it was started", server.evicted_keys);
        report.warning(
            CHECK,
            text,
            "make sure that the policy stays noeviction, and give it more memory",
        );
    }
    let text = format!("{at}{} of {} bytes are in use", server.used_memory, server.max_memory);
    if is_full(server) {
        report.problem(
            CHECK,
            format!(
                "{text}: it is full and refuses writes, so there are no locks and admins \
                cannot sign in"
            ),
            "CONFIG SET maxmemory <more bytes>, and in the configuration or parameter group",
        );
    } else if server.max_memory > 0 && server.used_memory > server.max_memory / 5 * 4 {
        report.warning(CHECK, text, "give it more memory: when it is full, it refuses writes");
    }
}

fn persistence(report: &mut Report, server: &RedisServer, at: &str) {
    match (server.persists, server.appends) {
        (false, _) => report.problem(
            CHECK,
            format!("{at}its last write to disk failed, and since then it refuses writes"),
            "look at its log, and free space on its disk",
        ),
        (true, true) => report.ok(CHECK, format!("{at}append-only file: on")),
        (true, false) => report.warning(
            CHECK,
            format!(
                "{at}append-only file: off, so a restart forgets locks and limits (no seat is \
                sold twice by that)"
            ),
            "CONFIG SET appendonly yes, or use a managed Redis with a replica that takes over",
        ),
    }
}
