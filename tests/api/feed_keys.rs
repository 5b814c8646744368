//! Keys of the public seat feeds: who gets one, where it is shown, and how it is replaced.

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use crate::support::{people::Tenant, stacks, unique};

fn path(tenant: &Tenant, entity: &str) -> String {
    format!("/admin/apps/{}/entities/{entity}", tenant.app_id)
}

/// The key that the organiser sees.
async fn key_of(tenant: &Tenant, entity: &str) -> String {
    let reply = tenant.stack.admin().await.get(&path(tenant, entity)).await;
    reply.expect(200)["feedKey"].as_str().expect("a feed key").to_owned()
}

async fn stored(tenant: &Tenant, entity: &str) -> Document {
    let entities = tenant.stack.database().await.collection::<Document>("entities");
    let filter = doc! {"appId": &tenant.app_id, "entityId": entity};
    entities.find_one(filter).await.unwrap().expect("an entity")
}

/// Makes the entity what an earlier version would have stored.
async fn forget_key(tenant: &Tenant, entity: &str) {
    let entities = tenant.stack.database().await.collection::<Document>("entities");
    let filter = doc! {"appId": &tenant.app_id, "entityId": entity};
    entities.update_one(filter, doc! {"$unset": {"feedKey": ""}}).await.unwrap();
}

#[tokio::test]
async fn an_entity_keeps_its_key_and_shows_it_to_organisers_and_frontends() {
    let tenant = stacks::usual().await.tenant().await;
    let admin = tenant.stack.admin().await;
    let entity = tenant.new_entity("show", &json!({})).await;
    let key = key_of(&tenant, &entity).await;
    assert!(key.len() == 22 && key.bytes().all(|c| c.is_ascii_alphanumeric()), "{key}");
    let put = json!({"title": "Another", "currency": "INR"});
    let replaced = admin.call("PUT", &path(&tenant, &entity)).json(&put).send().await;
    assert_eq!(replaced.expect(200)["feedKey"], key);
    tenant.seats_in(&entity, &["A1"]).await;
    let one = tenant.call("GET", &format!("/entities/{entity}")).send().await;
    assert_eq!(one.expect(200)["feedKey"], key);
    let list = tenant.call("GET", "/entities").send().await;
    assert_eq!(list.expect(200)["entities"][0]["feedKey"], key);
    let other = tenant.new_entity("show", &json!({})).await;
    assert_ne!(key_of(&tenant, &other).await, key);
}

#[tokio::test]
async fn an_entity_of_seats_alone_has_a_key_too_and_a_put_does_not_change_it() {
    let tenant = stacks::usual().await.tenant().await;
    tenant.seats(&["A1"]).await;
    let key = stored(&tenant, &tenant.entity).await.get_str("feedKey").unwrap().to_owned();
    tenant.seats(&["A2"]).await;
    let admin = tenant.stack.admin().await;
    let put = json!({"title": "A show", "currency": "INR"});
    let made = admin.call("PUT", &path(&tenant, &tenant.entity)).json(&put).send().await;
    assert_eq!(made.expect(201)["feedKey"], key);
    assert_eq!(made.expect(201)["seatsVersion"], 2);
}

#[tokio::test]
async fn the_version_of_the_seats_rises_with_what_their_list_shows() {
    let tenant = stacks::usual().await.tenant().await;
    let admin = tenant.stack.admin().await;
    let entity = tenant.new_entity("show", &json!({})).await;
    let version = || async {
        let reply = admin.get(&path(&tenant, &entity)).await;
        reply.expect(200)["seatsVersion"].as_i64().unwrap()
    };
    assert_eq!(version().await, 0);
    tenant.seats_in(&entity, &["A1", "A2"]).await;
    let with_seats = version().await;
    assert!(with_seats > 0);
    let seats = format!("{}/seats", path(&tenant, &entity));
    let where_all = json!({"seatNumbers": ["A1", "A2"]});
    let set = |set: Value| json!({"where": where_all, "set": set});
    admin.patch(&seats, &set(json!({"forSale": false}))).await.expect(200);
    assert_eq!(version().await, with_seats);
    admin.patch(&seats, &set(json!({"price": 5}))).await.expect(200);
    let repriced = version().await;
    assert!(repriced > with_seats);
    admin.post(&format!("{seats}/remove"), &json!({"where": where_all})).await.expect(200);
    assert!(version().await > repriced);
}

#[tokio::test]
async fn a_key_is_replaced_on_request_without_a_new_version_of_the_settings() {
    let tenant = stacks::usual().await.tenant().await;
    let (_, server) = tenant.server().await;
    let entity = tenant.new_entity("show", &json!({})).await;
    let old = key_of(&tenant, &entity).await;
    let rotate = format!("{}/rotate-feed-key", path(&tenant, &entity));
    let reply = server.call("POST", &rotate).send().await;
    let new = reply.expect(200)["feedKey"].as_str().unwrap().to_owned();
    assert_eq!(*reply.expect(200), json!({"entityId": entity, "feedKey": new}));
    assert_ne!(new, old);
    assert_eq!(key_of(&tenant, &entity).await, new);
    let settings = server.get(&path(&tenant, &entity)).await;
    assert_eq!(settings.expect(200)["version"], 1);
    server.post(&rotate, &json!({})).await.expect(200);
    server.post(&rotate, &json!({"key": "mine"})).await.refuses("key");
    server.call("POST", &format!("{rotate}?key=mine")).send().await.refuses("key");
    for unknown in [unique("unknown"), "a%20b".to_owned()] {
        let rotate = format!("{}/rotate-feed-key", path(&tenant, &unknown));
        server.call("POST", &rotate).send().await.error(404, "ENTITY_NOT_FOUND");
    }
    let other = tenant.stack.tenant().await;
    let foreign = format!("{}/rotate-feed-key", path(&other, &entity));
    server.call("POST", &foreign).send().await.error(404, "APP_NOT_FOUND");
}

#[tokio::test]
async fn a_deleted_entity_has_no_key_and_a_new_one_has_another() {
    let tenant = stacks::usual().await.tenant().await;
    let admin = tenant.stack.admin().await;
    let entity = tenant.new_entity("show", &json!({})).await;
    let old = key_of(&tenant, &entity).await;
    admin.delete(&path(&tenant, &entity)).await.expect(200);
    assert!(!stored(&tenant, &entity).await.contains_key("feedKey"));
    let rotate = format!("{}/rotate-feed-key", path(&tenant, &entity));
    admin.call("POST", &rotate).send().await.error(404, "ENTITY_NOT_FOUND");
    let put = json!({"title": "Again", "currency": "INR"});
    let made = admin.call("PUT", &path(&tenant, &entity)).json(&put).send().await;
    let new = made.expect(201)["feedKey"].as_str().expect("a feed key").to_owned();
    assert_ne!(new, old);
}

#[tokio::test]
async fn entities_of_earlier_versions_are_shown_without_a_key_until_a_migration() {
    let stack = stacks::Plan::new("earlier-feeds").unlimited().start().await;
    let tenant = stack.tenant().await;
    let admin = stack.admin().await;
    let entity = tenant.new_entity("show", &json!({})).await;
    let rotated = tenant.new_entity("show", &json!({})).await;
    tenant.seats(&["A1"]).await;
    for id in [&entity, &rotated, &tenant.entity] {
        forget_key(&tenant, id).await;
    }
    let deleted = tenant.new_entity("deleted", &json!({})).await;
    admin.delete(&path(&tenant, &deleted)).await.expect(200);
    let shown = admin.get(&path(&tenant, &entity)).await;
    assert!(shown.expect(200).get("feedKey").is_none(), "{shown}");
    let rotate = format!("{}/rotate-feed-key", path(&tenant, &rotated));
    let own = admin.call("POST", &rotate).send().await.expect(200)["feedKey"].clone();

    let migrated = stack.invoke("migrate", &json!({})).await;
    assert_eq!(migrated["changes"], json!(["gave entities keys of their feeds: 2"]), "{migrated}");
    assert_eq!(key_of(&tenant, &rotated).await, own);
    assert_ne!(key_of(&tenant, &entity).await, own);
    assert!(stored(&tenant, &tenant.entity).await.contains_key("feedKey"));
    // A deleted entity stays one.
    let seats = format!("{}/seats", path(&tenant, &deleted));
    admin.get(&seats).await.error(404, "ENTITY_NOT_FOUND");
    let again = stack.invoke("migrate", &json!({})).await;
    assert_eq!(again["changes"], json!([]), "{again}");
}
