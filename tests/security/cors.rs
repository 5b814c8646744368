//! Which origins may read a response in a browser, on every route and for every kind of response.

use serde_json::json;

use super::{
    fixture::Fixture,
    request::{Request, Transport},
};
use crate::support::{
    payment,
    reply::Reply,
    routes::{self, Audience, Route},
    stacks::{ADMIN_ORIGINS, Plan},
};

const STRANGERS: &[&str] =
    &["https://evil.example.org", "null", "https://example.com", "http://localhost:3000"];

#[track_caller]
fn granted(reply: &Reply, origin: Option<&str>) {
    let varies = reply.header("vary").is_some_and(|vary| vary.to_lowercase().contains("origin"));
    assert!(varies, "{reply}");
    assert_eq!(reply.header("access-control-allow-origin"), origin, "{reply}");
    assert_eq!(
        reply.header("access-control-expose-headers").is_some(),
        origin.is_some(),
        "{reply}"
    );
    assert_eq!(reply.header("access-control-allow-credentials"), None, "{reply}");
}

fn is_admins(route: &Route) -> bool {
    route.pattern.starts_with("/admin/")
}

/// The right request, one without credentials, and a wrong one.
fn variants(fixture: &Fixture, route: &Route, origin: &str) -> Vec<Request> {
    let right = fixture.right(route);
    let bare = Request::new(route);
    [right.clone(), bare, right.spoiled()].map(|ask| ask.header("origin", origin)).into()
}

#[tokio::test]
async fn on_every_route_success_and_refusal_are_for_listed_origins_alone() {
    let fixture = Fixture::new().await;
    let send = async |ask: Request| Transport::Http.send(&fixture.stack, &ask).await;
    for route in routes::all().into_iter().filter(|route| !route.is_feed()) {
        let page = fixture.tenant.origin.as_str();
        let listed =
            if is_admins(&route) { ADMIN_ORIGINS.split(',').collect() } else { vec![page] };
        for origin in listed {
            for ask in variants(&fixture, &route, origin) {
                granted(&send(ask).await, Some(origin));
            }
        }
        let page_of_tenant = is_admins(&route).then_some(page);
        let of_admins = ADMIN_ORIGINS.split(',').filter(|_| !is_admins(&route));
        for origin in STRANGERS.iter().copied().chain(page_of_tenant).chain(of_admins) {
            for ask in variants(&fixture, &route, origin) {
                granted(&send(ask).await, None);
            }
        }
        for ask in variants(&fixture, &route, page) {
            granted(&send(ask.without("origin")).await, None);
        }
    }
}

/// The responses that need preparation, each with its status: for the tenant's page and
/// for a foreign page.
#[tokio::test]
async fn conflicts_declines_and_faults_of_ours_can_be_read_by_the_page_that_asked() {
    let fixture = Fixture::new().await;
    let (ann, seat) = (&fixture.ann, &fixture.held.seats[0]);
    let pay = |hold: &str, payment: &str| json!({"reservationToken": hold, "paymentId": payment});
    let free = fixture.tenant.seats_in("cors", &["B1", "B2"]).await;
    let (declined, ours) = (ann.hold(&[&free[0]]).await, ann.hold(&[&free[1]]).await);
    let token = |user: &crate::support::people::User| user.token.clone();
    let rows = [
        (503, "/confirm-booking", pay(&ours.token, "pay_unavailable"), token(ann)),
        (402, "/confirm-booking", pay(&declined.token, "pay_fail_1"), token(ann)),
        (409, "/confirm-booking", pay(&declined.token, &payment()), token(ann)),
        (409, "/reserve-seat", json!({"seatId": seat}), token(&fixture.bob)),
        (403, "/reserve-seat", json!({"seatId": seat}), token(&fixture.eve)),
        (
            404,
            "/release-seat",
            json!({"reservationToken": "00000000-0000-4000-8000-000000000000"}),
            token(ann),
        ),
    ];
    for (status, pattern, body, token) in rows {
        let ask = fixture.right(&routes::find("POST", pattern)).json(&body).bearer(&token);
        let reply = Transport::Http.send(&fixture.stack, &ask).await;
        assert_eq!(reply.status, status, "{reply}");
        granted(&reply, Some(&fixture.tenant.origin));
        let stranger = ask.header("origin", STRANGERS[0]);
        let reply = Transport::Http.send(&fixture.stack, &stranger).await;
        reply.error(403, "ORIGIN_NOT_ALLOWED");
        granted(&reply, None);
    }
}

#[tokio::test]
async fn a_limited_request_can_be_read_by_the_page_that_asked() {
    let plan = Plan {
        functions: Some(&["admin-login", "register-app", "signup", "login", "confirm"]),
        env: vec![
            ("RATE_LIMIT_CONFIRM", "1/86400".to_owned()),
            ("RATE_LIMIT_LOGIN", "1/86400".to_owned()),
        ],
        // Limits per address would be shared with other stacks.
        own_redis: true,
        ..Plan::new("cors-limits")
    };
    let tenant = plan.start().await.tenant().await;
    let user = tenant.user().await;
    let confirm =
        json!({"reservationToken": "00000000-0000-4000-8000-000000000000", "paymentId": "pay_1"});
    let login = json!({"email": user.email, "password": user.password});
    for (path, body) in [("/confirm-booking", confirm), ("/auth/login", login)] {
        user.post(path, &body).await;
        let reply = user.post(path, &body).await;
        reply.error(429, "RATE_LIMITED");
        granted(&reply, Some(&tenant.origin));
        assert!(reply.header("ratelimit").is_some(), "{reply}");
    }
}

/// A document that cannot be read: the page may still read the 500.
#[tokio::test]
async fn an_internal_error_can_be_read_by_the_page_that_asked() {
    use mongodb::bson::{Document, doc};
    let fixture = Fixture::new().await;
    let database = fixture.stack.database().await;
    let garble = doc! {"q": {"bookingId": &fixture.booked}, "u": {"$set": {"amount": "garbled"}}};
    let command =
        doc! {"update": "bookings", "updates": [garble], "bypassDocumentValidation": true};
    let result: Document = database.run_command(command).await.unwrap();
    assert_eq!(result.get_i32("nModified").unwrap(), 1);
    for route in ["/bookings", "/bookings/{bookingId}"].map(|path| routes::find("GET", path)) {
        let mut ask = fixture.right(&route);
        if route.pattern.contains('{') {
            ask = ask.target(format!("/bookings/{}", fixture.booked));
        }
        let reply = Transport::Http.send(&fixture.stack, &ask).await;
        reply.error(500, "INTERNAL");
        granted(&reply, Some(&fixture.tenant.origin));
    }
    database
        .collection::<Document>("bookings")
        .delete_one(doc! {"bookingId": &fixture.booked})
        .await
        .unwrap();
}

#[tokio::test]
async fn a_preflight_is_granted_on_every_route_to_the_origins_that_may_read_its_responses() {
    let fixture = Fixture::shared().await;
    let page = fixture.tenant.origin.as_str();
    for route in routes::all().into_iter().filter(|route| !route.is_feed()) {
        let ask = |origin: &str, method: &str| {
            let call = fixture.stack.call("OPTIONS", &route.path).header("origin", origin);
            call.header("access-control-request-method", method).send()
        };
        let (listed, other) = match route.audience {
            _ if is_admins(&route) => (ADMIN_ORIGINS.split(',').next().unwrap(), page),
            Audience::Public
            | Audience::App
            | Audience::User
            | Audience::Organiser
            | Audience::Admin => (page, ADMIN_ORIGINS.split(',').next().unwrap()),
        };
        for method in [route.method, "DELETE"] {
            granted(&ask(listed, method).await, Some(listed));
            for origin in
                STRANGERS.iter().copied().chain([other, fixture.gone.tenant.origin.as_str()])
            {
                let reply = ask(origin, method).await;
                assert_eq!(reply.status, 204, "{reply}");
                granted(&reply, None);
                assert_eq!(reply.header("access-control-allow-methods"), None, "{reply}");
            }
        }
    }
}
