use super::*;
use serde_json::{Value, json};

fn key(kid: &str, byte: char) -> JwtKey {
    JwtKey { kid: kid.into(), secret: byte.to_string().repeat(32).into() }
}

fn keys(list: Vec<JwtKey>) -> JwtKeys {
    JwtKeys::new("user", list, Vec::new()).unwrap()
}

fn user() -> UserId {
    UserId::parse("507f1f77bcf86cd799439011").unwrap()
}

fn app() -> AppId {
    AppId::parse("app-one").unwrap()
}

fn fault<T: fmt::Debug>(result: Result<T, TokenError>) -> TokenError {
    result.unwrap_err()
}

/// A token of the key `a` with this header and these claims.
fn forged(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let secret = EncodingKey::from_secret(&[b'a'; 32]);
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn honest_header() -> Value {
    json!({"typ": "JWT", "alg": "HS256", "kid": "a"})
}

fn honest_claims() -> Value {
    let now = clock::now().timestamp();
    json!({
        "iss": ISSUER, "aud": "user", "sub": user().to_string(), "iat": now, "exp": now + 60,
        "appId": "app-one",
    })
}

#[test]
fn the_old_key_still_verifies_after_a_rotation() {
    let token = keys(vec![key("a", 'a')]).sign_user(user(), &app()).unwrap();
    assert_eq!(keys(vec![key("b", 'b'), key("a", 'a')]).verify_user(&token).unwrap().user, user());
    assert_eq!(fault(keys(vec![key("b", 'b')]).verify_user(&token)), TokenError::UnknownKey);
    assert_eq!(fault(keys(vec![key("a", 'b')]).verify_user(&token)), TokenError::UnknownKey);
}

#[test]
fn the_keys_of_the_previous_version_verify_and_never_sign() {
    let token = keys(vec![key("a", 'a')]).sign_user(user(), &app()).unwrap();
    let rotated =
        |kid: &str| JwtKeys::new("user", vec![key(kid, 'b')], vec![key("a", 'a')]).unwrap();
    assert_eq!(rotated("b").verify_user(&token).unwrap().user, user());
    // Also where the new secret took the old one's name.
    assert_eq!(rotated("a").verify_user(&token).unwrap().user, user());
    let token = rotated("b").sign_user(user(), &app()).unwrap();
    assert_eq!(fault(keys(vec![key("a", 'a')]).verify_user(&token)), TokenError::UnknownKey);
    let weak = JwtKey { kid: "a".into(), secret: "short".to_owned().into() };
    let keys = JwtKeys::new("user", vec![key("b", 'b')], vec![weak]).unwrap();
    assert_eq!(keys.verifying.len(), 1);
    assert!(JwtKeys::new("user", vec![], vec![key("a", 'a')]).is_err());
}

#[test]
fn a_token_is_good_in_its_own_kind_alone_and_names_its_app() {
    let users = keys(vec![key("a", 'a')]);
    let token = users.sign_user(user(), &app()).unwrap();
    assert_eq!(users.verify_user(&token).unwrap().app_id, "app-one");
    let admins = JwtKeys::new("admin", vec![key("a", 'a')], Vec::new()).unwrap();
    assert_eq!(fault(admins.verify_admin(&token)), TokenError::NotOurs);
    assert_eq!(fault(users.verify_user(&admins.sign_admin("a@b").unwrap())), TokenError::NotOurs);
}

#[test]
fn an_old_token_is_expired_and_a_forged_old_one_is_not_ours() {
    let mut claims = honest_claims();
    (claims["iat"], claims["exp"]) = (json!(1), json!(2));
    let old = forged(&honest_header(), &claims);
    assert_eq!(fault(keys(vec![key("a", 'a')]).verify_user(&old)), TokenError::Expired);
    assert_eq!(fault(keys(vec![key("a", 'b')]).verify_user(&old)), TokenError::UnknownKey);
}

#[test]
fn five_seconds_are_let_pass_and_no_more() {
    let users = keys(vec![key("a", 'a')]);
    let now = clock::now().timestamp();
    let with = |name: &str, value: i64| {
        let mut claims = honest_claims();
        claims[name] = value.into();
        users.verify_user(&forged(&honest_header(), &claims)).map(|_| ())
    };
    assert_eq!((with("exp", now - 3), with("exp", now - 7)), (Ok(()), Err(TokenError::Expired)));
    assert_eq!((with("nbf", now + 3), with("nbf", now + 9)), (Ok(()), Err(TokenError::NotOurs)));
}

#[test]
fn a_header_that_is_not_ours_is_refused() {
    let users = keys(vec![key("a", 'a')]);
    assert!(users.verify_user(&forged(&honest_header(), &honest_claims())).is_ok());
    let mut rows = vec![json!(1), json!([]), json!({})];
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("hs256")),
        ("alg", json!("HS384")),
        ("alg", json!("HS512")),
        ("alg", json!("RS256")),
        ("alg", json!(["HS256"])),
        ("typ", json!("jwt")),
        ("typ", json!("at+jwt")),
        ("typ", json!(null)),
        ("kid", json!(1)),
        ("kid", json!(["a"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(null)),
        ("jku", json!("https://evil.example.org/keys")),
        ("jwk", json!({"kty": "oct", "k": "YQ"})),
        ("b64", json!(false)),
    ] {
        let mut header = honest_header();
        header[name] = value;
        rows.push(header);
    }
    for name in ["alg", "typ", "kid"] {
        let mut header = honest_header();
        header.as_object_mut().unwrap().remove(name);
        rows.push(header);
    }
    for header in rows {
        assert_eq!(
            fault(users.verify_user(&forged(&header, &honest_claims()))),
            TokenError::NotOurs,
            "{header}"
        );
    }
}

#[test]
fn a_claim_that_is_missing_or_of_another_type_is_refused() {
    let users = keys(vec![key("a", 'a')]);
    for (name, others) in [
        ("iss", vec![json!(null), json!(1), json!([ISSUER])]),
        ("aud", vec![json!(null), json!(1), json!(["user"]), json!(["user", "admin"])]),
        ("sub", vec![json!(null), json!(1), json!({"$ne": 1}), json!("507F1F77BCF86CD799439011x")]),
        ("iat", vec![json!(null), json!("1"), json!(-1), json!(1.5)]),
        ("exp", vec![json!(null), json!("99999999999"), json!(-1), json!(1e300), json!([])]),
        ("appId", vec![json!(null), json!(1), json!({})]),
    ] {
        let mut claims = honest_claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(
            fault(users.verify_user(&forged(&honest_header(), &claims))),
            TokenError::NotOurs,
            "no {name}"
        );
        for other in others {
            claims[name] = other;
            assert_eq!(
                fault(users.verify_user(&forged(&honest_header(), &claims))),
                TokenError::NotOurs,
                "{claims}"
            );
        }
    }
    let mut claims = honest_claims();
    claims["nbf"] = json!("0");
    assert_eq!(fault(users.verify_user(&forged(&honest_header(), &claims))), TokenError::NotOurs);
}

#[test]
fn a_token_that_is_too_long_or_has_not_three_parts_is_refused() {
    let users = keys(vec![key("a", 'a')]);
    let mut claims = honest_claims();
    claims["more"] = "x".repeat(MAX_TOKEN_BYTES).into();
    let token = forged(&honest_header(), &honest_claims());
    for bad in [
        forged(&honest_header(), &claims),
        format!("{token}.x"),
        format!(".{token}"),
        format!(" {token}"),
        format!("{token}="),
        token.replacen('.', "..", 1),
        String::new(),
        ".".into(),
        "..".into(),
    ] {
        assert_ne!(users.verify_user(&bad).err(), None, "{bad}");
    }
}

#[test]
fn weak_or_doubled_keys_are_refused() {
    let refused = |list: Vec<JwtKey>| JwtKeys::new("user", list, Vec::new()).is_err();
    assert!(refused(vec![]));
    assert!(refused(vec![key("a", 'a'), key("a", 'b')]));
    assert!(refused(vec![JwtKey { kid: "a".into(), secret: "short".to_owned().into() }]));
}
