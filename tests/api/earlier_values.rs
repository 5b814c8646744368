//! Values in forms that earlier versions stored: addresses, seat numbers and ids. They are readable
//! and findable before a migration and after it.

use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use serde_json::{Value, json};

use crate::support::{
    payment,
    people::{Tenant, User},
    stacks, unique,
};

/// A seat as the first version wrote it: without a key, and with only ASCII digits in its order.
async fn old_seat(tenant: &Tenant, number: &str, order: &str) -> ObjectId {
    let (id, now) = (ObjectId::new(), DateTime::now());
    let seat = doc! {
        "_id": id, "appId": &tenant.app_id, "domain": "EVENT", "entityId": &tenant.entity,
        "seatNumber": number, "seatOrder": format!("{order}\u{1}{number}"), "status": "AVAILABLE",
        "price": 45_000_i64, "currency": "INR", "metadata": {}, "createdAt": now, "updatedAt": now,
    };
    let seats = tenant.stack.database().await.collection::<Document>("seats");
    seats.insert_one(seat).await.expect("the validator takes it");
    id
}

async fn stored(tenant: &Tenant, collection: &str, id: &str) -> Document {
    let documents = tenant.stack.database().await.collection::<Document>(collection);
    let id = ObjectId::parse_str(id).unwrap();
    documents.find_one(doc! {"_id": id}).await.unwrap().expect("the document")
}

async fn create(tenant: &Tenant, number: &str) -> crate::support::reply::Reply {
    let body = json!({
        "appId": tenant.app_id, "entityId": tenant.entity, "currency": "INR",
        "seats": [{"seatNumber": number, "price": 1}],
    });
    tenant.stack.admin().await.post("/admin/seats", &body).await
}

async fn numbers(user: &User) -> Vec<String> {
    let reply = user.get(&format!("/seats?entityId={}", user.tenant.entity)).await;
    let seats = reply.expect(200)["seats"].as_array().unwrap().clone();
    seats.iter().map(|s| s["seatNumber"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn old_seats_are_sold_and_a_migration_sorts_them_and_reports_those_that_look_alike() {
    let stack = stacks::Plan::new("earlier-seats").unlimited().start().await;
    let tenant = stack.tenant().await;
    let user = tenant.user().await;
    old_seat(&tenant, "क१०", "क१०").await;
    old_seat(&tenant, "क२", "क२").await;
    let first = old_seat(&tenant, "A1", "A011").await;
    let second = old_seat(&tenant, "A1\u{a0}", "A011\u{a0}").await;
    let blank = old_seat(&tenant, "\u{3164}", "\u{3164}").await;
    let before = stored(&tenant, "seats", &second.to_hex()).await;
    // Before the migration, and while functions of the previous version still create seats.
    assert_eq!(numbers(&user).await.len(), 5);
    for same in ["A1", "A1 ", "A\u{200b}1", "क\u{200b}२"] {
        create(&tenant, same).await.error(409, "SEAT_ALREADY_EXISTS");
    }
    let hold = user.hold(&[&blank.to_hex()]).await;
    assert_eq!(user.reservations().await[0]["seats"][0]["seatNumber"], "\u{3164}");
    user.release(&hold).await.expect(200);

    let migrated = stack.invoke("migrate", &json!({})).await;
    assert_eq!(migrated["changes"], json!(["stored comparison keys of seats: 4"]), "{migrated}");
    let pair = json!([{"collection": "seats", "ids": [first.to_hex(), second.to_hex()]}]);
    assert_eq!(migrated["collisions"], pair);
    assert_eq!(stored(&tenant, "seats", &second.to_hex()).await, before);
    // Nothing of the blank number is compared, so it comes first.
    assert_eq!(numbers(&user).await, ["\u{3164}", "A1", "A1\u{a0}", "क२", "क१०"]);
    for same in ["A1 ", "A\u{200b}1", "क\u{200b}२"] {
        create(&tenant, same).await.error(409, "SEAT_ALREADY_EXISTS");
    }
    for seat in [first, second, blank] {
        user.book(&[&seat.to_hex()]).await;
    }
    let again = stack.invoke("migrate", &json!({})).await;
    assert_eq!((&again["changes"], &again["collisions"]), (&json!([]), &pair));
}

/// Signs a user up, and gives the stored address this form.
async fn old_user(tenant: &Tenant, email: &str) -> User {
    let user = User { email: email.to_owned(), ..tenant.user().await };
    let users = tenant.stack.database().await.collection::<Document>("users");
    let id = ObjectId::parse_str(&user.user_id).unwrap();
    users.update_one(doc! {"_id": id}, doc! {"$set": {"email": email}}).await.unwrap();
    user
}

async fn login(user: &User, email: &str) -> Value {
    let body = json!({"email": email, "password": user.password});
    user.tenant.post("/auth/login", &body).await.expect(200)["user"]["userId"].clone()
}

#[tokio::test]
async fn old_accounts_that_are_equal_today_all_keep_working_and_are_reported() {
    let stack = stacks::Plan::new("earlier-users").unlimited().start().await;
    let tenant = stack.tenant().await;
    let local = unique("ren\u{e9}e");
    let plain = old_user(&tenant, &format!("{local}@example.com")).await;
    let decomposed = local.replace('\u{e9}', "e\u{301}");
    let twin = old_user(&tenant, &format!("{decomposed}@example.com")).await;
    let alone = old_user(&tenant, &format!("\u{200b}{}@example.com", unique("alone"))).await;
    let named = stack.database().await.collection::<Document>("users");
    let id = ObjectId::parse_str(&alone.user_id).unwrap();
    named.update_one(doc! {"_id": id}, doc! {"$set": {"name": "\u{3164}"}}).await.unwrap();
    let before = stored(&tenant, "users", &twin.user_id).await;
    for user in [&plain, &twin, &alone] {
        assert_eq!(login(user, &user.email).await, user.user_id);
        let again = json!({"email": user.email, "password": "another password", "name": "B"});
        tenant.post("/auth/signup", &again).await.error(409, "EMAIL_TAKEN");
    }

    let migrated = stack.invoke("migrate", &json!({})).await;
    assert_eq!(migrated["changes"], json!(["normalized e-mail addresses: 1"]), "{migrated}");
    let pair = json!([{"collection": "users", "ids": [plain.user_id, twin.user_id]}]);
    assert_eq!(migrated["collisions"], pair);
    assert_eq!(stored(&tenant, "users", &twin.user_id).await, before);
    for user in [&plain, &twin, &alone] {
        assert_eq!(login(user, &user.email).await, user.user_id);
    }
    assert_eq!(login(&alone, alone.email.trim_start_matches('\u{200b}')).await, alone.user_id);
    let again = stack.invoke("migrate", &json!({})).await;
    assert_eq!((&again["changes"], &again["collisions"]), (&json!([]), &pair));
}

#[tokio::test]
async fn old_booking_and_payment_ids_stay_readable() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seat]).await;
    let paid = payment();
    let made = user.confirm(&hold, &paid).await.expect(201)["bookingId"].clone();
    let old = format!("BK-20240101-O0I1{}", &made.as_str().unwrap()[16..]);
    let bookings = tenant.stack.database().await.collection::<Document>("bookings");
    let set = doc! {"$set": {"bookingId": &old, "paymentId": "an old id\u{a0}"}};
    bookings.update_one(doc! {"bookingId": made.as_str()}, set).await.unwrap();
    let booking = user.get(&format!("/bookings/{old}")).await;
    assert_eq!(booking.expect(200)["paymentId"], "an old id\u{a0}");
    assert_eq!(user.bookings().await[0]["bookingId"], old);
}
