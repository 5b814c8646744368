//! Numbers, currencies and times come back as they were sent, and nothing is rounded.

use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use serde_json::{Value, json};

use crate::support::{people::Tenant, reply::Reply, stacks, unique};

/// Creates a seat from raw JSON texts, because a test's own JSON library may change a number.
async fn create(tenant: &Tenant, number: &str, price: &str, metadata: &str) -> Reply {
    let body = format!(
        r#"{{"appId":"{}","entityId":"{}","currency":"INR","seats":[{{"seatNumber":"{number}","price":{price},"metadata":{metadata}}}]}}"#,
        tenant.app_id, tenant.entity
    );
    tenant.stack.admin().await.call("POST", "/admin/seats").raw(body).send().await
}

#[tokio::test]
async fn metadata_comes_back_to_the_last_bit() {
    let tenant = stacks::usual().await.tenant().await;
    let metadata = r#"{"x":959.7489271133453,"y":[0.1,{"z":[5e-324,1.7976931348623157e+308]}],"one":1,"whole":1.0,"minus":-0.0,"least":-9223372036854775808,"most":9223372036854775807,"exact":9007199254740993,"small":2.2250738585072014e-308,"pi":3.141592653589793,"long":123456789.12345679}"#;
    let made = create(&tenant, "A1", "1", metadata).await;
    made.expect(201);
    let user = tenant.user().await;
    let path = format!("/seats?entityId={}", tenant.entity);
    let (free, all) = (user.get(&path).await, user.get(&format!("{path}&include=all")).await);
    // This listing may come from the cache.
    let again = user.get(&path).await;
    for reply in [made, free, all, again] {
        assert!(reply.text.contains(&format!(r#""metadata":{metadata}"#)), "{reply}");
    }
    // A decimal comes back as its nearest double, in whatever form it was written.
    let decimal =
        r#"{"a":0.1000000000000000055511151231257827,"b":1e22,"c":12345678901234567890123.0}"#;
    let made = create(&tenant, "A2", "1", decimal).await;
    let stored = &made.expect(201)["seats"][0]["metadata"];
    for (name, expected) in [("a", 0.1), ("b", 1e22), ("c", 12_345_678_901_234_567_890_123.0)] {
        assert_eq!(stored[name].as_f64().unwrap().to_bits(), f64::to_bits(expected), "{made}");
    }
}

#[tokio::test]
async fn a_whole_number_beyond_64_bits_is_refused_and_named() {
    let tenant = stacks::usual().await.tenant().await;
    for number in ["12345678901234567890123", "9223372036854775808", "-9223372036854775809"] {
        let reply = create(&tenant, "A1", "1", &format!(r#"{{"barcode":{number}}}"#)).await;
        reply.refuses("barcode");
        let reply =
            create(&tenant, "A1", "1", &format!(r#"{{"a":[1,{{"barcode":{number}}}]}}"#)).await;
        reply.refuses("barcode");
        create(&tenant, "A1", number, "{}").await.refuses("price");
    }
    create(&tenant, "A1", "1", r#"{"x":1e400}"#).await.error(400, "INVALID_JSON");
}

#[tokio::test]
async fn a_whole_number_may_be_written_in_every_form_and_is_never_rounded() {
    let tenant = stacks::usual().await.tenant().await;
    let good = [
        ("45000.0", 45_000),
        ("4.5e4", 45_000),
        ("450000e-1", 45_000),
        ("1e12", 1_000_000_000_000_i64),
        ("-0.0", 0),
    ];
    for (n, (written, price)) in good.into_iter().enumerate() {
        let reply = create(&tenant, &format!("A{n}"), written, "{}").await;
        assert_eq!(reply.expect(201)["seats"][0]["price"], price, "{reply}");
    }
    for bad in ["45000.5", "45000.0000000000001", "999999999999.99999999", "1e13", "-1.0", "1e-1"] {
        create(&tenant, "B1", bad, "null").await.refuses("price");
    }
    let path = format!("/admin/apps/{}/rotate-key", tenant.app_id);
    let admin = tenant.stack.admin().await;
    admin.call("POST", &path).raw(r#"{"overlapSeconds":6.0e1}"#).send().await.expect(200);
    let reply = admin.call("POST", &path).raw(r#"{"overlapSeconds":60.5}"#).send().await;
    reply.refuses("overlapSeconds");
}

#[tokio::test]
async fn a_new_entity_needs_a_currency_in_use_and_an_old_one_keeps_its_own() {
    let tenant = stacks::usual().await.tenant().await;
    let admin = tenant.stack.admin().await;
    let seats = async |entity: &str, number: &str, currency: &str| {
        let body = json!({
            "appId": tenant.app_id, "entityId": entity, "currency": currency,
            "seats": [{"seatNumber": number, "price": 1}],
        });
        admin.post("/admin/seats", &body).await
    };
    for currency in ["JPY", "KWD", "XOF", "EUR"] {
        seats(&unique("hall"), "A1", currency).await.expect(201);
    }
    for currency in ["IRN", "XAU", "XAG", "XXX", "XTS", "DEM", "HRK"] {
        let reply = seats(&unique("hall"), "A1", currency).await;
        reply.refuses("currency");
        assert!(reply.text.contains("ISO 4217"), "{reply}");
    }
    let (entity, now) = (unique("hall"), DateTime::now());
    let entities = tenant.stack.database().await.collection::<Document>("entities");
    let old = doc! {
        "appId": &tenant.app_id, "entityId": &entity, "domain": "EVENT", "currency": "HRK", "seats": 0,
        "createdAt": now, "updatedAt": now,
    };
    entities.insert_one(old).await.unwrap();
    seats(&entity, "A1", "HRK").await.expect(201);
    seats(&entity, "A2", "EUR").await.refuses("currency");
    let user = tenant.user().await;
    let listed = user.get(&format!("/seats?entityId={entity}")).await;
    assert_eq!(listed.expect(200)["seats"][0]["currency"], "HRK");
}

#[tokio::test]
async fn a_period_is_compared_exactly_whatever_its_fraction() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let booking = user.book(&[&seat]).await;
    let bookings = tenant.stack.database().await.collection::<Document>("bookings");
    let at = DateTime::from_millis(1_769_076_000_223);
    let set = doc! {"$set": {"bookingDate": at, "createdAt": at}};
    bookings.update_one(doc! {"bookingId": &booking}, set).await.unwrap();
    let admin = tenant.stack.admin().await;
    let found = async |name: &str, fraction: &str| {
        let path = format!("appId={}&{name}=2026-01-22T10:00:00{fraction}Z", tenant.app_id);
        let listed = admin.get(&format!("/admin/bookings?{path}")).await;
        let counted = admin.get(&format!("/admin/analytics?{path}")).await;
        let listed = listed.expect(200)["bookings"].as_array().unwrap().len();
        let apps = counted.expect(200)["apps"].as_array().unwrap().clone();
        let counted = apps.first().map_or(0, |app| app["bookings"].as_u64().unwrap());
        assert_eq!(listed as u64, counted, "{path}");
        listed == 1
    };
    for (fraction, from, to) in [
        (".222", true, false),
        (".2229999", true, false),
        (".223", true, false),
        (".223000000000", true, false),
        (".223000000000000001", false, true),
        (".2235", false, true),
        (".223500", false, true),
        (".224", false, true),
    ] {
        assert_eq!(found("from", fraction).await, from, "from {fraction}");
        assert_eq!(found("to", fraction).await, to, "to {fraction}");
    }
}

#[tokio::test]
async fn an_unencoded_plus_is_explained_and_what_is_no_time_is_refused() {
    let admin = stacks::usual().await.admin().await;
    for path in ["/admin/bookings", "/admin/analytics"] {
        for name in ["from", "to"] {
            let reply = admin.get(&format!("{path}?{name}=2026-01-22T10:00:00+05:30")).await;
            reply.refuses(name);
            assert!(reply.text.contains("%2B"), "{reply}");
            admin.get(&format!("{path}?{name}=2026-01-22T10:00:00%2B05:30")).await.expect(200);
            for bad in ["2016-12-31T23:59:60Z", "10000-01-01T00:00:00Z", "2026-02-30T00:00:00Z"] {
                admin.get(&format!("{path}?{name}={bad}")).await.refuses(name);
            }
        }
    }
}

#[tokio::test]
async fn the_ids_of_every_payment_provider_are_accepted_but_not_that_of_a_free_booking() {
    let tenant = stacks::usual().await.tenant().await;
    let user = tenant.user().await;
    let ids = ["ch_3.4:5=6+7/8-9", "free:of-charge", "-", &"p".repeat(237)];
    let seats = tenant.seats(&["A1", "A2", "A3", "A4", "A5"]).await;
    for (seat, id) in seats.iter().zip(ids) {
        let hold = user.hold(&[seat]).await;
        let id = format!("{id}{}", unique("x"));
        let booking = user.confirm(&hold, &id).await;
        let booking = booking.expect(201);
        assert_eq!(booking["paymentId"], id);
        let number = booking["bookingId"].as_str().unwrap()[12..].to_owned();
        assert!(!number.contains(['O', '0', 'I', '1']), "{number}");
    }
    let hold = user.hold(&[&seats[4]]).await;
    for bad in
        [format!("free:{}", hold.token), format!("free:{}", ObjectId::new()) + "$", ".a".into()]
    {
        user.confirm(&hold, &bad).await.refuses("paymentId");
    }
    let null = json!({"reservationToken": hold.token, "paymentId": Value::Null});
    user.post("/confirm-booking", &null).await.refuses("paymentId");
    user.release(&hold).await.expect(200);
}
