//! The calls of admins and organisers.

use serde_json::{Value, json};

use super::Scene;
use crate::support::{one_row_plan, people::Hold, unique};

/// Tenants: the admin's four calls, and a browser's preflights.
pub(super) async fn tenants(scene: &Scene) {
    let Scene { stack, admin, .. } = scene;
    let app = stack.tenant().await;
    let path = format!("/admin/apps/{}", app.app_id);
    let taken =
        json!({"appId": app.app_id, "name": "A", "domain": "BUS", "allowedDomains": [app.origin]});
    admin.post("/admin/apps", &taken).await.error(409, "APP_ALREADY_EXISTS");
    admin.get("/admin/apps").await.expect(200);
    let simulated = json!({"provider": "simulated"});
    admin.call("PUT", &format!("{path}/payments")).json(&simulated).send().await.expect(200);
    let preflight = |origin: &str| {
        let call = stack.call("OPTIONS", "/seats").header("origin", origin);
        call.header("access-control-request-method", "GET").send()
    };
    for origin in [app.origin.as_str(), "https://nobody.example.net"] {
        assert_eq!(preflight(origin).await.status, 204);
    }
    for (change, status) in [
        (json!({"name": "B"}), 200),
        (json!({"allowServerRequests": false}), 200),
        (json!({"allowedDomains": []}), 400),
        (json!({"allowServerRequests": true}), 200),
        (json!({"allowedDomains": []}), 200),
        (json!({"allowServerRequests": false}), 400),
        (json!({"isActive": false}), 200),
    ] {
        assert_eq!(admin.patch(&path, &change).await.status, status, "{change}");
    }
    assert_eq!(preflight(&app.origin).await.status, 204);
    admin.post(&format!("{path}/rotate-key"), &json!({})).await.expect(200);
    admin.post(&format!("{path}/rotate-key"), &json!({"overlapSeconds": 60})).await.expect(200);
    secret_keys(scene, &path).await;
    for unknown in ["/admin/apps/nobody", "/admin/apps/nobody-either"] {
        admin.patch(unknown, &json!({"name": "B"})).await.error(404, "APP_NOT_FOUND");
        admin.post(&format!("{unknown}/rotate-key"), &json!({})).await.error(404, "APP_NOT_FOUND");
    }
}

/// Secret keys of the app at `path`: one is used and deleted, and one more than the app may have.
async fn secret_keys(scene: &Scene, path: &str) {
    let (admin, path) = (&scene.admin, format!("{path}/secret-keys"));
    let named = json!({"name": "K"});
    let reply = admin.post(&path, &named).await;
    let key = reply.expect(201);
    let server = scene.stack.call("GET", "/admin/analytics");
    server.bearer(key["secretKey"].as_str().expect("a key")).send().await.expect(200);
    let one = format!("{path}/{}", key["keyId"].as_str().expect("an id"));
    admin.delete(&one).await.expect(200);
    admin.delete(&one).await.error(404, "SECRET_KEY_NOT_FOUND");
    for _ in 0..10 {
        admin.post(&path, &named).await.expect(201);
    }
    admin.post(&path, &named).await.error(409, "LIMIT_REACHED");
    admin.get(&path).await.expect(200);
}

/// Entities: new, changed, listed, held within a limit, and deleted.
pub(super) async fn entities(scene: &Scene) {
    let Scene { admin, tenants: [tenant, _], ann, .. } = scene;
    let path = |entity: &str| format!("/admin/apps/{}/entities/{entity}", tenant.app_id);
    let put = |entity: &str, body: Value| admin.call("PUT", &path(entity)).json(&body).send();
    let settings =
        |currency: &str| json!({"title": "T", "currency": currency, "maxSeatsPerUser": 1});
    put("new", settings("INR")).await.expect(201);
    put("other", settings("INR")).await.expect(201);
    put("other", settings("EUR")).await.expect(200);
    let change = json!({"state": "PAUSED"});
    admin.patch(&path("other"), &change).await.expect(200);
    admin.patch(&path("unknown"), &change).await.error(404, "ENTITY_NOT_FOUND");
    let seats = tenant.seats_in("new", &["E1", "E2"]).await;
    let hold = ann.hold(&[&seats[0]]).await;
    ann.reserve(&[&seats[1]]).await.error(409, "SEAT_LIMIT_REACHED");
    let list = format!("/admin/apps/{}/entities?limit=1", tenant.app_id);
    for list in [list.as_str(), "/entities?limit=1"] {
        for filter in ["", "&from=2026-01-01T00:00:00Z", "&to=9999-12-31T23:59:59Z"] {
            let first = format!("{list}{filter}");
            let page = |path: String| async move {
                if path.starts_with("/admin") {
                    admin.get(&path).await
                } else {
                    tenant.call("GET", &path).send().await
                }
            };
            let reply = page(first.clone()).await;
            if let Some(next) = reply.expect(200)["nextCursor"].as_str() {
                page(format!("{first}&cursor={next}")).await.expect(200);
            }
        }
    }
    admin.get(&format!("{list}&state=PAUSED")).await.expect(200);
    tenant.call("GET", "/entities/new").send().await.expect(200);
    let best = json!({"bestAvailable": {"entityId": "new", "quantity": 1}});
    let call = ann.call("POST", "/reserve-seat").header("idempotency-key", unique("key"));
    call.json(&best).send().await.error(409, "SEAT_LIMIT_REACHED");
    ann.release(&hold).await.expect(200);
    admin.delete(&path("new")).await.error(409, "ENTITY_IN_USE");
    admin.delete(&path("other")).await.expect(200);
}

/// Reads and lists two layouts. One of them has two versions.
pub(super) async fn layouts(scene: &Scene) {
    let Scene { admin, tenants: [tenant, _], .. } = scene;
    let list = format!("/admin/apps/{}/layouts", tenant.app_id);
    let plan = one_row_plan(4);
    for (id, status) in [("hall", 201), ("hall", 200), ("barn", 201)] {
        admin.call("PUT", &format!("{list}/{id}")).json(&plan).send().await.expect(status);
    }
    admin.get(&format!("{list}/hall")).await.expect(200);
    admin.get(&format!("{list}/hall?version=1")).await.expect(200);
    admin.get(&list).await.expect(200);
    let page = admin.get(&format!("{list}?limit=1")).await;
    let cursor = page.expect(200)["nextCursor"].as_str().expect("a cursor").to_owned();
    admin.get(&format!("{list}?limit=1&cursor={cursor}")).await.expect(200);
}

/// Seats of a layout: made, made already, and refused. One of them is listed, and one is chosen.
pub(super) async fn layout_seats(scene: &Scene) {
    let Scene { admin, tenants: [tenant, _], ann, .. } = scene;
    let path = format!("/admin/apps/{}/entities/hall-1", tenant.app_id);
    let settings = json!({"title": "T", "currency": "INR"});
    admin.call("PUT", &path).json(&settings).send().await.expect(201);
    let path = format!("{path}/seats");
    let body = |layout: &str| json!({"layoutId": layout, "prices": {"gold": 1}});
    admin.post(&path, &body("hall")).await.expect(201);
    admin.post(&path, &body("hall")).await.expect(200);
    admin.post(&path, &body("barn")).await.error(409, "SEAT_ALREADY_EXISTS");
    ann.get("/seats?entityId=hall-1").await.expect(200);
    let best = json!({"bestAvailable": {"entityId": "hall-1", "quantity": 2}});
    let hold = ann.post("/reserve-seat", &best).await;
    ann.release(&Hold::of(&hold)).await.expect(200);
}

/// Seats: new ones, existing ones, another currency; and the same with an idempotency key, twice.
pub(super) async fn creations(scene: &Scene) {
    let Scene { admin, tenants: [tenant, _], .. } = scene;
    let seats = |entity: &str, currency: &str, number: &str| {
        let seats = [json!({"seatNumber": number, "price": 100})];
        json!({"appId": tenant.app_id, "entityId": entity, "currency": currency, "seats": seats})
    };
    admin.post("/admin/seats", &seats("new", "INR", "A1")).await.expect(201);
    admin.post("/admin/seats", &seats("new", "INR", "A1")).await.error(409, "SEAT_ALREADY_EXISTS");
    admin.post("/admin/seats", &seats("new", "USD", "A2")).await.refuses("currency");
    admin.post("/admin/seats", &seats("new", "DEM", "A2")).await.refuses("currency");
    let keyed = |body: &Value| admin.call("POST", "/admin/seats").key("seats").json(body).send();
    keyed(&seats("new", "INR", "A3")).await.expect(201);
    assert!(keyed(&seats("new", "INR", "A3")).await.replayed());
    keyed(&seats("new", "INR", "A4")).await.error(422, "IDEMPOTENCY_KEY_REUSED");
    let path = format!("/admin/apps/{}/entities/new/seats/remove", tenant.app_id);
    admin.post(&path, &json!({"where": {"seatNumbers": ["A3"]}})).await.expect(200);
    admin.post("/admin/seats", &seats("new", "INR", "A3")).await.expect(201);
}

/// What an organiser looks for in the list of bookings: a booking, a payment, an entity, a seat.
async fn looked_up(scene: &Scene) {
    let Scene { admin, tenants: [tenant, _], .. } = scene;
    let newest = admin.get(&format!("/admin/bookings?limit=1&appId={}", tenant.app_id)).await;
    let newest = newest.expect(200)["bookings"][0].clone();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let seat = text(&newest["seats"][0]["seatNumber"]);
    let entity = text(&newest["entityId"]);
    for app in [String::new(), format!("&appId={}", tenant.app_id)] {
        for filter in [
            format!("bookingId={}", text(&newest["bookingId"])),
            format!("paymentId={}", text(&newest["paymentId"])),
            format!("entityId={entity}"),
            format!("seatNumber={seat}"),
            format!("entityId={entity}&seatNumber={seat}"),
        ] {
            let path = format!("/admin/bookings?limit=1&{filter}{app}");
            let first = admin.get(&path).await;
            let data = first.expect(200);
            assert_eq!(data["bookings"][0]["bookingId"], newest["bookingId"], "{first}");
            if let Some(cursor) = data["nextCursor"].as_str() {
                admin.get(&format!("{path}&cursor={cursor}")).await.expect(200);
            }
        }
    }
}

/// The admin's list with every combination of filters, and analytics.
pub(super) async fn books(scene: &Scene) {
    let Scene { admin, ann, tenants: [tenant, _], .. } = scene;
    let period = "&from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z";
    let of = |name: &str, values: &[&str]| -> Vec<String> {
        let given = values.iter().map(|value| format!("&{name}={value}"));
        std::iter::once(String::new()).chain(given).collect()
    };
    let (apps, users) = (of("appId", &[&tenant.app_id]), of("userId", &[&ann.user_id]));
    let statuses = of("status", &["CONFIRMED", "FAILED", "REFUND_DUE", "CANCELLED"]);
    let payments = of("paymentStatus", &["SUCCESS", "FAILED", "PENDING"]);
    for (app, user) in apps.iter().flat_map(|app| users.iter().map(move |user| (app, user))) {
        for (status, payment) in
            statuses.iter().flat_map(|one| payments.iter().map(move |other| (one, other)))
        {
            // Enough bookings to reach the old data, with other users' bookings in between. And few
            // per page, so that there is always a next page.
            for (limit, period) in [(20, ""), (20, period), (2, "")] {
                let path =
                    format!("/admin/bookings?limit={limit}{app}{user}{status}{payment}{period}");
                let first = admin.get(&path).await;
                if let Some(cursor) = first.expect(200)["nextCursor"].as_str() {
                    admin.get(&format!("{path}&cursor={cursor}")).await.expect(200);
                }
            }
        }
    }
    looked_up(scene).await;
    for (app, status) in apps.iter().flat_map(|app| {
        of("status", &["FAILED", "PENDING", "SUCCEEDED"]).into_iter().map(move |one| (app, one))
    }) {
        let path = format!("/admin/refunds?limit=2{app}{status}");
        let first = admin.get(&path).await;
        if let Some(cursor) = first.expect(200)["nextCursor"].as_str() {
            admin.get(&format!("{path}&cursor={cursor}")).await.expect(200);
        }
    }
    let booking = admin.get("/admin/bookings?limit=1").await;
    let booking = booking.expect(200)["bookings"][0]["bookingId"].as_str().unwrap().to_owned();
    admin.get(&format!("/admin/refunds?bookingId={booking}")).await.expect(200);
    admin.get(&format!("/admin/bookings/{booking}")).await.expect(200);
    admin.get("/admin/bookings/BK-20260101-AAAAAAAAAA").await.error(404, "BOOKING_NOT_FOUND");
    let retry = "/admin/refunds/RF-000000000000000000000000/retry";
    admin.call("POST", retry).send().await.error(404, "REFUND_NOT_FOUND");
    for query in ["?", &format!("?appId={}", tenant.app_id)] {
        for period in ["", "&from=2020-01-01T00:00:00Z", period] {
            let path = format!("/admin/analytics{query}{period}").replace("?&", "?");
            admin.get(path.trim_end_matches('?')).await.expect(200);
        }
    }
}
