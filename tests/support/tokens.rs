//! Tokens that the backend did not issue in this form: expired, of the wrong kind, or
//! signed with another key.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, crypto, decode_header, encode};
use serde_json::{Value, json};

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON claims")
}

/// The name of the key that signed a token.
pub fn kid(token: &str) -> String {
    decode_header(token).expect("a header").kid.expect("a key's name")
}

/// The token with changed header and claims, signed again with `secret`.
pub fn resign(token: &str, secret: &str, change: impl FnOnce(&mut Header, &mut Value)) -> String {
    let mut header = decode_header(token).expect("a header");
    let mut claims = claims(token);
    change(&mut header, &mut claims);
    encode(&header, &claims, &EncodingKey::from_secret(secret.as_bytes())).expect("a token")
}

/// The token, expired for a minute.
pub fn expired(token: &str, secret: &str) -> String {
    resign(token, secret, |_, claims| {
        let now = chrono::Utc::now().timestamp();
        let lifetime = claims["exp"].as_i64().expect("exp") - claims["iat"].as_i64().expect("iat");
        claims["iat"] = (now - 60 - lifetime).into();
        if claims.get("nbf").is_some() {
            claims["nbf"] = (now - 60 - lifetime).into();
        }
        claims["exp"] = (now - 60).into();
    })
}

/// The token's claims under `alg: none`, the oldest trick.
pub fn unsigned(token: &str) -> String {
    let payload = token.split('.').nth(1).expect("three parts");
    format!("{}.{payload}.", part(&json!({"alg": "none", "typ": "JWT", "kid": kid(token)})))
}

/// A token with any header and any payload, and a signature that fits them, made with `secret`.
pub fn forged(header: &Value, payload: &[u8], secret: &str) -> String {
    let message = format!("{}.{}", part(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = crypto::sign(
        message.as_bytes(),
        &EncodingKey::from_secret(secret.as_bytes()),
        Algorithm::HS256,
    );
    format!("{message}.{}", signature.expect("a signature"))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
