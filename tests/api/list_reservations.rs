//! `GET /reservations`: the caller's live holds, as the responses of reserve showed them.

use serde_json::json;

use crate::support::{
    expiry::end_hold,
    people::PRICE,
    reply::{keys, strings, time},
    stacks,
};

#[tokio::test]
async fn the_callers_live_holds_match_the_responses_of_reserve() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4"]).await;
    let (ann, bob) = (tenant.user().await, tenant.user().await);
    let reply = ann.reserve(&[&seats[0], &seats[1]]).await;
    let made = reply.expect(201);
    let released = ann.hold(&[&seats[2]]).await;
    ann.release(&released).await.expect(200);
    ann.book(&[&seats[3]]).await;
    let reply = ann.get("/reservations").await;
    keys(reply.expect(200), &["reservations"], &[], "reservations");
    let holds = ann.reservations().await;
    assert_eq!(holds.len(), 1, "{holds:?}");
    let fields = [
        "reservationToken",
        "entityId",
        "seatIds",
        "seats",
        "expiresAt",
        "expiresIn",
        "price",
        "currency",
    ];
    keys(&holds[0], &fields, &[], "a hold");
    assert_eq!(holds[0]["entityId"], tenant.entity);
    assert_eq!(strings(&holds[0]["seatIds"]), seats[..2]);
    assert_eq!((&holds[0]["price"], &holds[0]["currency"]), (&json!(2 * PRICE), &json!("INR")));
    assert_eq!(holds[0]["reservationToken"], made["reservationToken"]);
    assert_eq!(time(&holds[0]["expiresAt"]), time(&made["expiresAt"]));
    assert!((1..=120).contains(&holds[0]["expiresIn"].as_i64().unwrap()));
    assert!(bob.reservations().await.is_empty());
}

#[tokio::test]
async fn an_overdue_hold_is_not_listed() {
    let tenant = stacks::usual().await.tenant().await;
    let seat = tenant.seat().await;
    let user = tenant.user().await;
    let hold = user.hold(&[&seat]).await;
    assert_eq!(user.reservations().await.len(), 1);
    end_hold(&tenant, &hold).await;
    assert!(user.reservations().await.is_empty());
}
