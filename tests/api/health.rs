//! `GET /health`, and the responses of every function when MongoDB or Redis is down.

use std::time::Duration;

use serde_json::json;
use stack::Mongo;

use crate::support::{payment, poll::eventually, servers, stacks, stacks::Plan};

#[tokio::test]
async fn a_healthy_backend_reports_mongodb_and_redis_as_up() {
    let stack = stacks::usual().await;
    let reply = stack.call("GET", "/health").send().await;
    assert_eq!(*reply.expect(200), json!({"status": "ok", "mongo": "up", "redis": "up"}));
}

#[tokio::test]
async fn head_responds_as_get_does_without_a_body() {
    let stack = stacks::usual().await;
    let get = stack.call("GET", "/health").send().await;
    let head = stack.call("HEAD", "/health").send().await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    for name in ["content-type", "cache-control", "x-content-type-options"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert!(head.header("x-request-id").is_some());
    let wrong = stack.call("HEAD", "/health?surprise=1").send().await;
    assert_eq!((wrong.status, wrong.text.as_str()), (400, ""));
}

#[tokio::test]
async fn without_redis_the_backend_is_degraded() {
    let plan = Plan { functions: Some(&["health"]), own_redis: true, ..Plan::new("redisless") };
    let stack = plan.start().await;
    stack.call("GET", "/health").send().await.expect(200);
    stack.stop_redis().await;
    let degraded = || async {
        let reply = stack.call("GET", "/health").send().await;
        (*reply.expect(200) == json!({"status": "degraded", "mongo": "up", "redis": "down"}))
            .then_some(())
    };
    eventually("health sees that Redis is gone", Duration::from_secs(60), degraded).await;
}

#[tokio::test]
async fn without_mongodb_every_route_that_needs_it_says_when_to_come_back() {
    let mongo =
        servers::forever(async { Mongo::start(&servers::directory("lost-mongo"), None).await })
            .await
            .unwrap();
    let plan = Plan {
        functions: Some(stacks::WITH_HEALTH),
        mongodb_uri: Some(mongo.uri().to_owned()),
        ..Plan::new("lost")
    };
    let stack = plan.unlimited().start().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seats[0]]).await;
    user.get("/bookings").await.expect(200);
    drop(mongo);
    let down = || async {
        let reply = stack.call("GET", "/health").send().await;
        if reply.status == 200 {
            return None;
        }
        let error = reply.error(503, "SERVICE_UNAVAILABLE");
        assert_eq!(error["details"], json!({"status": "down", "mongo": "down", "redis": "up"}));
        Some(())
    };
    eventually("health sees that MongoDB is gone", Duration::from_secs(60), down).await;
    let login = json!({"email": user.email, "password": user.password});
    let (seat, paid) = ([seats[1].as_str()], payment());
    let seats = format!("/seats?entityId={}", tenant.entity);
    // At once: each waits until the driver gives up.
    let replies = tokio::join!(
        user.reserve(&seat),
        user.confirm(&hold, &paid),
        user.release(&hold),
        user.get("/bookings"),
        user.get("/reservations"),
        user.get(&seats),
        tenant.post("/auth/login", &login)
    );
    for reply in <[_; 7]>::from(replies) {
        reply.error(503, "SERVICE_UNAVAILABLE");
    }
}
