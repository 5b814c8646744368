//! `GET /admin/apps`.

use super::register_app::APP;
use crate::support::{reply::keys, stacks};

#[tokio::test]
async fn all_apps_are_listed_without_key_or_hash() {
    let stack = stacks::usual().await;
    let (one, two) = (stack.tenant().await, stack.tenant_of("BUS").await);
    let reply = stack.admin().await.get("/admin/apps").await;
    let data = reply.expect(200);
    keys(data, &["apps"], &[], "list apps");
    let apps = data["apps"].as_array().unwrap();
    for app in apps {
        keys(app, APP, &[], "an app of the list");
    }
    for tenant in [one, two] {
        let app = apps.iter().find(|a| a["appId"] == tenant.app_id).expect("the app is listed");
        assert_eq!(app["domain"], tenant.domain);
        assert!(!reply.text.contains(&tenant.api_key));
    }
}
