//! Webhook endpoints: `/admin/apps/{appId}/webhooks`. What is sent to them: `webhook_deliveries`.

use serde_json::{Value, json};

use crate::support::{
    people::{Admin, Tenant},
    reply::{keys, time},
    stacks, unique,
};

pub fn path(tenant: &Tenant) -> String {
    format!("/admin/apps/{}/webhooks", tenant.app_id)
}

fn url() -> String {
    format!("https://{}.example/hooks", unique("shop"))
}

async fn types_of(tenant: &Tenant) -> Option<Vec<String>> {
    let apps = tenant.stack.database().await.collection::<mongodb::bson::Document>("apps");
    let app = apps.find_one(mongodb::bson::doc! {"appId": &tenant.app_id}).await.unwrap().unwrap();
    let types = app.get_array("webhookTypes").ok()?;
    Some(types.iter().map(|one| one.as_str().unwrap().to_owned()).collect())
}

async fn created(server: &Admin, path: &str, body: &Value) -> String {
    let reply = server.post(path, body).await;
    reply.expect(201)["webhookId"].as_str().unwrap().to_owned()
}

const FIELDS: &[&str] = &["webhookId", "url", "types", "enabled", "createdAt", "updatedAt"];

#[tokio::test]
async fn an_endpoint_is_created_with_a_secret_that_no_later_response_shows() {
    let tenant = stacks::usual().await.tenant().await;
    let (_, server) = tenant.server().await;
    let (path, url) = (path(&tenant), url());
    let reply = server.post(&path, &json!({"url": &url, "description": " Stock "})).await;
    let made = reply.expect(201);
    keys(made, &[FIELDS, &["description", "secret"]].concat(), &[], "a new endpoint");
    assert_eq!((&made["url"], &made["description"]), (&json!(url), &json!("Stock")));
    assert_eq!(made["types"].as_array().unwrap().len(), 13, "all types");
    assert_eq!(made["enabled"], true);
    time(&made["createdAt"]);
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 38, "{secret}");

    let one = format!("{path}/{}", made["webhookId"].as_str().unwrap());
    let shown = server.get(&one).await;
    keys(shown.expect(200), &[FIELDS, &["description"]].concat(), &[], "an endpoint");
    let list = server.get(&path).await;
    assert_eq!(list.expect(200)["webhooks"], json!([shown.expect(200)]));
    let stored = tenant.stack.database().await.collection::<mongodb::bson::Document>("webhooks");
    let stored = stored.find_one(mongodb::bson::doc! {"url": &url}).await.unwrap().unwrap();
    assert!(!stored.to_string().contains(&secret[6..]), "the secret is sealed");
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    let tenant = stacks::usual().await.tenant().await;
    let (_, server) = tenant.server().await;
    let body = json!({"url": url(), "types": ["hold.created"], "description": "A"});
    let one = format!("{}/{}", path(&tenant), created(&server, &path(&tenant), &body).await);
    let after = server.patch(&one, &json!({"enabled": false})).await.expect(200).clone();
    assert_eq!((&after["enabled"], &after["types"]), (&json!(false), &json!(["hold.created"])));
    let after = server.patch(&one, &json!({"description": null, "types": null})).await;
    let after = after.expect(200);
    assert!(after.get("description").is_none() && after["enabled"] == false, "{after}");
    assert_eq!(after["types"].as_array().unwrap().len(), 13, "null stands for all");
    let (next, types) = (url(), json!(["refund.failed", "entity.updated"]));
    let change = json!({"url": next, "enabled": true, "types": types});
    let reply = server.patch(&one, &change).await;
    let after = reply.expect(200);
    assert_eq!((&after["url"], &after["enabled"]), (&json!(next), &json!(true)));
    assert!(after.get("disabledReason").is_none(), "{after}");
    for (bad, field) in [
        (json!({}), "body"),
        (json!({"url": null}), "url"),
        (json!({"enabled": null}), "enabled"),
        (json!({"enabled": "yes"}), "enabled"),
        (json!({"secret": "whsec_"}), "secret"),
    ] {
        server.patch(&one, &bad).await.refuses(field);
    }
}

#[tokio::test]
async fn bad_input_gets_an_error_that_names_the_field() {
    let tenant = stacks::usual().await.tenant().await;
    let (_, server) = tenant.server().await;
    for (bad, field) in [
        (json!({}), "url"),
        (json!({"url": 1}), "url"),
        (json!({"url": "shop.example"}), "url"),
        (json!({"url": "http://shop.example/"}), "url"),
        (json!({"url": "ftp://shop.example/"}), "url"),
        (json!({"url": "https://shop.example:444/"}), "url"),
        (json!({"url": "https://a@shop.example/"}), "url"),
        (json!({"url": "https://a:b@shop.example/"}), "url"),
        (json!({"url": "https://shop.example/\n"}), "url"),
        (json!({"url": format!("https://shop.example/{}", "a".repeat(2_048))}), "url"),
        (json!({"url": url(), "types": []}), "types"),
        (json!({"url": url(), "types": ["hold.created", "hold.created"]}), "types"),
        (json!({"url": url(), "types": ["hold.sold"]}), "types[0]"),
        (json!({"url": url(), "types": "hold.created"}), "types"),
        (json!({"url": url(), "description": ""}), "description"),
        (json!({"url": url(), "description": "x".repeat(201)}), "description"),
        (json!({"url": url(), "enabled": true}), "enabled"),
    ] {
        server.post(&path(&tenant), &bad).await.refuses(field);
    }
    for good in
        ["https://shop.example:8443/a?b=c", "https://shop.example:443/", "https://a.example"]
    {
        let reply = server.post(&path(&tenant), &json!({"url": good})).await;
        assert_eq!(reply.expect(201)["url"], good);
    }
    assert_eq!(
        server.get(&path(&tenant)).await.expect(200)["webhooks"].as_array().unwrap().len(),
        3
    );
}

#[tokio::test]
async fn an_app_has_at_most_ten_endpoints_also_when_they_are_created_at_once() {
    let tenant = stacks::usual().await.tenant().await;
    let (_, server) = tenant.server().await;
    let (path, body) = (path(&tenant), json!({"url": url()}));
    let replies = futures_util::future::join_all((0..14).map(|_| server.post(&path, &body))).await;
    let (made, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 201);
    let listed = server.get(&path).await.expect(200)["webhooks"].as_array().unwrap().len();
    assert_eq!((made.len(), listed), (10, 10));
    for reply in refused {
        assert_eq!(reply.error(409, "LIMIT_REACHED")["details"]["limit"], 10);
    }
    let one = format!("{path}/{}", made[0].expect(201)["webhookId"].as_str().unwrap());
    server.delete(&one).await.expect(200);
    server.post(&path, &body).await.expect(201);
}

/// Functions that hold and sell seats read from the app which events are worth a write.
#[tokio::test]
async fn the_app_knows_what_its_endpoints_want_disabled_ones_too() {
    let tenant = stacks::usual().await.tenant().await;
    let (_, server) = tenant.server().await;
    let path = path(&tenant);
    assert_eq!(types_of(&tenant).await, None);
    let held = json!({"url": url(), "types": ["hold.created", "hold.released"]});
    let held = format!("{path}/{}", created(&server, &path, &held).await);
    let sold = json!({"url": url(), "types": ["hold.created", "booking.confirmed"]});
    let sold = format!("{path}/{}", created(&server, &path, &sold).await);
    let all = ["booking.confirmed", "hold.created", "hold.released"].map(str::to_owned).to_vec();
    assert_eq!(types_of(&tenant).await, Some(all.clone()));
    server.patch(&held, &json!({"enabled": false})).await.expect(200);
    assert_eq!(types_of(&tenant).await, Some(all));
    server.patch(&held, &json!({"types": ["refund.due"]})).await.expect(200);
    let now = ["booking.confirmed", "hold.created", "refund.due"].map(str::to_owned).to_vec();
    assert_eq!(types_of(&tenant).await, Some(now));
    server.delete(&sold).await.expect(200);
    assert_eq!(types_of(&tenant).await, Some(vec!["refund.due".to_owned()]));
    server.delete(&held).await.expect(200);
    assert_eq!(types_of(&tenant).await, None);
    server.delete(&held).await.error(404, "WEBHOOK_NOT_FOUND");
}

#[tokio::test]
async fn at_most_three_secrets_live_and_a_rotation_without_overlap_ends_them() {
    let tenant = stacks::usual().await.tenant().await;
    let (_, server) = tenant.server().await;
    let one = format!(
        "{}/{}",
        path(&tenant),
        created(&server, &path(&tenant), &json!({"url": url()})).await
    );
    let rotate = async |body: Value| server.post(&format!("{one}/rotate-secret"), &body).await;
    let first = rotate(json!({"overlapSeconds": 86_400})).await;
    keys(first.expect(200), &["webhookId", "secret"], &[], "a new secret");
    rotate(json!({"overlapSeconds": 60})).await.expect(200);
    let refused = rotate(json!({"overlapSeconds": 60})).await;
    assert_eq!(refused.error(409, "LIMIT_REACHED")["details"]["limit"], 3);
    rotate(json!({})).await.expect(200);
    rotate(json!({"overlapSeconds": 1})).await.expect(200);
    for bad in [json!({"overlapSeconds": 86_401}), json!({"overlapSeconds": -1})] {
        rotate(bad).await.refuses("overlapSeconds");
    }
}

#[tokio::test]
async fn what_is_another_apps_or_malformed_does_not_exist() {
    let stack = stacks::usual().await;
    let (tenant, other) = (stack.tenant().await, stack.tenant().await);
    let ((_, server), (_, stranger)) = (tenant.server().await, other.server().await);
    let id = created(&server, &path(&tenant), &json!({"url": url()})).await;
    let theirs = format!("{}/{id}", path(&other));
    for id in [
        &*theirs,
        &format!("{}/x", path(&other)),
        &format!("{}/{}", path(&other), id.to_uppercase()),
    ] {
        stranger.get(id).await.error(404, "WEBHOOK_NOT_FOUND");
        stranger.patch(id, &json!({"enabled": true})).await.error(404, "WEBHOOK_NOT_FOUND");
        stranger.delete(id).await.error(404, "WEBHOOK_NOT_FOUND");
        stranger.get(&format!("{id}/deliveries")).await.error(404, "WEBHOOK_NOT_FOUND");
        for call in ["rotate-secret", "test", "deliveries/x/retry"] {
            let reply = stranger.post(&format!("{id}/{call}"), &json!({})).await;
            reply.error(404, "WEBHOOK_NOT_FOUND");
        }
        let since = json!({"since": "2026-01-01T00:00:00Z"});
        let reply = stranger.post(&format!("{id}/recover"), &since).await;
        reply.error(404, "WEBHOOK_NOT_FOUND");
    }
    stranger.get(&path(&tenant)).await.error(404, "APP_NOT_FOUND");
    let mine = format!("{}/{id}", path(&tenant));
    for delivery in ["x", "8f14e45f-ceea-467f-ab5b-1c2d3e4f5a6b"] {
        let retry = format!("{mine}/deliveries/{delivery}/retry");
        server.post(&retry, &json!({})).await.error(404, "DELIVERY_NOT_FOUND");
    }
    server.get(&mine).await.expect(200);
}

#[tokio::test]
async fn deliveries_are_listed_in_pages_newest_first() {
    let tenant = stacks::usual().await.tenant().await;
    let (_, server) = tenant.server().await;
    let body = json!({"url": url(), "types": ["hold.created"]});
    let one = format!("{}/{}", path(&tenant), created(&server, &path(&tenant), &body).await);
    // Deliveries to a disabled endpoint are not sent, so nothing changes meanwhile.
    server.patch(&one, &json!({"enabled": false})).await.expect(200);
    let mut sent = Vec::new();
    for _ in 0..5 {
        let reply = server.post(&format!("{one}/test"), &json!({})).await;
        keys(reply.expect(202), &["deliveryId", "eventId"], &[], "a started delivery");
        sent.push(reply.expect(202)["deliveryId"].clone());
    }
    sent.reverse();
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let reply = server.get(&format!("{one}/deliveries?status=FAILED&limit=2{cursor}")).await;
        let page = reply.expect(200);
        listed.extend(page["deliveries"].as_array().unwrap().iter().cloned());
        let Some(next) = page.get("nextCursor") else { break };
        cursor = format!("&cursor={}", next.as_str().unwrap());
    }
    let ids: Vec<_> = listed.iter().map(|delivery| delivery["deliveryId"].clone()).collect();
    assert_eq!(ids, sent);
    let fields = ["deliveryId", "eventId", "type", "status", "attempts", "createdAt"];
    keys(&listed[0], &fields, &[], "a delivery");
    assert_eq!(listed[0]["type"], "webhook.test");
    for other in ["PENDING", "DELIVERED"] {
        let reply = server.get(&format!("{one}/deliveries?status={other}")).await;
        assert_eq!(reply.expect(200)["deliveries"], json!([]));
    }
    for (bad, field) in [("status=LOST", "status"), ("limit=0", "limit"), ("cursor=x", "cursor")] {
        server.get(&format!("{one}/deliveries?{bad}")).await.refuses(field);
    }
    for bad in [json!({}), json!({"since": "yesterday"})] {
        server.post(&format!("{one}/recover"), &bad).await.refuses("since");
    }
}
