//! The organiser changes or removes seats while buyers hold and buy them.

use futures_util::future::join_all;
use mongodb::bson::{Document, doc, oid::ObjectId};
use serde_json::{Value, json};

use crate::support::{
    invariants, payment,
    people::{Hold, PRICE, Tenant, User},
    reply::Reply,
    stacks,
};

const SEATS: usize = 30;

/// Seats, and a buyer for each.
async fn hall() -> (Tenant, Vec<String>, Vec<User>) {
    let tenant = stacks::usual().await.tenant().await;
    let numbers: Vec<String> = (1..=SEATS).map(|n| format!("A{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let users = tenant.users(SEATS).await;
    (tenant, seats, users)
}

async fn organise(tenant: &Tenant, method: &str, more: &str, body: &Value) -> Reply {
    let path = format!("/admin/apps/{}/entities/{}/seats{more}", tenant.app_id, tenant.entity);
    tenant.stack.admin().await.call(method, &path).json(body).send().await
}

/// Reserves, and buys what was reserved. Every second buyer has the hold
/// before the organiser's call.
async fn buy_during(
    users: &[User],
    seats: &[String],
    change: impl AsyncFn(&str) -> Reply,
) -> Vec<(Reply, Reply)> {
    let each = users.iter().zip(seats).enumerate().map(|(index, (user, seat))| {
        let change = &change;
        async move {
            let seat = [seat.as_str()];
            if index % 2 == 0 {
                return tokio::join!(user.reserve(&seat), change(seat[0]));
            }
            let reserved = user.reserve(&seat).await;
            let hold = Hold::of(&reserved);
            let paid = payment();
            let (bought, changed) = tokio::join!(user.confirm(&hold, &paid), change(seat[0]));
            bought.expect(201);
            (reserved, changed)
        }
    });
    join_all(each).await
}

/// Buys what was held and not bought. Nothing that the organiser did may prevent that.
async fn buy_the_rest(users: &[User], replies: &[(Reply, Reply)]) {
    let rest = users.iter().zip(replies).step_by(2).filter(|(_, (hold, _))| hold.status == 201);
    let bought = rest.map(|(user, (hold, _))| async move {
        user.confirm(&Hold::of(hold), &payment()).await.expect(201);
    });
    join_all(bought).await;
}

async fn stored(tenant: &Tenant, seat: &str) -> Document {
    let seats = tenant.stack.database().await.collection::<Document>("seats");
    let filter = doc! {"_id": ObjectId::parse_str(seat).unwrap()};
    seats.find_one(filter).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_hold_has_the_price_from_before_a_change_or_the_one_after_it() {
    let (tenant, seats, users) = hall().await;
    let change = async |seat: &str| {
        let body = json!({"where": {"seatIds": [seat]}, "set": {"price": 7}});
        organise(&tenant, "PATCH", "", &body).await
    };
    let replies = buy_during(&users, &seats, change).await;
    for (held, changed) in &replies {
        let price = held.expect(201)["price"].as_i64().unwrap();
        assert!(price == 7 || price == PRICE, "{held}");
        assert_eq!(changed.expect(200)["matched"], 1);
    }
    buy_the_rest(&users, &replies).await;
    for (user, (held, _)) in users.iter().zip(&replies) {
        assert_eq!(user.bookings().await[0]["amount"], held.expect(201)["price"]);
    }
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_seat_that_goes_off_sale_is_held_before_that_or_not_at_all() {
    let (tenant, seats, users) = hall().await;
    let change = async |seat: &str| {
        let body = json!({"where": {"seatIds": [seat]}, "set": {"forSale": false}});
        organise(&tenant, "PATCH", "", &body).await
    };
    let replies = buy_during(&users, &seats, change).await;
    let late = tenant.user().await;
    for ((held, changed), seat) in replies.iter().zip(&seats) {
        changed.expect(200);
        if held.status != 201 {
            held.error(409, "SEAT_NOT_FOR_SALE");
        }
        assert_eq!(late.reserve(&[seat]).await.status, 409);
    }
    buy_the_rest(&users, &replies).await;
    invariants::check(&tenant).await;
}

#[tokio::test]
async fn a_seat_that_is_removed_while_somebody_holds_it_is_sold_and_stays() {
    let (tenant, seats, users) = hall().await;
    let change = async |seat: &str| {
        let body = json!({"where": {"seatIds": [seat]}});
        organise(&tenant, "POST", "/remove", &body).await
    };
    let replies = buy_during(&users, &seats, change).await;
    buy_the_rest(&users, &replies).await;
    for ((held, removed), seat) in replies.iter().zip(&seats) {
        removed.expect(200);
        let document = stored(&tenant, seat).await;
        if held.status == 201 {
            assert_eq!(document.get_str("status").unwrap(), "BOOKED");
            assert!(document.get("removed").is_none(), "{document}");
        } else {
            held.error(404, "SEAT_NOT_FOUND");
            assert!(document.get_bool("removed").unwrap());
        }
    }
    invariants::check(&tenant).await;
}
