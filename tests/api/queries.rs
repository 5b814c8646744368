//! Query parameters. A value outside its limits and an unknown parameter get a 400
//! that names the parameter.

use crate::support::{
    routes::{self, Audience},
    stacks, unique,
};

#[tokio::test]
async fn a_parameter_that_a_route_does_not_know_is_refused() {
    let stack = stacks::usual().await;
    let (admin, user) = (stack.admin().await, stack.tenant().await.user().await);
    for route in routes::all().into_iter().filter(|route| !route.is_feed()) {
        let glue = if route.path.contains('?') { '&' } else { '?' };
        let path = format!("{}{glue}surprise=1", route.path);
        let call = match route.audience {
            Audience::Admin | Audience::Organiser | Audience::Public => {
                admin.call(route.method, &path)
            }
            Audience::App | Audience::User => user.call(route.method, &path),
        };
        let reply = match &route.body {
            Some(body) => call.json(body).send().await,
            None => call.send().await,
        };
        reply.refuses("surprise");
    }
}

#[tokio::test]
async fn parameters_outside_their_limits_are_named() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let (admin, user) = (stack.admin().await, tenant.user().await);
    let limits = |max: &str| -> Vec<String> {
        ["0", "-1", max, "1.5", "x", "1e1", "99999999999999999999"].map(str::to_owned).to_vec()
    };
    let cursors = || ["x", "%00", "AAAA", "e30", "bnVsbA", "..%2F.."].map(str::to_owned).to_vec();
    let times = || {
        ["yesterday", "2026-01-01", "2026-13-01T00:00:00Z", "1767225600"]
            .map(str::to_owned)
            .to_vec()
    };
    let words = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
    let seats = format!("/seats?entityId={}&", unique("hall"));
    let rows = [
        (seats.as_str(), "limit", limits("1001")),
        (&seats, "cursor", cursors()),
        (&seats, "include", words(&["none", "ALL"])),
        ("/seats?", "entityId", words(&["", "-a", "a%20b", "a/b", "%C3%A9"])),
        ("/bookings?", "limit", limits("101")),
        ("/bookings?", "cursor", cursors()),
        ("/admin/bookings?", "limit", limits("101")),
        ("/admin/bookings?", "cursor", cursors()),
        ("/admin/bookings?", "status", words(&["confirmed", "ACTIVE"])),
        ("/admin/bookings?", "paymentStatus", words(&["success", "PAID"])),
        ("/admin/bookings?", "appId", words(&["Not%20An%20Id"])),
        ("/admin/bookings?", "userId", words(&["x"])),
        ("/admin/bookings?", "from", times()),
        ("/admin/bookings?", "to", times()),
        ("/admin/analytics?", "appId", words(&["Not%20An%20Id"])),
        ("/admin/analytics?", "from", times()),
        ("/admin/analytics?", "to", times()),
    ];
    for (path, name, values) in rows {
        for value in values {
            let path = format!("{path}{name}={value}");
            let reply = if path.starts_with("/admin/") {
                admin.get(&path).await
            } else {
                user.get(&path).await
            };
            assert_eq!(reply.status, 400, "{reply}");
            reply.refuses(name);
        }
    }
    user.get("/seats").await.refuses("entityId");
}

#[tokio::test]
async fn a_parameter_without_a_value_is_as_if_absent() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    user.book(&[&seats[0]]).await;
    let path = format!("/seats?entityId={}&include=&limit=&cursor=", tenant.entity);
    assert_eq!(user.get(&path).await.expect(200)["seats"].as_array().unwrap().len(), 1);
    user.get("/bookings?limit&cursor=").await.expect(200);
    let admin = stack.admin().await;
    let path = format!(
        "/admin/bookings?appId={}&userId=&status=&paymentStatus=&from=&to=&limit=&cursor=",
        tenant.app_id
    );
    assert_eq!(admin.get(&path).await.expect(200)["bookings"].as_array().unwrap().len(), 1);
    admin.get("/admin/analytics?appId=&from=&to=").await.expect(200);
    user.get("/bookings?surprise=").await.refuses("surprise");
    user.get("/bookings?limit=&limit=5").await.refuses("limit");
}

#[tokio::test]
async fn a_parameter_given_twice_is_refused() {
    let stack = stacks::usual().await;
    let user = stack.tenant().await.user().await;
    user.get("/seats?entityId=a&entityId=b").await.error(400, "VALIDATION_ERROR");
    user.get("/bookings?limit=1&limit=2").await.error(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused_or_shows_only_what_is_the_callers() {
    let stack = stacks::usual().await;
    let (one, two) = (stack.tenant().await, stack.tenant().await);
    let seats = one.seats_in("hall", &["A1", "A2"]).await;
    two.seats_in("hall", &["B1", "B2"]).await;
    let (ann, eve) = (one.user().await, two.user().await);
    let reply = ann.get("/seats?entityId=hall&limit=1").await;
    let cursor = reply.expect(200)["nextCursor"].as_str().unwrap().to_owned();
    let reply = eve.get(&format!("/seats?entityId=hall&cursor={cursor}")).await;
    assert!(matches!(reply.status, 200 | 400), "{reply}");
    assert!(seats.iter().all(|seat| !reply.text.contains(seat.as_str())), "{reply}");
    eve.get(&format!("/bookings?cursor={cursor}")).await.refuses("cursor");
    for seat in &seats {
        ann.book(&[seat]).await;
    }
    let reply = ann.get("/bookings?limit=1").await;
    let cursor = reply.expect(200)["nextCursor"].as_str().unwrap().to_owned();
    let reply = eve.get(&format!("/bookings?cursor={cursor}")).await;
    assert_eq!(reply.expect(200)["bookings"], serde_json::json!([]));
}
