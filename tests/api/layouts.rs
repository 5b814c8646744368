//! Seating plans, `/admin/apps/{appId}/layouts`: each change is a version, and none ever changes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{
    people::{Admin, Tenant},
    reply::{Reply, keys},
    stacks, unique,
};

const VERSION: &[&str] = &["layoutId", "version", "name", "counts", "createdAt"];

pub(super) fn path(tenant: &Tenant, layout: &str) -> String {
    format!("/admin/apps/{}/layouts/{layout}", tenant.app_id)
}

pub(super) async fn put(admin: &Admin, path: &str, body: &Value) -> Reply {
    admin.call("PUT", path).json(body).send().await
}

/// A new tenant with its server, and the path of a layout that does not exist.
pub(super) async fn server() -> (Tenant, Admin, String) {
    let tenant = stacks::usual().await.tenant().await;
    let (_, server) = tenant.server().await;
    let path = path(&tenant, &unique("hall"));
    (tenant, server, path)
}

pub(super) fn plan() -> Value {
    let plan = include_str!("../../shared/src/domain/layout/sample.json");
    serde_json::from_str(plan).expect("JSON")
}

#[tokio::test]
async fn each_put_makes_a_version_that_stays_as_it_is() {
    let (tenant, server, path) = server().await;
    server.get(&path).await.error(404, "LAYOUT_NOT_FOUND");
    let first = put(&server, &path, &plan()).await;
    let data = first.expect(201);
    keys(data, VERSION, &[], "a version");
    assert_eq!((&data["version"], &data["name"]), (&json!(1), &json!("Hall")));
    assert_eq!(data["counts"], json!({"seats": 14, "rows": 3, "sections": 2, "categories": 2}));

    let mut changed = plan();
    changed["name"] = "Hall, rebuilt".into();
    assert_eq!(put(&server, &path, &changed).await.expect(200)["version"], 2);
    let read = server.get(&path).await;
    let newest = read.expect(200);
    assert_eq!((&newest["version"], &newest["name"]), (&json!(2), &json!("Hall, rebuilt")));
    let old = server.get(&format!("{path}?version=1")).await;
    let mut old = old.expect(200).clone();
    assert_eq!(old["name"], "Hall");
    for missing in ["3", "9223372036854775807"] {
        server.get(&format!("{path}?version={missing}")).await.error(404, "LAYOUT_NOT_FOUND");
    }
    for wrong in ["0", "-1", "x", "1.0", "9223372036854775808"] {
        server.get(&format!("{path}?version={wrong}")).await.refuses("version");
    }

    // What GET returns can be sent back, and is the same plan.
    assert_eq!(put(&server, &path, &old).await.expect(200)["version"], 3);
    let again = server.get(&path).await;
    let mut again = again.expect(200).clone();
    for changing in ["version", "createdAt"] {
        old[changing] = Value::Null;
        again[changing] = Value::Null;
    }
    assert_eq!(old, again);
    for (field, value) in plan().as_object().unwrap() {
        assert_eq!(old[field], *value, "{field}");
    }
    // To another tenant's server, neither the app nor its layouts exist.
    let (_, other) = stacks::usual().await.tenant().await.server().await;
    other.get(&path).await.error(404, "APP_NOT_FOUND");
    put(&other, &path, &plan()).await.error(404, "APP_NOT_FOUND");
    let admin = tenant.stack.admin().await;
    admin.get(&path).await.expect(200);
}

#[tokio::test]
async fn puts_at_the_same_time_get_versions_of_their_own() {
    let (_, server, path) = server().await;
    let puts = (0..8).map(|n| {
        let mut plan = plan();
        plan["name"] = format!("Hall {n}").into();
        let (server, path) = (&server, path.as_str());
        async move { put(server, path, &plan).await }
    });
    let replies = futures_util::future::join_all(puts).await;
    let mut versions = BTreeSet::new();
    for reply in &replies {
        assert!(matches!(reply.status, 200 | 201), "{reply}");
        let data = &reply.body["data"];
        let read = server.get(&format!("{path}?version={}", data["version"])).await;
        assert_eq!(read.expect(200)["name"], data["name"]);
        versions.insert(data["version"].as_i64().unwrap());
    }
    assert_eq!(versions, (1..=8).collect());
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
}

#[tokio::test]
async fn the_list_has_each_layout_once_with_its_newest_version() {
    let (tenant, server, _) = server().await;
    let list = format!("/admin/apps/{}/layouts", tenant.app_id);
    assert_eq!(*server.get(&list).await.expect(200), json!({"layouts": []}));
    for id in ["b", "a", "C", "b"] {
        put(&server, &path(&tenant, id), &plan()).await;
    }
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let page = server.get(&format!("{list}?limit=2{next}")).await;
        let data = page.expect(200);
        for layout in data["layouts"].as_array().unwrap() {
            keys(layout, VERSION, &[], "a listed layout");
            let version = layout["version"].as_i64().unwrap();
            seen.push((layout["layoutId"].as_str().unwrap().to_owned(), version));
        }
        let Some(cursor) = data["nextCursor"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(seen, [("C".into(), 1), ("a".into(), 1), ("b".into(), 2)]);
    server.get(&format!("{list}?limit=101")).await.refuses("limit");
    server.get(&format!("{list}?cursor=!")).await.refuses("cursor");
}

#[tokio::test]
async fn a_fault_is_named_and_nothing_is_stored() {
    let (tenant, server, path) = server().await;
    let faults = [
        ("/name", json!(""), "name"),
        ("/size/width", json!(100_001), "size.width"),
        ("/focalPoint/x", json!("middle"), "focalPoint.x"),
        ("/categories/1/key", json!("gold"), "categories[1].key"),
        ("/sections/0/floor", json!("2"), "sections[0].floor"),
        ("/sections/1/key", json!("L"), "sections[1].key"),
        ("/sections/0/rows/0/category", json!("red"), "sections[0].rows[0].category"),
        ("/sections/0/rows/0/run/gaps/0", json!(12), "sections[0].rows[0].run.gaps[0]"),
        (
            "/sections/0/rows/1/seats/0/number",
            json!("L-1-1"),
            "sections[0].rows[1].seats[0].number",
        ),
        (
            "/sections/0/rows/1/seats/0/flags/0",
            json!("vip"),
            "sections[0].rows[1].seats[0].flags[0]",
        ),
        ("/sections/0/rows/1/seats/0/x", json!(1.5), "sections[0].rows[1].seats[0].x"),
        ("/shapes/0/role", json!("bar"), "shapes[0].role"),
    ];
    for (at, value, field) in faults {
        let mut plan = plan();
        *plan.pointer_mut(at).unwrap() = value;
        let reply = put(&server, &path, &plan).await;
        let error = reply.error(400, "VALIDATION_ERROR");
        assert_eq!(error["details"]["fields"][0]["field"], field, "{reply}");
    }
    let mut unknown = plan();
    unknown["sections"][0]["price"] = 5.into();
    put(&server, &path, &unknown).await.refuses("sections[0].price");
    put(&server, &path_of_bad_id(&tenant), &plan()).await.refuses("layoutId");
    server.get(&path).await.error(404, "LAYOUT_NOT_FOUND");
}

fn path_of_bad_id(tenant: &Tenant) -> String {
    path(tenant, "-hall")
}

#[tokio::test]
async fn an_optional_field_may_be_null_and_a_whole_number_may_have_a_fraction_of_zero() {
    let (_, server, path) = server().await;
    let mut odd = plan();
    odd["size"]["width"] = json!(1000.0);
    for optional in ["floor", "outline", "entrance"] {
        odd["sections"][1][optional] = Value::Null;
    }
    odd["sections"][0]["rows"][1]["seats"][0]["label"] = Value::Null;
    odd["sections"][1]["rows"][0]["seats"] = Value::Null;
    odd["sections"][1]["rows"][0]["run"]["gaps"] = Value::Null;
    put(&server, &path, &odd).await.expect(201);
    let mut expected = plan();
    let read = server.get(&path).await;
    for field in ["layoutId", "version", "counts", "createdAt"] {
        expected[field] = read.expect(200)[field].clone();
    }
    assert_eq!(*read.expect(200), expected);
}
