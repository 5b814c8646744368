//! `POST /admin/seats`: all seats of a call are made, or none. Removed seats can be made again.

use serde_json::{Value, json};

use crate::support::{
    invariants,
    people::Tenant,
    reply::{Reply, keys},
    stacks, unique,
};

async fn create(tenant: &Tenant, body: &Value) -> Reply {
    tenant.stack.admin().await.post("/admin/seats", body).await
}

fn body(tenant: &Tenant, seats: Value) -> Value {
    json!({"appId": tenant.app_id, "entityId": tenant.entity, "currency": "INR", "seats": seats})
}

/// The numbers of the seats that the tenant's users can see.
async fn numbers(tenant: &Tenant) -> Vec<String> {
    let reply = tenant.user().await.get(&format!("/seats?entityId={}", tenant.entity)).await;
    let seats = reply.expect(200)["seats"].as_array().unwrap().clone();
    seats.iter().map(|s| s["seatNumber"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_response_names_the_ids_of_new_seats() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = json!([
        {"seatNumber": "A1", "price": 45000, "metadata": {"tier": "gold", "at": {"x": 1.5, "tags": ["aisle"]}}},
        {"seatNumber": "A2", "price": 0},
    ]);
    let reply = create(&tenant, &body(&tenant, seats)).await;
    let data = reply.expect(201);
    keys(data, &["created", "seats"], &[], "create seats");
    assert_eq!(data["created"], 2);
    let made = data["seats"].as_array().unwrap();
    assert_eq!(made.len(), 2);
    for seat in made {
        keys(seat, &["seatId", "seatNumber", "price", "currency", "metadata"], &[], "a made seat");
        let id = seat["seatId"].as_str().unwrap();
        assert!(
            id.len() == 24 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
            "{id}"
        );
        assert_eq!(seat["currency"], "INR");
    }
    assert_eq!(made[0]["seatNumber"], "A1");
    assert_eq!(made[0]["price"], 45_000);
    assert_eq!(made[0]["metadata"], json!({"tier": "gold", "at": {"x": 1.5, "tags": ["aisle"]}}));
    assert_eq!(made[1]["price"], 0);
    assert_eq!(made[1]["metadata"], json!({}));
}

#[tokio::test]
async fn one_seat_that_exists_refuses_all() {
    let tenant = stacks::usual().await.tenant().await;
    tenant.seats(&["A2"]).await;
    let seats = json!([{"seatNumber": "A1", "price": 1}, {"seatNumber": "A2", "price": 1}]);
    create(&tenant, &body(&tenant, seats)).await.error(409, "SEAT_ALREADY_EXISTS");
    assert_eq!(numbers(&tenant).await, ["A2"]);
}

#[tokio::test]
async fn one_seat_that_is_wrong_refuses_all() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = json!([{"seatNumber": "A1", "price": 1}, {"seatNumber": "A2", "price": -1}]);
    create(&tenant, &body(&tenant, seats)).await.refuses("price");
    let seats = json!([{"seatNumber": "A1", "price": 1}, {"seatNumber": "A1", "price": 2}]);
    create(&tenant, &body(&tenant, seats)).await.error(400, "VALIDATION_ERROR");
    assert!(numbers(&tenant).await.is_empty());
}

#[tokio::test]
async fn an_entity_has_one_currency() {
    let tenant = stacks::usual().await.tenant().await;
    tenant.seats(&["A1"]).await;
    let mut other = body(&tenant, json!([{"seatNumber": "A2", "price": 1}]));
    other["currency"] = json!("USD");
    create(&tenant, &other).await.refuses("currency");
    assert_eq!(numbers(&tenant).await, ["A1"]);
    other["entityId"] = json!("another-hall");
    create(&tenant, &other).await.expect(201);
}

#[tokio::test]
async fn the_same_seat_number_exists_once_in_each_entity_and_tenant() {
    let stack = stacks::usual().await;
    let (one, two) = (stack.tenant().await, stack.tenant().await);
    one.seats_in("hall", &["A1"]).await;
    one.seats_in("other-hall", &["A1"]).await;
    two.seats_in("hall", &["A1"]).await;
}

#[tokio::test]
async fn seats_need_an_app_that_exists() {
    let tenant = stacks::usual().await.tenant().await;
    let mut other = body(&tenant, json!([{"seatNumber": "A1", "price": 1}]));
    other["appId"] = json!("no-such-app");
    create(&tenant, &other).await.error(404, "APP_NOT_FOUND");
}

#[tokio::test]
async fn a_thousand_seats_are_made_at_once_and_a_thousand_and_one_are_not() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = |count: usize| -> Value {
        (0..count).map(|n| json!({"seatNumber": format!("S{n}"), "price": 100})).collect()
    };
    create(&tenant, &body(&tenant, seats(1_001))).await.refuses("seats");
    create(&tenant, &body(&tenant, json!([]))).await.refuses("seats");
    let reply = create(&tenant, &body(&tenant, seats(1_000))).await;
    assert_eq!(reply.expect(201)["created"], 1_000);
    assert_eq!(numbers(&tenant).await.len(), 1_000);
}

#[tokio::test]
async fn metadata_is_a_small_shallow_object_with_harmless_keys() {
    let tenant = stacks::usual().await.tenant().await;
    let refused = [
        json!([]),
        json!("text"),
        json!(1),
        json!({"$where": 1}),
        json!({"a$": 1}),
        json!({"a.b": 1}),
        json!({"a\u{0}": 1}),
        json!({"deep": {"key$": 1}}),
        json!({"list": [{"a.b": 1}]}),
        json!({"1": {"2": {"3": {"4": {"5": {"6": 1}}}}}}),
        json!({"big": "x".repeat(2_048)}),
    ];
    for metadata in refused {
        let seats = json!([{"seatNumber": "A1", "price": 1, "metadata": metadata}]);
        let reply = create(&tenant, &body(&tenant, seats)).await;
        assert_eq!(reply.status, 400, "{metadata} was taken: {reply}");
        reply.error(400, "VALIDATION_ERROR");
    }
    let fits = json!({"1": {"2": {"3": {"4": {"5": "deep"}}}}, "big": "x".repeat(1_900)});
    let seats = json!([{"seatNumber": "A1", "price": 1_000_000_000_000_i64, "metadata": fits}]);
    let reply = create(&tenant, &body(&tenant, seats)).await;
    let seat = &reply.expect(201)["seats"][0];
    assert_eq!(seat["metadata"], fits);
    assert_eq!(seat["price"], 1_000_000_000_000_i64);
}

#[tokio::test]
async fn the_body_may_be_a_mebibyte() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = |count: usize| -> Value {
        let metadata = json!({"text": "x".repeat(1_100)});
        (0..count)
            .map(|n| json!({"seatNumber": format!("S{n}"), "price": 1, "metadata": metadata}))
            .collect()
    };
    let reply = create(&tenant, &body(&tenant, seats(1_000))).await;
    reply.error(413, "PAYLOAD_TOO_LARGE");
    let reply = create(&tenant, &body(&tenant, seats(800))).await;
    assert_eq!(reply.expect(201)["created"], 800);
}

#[tokio::test]
async fn seats_have_a_section_a_row_a_category_and_flags_wherever_they_are_shown() {
    let tenant = stacks::usual().await.tenant().await;
    let place = json!({
        "section": "Parkett", "row": "A", "category": "gold", "flags": ["wheelchair", "aisle"],
    });
    let mut placed = json!({"seatNumber": "A1", "price": 100});
    placed.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
    let plain = json!({"seatNumber": "A2", "price": 100, "section": null, "flags": []});
    let reply = create(&tenant, &body(&tenant, json!([placed, plain]))).await;
    let made = reply.expect(201)["seats"].as_array().unwrap().clone();
    let user = tenant.user().await;
    let path = format!("/seats?entityId={}", tenant.entity);
    let listed = user.get(&path).await.expect(200)["seats"].as_array().unwrap().clone();
    let all = user.get(&format!("{path}&include=all")).await;
    let all = all.expect(200)["seats"].as_array().unwrap().clone();
    for seats in [made.clone(), listed, all] {
        for (name, value) in place.as_object().unwrap() {
            assert_eq!(&seats[0][name], value, "{seats:?}");
            assert!(seats[1].get(name).is_none(), "{seats:?}");
        }
    }
    let seat = made[0]["seatId"].as_str().unwrap();
    let hold = user.hold(&[seat]).await;
    let held = user.reservations().await[0]["seats"][0].clone();
    keys(&held, &["seatId", "seatNumber", "price", "section", "row"], &[], "a held seat");
    assert_eq!((&held["section"], &held["row"]), (&json!("Parkett"), &json!("A")));
    let booking = user.confirm(&hold, &crate::support::payment()).await;
    let booked = &booking.expect(201)["seats"][0];
    assert_eq!((&booked["section"], &booked["row"]), (&json!("Parkett"), &json!("A")));
}

#[tokio::test]
async fn a_wrong_place_of_a_seat_names_its_field() {
    let tenant = stacks::usual().await.tenant().await;
    for (field, value) in [
        ("section", json!("x".repeat(65))),
        ("section", json!("")),
        ("row", json!("x".repeat(17))),
        ("row", json!(1)),
        ("category", json!("x".repeat(65))),
        ("flags", json!("aisle")),
        ("label", json!("only layouts have it")),
    ] {
        let mut seat = json!({"seatNumber": "A1", "price": 1});
        seat[field] = value;
        create(&tenant, &body(&tenant, json!([seat]))).await.refuses(field);
    }
    let unknown = json!([{"seatNumber": "A1", "price": 1, "flags": ["aisle", "vip"]}]);
    create(&tenant, &body(&tenant, unknown)).await.refuses("flags[1]");
}

#[tokio::test]
async fn seats_that_exist_are_named_and_each_creation_makes_a_new_version() {
    let tenant = stacks::usual().await.tenant().await;
    tenant.seats(&["A2", "A4"]).await;
    let seats: Value =
        ["A1", "A4", "A3", "A2"].map(|n| json!({"seatNumber": n, "price": 1})).into();
    let reply = create(&tenant, &body(&tenant, seats)).await;
    reply.error(409, "SEAT_ALREADY_EXISTS");
    assert_eq!(reply.body["error"]["details"]["seatNumbers"], json!(["A4", "A2"]), "{reply}");
    let many: Value =
        (0..200).map(|n| json!({"seatNumber": format!("B{n}"), "price": 1})).collect();
    create(&tenant, &body(&tenant, many.clone())).await.expect(201);
    let reply = create(&tenant, &body(&tenant, many)).await;
    reply.error(409, "SEAT_ALREADY_EXISTS");
    let named = reply.body["error"]["details"]["seatNumbers"].as_array().unwrap();
    assert_eq!(named.len(), 100, "{reply}");
    let entities = tenant.stack.database().await.collection::<mongodb::bson::Document>("entities");
    let filter = mongodb::bson::doc! {"appId": &tenant.app_id, "entityId": &tenant.entity};
    let entity = entities.find_one(filter).await.unwrap().unwrap();
    assert_eq!(entity.get_i64("seatsVersion").unwrap(), 2);
}

#[tokio::test]
async fn a_removed_seat_can_be_created_again_and_keeps_its_id_and_nothing_else() {
    let tenant = stacks::usual().await.tenant().await;
    let rich = json!([{
        "seatNumber": "A1", "price": 1, "section": "S", "row": "1", "category": "gold",
        "flags": ["aisle"], "metadata": {"tier": "gold"},
    }]);
    let first = create(&tenant, &body(&tenant, rich)).await;
    let id = first.expect(201)["seats"][0]["seatId"].clone();
    let admin = tenant.stack.admin().await;
    let path = format!("/admin/apps/{}/entities/{}/seats", tenant.app_id, tenant.entity);
    let one = json!({"seatNumbers": ["A1"]});
    let off_sale = json!({"where": one, "set": {"forSale": false}});
    admin.patch(&path, &off_sale).await.expect(200);
    let removed = admin.post(&format!("{path}/remove"), &json!({"where": one})).await;
    assert_eq!(removed.expect(200)["removed"], 1);

    // Written in another way, it is the same seat.
    let seats = json!([{"seatNumber": " A1", "price": 7}, {"seatNumber": "A2", "price": 7}]);
    let again = body(&tenant, seats);
    let key = unique("key");
    let keyed = || admin.call("POST", "/admin/seats").key(&key).json(&again).send();
    let created = keyed().await;
    assert_eq!(created.expect(201)["seats"][0]["seatId"], id);
    assert!(keyed().await.replayed());
    let listed = admin.get(&path).await;
    let seat = &listed.expect(200)["seats"][0];
    let fields = ["seatId", "seatNumber", "price", "currency", "metadata", "status"];
    keys(seat, &fields, &[], "a seat that came back");
    assert_eq!((&seat["seatId"], &seat["price"]), (&id, &json!(7)));
    assert_eq!((&seat["status"], &seat["metadata"]), (&json!("AVAILABLE"), &json!({})));
    let refused = create(&tenant, &again).await;
    let error = refused.error(409, "SEAT_ALREADY_EXISTS");
    assert_eq!(error["details"]["seatNumbers"], json!(["A1", "A2"]));
    tenant.user().await.book(&[id.as_str().unwrap()]).await;
    invariants::check(&tenant).await;
}

/// The first versions stored no key, and a migration leaves out a seat that equals another one.
#[tokio::test]
async fn a_removed_seat_without_a_key_can_be_created_again_and_keeps_its_id() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seats(&["A1", "A2"]).await.remove(0);
    let seats = tenant.stack.database().await.collection::<mongodb::bson::Document>("seats");
    let own = mongodb::bson::doc! {"appId": &tenant.app_id};
    let unset = mongodb::bson::doc! {"$unset": {"seatKey": ""}};
    seats.update_many(own, unset).await.unwrap();
    let admin = tenant.stack.admin().await;
    let path = format!("/admin/apps/{}/entities/{}/seats/remove", tenant.app_id, tenant.entity);
    let one = json!({"where": {"seatIds": [seat]}});
    assert_eq!(admin.post(&path, &one).await.expect(200)["removed"], 1);
    let both = json!([{"seatNumber": "A1", "price": 1}, {"seatNumber": "A2", "price": 1}]);
    let refused = create(&tenant, &body(&tenant, both)).await;
    let error = refused.error(409, "SEAT_ALREADY_EXISTS");
    assert_eq!(error["details"]["seatNumbers"], json!(["A2"]));
    let one = json!([{"seatNumber": "A1", "price": 1}]);
    let created = create(&tenant, &body(&tenant, one)).await;
    assert_eq!(created.expect(201)["seats"][0]["seatId"], seat);
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn of_two_calls_that_create_a_removed_seat_at_once_one_does() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let admin = tenant.stack.admin().await;
    let path = format!("/admin/apps/{}/entities/{}/seats/remove", tenant.app_id, tenant.entity);
    let one = json!({"where": {"seatIds": [seat]}});
    assert_eq!(admin.post(&path, &one).await.expect(200)["removed"], 1);
    let number = json!([{"seatNumber": "A1", "price": 1}]);
    let body = body(&tenant, number);
    let calls = (0..6).map(|_| create(&tenant, &body));
    let replies = futures_util::future::join_all(calls).await;
    let (created, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|r| r.status == 201);
    assert_eq!(created.len(), 1);
    for reply in refused {
        reply.error(409, "SEAT_ALREADY_EXISTS");
    }
    assert_eq!(numbers(&tenant).await, ["A1"]);
}
