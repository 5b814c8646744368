//! The checks of a body before its fields: JSON, size and content type. Every route
//! has the same rules.

use crate::support::{
    call::Call,
    people::{Admin, User},
    routes::{self, Audience, Route},
    stacks,
};

struct Callers {
    admin: Admin,
    user: User,
}

impl Callers {
    async fn new() -> Self {
        let stack = stacks::usual().await;
        Self { admin: stack.admin().await, user: stack.tenant().await.user().await }
    }

    fn ask(&self, route: &Route) -> Call {
        match route.audience {
            Audience::Admin | Audience::Organiser | Audience::Public => {
                self.admin.call(route.method, &route.path)
            }
            Audience::App | Audience::User => self.user.call(route.method, &route.path),
        }
    }
}

fn with_body() -> impl Iterator<Item = Route> {
    routes::all().into_iter().filter(|route| route.body.is_some())
}

#[tokio::test]
async fn what_is_not_one_json_object_is_refused() {
    let callers = Callers::new().await;
    for route in with_body() {
        let whole = route.body.as_ref().unwrap().to_string();
        let first = whole[1..].split(':').next().unwrap();
        let refused = [
            "{".to_owned(),
            "not json".to_owned(),
            "[]".to_owned(),
            "null".to_owned(),
            "1".to_owned(),
            "\"text\"".to_owned(),
            format!("[{whole}]"),
            format!("{whole} x"),
            format!("{whole}{whole}"),
            format!("{{{first}:1,{}", &whole[1..]),
            format!("{{\"\\ud800\":1,{}", &whole[1..]),
            format!("{{\"surprise\":\"\\ud800\",{}", &whole[1..]),
            format!("{{\"surprise\":\"\\udc00\\ud800\",{}", &whole[1..]),
            format!("{{\"surprise\":{{\"a\":1,\"a\":2}},{}", &whole[1..]),
            format!("{{\"surprise\":[{{\"a\":1,\"\\u0061\":2}}],{}", &whole[1..]),
            "{'single': 1}".to_owned(),
        ];
        for body in refused {
            let reply = callers.ask(&route).raw(body.clone()).send().await;
            assert_eq!(reply.status, 400, "{body}: {reply}");
            reply.error(400, "INVALID_JSON");
        }
        let not_utf_8 = [b"{\"surprise\":\"\xff\",", &whole.as_bytes()[1..]].concat();
        callers.ask(&route).raw(not_utf_8).send().await.error(400, "INVALID_JSON");
        let deep = format!("{}1{}", "{\"a\":".repeat(2_000), "}".repeat(2_000));
        let reply = callers.ask(&route).raw(deep).send().await;
        assert_eq!(reply.status, 400, "two thousand levels: {reply}");
    }
}

#[tokio::test]
async fn a_body_may_begin_with_a_byte_order_mark() {
    let callers = Callers::new().await;
    for route in with_body() {
        let whole = route.body.as_ref().unwrap().to_string();
        let with_mark = callers.ask(&route).raw(format!("\u{feff}{whole}")).send().await;
        assert_ne!(with_mark.code(), "INVALID_JSON", "{with_mark}");
        let twice = callers.ask(&route).raw(format!("\u{feff}\u{feff}{whole}")).send().await;
        twice.error(400, "INVALID_JSON");
    }
}

#[tokio::test]
async fn a_missing_body_is_empty_only_where_every_field_is_optional() {
    let callers = Callers::new().await;
    for route in with_body() {
        let reply = callers.ask(&route).send().await;
        match (route.method, route.pattern) {
            ("PATCH", pattern) if !pattern.ends_with("/seats") => {
                reply.error(400, "VALIDATION_ERROR");
            }
            (
                _,
                "/admin/apps/{appId}/rotate-key"
                | "/admin/apps/{appId}/webhooks/{webhookId}/rotate-secret",
            ) => {
                reply.error(404, "APP_NOT_FOUND");
            }
            (_, "/admin/refunds/{refundId}/retry") => {
                reply.error(404, "REFUND_NOT_FOUND");
            }
            _ => {
                reply.error(400, "INVALID_JSON");
            }
        }
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let callers = Callers::new().await;
    for route in with_body() {
        let body = route.body.as_ref().unwrap().to_string();
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/xml",
            "multipart/form-data",
            "json",
        ] {
            let reply =
                callers.ask(&route).header("content-type", kind).raw(body.clone()).send().await;
            reply.error(415, "UNSUPPORTED_MEDIA_TYPE");
        }
        for kind in ["application/json; charset=utf-8", "APPLICATION/JSON"] {
            let reply =
                callers.ask(&route).header("content-type", kind).raw(body.clone()).send().await;
            assert_ne!(reply.status, 415, "{kind}: {reply}");
        }
    }
}

#[tokio::test]
async fn a_body_over_the_limit_of_its_route_is_refused() {
    let callers = Callers::new().await;
    for route in with_body() {
        let body = route.body.as_ref().unwrap().to_string();
        let limit = route.body_limit();
        let padded = |size: usize| format!("{body}{}", " ".repeat(size - body.len()));
        let reply = callers.ask(&route).raw(padded(limit + 1)).send().await;
        reply.error(413, "PAYLOAD_TOO_LARGE");
        let reply = callers.ask(&route).raw(padded(limit)).send().await;
        assert_ne!(reply.status, 413, "{limit} bytes: {}", reply.code());
    }
}
