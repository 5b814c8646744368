//! Tokens that must be refused everywhere.

use serde_json::{Value, json};

use crate::support::tokens::{claims, expired, forged, kid, resign, unsigned};

pub struct ForgedToken {
    pub what: &'static str,
    pub token: String,
    pub code: &'static str,
}

/// All manipulations of a token that was signed with `secret`. `other` signs the other kind of
/// tokens. Some manipulations need the secret: a valid signature alone does not make a token valid.
pub fn forged_tokens(token: &str, secret: &str, other: &str) -> Vec<ForgedToken> {
    [by_strangers(token, other), with_odd_headers(token, secret), with_odd_claims(token, secret)]
        .into_iter()
        .flatten()
        .map(|(what, token)| ForgedToken { what, token, code: "UNAUTHENTICATED" })
        .chain([ForgedToken {
            what: "that is over",
            token: expired(token, secret),
            code: "TOKEN_EXPIRED",
        }])
        .collect()
}

type Row = (&'static str, String);

/// Forgeries that do not need the secret.
fn by_strangers(token: &str, other: &str) -> Vec<Row> {
    let parts: Vec<&str> = token.split('.').collect();
    let (head, payload, signature) = (parts[0], parts[1], parts[2]);
    let key = json!({"kty": "oct", "k": "YSBzZWNyZXQgb2YgbXkgb3duLCBsb25nIGVub3VnaA"});
    let own = json!({"alg": "HS256", "typ": "JWT", "kid": kid(token), "jwk": key});
    let mine = "a secret of my own, long enough";
    let body = serde_json::to_vec(&claims(token)).unwrap();
    vec![
        ("that is garbage", "garbage".into()),
        ("that is empty", String::new()),
        ("of empty parts", "..".into()),
        ("of three letters", "a.b.c".into()),
        ("of a hundred dots", ".".repeat(100)),
        ("that is huge", format!("{head}.{}.{signature}", "A".repeat(7_000))),
        ("of four parts", format!("{token}.{signature}")),
        ("cut short", token[..token.len() - 2].into()),
        ("without its signature", format!("{head}.{payload}.")),
        ("with its parts in another order", format!("{payload}.{head}.{signature}")),
        ("with something after it", format!("{token}=")),
        ("with something in it", format!("{head}.{payload}!.{signature}")),
        ("under alg none", unsigned(token)),
        ("under another's secret", resign(token, mine, |_, _| ())),
        ("under the secret of the other kind", resign(token, other, |_, _| ())),
        ("under the empty secret", resign(token, "", |_, _| ())),
        ("with its own key embedded", forged(&own, &body, mine)),
    ]
}

/// Wrong headers in tokens with a valid signature.
fn with_odd_headers(token: &str, secret: &str) -> Vec<Row> {
    let body = serde_json::to_vec(&claims(token)).unwrap();
    let header = |change: &dyn Fn(&mut Value)| {
        let mut header = json!({"alg": "HS256", "typ": "JWT", "kid": kid(token)});
        change(&mut header);
        forged(&header, &body, secret)
    };
    let without = |name: &'static str| {
        header(&move |header| drop(header.as_object_mut().unwrap().remove(name)))
    };
    let set =
        |name: &'static str, value: Value| header(&move |header| header[name] = value.clone());
    vec![
        (
            "of another algorithm",
            resign(token, secret, |header, _| header.alg = jsonwebtoken::Algorithm::HS384),
        ),
        ("that names RS256", set("alg", json!("RS256"))),
        ("that names none and is signed", set("alg", json!("none"))),
        ("that names hs256", set("alg", json!("hs256"))),
        ("without an algorithm", without("alg")),
        ("of another key's name", set("kid", json!("another"))),
        ("of a key in a folder", set("kid", json!("../../../../dev/null"))),
        ("of a key with a quote", set("kid", json!("' OR '1'='1"))),
        ("of a key that is a number", set("kid", json!(1))),
        ("of a key that is an operator", set("kid", json!({"$ne": null}))),
        ("without a key's name", without("kid")),
        ("with something critical", set("crit", json!(["exp"]))),
        ("with nothing critical", set("crit", json!([]))),
        ("of another type", set("typ", json!("at+jwt"))),
        ("without a type", without("typ")),
    ]
}

/// Wrong claims in tokens with a valid signature.
fn with_odd_claims(token: &str, secret: &str) -> Vec<Row> {
    let without = |name: &'static str| {
        resign(token, secret, |_, claims| drop(claims.as_object_mut().unwrap().remove(name)))
    };
    let set =
        |name: &'static str, value: Value| resign(token, secret, |_, claims| claims[name] = value);
    let header = json!({"alg": "HS256", "typ": "JWT", "kid": kid(token)});
    vec![
        ("without an end", without("exp")),
        ("that ends tomorrow", set("exp", json!("tomorrow"))),
        ("that ends at a number in quotes", set("exp", json!("9999999999"))),
        ("that ends at no time", set("exp", json!(null))),
        ("that ends at a fraction", set("exp", json!(9_999_999_999.5))),
        ("that ends at infinity, nearly", set("exp", json!(1e300))),
        ("that ends in a list", set("exp", json!([9_999_999_999_i64]))),
        ("without a subject", without("sub")),
        ("of a subject that is an operator", set("sub", json!({"$ne": null}))),
        ("of a subject that is a number", set("sub", json!(1))),
        ("for nobody", without("aud")),
        ("for somebody else", set("aud", json!("somebody else"))),
        ("by nobody", without("iss")),
        ("by somebody else", set("iss", json!("somebody else"))),
        ("that holds another", forged(&header, token.as_bytes(), secret)),
        ("that holds a list", forged(&header, b"[]", secret)),
        ("that holds nothing", forged(&header, b"", secret)),
    ]
}
