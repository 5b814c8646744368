//! The main job from end to end, as a tenant's page does it, in each of the three domains.

use serde_json::json;

use crate::support::{invariants, payment, people::Hold, reply::strings, stacks, unique};

async fn a_booking_from_registration_to_ticket(
    domain: &str,
    entity: &str,
    numbers: &[&str],
    price: i64,
) {
    let stack = stacks::usual().await;
    let tenant = stack.tenant_of(domain).await;
    let seats: Vec<_> = numbers
        .iter()
        .map(|n| json!({"seatNumber": n, "price": price, "metadata": {"domain": domain}}))
        .collect();
    let body =
        json!({"appId": tenant.app_id, "entityId": entity, "currency": "INR", "seats": seats});
    let admin = stack.admin().await;
    assert_eq!(admin.post("/admin/seats", &body).await.expect(201)["created"], numbers.len());

    let email = format!("{}@example.com", unique("traveller"));
    let signup = json!({"email": email, "password": "a good long password", "name": "Traveller"});
    tenant.post("/auth/signup", &signup).await.expect(201);
    let login = json!({"email": email, "password": "a good long password"});
    let reply = tenant.post("/auth/login", &login).await;
    let data = reply.expect(200);
    let user = crate::support::people::User {
        tenant: tenant.clone(),
        token: data["token"].as_str().unwrap().to_owned(),
        user_id: data["user"]["userId"].as_str().unwrap().to_owned(),
        email,
        password: "a good long password".to_owned(),
    };

    let reply = user.get(&format!("/seats?entityId={entity}")).await;
    let free = reply.expect(200)["seats"].as_array().unwrap().clone();
    assert_eq!(free.len(), numbers.len());
    let picked: Vec<&str> = free[..2].iter().map(|s| s["seatId"].as_str().unwrap()).collect();
    let reply = user.reserve(&picked).await;
    assert_eq!(reply.expect(201)["price"], 2 * price);
    let hold = Hold::of(&reply);
    let reply = user.confirm(&hold, &payment()).await;
    let booking = reply.expect(201).clone();
    assert_eq!((&booking["amount"], &booking["entityId"]), (&json!(2 * price), &json!(entity)));
    assert_eq!(strings(&booking["seatIds"]), picked);
    assert_eq!(user.bookings().await, std::slice::from_ref(&booking));

    let reply = user.get(&format!("/seats?entityId={entity}")).await;
    assert_eq!(reply.expect(200)["seats"].as_array().unwrap().len(), numbers.len() - 2);
    let reply = admin.get(&format!("/admin/bookings?appId={}", tenant.app_id)).await;
    let listed = &reply.expect(200)["bookings"][0];
    assert_eq!(
        (&listed["bookingId"], &listed["userId"]),
        (&booking["bookingId"], &json!(user.user_id))
    );
    let reply = admin.get(&format!("/admin/analytics?appId={}", tenant.app_id)).await;
    let app = &reply.expect(200)["apps"][0];
    assert_eq!(app["domain"], domain);
    assert_eq!(app["revenue"], json!([{"currency": "INR", "amount": 2 * price}]));
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_user_signs_up_and_books_seats_of_an_event() {
    a_booking_from_registration_to_ticket(
        "EVENT",
        "concert-2026-11-22",
        &["A1", "A2", "A3", "B1"],
        250_000,
    )
    .await;
}

#[tokio::test]
async fn a_user_signs_up_and_books_seats_of_a_bus() {
    a_booking_from_registration_to_ticket(
        "BUS",
        "BUS-42_2026.11.22",
        &["1", "2", "3", "4"],
        85_000,
    )
    .await;
}

#[tokio::test]
async fn a_user_signs_up_and_books_seats_of_a_movie() {
    a_booking_from_registration_to_ticket(
        "MOVIE",
        "screen-3.20h",
        &["F7", "F8", "F9", "F10"],
        32_000,
    )
    .await;
}
