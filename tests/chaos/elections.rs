//! Watches for elections that no fault was meant to cause, or that take longer than their fault. On
//! a busy machine heartbeats come late.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use mongodb::{
    Client,
    bson::{doc, oid::ObjectId},
};
use tokio::time::{sleep, timeout};

use super::world::{World, now};
use crate::support::replica_set::direct;

/// The pause between two checks of the servers.
const INTERVAL: Duration = Duration::from_millis(50);
/// How long a frozen server is waited for.
const HELLO_TIMEOUT: Duration = Duration::from_millis(500);

/// Records the times in which a former primary may respond. Such a time begins when the servers
/// have no primary, or another one than before. Runs until it is aborted.
pub async fn watch(world: Arc<World>) {
    let ports: Vec<u16> = world.set.lock().await.members.iter().map(|member| member.port).collect();
    let servers = join_all(ports.into_iter().map(direct)).await;
    let (mut asked, mut known, mut open) = (now(), leader(&servers).await, None);
    loop {
        sleep(INTERVAL).await;
        let begun = now();
        let found = leader(&servers).await;
        match open {
            // It may have begun as soon as the round before.
            None if found.is_none() || found != known => {
                open = Some(world.failover_begins(asked));
            }
            Some(number) if found.is_some() && found == known => {
                world.failover_ends(number);
                open = None;
            }
            _ => {}
        }
        (asked, known) = (begun, found);
    }
}

/// The latest election whose winner takes writes.
async fn leader(servers: &[Client]) -> Option<ObjectId> {
    let elected = |server: Client| async move {
        let admin = server.database("admin");
        let hello =
            timeout(HELLO_TIMEOUT, admin.run_command(doc! {"hello": 1})).await.ok()?.ok()?;
        hello.get_bool("isWritablePrimary").ok().filter(|is_primary| *is_primary)?;
        hello.get_object_id("electionId").ok()
    };
    join_all(servers.iter().cloned().map(elected)).await.into_iter().flatten().max()
}
