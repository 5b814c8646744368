//! `migrate` and `expire-reservations`, the functions without a route.

use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use serde_json::json;

use crate::support::{expiry::end_hold, invariants, stacks, stacks::Plan};

#[tokio::test]
async fn a_second_migration_changes_nothing_and_says_so() {
    // On a stack of its own: other tests delete entities, which then have no feed key.
    let plan = Plan { functions: Some(&["migrate"]), ..Plan::new("migrated") };
    let again = plan.start().await.invoke("migrate", &json!({})).await;
    assert_eq!(again["changes"], json!([]), "{again}");
}

#[tokio::test]
async fn the_indexes_that_the_protocol_rests_on_are_there() {
    let stack = Plan { functions: Some(&[]), ..Plan::new("indexes") }.start().await;
    let database = stack.database().await;
    let has = async |collection: &str, keys: Document, unique: bool, partial: bool| {
        let cursor = database.collection::<Document>(collection).list_indexes().await.unwrap();
        let all: Vec<mongodb::IndexModel> = cursor.try_collect().await.unwrap();
        let found = all.iter().any(|index| {
            let options = index.options.as_ref();
            let is_unique = options.and_then(|o| o.unique).unwrap_or(false);
            let is_partial = options.is_some_and(|o| o.partial_filter_expression.is_some());
            index.keys == keys && is_unique == unique && is_partial == partial
        });
        assert!(found, "{collection} has no {keys} (unique {unique}, partial {partial}): {all:?}");
    };
    has("apps", doc! {"appId": 1}, true, false).await;
    has("users", doc! {"email": 1}, true, false).await;
    has("seats", doc! {"appId": 1, "entityId": 1, "seatNumber": 1}, true, false).await;
    has("seats", doc! {"appId": 1, "entityId": 1, "seatKey": 1}, true, true).await;
    has("reservations", doc! {"reservationToken": 1}, true, false).await;
    has("reservations", doc! {"appId": 1, "seatIds": 1}, true, true).await;
    has("bookings", doc! {"bookingId": 1}, true, false).await;
    has("bookings", doc! {"reservationToken": 1}, true, true).await;
    has("bookings", doc! {"appId": 1, "seatIds": 1}, true, true).await;
}

#[tokio::test]
async fn the_database_itself_refuses_documents_of_another_form() {
    let stack = Plan { functions: Some(&[]), ..Plan::new("validators") }.start().await;
    let database = stack.database().await;
    for collection in ["apps", "users", "seats", "reservations", "bookings"] {
        let refused =
            database.collection::<Document>(collection).insert_one(doc! {"surprise": 1}).await;
        assert!(refused.is_err(), "{collection} takes anything");
    }
}

#[tokio::test]
async fn the_sweeper_marks_what_is_overdue_and_nothing_else() {
    let tenant = stacks::usual().await.tenant().await;
    let seats = tenant.seats(&["A1", "A2", "A3", "A4"]).await;
    let user = tenant.user().await;
    user.book(&[&seats[0]]).await;
    let released = user.hold(&[&seats[1]]).await;
    user.release(&released).await.expect(200);
    let overdue = user.hold(&[&seats[2]]).await;
    end_hold(&tenant, &overdue).await;
    let live = user.hold(&[&seats[3]]).await;
    let swept = tenant.stack.invoke("expire-reservations", &json!({})).await;
    assert!(swept["expired"].is_u64(), "{swept}");
    let books = invariants::check(&tenant).await;
    let statuses = ["CONFIRMED", "RELEASED", "EXPIRED", "ACTIVE"].map(|status| books.count(status));
    assert_eq!(statuses, [1, 1, 1, 1]);
    assert!(books.live().iter().all(|token| *token == live.token));
    // Two sweepers at once do no harm.
    let nothing = json!({});
    tokio::join!(
        tenant.stack.invoke("expire-reservations", &nothing),
        tenant.stack.invoke("expire-reservations", &nothing)
    );
    invariants::check(&tenant).await;
}
