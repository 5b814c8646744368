//! `GET /admin/analytics`: what is counted, for which apps and in which period.

use serde_json::{Value, json};

use crate::support::{expiry::end_hold, payment, reply::keys, stacks, unique};

const NUMBERS: &[&str] =
    &["reservations", "bookings", "revenue", "failedPayments", "refundsDue", "conversion"];

#[track_caller]
fn numbers(entry: &Value, names: &[&str]) {
    keys(entry, &[names, NUMBERS].concat(), &[], "analytics");
    keys(&entry["reservations"], &["active", "confirmed", "released", "expired"], &[], "analytics");
    for revenue in entry["revenue"].as_array().unwrap() {
        keys(revenue, &["currency", "amount"], &[], "analytics");
        assert!(revenue["amount"].is_i64(), "{revenue}");
    }
    assert!(entry["conversion"].is_number(), "{entry}");
}

#[tokio::test]
async fn one_of_each_kind_is_counted_once() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant_of("BUS").await;
    let seats = tenant.seats(&["A1", "A2"]).await;
    let dollars = json!({"appId": tenant.app_id, "entityId": "abroad", "currency": "USD",
        "seats": [{"seatNumber": "A1", "price": 700}]});
    let reply = stack.admin().await.post("/admin/seats", &dollars).await;
    let abroad = reply.expect(201)["seats"][0]["seatId"].as_str().unwrap().to_owned();
    let user = tenant.user().await;

    let late = user.hold(&[&seats[0]]).await;
    end_hold(&tenant, &late).await;
    user.confirm(&late, &payment()).await.error(410, "RESERVATION_EXPIRED");
    let hold = user.hold(&[&seats[0]]).await;
    user.release(&hold).await.expect(200);
    let hold = user.hold(&[&seats[0]]).await;
    user.confirm(&hold, &unique("pay_fail")).await.error(402, "PAYMENT_FAILED");
    user.book(&[&seats[0]]).await;
    user.book(&[&abroad]).await;
    user.hold(&[&seats[1]]).await;

    let reply = stack.admin().await.get(&format!("/admin/analytics?appId={}", tenant.app_id)).await;
    let data = reply.expect(200);
    keys(data, &["apps", "domains", "entities"], &[], "analytics");
    let entities = data["entities"].as_array().unwrap();
    let of = |id: &str| entities.iter().find(|entity| entity["entityId"] == id).unwrap();
    for entity in entities {
        numbers(entity, &["appId", "entityId", "seats"]);
        assert_eq!(entity["appId"], tenant.app_id);
    }
    assert_eq!(entities.len(), 2);
    let (home, away) = (of(&tenant.entity), of("abroad"));
    assert_eq!(home["seats"], json!({"total": 2, "held": 1, "booked": 1}));
    assert_eq!(
        home["reservations"],
        json!({"active": 1, "confirmed": 1, "released": 2, "expired": 1})
    );
    assert_eq!(home["revenue"], json!([{"currency": "INR", "amount": 45000}]));
    assert_eq!((&away["bookings"], &away["conversion"]), (&json!(1), &json!(1.0)));
    let query = format!("/admin/analytics?appId={}&entityId=abroad", tenant.app_id);
    let only = stack.admin().await.get(&query).await;
    let only = only.expect(200);
    assert_eq!(only["entities"], json!([away]));
    assert_eq!(only["apps"][0]["revenue"], json!([{"currency": "USD", "amount": 700}]));
    let expected = json!({
        "domain": "BUS",
        "reservations": {"active": 1, "confirmed": 2, "released": 2, "expired": 1},
        "bookings": 2,
        "revenue": [{"currency": "INR", "amount": 45000}, {"currency": "USD", "amount": 700}],
        "failedPayments": 1,
        "refundsDue": 1,
    });
    for (list, names) in [("apps", &["appId", "domain"][..]), ("domains", &["domain"][..])] {
        let entries = data[list].as_array().unwrap();
        assert_eq!(entries.len(), 1, "{reply}");
        let mut entry = entries[0].clone();
        numbers(&entry, names);
        let conversion = entry["conversion"].as_f64().unwrap();
        assert!((conversion - 2.0 / 6.0).abs() < 0.001, "{reply}");
        let object = entry.as_object_mut().unwrap();
        object.remove("conversion");
        if list == "apps" {
            assert_eq!(object.remove("appId").unwrap(), tenant.app_id);
        }
        object["revenue"].as_array_mut().unwrap().sort_by_key(|r| r["currency"].to_string());
        assert_eq!(entry, expected);
    }
}

#[tokio::test]
async fn an_app_without_reservations_converts_nothing() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant_of("MOVIE").await;
    let reply = stack.admin().await.get(&format!("/admin/analytics?appId={}", tenant.app_id)).await;
    let app = &reply.expect(200)["apps"][0];
    numbers(app, &["appId", "domain"]);
    assert_eq!(app["conversion"].as_f64(), Some(0.0));
    assert_eq!(app["revenue"], json!([]));
    assert_eq!(
        app["reservations"],
        json!({"active": 0, "confirmed": 0, "released": 0, "expired": 0})
    );
}

#[tokio::test]
async fn without_a_filter_all_apps_and_their_domains_are_there() {
    let stack = stacks::usual().await;
    let tenants = [
        stack.tenant_of("EVENT").await,
        stack.tenant_of("BUS").await,
        stack.tenant_of("MOVIE").await,
    ];
    for tenant in &tenants {
        let seat = tenant.seat().await;
        tenant.user().await.book(&[&seat]).await;
    }
    let reply = stack.admin().await.get("/admin/analytics").await;
    let data = reply.expect(200);
    keys(data, &["apps", "domains"], &[], "all entities of all apps would be too many");
    for tenant in &tenants {
        let apps = data["apps"].as_array().unwrap();
        let app = apps.iter().find(|a| a["appId"] == tenant.app_id).expect("the app is there");
        numbers(app, &["appId", "domain"]);
        assert_eq!((&app["bookings"], &app["domain"]), (&json!(1), &json!(tenant.domain)));
        let domains = data["domains"].as_array().unwrap();
        let of_domain: Vec<&Value> =
            domains.iter().filter(|d| d["domain"] == tenant.domain).collect();
        assert_eq!(of_domain.len(), 1, "{reply}");
        numbers(of_domain[0], &["domain"]);
        assert!(of_domain[0]["bookings"].as_i64().unwrap() >= 1);
    }
}

#[tokio::test]
async fn a_period_includes_its_start_and_excludes_its_end() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let id = user.book(&[&seat]).await;
    let made = user.bookings().await[0]["bookingDate"].as_str().unwrap().to_owned();
    let counted = async |query: String| {
        let reply = stack
            .admin()
            .await
            .get(&format!("/admin/analytics?appId={}&{query}", tenant.app_id))
            .await;
        reply.expect(200)["apps"][0]["bookings"].as_i64().unwrap_or(0)
    };
    assert_eq!(
        counted("from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z".into()).await,
        1,
        "{id}"
    );
    assert_eq!(counted("to=2020-01-01T00:00:00Z".into()).await, 0);
    assert_eq!(counted("from=2099-01-01T00:00:00Z".into()).await, 0);
    let early =
        chrono::DateTime::parse_from_rfc3339(&made).unwrap() - chrono::TimeDelta::seconds(30);
    let early =
        early.with_timezone(&chrono::Utc).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    assert_eq!(counted(format!("from={early}")).await, 1);
    assert_eq!(counted(format!("to={early}")).await, 0);
}
