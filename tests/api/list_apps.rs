//! `GET /admin/apps`: its pages, which show no key and no hash of one.

use super::register_app::APP;
use crate::support::{reply::keys, stacks};

#[tokio::test]
async fn all_apps_are_listed_in_pages_without_key_or_hash() {
    let stack = stacks::usual().await;
    let made = [stack.tenant().await, stack.tenant_of("BUS").await, stack.tenant().await];
    let (mut found, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let reply = stack.admin().await.get(&format!("/admin/apps?limit=2{cursor}")).await;
        let data = reply.expect(200);
        keys(data, &["apps"], &["nextCursor"], "list apps");
        let apps = data["apps"].as_array().unwrap().clone();
        assert!((1..=2).contains(&apps.len()), "{reply}");
        for app in &apps {
            keys(app, APP, &[], "an app of the list");
        }
        for tenant in &made {
            assert!(!reply.text.contains(&tenant.api_key));
        }
        found.extend(apps);
        pages += 1;
        match data.get("nextCursor") {
            Some(next) => cursor = format!("&cursor={}", next.as_str().unwrap()),
            None => break,
        }
    }
    assert!(pages > 1);
    for tenant in made {
        let same: Vec<_> = found.iter().filter(|app| app["appId"] == tenant.app_id).collect();
        assert_eq!(same.len(), 1, "{} is listed once", tenant.app_id);
        assert_eq!(same[0]["domain"], tenant.domain);
    }
}

#[tokio::test]
async fn the_default_page_is_of_a_hundred_and_a_wrong_cursor_is_named() {
    let admin = stacks::usual().await.admin().await;
    let apps = admin.get("/admin/apps").await;
    assert!(apps.expect(200)["apps"].as_array().unwrap().len() <= 100);
    for query in ["limit=0", "limit=101", "cursor=x"] {
        admin.get(&format!("/admin/apps?{query}")).await.error(400, "VALIDATION_ERROR");
    }
}
