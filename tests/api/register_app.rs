//! `POST /admin/apps`: ids, keys and names of apps, and the origins that they may list.

use serde_json::{Value, json};

use crate::support::{
    reply::{keys, strings, time},
    stacks, unique,
};

/// The fields of every response about an app.
pub const APP: &[&str] = &[
    "appId",
    "name",
    "domain",
    "allowedDomains",
    "allowServerRequests",
    "isActive",
    "createdAt",
    "updatedAt",
];

fn app(app_id: &str) -> Value {
    json!({
        "appId": app_id, "name": "Halls", "domain": "EVENT",
        "allowedDomains": ["https://halls.example.com"],
    })
}

/// The checksum of the contract: CRC-32 of the 42 characters before, in base62, padded to six.
fn checksum(text: &str) -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = vec![b'0'; 6];
    for place in digits.iter_mut().rev() {
        *place = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    String::from_utf8(digits).unwrap()
}

#[tokio::test]
async fn a_registered_app_has_all_its_fields_and_its_key() {
    let admin = stacks::usual().await.admin().await;
    let app_id = unique("app");
    let reply = admin.post("/admin/apps", &app(&app_id)).await;
    let data = reply.expect(201);
    keys(data, &[APP, &["apiKey"]].concat(), &[], "register");
    assert_eq!(data["appId"], app_id);
    assert_eq!(data["name"], "Halls");
    assert_eq!(data["domain"], "EVENT");
    assert_eq!(strings(&data["allowedDomains"]), ["https://halls.example.com"]);
    assert_eq!(data["allowServerRequests"], false);
    assert_eq!(data["isActive"], true);
    assert_eq!(time(&data["createdAt"]), time(&data["updatedAt"]));
}

#[tokio::test]
async fn a_key_has_the_form_that_a_secret_scanner_can_check() {
    let tenant = stacks::usual().await.tenant().await;
    let key = &tenant.api_key;
    assert_eq!(key.len(), 48, "{key}");
    assert!(key.starts_with("ubk_"), "{key}");
    assert!(key[4..].bytes().all(|b| b.is_ascii_alphanumeric()), "{key}");
    assert_eq!(key[42..], checksum(&key[..42]));
}

#[tokio::test]
async fn only_a_bcrypt_hash_of_the_key_is_stored() {
    let tenant = stacks::usual().await.tenant().await;
    let apps = tenant.stack.database().await.collection::<mongodb::bson::Document>("apps");
    let stored =
        apps.find_one(mongodb::bson::doc! {"appId": &tenant.app_id}).await.unwrap().unwrap();
    let text = stored.to_string();
    assert!(!text.contains(&tenant.api_key), "{text}");
    assert!(text.contains("$2b$10$"), "{text}");
}

#[tokio::test]
async fn an_app_id_is_made_where_none_is_given() {
    let admin = stacks::usual().await.admin().await;
    let mut body = app("");
    body.as_object_mut().unwrap().remove("appId");
    let (one, two) =
        (admin.post("/admin/apps", &body).await, admin.post("/admin/apps", &body).await);
    let (one, two) =
        (one.expect(201)["appId"].as_str().unwrap(), two.expect(201)["appId"].as_str().unwrap());
    assert_ne!(one, two);
    for id in [one, two] {
        let rest = id.strip_prefix(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()).unwrap();
        assert!((1..=62).contains(&rest.len()), "{id}");
        assert!(
            rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "{id}"
        );
    }
}

#[tokio::test]
async fn an_app_id_is_given_once() {
    let admin = stacks::usual().await.admin().await;
    let body = app(&unique("app"));
    admin.post("/admin/apps", &body).await.expect(201);
    admin.post("/admin/apps", &body).await.error(409, "APP_ALREADY_EXISTS");
}

#[tokio::test]
async fn origins_that_would_let_strangers_in_are_refused_and_nothing_is_kept() {
    let admin = stacks::usual().await.admin().await;
    let app_id = unique("app");
    let refused = [
        "*",
        "https://*",
        "https://*.com",
        "https://com",
        "https://co.uk",
        "https://*.co.uk",
        "https://*.github.io",
        "https://*.*.event.com",
        "https://a.*.event.com",
        "https://a*.event.com",
        "http://event.com",
        "http://*.event.com",
        "http://localhost.event.com",
        "https://event.com/path",
        "https://event.com?q=1",
        "https://event.com#here",
        "https://me@event.com",
        "https://event.com:99999",
        "http://8.8.8.8",
        "http://[2001:db8::1]",
        "http://кино.рф",
        "https://рф",
        "https://*.xn--p1ai",
        "https://公司.cn",
        "https://＊.event.com",
        "wss://event.com",
        "file://localhost",
        "data://localhost",
        "blob://localhost",
        "about://localhost",
        "javascript://localhost",
        "capacitor://localhost/",
        "capacitor://*.localhost",
        "event.com",
        "null",
        "",
        "https://",
        "https://event .com",
        "https://event.com,https://other.com",
    ];
    for origin in refused {
        let mut body = app(&app_id);
        body["allowedDomains"] = json!(["https://fine.example.com", origin]);
        let reply = admin.post("/admin/apps", &body).await;
        assert_eq!(reply.status, 400, "{origin}: {reply}");
        reply.refuses("allowedDomains");
    }
    admin.post("/admin/apps", &app(&app_id)).await.expect(201);
}

#[tokio::test]
async fn origins_of_the_forms_the_contract_names_are_accepted() {
    let admin = stacks::usual().await.admin().await;
    let origins = [
        "https://event.com",
        "https://*.event.com",
        "https://event.com:8443",
        "https://a.b.event.co.uk",
        "http://localhost",
        "http://localhost:5173",
        "http://127.0.0.1:3000",
        "http://shop.localhost:9000",
        "http://*.localhost:9000",
        "http://192.168.1.20:5173",
        "http://[::1]:3000",
        "http://[fd00::20]:3000",
        "capacitor://localhost",
        "ionic://localhost",
        "tauri://localhost",
        "com.event.app://localhost",
        "https://xn--h1adke.xn--p1ai",
        "https://*.xn--h1adke.xn--p1ai",
    ];
    let mut body = app(&unique("app"));
    body["allowedDomains"] = json!(origins);
    let reply = admin.post("/admin/apps", &body).await;
    assert_eq!(strings(&reply.expect(201)["allowedDomains"]), origins);
}

#[tokio::test]
async fn a_name_in_any_script_is_kept_as_browsers_send_it() {
    let admin = stacks::usual().await.admin().await;
    let mut body = app(&unique("app"));
    body["allowedDomains"] =
        json!(["https://кино.рф", "https://*.КИНО.рф", "https://xn--h1adke.xn--p1ai"]);
    let reply = admin.post("/admin/apps", &body).await;
    let kept = ["https://xn--h1adke.xn--p1ai", "https://*.xn--h1adke.xn--p1ai"];
    assert_eq!(strings(&reply.expect(201)["allowedDomains"]), kept);
}

#[tokio::test]
async fn an_app_lists_up_to_fifty_origins_and_none_only_for_servers() {
    let admin = stacks::usual().await.admin().await;
    let origins = |count: usize| {
        json!((0..count).map(|n| format!("https://a{n}.example.com")).collect::<Vec<_>>())
    };
    for (count, servers, accepted) in
        [(0, false, false), (0, true, true), (50, false, true), (51, false, false)]
    {
        let mut body = app(&unique("app"));
        body["allowedDomains"] = origins(count);
        body["allowServerRequests"] = json!(servers);
        let reply = admin.post("/admin/apps", &body).await;
        if accepted {
            assert_eq!(reply.expect(201)["allowServerRequests"], servers);
        } else {
            reply.refuses("allowedDomains");
        }
    }
}
