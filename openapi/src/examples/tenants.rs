//! Examples of apps and their keys.

use super::{APP, Examples, KEY, KEY_ID, SECRET_KEY, with};
use serde_json::{Value, json};

pub(crate) fn register() -> Examples {
    let origins = ["https://event.com", "https://*.event.com"];
    let app = json!({"name": "City Hall", "domain": "EVENT", "allowedDomains": origins});
    vec![
        ("a frontend", app.clone()),
        ("a frontend with an id of its choice", with(app, json!({"appId": APP}))),
        (
            "a server",
            json!({
                "name": "Box office", "domain": "EVENT", "allowedDomains": [],
                "allowServerRequests": true,
            }),
        ),
    ]
}

fn an_app() -> Value {
    json!({
        "appId": APP, "name": "City Hall", "domain": "EVENT",
        "allowedDomains": ["https://event.com", "https://*.event.com"],
        "allowServerRequests": false, "isActive": true, "createdAt": "2026-01-22T09:00:00.000Z",
        "updatedAt": "2026-01-22T09:00:00.000Z",
    })
}

pub(crate) fn new_app() -> Examples {
    let mut app = an_app();
    app["apiKey"] = KEY.into();
    vec![("a frontend", app)]
}

pub(crate) fn app() -> Examples {
    vec![("a frontend", an_app())]
}

pub(crate) fn apps() -> Examples {
    vec![("one tenant", json!({"apps": [an_app()]}))]
}

pub(crate) fn update() -> Examples {
    vec![("another name", json!({"name": "Town Hall"})), ("switch off", json!({"isActive": false}))]
}

pub(crate) fn rotate() -> Examples {
    vec![("the old key stays valid for a day", json!({"overlapSeconds": 86_400}))]
}

pub(crate) fn new_key() -> Examples {
    vec![("a key", json!({"apiKey": KEY}))]
}

pub(crate) fn create_secret_key() -> Examples {
    vec![("the shop's server", json!({"name": "Shop server"}))]
}

pub(crate) fn new_secret_key() -> Examples {
    let key = json!({"keyId": KEY_ID, "name": "Shop server", "secretKey": SECRET_KEY});
    vec![("a key", key)]
}

pub(crate) fn secret_keys() -> Examples {
    let key = json!({
        "keyId": KEY_ID, "name": "Shop server", "createdAt": "2026-01-22T09:00:00.000Z",
        "lastUsedAt": "2026-01-23T00:00:00.000Z",
    });
    vec![("one key", json!({"secretKeys": [key]}))]
}

pub(crate) fn deleted_secret_key() -> Examples {
    vec![("deleted", json!({"keyId": KEY_ID, "deleted": true}))]
}
