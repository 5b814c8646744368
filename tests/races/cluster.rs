//! The gate on a Redis Cluster. A tenant's locks are in one slot, so one script locks a
//! whole basket there too.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::support::{
    invariants, payment,
    redis_cluster::RedisCluster,
    servers,
    stacks::{BOOKING, Plan, Stack},
};

async fn clustered() -> (Arc<RedisCluster>, Arc<Stack>) {
    static BOTH: OnceCell<(Arc<RedisCluster>, Arc<Stack>)> = OnceCell::const_new();
    let start = || async {
        let cluster = Arc::new(servers::forever(RedisCluster::start()).await);
        let plan = Plan {
            functions: Some(BOOKING),
            env: vec![("REDIS_URL", cluster.url())],
            ..Plan::new("clustered")
        };
        (cluster, plan.unlimited().start().await)
    };
    BOTH.get_or_init(start).await.clone()
}

#[tokio::test]
async fn a_basket_is_held_sold_and_unlocked_on_a_redis_cluster() {
    let (cluster, stack) = clustered().await;
    let tenant = stack.tenant().await;
    let locks = format!("seat:lock:{{{}}}:*", tenant.app_id);
    let seats = tenant.seats(&["A1", "A2", "A3"]).await;
    let basket: Vec<&str> = seats.iter().map(String::as_str).collect();
    let (ann, bob) = (tenant.user().await, tenant.user().await);

    let hold = ann.hold(&basket).await;
    let mut counts = cluster.keys(&locks).await;
    counts.sort_unstable();
    assert_eq!(counts, [0, 0, 3], "all locks of a tenant are on one node");
    assert_eq!(bob.free_seats().await, Vec::<String>::new());
    bob.reserve(&basket[1..2]).await.error(409, "SEAT_ALREADY_LOCKED");

    ann.confirm(&hold, &payment()).await.expect(201);
    assert_eq!(cluster.keys(&locks).await, [0, 0, 0], "a sale leaves no lock");
    bob.reserve(&basket[1..2]).await.error(409, "SEAT_ALREADY_BOOKED");
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn locks_of_many_tenants_spread_over_a_redis_cluster() {
    let (cluster, stack) = clustered().await;
    for _ in 0..12 {
        let tenant = stack.tenant().await;
        let seat = tenant.seat().await;
        let user = tenant.user().await;
        let hold = user.hold(&[&seat]).await;
        user.release(&hold).await.expect(200);
        user.hold(&[&seat]).await;
    }
    let used = cluster.keys("seat:lock:*").await.into_iter().filter(|count| *count > 0).count();
    assert!(used >= 2, "twelve tenants' locks are on {used} node");
}
