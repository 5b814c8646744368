//! The CORS headers of every kind of response. And `preflight`, which responds to OPTIONS
//! and to unknown routes.

use serde_json::json;

use shared::http::routes as table;

use crate::support::{
    WAIT_TIMEOUT, poll::eventually, reply::Reply, reply::strings, routes, stacks, unique,
};

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
const HEADERS: &str = "authorization, content-type, x-app-id, x-api-key, idempotency-key, \
                       if-match, traceparent, tracestate, baggage, sentry-trace";
const EXPOSED: &str =
    "etag, x-request-id, retry-after, ratelimit, ratelimit-policy, idempotency-replayed";

/// A comma-separated header as a sorted list: its order and spaces mean nothing.
fn list(text: Option<&str>) -> Vec<String> {
    let mut items: Vec<String> =
        text.unwrap_or_default().split(',').map(|i| i.trim().to_lowercase()).collect();
    items.sort();
    items
}

#[track_caller]
fn varies(reply: &Reply) {
    assert!(list(reply.header("vary")).contains(&"origin".to_owned()), "{reply}");
}

#[track_caller]
fn grants(reply: &Reply, origin: &str) {
    assert_eq!(reply.header("access-control-allow-origin"), Some(origin), "{reply}");
    assert_eq!(reply.header("access-control-allow-credentials"), None, "{reply}");
    assert_eq!(list(reply.header("access-control-expose-headers")), list(Some(EXPOSED)), "{reply}");
    varies(reply);
}

#[track_caller]
fn grants_preflight(reply: &Reply, origin: &str) {
    assert_eq!((reply.status, reply.text.as_str()), (204, ""), "{reply}");
    assert_eq!(reply.header("access-control-allow-origin"), Some(origin), "{reply}");
    assert_eq!(list(reply.header("access-control-allow-methods")), list(Some(METHODS)), "{reply}");
    assert_eq!(list(reply.header("access-control-allow-headers")), list(Some(HEADERS)), "{reply}");
    assert_eq!(reply.header("access-control-max-age"), Some("600"), "{reply}");
    reply.check_common_headers();
    varies(reply);
}

#[track_caller]
fn grants_nothing(reply: &Reply) {
    assert_eq!(reply.header("access-control-allow-origin"), None, "{reply}");
    assert_eq!(reply.header("access-control-allow-methods"), None, "{reply}");
}

async fn preflight(stack: &stacks::Stack, path: &str, origin: &str) -> Reply {
    let call = stack.call("OPTIONS", path).header("origin", origin);
    let call = call.header("access-control-request-method", "POST");
    call.header("access-control-request-headers", "authorization,content-type,x-app-id")
        .send()
        .await
}

#[tokio::test]
async fn an_apps_origin_is_granted_on_success_and_on_every_error() {
    let tenant = stacks::usual().await.tenant().await;
    let user = tenant.user().await;
    let origin = &tenant.origin;
    let post = |path| user.call("POST", path);
    let replies = [
        user.get("/bookings").await,
        user.reserve(&["0123456789abcdef01234567"]).await,
        post("/reserve-seat").raw("{").send().await,
        post("/reserve-seat").json(&json!({})).send().await,
        post("/reserve-seat").header("content-type", "text/plain").raw("{}").send().await,
        post("/reserve-seat").raw(" ".repeat(65_537)).send().await,
        user.get("/bookings?surprise=1").await,
        user.call("GET", "/bookings").bearer("garbage").send().await,
        user.call("GET", "/bookings").without("x-api-key").send().await,
        user.call("GET", "/bookings").header("x-api-key", "ubk_wrong").send().await,
        user.get("/no/such/route").await,
        user.call("DELETE", "/bookings").send().await,
        user.get("/health").await,
    ];
    let statuses: Vec<u16> = replies.iter().map(|r| r.status).collect();
    assert_eq!(statuses, [200, 404, 400, 400, 415, 413, 400, 401, 401, 401, 404, 405, 200]);
    for reply in &replies {
        grants(reply, origin);
    }
}

#[tokio::test]
async fn an_origin_of_another_app_may_read_why_it_was_refused() {
    let stack = stacks::usual().await;
    let (one, two) = (stack.tenant().await, stack.tenant().await);
    let body = json!({"email": "nobody@example.com", "password": "not the password"});
    let reply =
        one.call("POST", "/auth/login").header("origin", &two.origin).json(&body).send().await;
    reply.error(403, "ORIGIN_NOT_ALLOWED");
    grants(&reply, &two.origin);
}

#[tokio::test]
async fn an_origin_that_no_app_lists_is_granted_nothing() {
    let tenant = stacks::usual().await.tenant().await;
    let body = json!({"email": "nobody@example.com", "password": "not the password"});
    let origins = [
        "https://evil.example.org".to_owned(),
        "null".to_owned(),
        format!("{}.evil.org", tenant.origin),
        format!("{}:8443", tenant.origin),
        tenant.origin.replace("https", "http"),
    ];
    for origin in origins {
        let reply =
            tenant.call("POST", "/auth/login").header("origin", &origin).json(&body).send().await;
        reply.error(403, "ORIGIN_NOT_ALLOWED");
        grants_nothing(&reply);
        let reply = preflight(&tenant.stack, "/auth/login", &origin).await;
        assert_eq!(reply.status, 204, "{reply}");
        grants_nothing(&reply);
        varies(&reply);
    }
}

#[tokio::test]
async fn a_preflight_grants_an_apps_origin_on_every_route() {
    let tenant = stacks::usual().await.tenant().await;
    use routes::Audience::{App, Public, User};
    for route in routes::callable_by(&[App, User, Public]) {
        if !route.path.starts_with("/admin/") && !route.is_feed() {
            grants_preflight(
                &preflight(&tenant.stack, &route.path, &tenant.origin).await,
                &tenant.origin,
            );
        }
    }
}

#[tokio::test]
async fn on_admin_routes_only_the_admins_origins_are_granted_and_nobody_is_refused() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let admin = stack.admin().await;
    for origin in stacks::ADMIN_ORIGINS.split(',') {
        for route in routes::all().iter().filter(|r| r.path.starts_with("/admin/")) {
            grants_preflight(&preflight(&stack, &route.path, origin).await, origin);
        }
        let reply = admin.call("GET", "/admin/apps").header("origin", origin).send().await;
        reply.expect(200);
        grants(&reply, origin);
        let reply = stack.call("GET", "/admin/apps").header("origin", origin).send().await;
        reply.error(401, "UNAUTHENTICATED");
        grants(&reply, origin);
        grants_nothing(&preflight(&stack, "/seats", origin).await);
    }
    for origin in [tenant.origin.as_str(), "https://evil.example.org"] {
        let reply = admin.call("GET", "/admin/apps").header("origin", origin).send().await;
        reply.expect(200);
        grants_nothing(&reply);
        grants_nothing(&preflight(&stack, "/admin/apps", origin).await);
    }
}

#[tokio::test]
async fn a_wildcard_stands_for_exactly_one_label() {
    let stack = stacks::usual().await;
    let admin = stack.admin().await;
    let domain = format!("{}.com", unique("event"));
    let app_id = unique("app");
    let body = json!({
        "appId": app_id, "name": "W", "domain": "EVENT",
        "allowedDomains": [format!("https://*.{domain}")],
    });
    let reply = admin.post("/admin/apps", &body).await;
    let data = reply.expect(201);
    assert_eq!(strings(&data["allowedDomains"]), [format!("https://*.{domain}")]);
    let key = data["apiKey"].as_str().unwrap().to_owned();
    let login = json!({"email": "nobody@example.com", "password": "not the password"});
    let cases = [
        (format!("https://a.{domain}"), true),
        (format!("https://b-2.{domain}"), true),
        (format!("https://{domain}"), false),
        (format!("https://a.b.{domain}"), false),
        (format!("https://.{domain}"), false),
        (format!("http://a.{domain}"), false),
        (format!("https://a.{domain}:8443"), false),
        (format!("https://a{domain}"), false),
        (format!("https://a.{domain}.evil.org"), false),
    ];
    for (origin, allowed) in cases {
        let call =
            stack.call("POST", "/auth/login").header("x-app-id", &app_id).header("x-api-key", &key);
        let reply = call.header("origin", &origin).json(&login).send().await;
        let asked = preflight(&stack, "/auth/login", &origin).await;
        if allowed {
            reply.error(401, "INVALID_CREDENTIALS");
            grants(&reply, &origin);
            grants_preflight(&asked, &origin);
        } else {
            reply.error(403, "ORIGIN_NOT_ALLOWED");
            grants_nothing(&reply);
            grants_nothing(&asked);
        }
    }
}

#[tokio::test]
async fn an_inactive_apps_origin_is_granted_nothing() {
    let tenant = stacks::usual().await.tenant().await;
    grants_preflight(&preflight(&tenant.stack, "/seats", &tenant.origin).await, &tenant.origin);
    let path = format!("/admin/apps/{}", tenant.app_id);
    tenant.stack.admin().await.patch(&path, &json!({"isActive": false})).await.expect(200);
    // At once if Redis tells the processes. A busy machine may be too slow for that, and then they
    // know within five seconds.
    eventually("the app is inactive everywhere", WAIT_TIMEOUT, || async {
        let asked = preflight(&tenant.stack, "/seats", &tenant.origin).await;
        asked.header("access-control-allow-origin").is_none().then_some(())
    })
    .await;
    let reply = tenant.call("GET", "/bookings").send().await;
    reply.error(403, "APP_INACTIVE");
    grants_nothing(&reply);
}

/// A browser sends no `Origin` with a GET or HEAD to the page's own origin.
#[tokio::test]
async fn a_page_on_the_apis_own_origin_needs_no_origin_header() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    let get = |path: &str| {
        user.call("GET", path).without("origin").header("sec-fetch-site", "same-origin")
    };
    get("/bookings").send().await.error(403, "ORIGIN_NOT_ALLOWED");
    let path = format!("/admin/apps/{}", tenant.app_id);
    let own = json!({"allowedDomains": [tenant.origin, stack.base]});
    stack.admin().await.patch(&path, &own).await.expect(200);
    get("/bookings").send().await.expect(200);
    for site in ["same-site", "cross-site", "none", "Same-Origin", ""] {
        let call = get("/bookings").header("sec-fetch-site", site);
        call.send().await.error(403, "ORIGIN_NOT_ALLOWED");
    }
    // Another host, and an Origin that says something else.
    let call = get("/bookings").header("host", "evil.example.org");
    call.send().await.error(403, "ORIGIN_NOT_ALLOWED");
    let call = get("/bookings").header("origin", "https://evil.example.org");
    call.send().await.error(403, "ORIGIN_NOT_ALLOWED");
    // A browser sends an Origin with every other method.
    let post = user.call("POST", "/reserve-seat").without("origin");
    let post = post.header("sec-fetch-site", "same-origin").json(&json!({"seatId": "x"}));
    post.send().await.error(403, "ORIGIN_NOT_ALLOWED");
}

#[tokio::test]
async fn the_origin_of_an_app_shell_is_granted() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    let shell = format!("{}://localhost", unique("shell"));
    let path = format!("/admin/apps/{}", tenant.app_id);
    let own = json!({"allowedDomains": [shell, "https://*.кино.рф", "http://192.168.1.20:5173"]});
    stack.admin().await.patch(&path, &own).await.expect(200);
    for origin in [&shell, "https://a.xn--h1adke.xn--p1ai", "http://192.168.1.20:5173"] {
        let reply = user.call("GET", "/bookings").header("origin", origin).send().await;
        reply.expect(200);
        grants(&reply, origin);
        grants_preflight(&preflight(&stack, "/bookings", origin).await, origin);
    }
    for origin in [format!("{shell}:80"), shell.to_uppercase(), "capacitor://localhost".to_owned()]
    {
        let reply = user.call("GET", "/bookings").header("origin", &origin).send().await;
        reply.error(403, "ORIGIN_NOT_ALLOWED");
        grants_nothing(&reply);
    }
}

#[tokio::test]
async fn a_request_of_no_browser_is_granted_nothing() {
    let stack = stacks::usual().await;
    let reply = stack.call("GET", "/health").send().await;
    reply.expect(200);
    grants_nothing(&reply);
    for path in ["/seats", "/", "/no/such/route"] {
        let reply = stack.call("OPTIONS", path).send().await;
        assert_eq!(reply.status, 204, "{reply}");
        grants_nothing(&reply);
    }
}

#[tokio::test]
async fn what_is_no_route_is_not_found() {
    let stack = stacks::usual().await;
    let paths = [
        "/",
        "/nothing",
        "/admin",
        "/admin/nothing",
        "/bookings/a/b",
        "/admin/apps/a/b",
        "/seats/1",
        "/seats/",
        "/Seats",
        "//seats",
        "/seats/seats",
        "/admin/nothing/seats",
    ];
    for path in paths {
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            stack.call(method, path).send().await.error(404, "ROUTE_NOT_FOUND");
        }
    }
    // The gateway would know this route if anything stood before it.
    stack.call("GET", "/nothing/seats").send().await.error(404, "ROUTE_NOT_FOUND");
}

#[tokio::test]
async fn a_method_that_a_route_does_not_have_is_refused_with_those_it_has() {
    let stack = stacks::usual().await;
    for route in routes::all() {
        let bare = route.path.split('?').next().unwrap();
        let mut has: Vec<String> =
            table::methods(bare).into_iter().map(str::to_lowercase).collect();
        has.push("options".to_owned());
        has.sort();
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if !has.contains(&method.to_lowercase()) {
                let reply = stack.call(method, bare).send().await;
                reply.error(405, "METHOD_NOT_ALLOWED");
                assert_eq!(list(reply.header("allow")), has, "{reply}");
            }
        }
    }
}
