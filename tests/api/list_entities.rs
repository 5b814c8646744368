//! Lists of entities, for organisers and for frontends, and what a frontend sees of one.

use serde_json::json;

use super::entities::{in_seconds, patch, path, selling};
use crate::support::{
    WAIT_TIMEOUT,
    people::PRICE,
    poll::eventually,
    reply::{Reply, keys},
    stacks,
};

#[tokio::test]
async fn entities_are_listed_by_start_and_undated_ones_last() {
    let stack = stacks::usual().await;
    let tenant = stack.tenant().await;
    let admin = stack.admin().await;
    let dated = |start: i64, end: i64| {
        let (start, end) = (in_seconds(start), in_seconds(end));
        json!({"startsAt": start, "endsAt": end, "timeZone": "UTC"})
    };
    let undated = tenant.new_entity("undated", &json!({})).await;
    let later = tenant.new_entity("later", &dated(7_200, 9_000)).await;
    let soon = tenant.new_entity("soon", &dated(3_600, 9_000)).await;
    let running = tenant.new_entity("running", &dated(-3_600, 3_600)).await;
    let over = tenant.new_entity("over", &dated(-7_200, -3_600)).await;
    let ids = |reply: &Reply| -> Vec<String> {
        let list = reply.expect(200)["entities"].as_array().unwrap();
        list.iter().map(|e| e["entityId"].as_str().unwrap().to_owned()).collect()
    };
    let public = |query: String| tenant.call("GET", &format!("/entities{query}")).send();
    let all = [&running, &soon, &later, &undated].map(Clone::clone);
    assert_eq!(ids(&public(String::new()).await), all);
    let from = in_seconds(-86_400).replace(':', "%3A");
    assert_eq!(ids(&public(format!("?from={from}")).await)[0], over);
    let to = in_seconds(5_400).replace(':', "%3A");
    assert_eq!(ids(&public(format!("?to={to}")).await), [running.clone(), soon.clone()]);

    let mut paged = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let reply = public(query.clone()).await;
        paged.extend(ids(&reply));
        let Some(next) = reply.expect(200)["nextCursor"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(paged, all);

    let list = |query: String| {
        let path = format!("/admin/apps/{}/entities{query}", tenant.app_id);
        let admin = &admin;
        async move { admin.get(&path).await }
    };
    assert_eq!(ids(&list(String::new()).await).len(), 5);
    admin.patch(&path(&tenant, &soon), &json!({"state": "PAUSED"})).await.expect(200);
    assert_eq!(ids(&list("?state=PAUSED".to_owned()).await), [soon]);
    let (_, server) = tenant.server().await;
    let own = server.get(&format!("/admin/apps/{}/entities", tenant.app_id)).await;
    assert_eq!(ids(&own).len(), 5);
    let other = stack.tenant().await;
    let foreign = server.get(&format!("/admin/apps/{}/entities", other.app_id)).await;
    foreign.error(404, "APP_NOT_FOUND");
}

#[tokio::test]
async fn frontends_see_the_sale_the_prices_and_how_many_seats_are_free() {
    let (tenant, seats) = selling(&json!({"venue": "Hall"}), &["A1", "A2", "A3"]).await;
    let user = tenant.user().await;
    user.book(&[&seats[0]]).await;
    user.hold(&[&seats[1]]).await;
    let read = || async {
        let public = format!("/entities/{}", tenant.entity);
        let reply = tenant.call("GET", &public).send().await;
        let data = reply.expect(200).clone();
        (data["seats"] == json!({"total": 3, "available": 1})).then_some(data)
    };
    let data = eventually("the counts are true", WAIT_TIMEOUT, read).await;
    let fields = [
        "entityId",
        "title",
        "venue",
        "currency",
        "sales",
        "priceFrom",
        "priceTo",
        "seats",
        "feedKey",
        "liveUrl",
        "sections",
    ];
    keys(&data, &fields, &[], "an entity for buyers");
    assert_eq!((&data["sales"], &data["priceFrom"]), (&json!("OPEN"), &json!(PRICE)));
    let admin = tenant.stack.admin().await;
    let counts = || async {
        let reply = admin.get(&path(&tenant, &tenant.entity)).await;
        let counts = reply.expect(200)["seats"].clone();
        let all = json!({"total": 3, "available": 1, "held": 1, "booked": 1, "notForSale": 0});
        (counts == all).then_some(())
    };
    eventually("the organiser's counts are true", WAIT_TIMEOUT, counts).await;
    for (change, sales) in [
        (json!({"salesOpenAt": in_seconds(3_600)}), "NOT_YET"),
        (json!({"salesOpenAt": null, "salesCloseAt": in_seconds(-1)}), "CLOSED"),
        (json!({"salesCloseAt": null, "state": "PAUSED"}), "PAUSED"),
    ] {
        patch(&tenant, &change).await.expect(200);
        let reply = tenant.call("GET", "/entities").send().await;
        assert_eq!(reply.expect(200)["entities"][0]["sales"], sales, "{reply}");
    }
}
