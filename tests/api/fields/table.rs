//! A body and its fields, each with values that it refuses and values that it takes.

use serde_json::{Value, json};

use crate::support::{
    call::Call,
    people::{Admin, User},
};

pub struct Field {
    pub name: &'static str,
    pub required: bool,
    pub bad: Vec<Value>,
    pub good: Vec<Value>,
}

pub fn required(name: &'static str, bad: Vec<Value>, good: Vec<Value>) -> Field {
    Field { name, required: true, bad, good }
}

pub fn optional(name: &'static str, bad: Vec<Value>, good: Vec<Value>) -> Field {
    Field { name, required: false, bad, good }
}

pub struct Body {
    pub route: (&'static str, String),
    pub valid: Value,
    pub fields: Vec<Field>,
}

pub fn post(path: &str, valid: Value, fields: Vec<Field>) -> Body {
    Body { route: ("POST", path.to_owned()), valid, fields }
}

/// Sends a request for every row of the table. `fresh` makes the values that must be new
/// in an accepted body.
async fn check(body: &Body, ask: impl Fn() -> Call, fresh: impl Fn(&mut Value)) {
    let (method, path) = &body.route;
    let mut with_stranger = body.valid.clone();
    with_stranger["surprise"] = json!(1);
    ask().json(&with_stranger).send().await.refuses("surprise");
    for field in &body.fields {
        if field.required {
            let mut without = body.valid.clone();
            without.as_object_mut().unwrap().remove(field.name);
            ask().json(&without).send().await.refuses(field.name);
        }
        for value in &field.bad {
            // An optional field that is null is as if absent. A change cannot clear these fields.
            let is_absent = value.is_null() && !field.required && *method != "PATCH";
            if is_absent {
                continue;
            }
            let mut spoiled = body.valid.clone();
            spoiled[field.name] = value.clone();
            let reply = ask().json(&spoiled).send().await;
            assert_eq!(reply.status, 400, "{method} {path} took {} = {value}: {reply}", field.name);
            reply.refuses(field.name);
        }
        for value in &field.good {
            let mut good = body.valid.clone();
            fresh(&mut good);
            good[field.name] = value.clone();
            let reply = ask().json(&good).send().await;
            assert!(
                reply.status < 300,
                "{method} {path} refused {} = {value}: {reply}",
                field.name
            );
        }
    }
}

pub async fn check_admin(admin: &Admin, body: Body, fresh: impl Fn(&mut Value)) {
    check(&body, || admin.call(body.route.0, &body.route.1), fresh).await;
}

pub async fn check_user(user: &User, body: Body, fresh: impl Fn(&mut Value)) {
    check(&body, || user.call(body.route.0, &body.route.1), fresh).await;
}
