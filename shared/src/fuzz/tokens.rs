//! JSON web tokens: no text but an untouched token of ours is ever taken.

use super::{
    fuzz,
    text::{edited, edits, odd},
};
use crate::{
    auth::jwt::JwtKeys,
    clock,
    domain::{AppId, UserId},
    secrets::JwtKey,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use proptest::{option, prelude::*, sample::select};
use serde_json::{Map, Value, json};

const SECRET: &str = "a secret of at least thirty-two bytes";
const USER: &str = "507f1f77bcf86cd799439011";
const APP: &str = "app-one";

fn keys() -> JwtKeys {
    let key = JwtKey { kid: "k1".into(), secret: SECRET.to_owned().into() };
    JwtKeys::new("ubk:user", vec![key], Vec::new()).unwrap()
}

/// Whether the token is accepted for our user in our app.
fn taken(keys: &JwtKeys, token: &str) -> bool {
    let user = UserId::parse(USER).unwrap();
    keys.verify_user(token).is_ok_and(|read| read.app_id == APP && read.user == user)
}

#[test]
fn made_up_and_changed_tokens_are_refused() {
    let keys = keys();
    let valid = keys.sign_user(UserId::parse(USER).unwrap(), &AppId::parse(APP).unwrap()).unwrap();
    let segment = prop_oneof!["[A-Za-z0-9_=-]{0,40}", odd()];
    let shaped = proptest::collection::vec(segment, 0..5).prop_map(|parts| parts.join("."));
    let original = valid.clone();
    let changed = edits(3).prop_map(move |edits| edited(&original, &edits));
    fuzz("JWT, changed", prop_oneof![4 => changed, 1 => shaped, 1 => odd()], move |token| {
        assert_eq!(keys.verify_user(&token).is_ok(), token == valid, "{token:?}");
    });
}

/// What may replace a header or a claim.
fn value() -> impl Strategy<Value = Value> {
    let now = clock::now().timestamp();
    prop_oneof![
        2 => select(vec!["JWT", "jwt", "at+jwt", "HS256", "HS384", "HS512", "none", "None", "RS256", "k1", "k2"])
            .prop_map(Value::from),
        2 => select(vec!["unified-booking", "ubk:user", "ubk:admin", USER, APP, "app-two", "ADMIN", "", "../k1"])
            .prop_map(Value::from),
        2 => (-30_i64..30).prop_map(move |off| json!(now + off)),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => select(vec![json!(null), json!(true), json!([]), json!({}), json!(["ubk:user"]), json!(1e300)]),
        1 => odd().prop_map(Value::from),
    ]
}

/// Changes to an object: a member is replaced, added or (`None`) removed.
fn changes(
    names: &'static [&'static str],
) -> impl Strategy<Value = Vec<(&'static str, Option<Value>)>> {
    proptest::collection::vec((select(names), option::weighted(0.8, value())), 0..3)
}

fn changed(
    mut object: Map<String, Value>,
    changes: Vec<(&str, Option<Value>)>,
) -> Map<String, Value> {
    for (name, value) in changes {
        match value {
            Some(value) => object.insert(name.to_owned(), value),
            None => object.remove(name),
        };
    }
    object
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// Whether we could have issued a token with this header and these claims, signed with our own key.
fn ours(header: &Map<String, Value>, claims: &Map<String, Value>) -> bool {
    let now = clock::now().timestamp() as f64;
    let is = |object: &Map<String, Value>, name: &str, wanted: &str| {
        object.get(name) == Some(&wanted.into())
    };
    let whole = |name: &str| claims.get(name).is_some_and(|value| value.as_u64().is_some());
    is(header, "alg", "HS256")
        && is(header, "typ", "JWT")
        && is(header, "kid", "k1")
        && header.get("crit").is_none_or(Value::is_null)
        && is(claims, "iss", "unified-booking")
        && is(claims, "aud", "ubk:user")
        && is(claims, "appId", APP)
        && is(claims, "sub", USER)
        && whole("iat")
        && whole("exp")
        // The leeway, plus a second because the clock is read twice.
        && claims.get("exp").and_then(Value::as_f64).is_some_and(|exp| exp > now - 7.0)
}

#[test]
fn a_token_signed_with_the_right_key_is_still_refused_unless_it_is_one_of_ours() {
    const HEADER: &[&str] =
        &["alg", "typ", "kid", "crit", "jwk", "jku", "x5u", "cty", "b64", "zip"];
    const CLAIMS: &[&str] = &["iss", "aud", "sub", "iat", "exp", "nbf", "appId", "role", "jti"];
    let keys = keys();
    let signer = EncodingKey::from_secret(SECRET.as_bytes());
    let now = clock::now().timestamp();
    let header = || object(json!({"typ": "JWT", "alg": "HS256", "kid": "k1"}));
    let claims = move || {
        object(json!({
            "iss": "unified-booking", "aud": "ubk:user", "sub": USER, "iat": now, "exp": now + 604_800, "appId": APP,
        }))
    };
    fuzz("JWT, claims", (changes(HEADER), changes(CLAIMS)), move |(in_header, in_claims)| {
        let untouched = in_header.is_empty() && in_claims.is_empty();
        let (header, claims) = (changed(header(), in_header), changed(claims(), in_claims));
        let part = |object: &Map<String, Value>| {
            URL_SAFE_NO_PAD.encode(Value::Object(object.clone()).to_string())
        };
        let message = format!("{}.{}", part(&header), part(&claims));
        let token = format!(
            "{message}.{}",
            crypto::sign(message.as_bytes(), &signer, Algorithm::HS256).unwrap()
        );
        let taken = taken(&keys, &token);
        assert!(!taken || ours(&header, &claims), "{header:?} {claims:?}");
        assert!(taken || !untouched, "{header:?} {claims:?}");
    });
}
