//! A migration drops the indexes of earlier versions, but no unique index.

use futures_util::TryStreamExt as _;
use mongodb::{
    Collection, IndexModel,
    bson::{Document, doc},
    options::IndexOptions,
};
use serde_json::json;

use crate::support::stacks::Plan;

async fn names(collection: &Collection<Document>) -> Vec<String> {
    let indexes: Vec<IndexModel> = collection
        .list_indexes()
        .await
        .expect("the indexes")
        .try_collect()
        .await
        .expect("all of them");
    indexes.into_iter().filter_map(|index| index.options?.name).collect()
}

fn index(name: &str, keys: Document, change: impl FnOnce(&mut IndexOptions)) -> IndexModel {
    let mut options = IndexOptions::builder().name(name.to_owned()).build();
    change(&mut options);
    IndexModel::builder().keys(keys).options(options).build()
}

#[tokio::test]
async fn a_migration_drops_what_an_earlier_one_made_for_its_queries_and_nothing_else() {
    let stack = Plan { functions: Some(&[]), ..Plan::new("upgrade") }.start().await;
    let reservations = stack.database().await.collection::<Document>("reservations");
    let now = names(&reservations).await;
    let keys = || doc! {"appId": 1, "entityId": 1, "status": 1, "expiresAt": 1};
    let claimed = |options: &mut IndexOptions| {
        options.partial_filter_expression = Some(doc! {"claimed": true})
    };
    for old in [
        index("appId_entityId_status_expiresAt", keys(), claimed),
        // An earlier version's index with the keys of a current one.
        index("status_expiresAt", doc! {"status": 1, "expiresAt": 1}, claimed),
        // An index that a person created.
        index("somebodys", doc! {"amount": 1}, |_| ()),
    ] {
        reservations.create_index(old).await.expect("an index");
    }
    let migrated = stack.invoke("migrate", &json!({})).await;
    let dropped = ["appId_entityId_status_expiresAt", "status_expiresAt"];
    let changes: Vec<String> =
        dropped.iter().map(|name| format!("dropped index reservations.{name}")).collect();
    assert_eq!(migrated["changes"], json!(changes), "{migrated}");
    let mut after = names(&reservations).await;
    after.retain(|name| name != "somebodys");
    assert_eq!(after, now);
    assert_eq!(stack.invoke("migrate", &json!({})).await["changes"], json!([]));
}

#[tokio::test]
async fn a_migration_leaves_an_index_of_a_retired_name_that_refuses_writes_or_has_other_keys() {
    let stack = Plan { functions: Some(&[]), ..Plan::new("upgrade").unlimited() }.start().await;
    let bookings = stack.database().await.collection::<Document>("bookings");
    let unique = |options: &mut IndexOptions| options.unique = Some(true);
    let kept = [
        index("reservationToken_paymentId", doc! {"reservationToken": 1, "paymentId": 1}, unique),
        index("appId_createdAt", doc! {"appId": 1, "createdAt": -1}, |_| ()),
    ];
    for index in kept {
        bookings.create_index(index).await.expect("an index");
    }
    assert_eq!(stack.invoke("migrate", &json!({})).await["changes"], json!([]));
    let after = names(&bookings).await;
    for name in ["reservationToken_paymentId", "appId_createdAt"] {
        assert!(after.iter().any(|there| there == name), "{name} is gone: {after:?}");
    }
}
