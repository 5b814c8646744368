//! Malformed keys, tokens and origins.

use serde_json::json;

use super::{Case, by_http_and_event};
use crate::{
    security::{fixture::Fixture, forgeries::forged_tokens},
    support::routes,
};

/// None of them can be a key, so no hash is computed.
fn junk_keys(fixture: &Fixture) -> Vec<Case> {
    let key = &fixture.tenant.api_key;
    let junk = [
        "x".to_owned(),
        "ubk_".to_owned(),
        key[..47].to_owned(),
        format!("{key}x"),
        key.to_uppercase(),
        key.replace("ubk_", "UBK_"),
        key.replace("ubk_", "sk__"),
        format!("{}!{}", &key[..20], &key[21..]),
        format!("{key},{key}"),
        format!("Bearer {key}"),
        "ubk_".to_owned() + &"0".repeat(44),
        r#"{"$ne":null}"#.to_owned(),
        "' OR '1'='1".to_owned(),
        "../../../etc/passwd".to_owned(),
        "%00".to_owned(),
        "x".repeat(8_000),
    ];
    let route = routes::find("GET", "/bookings");
    junk.into_iter()
        .map(|key| {
            let what = format!("the key {}", key.chars().take(40).collect::<String>());
            Case::error(
                what,
                fixture.right(&route).header("x-api-key", key),
                401,
                "INVALID_APP_CREDENTIALS",
            )
        })
        .collect()
}

/// A well-formed key is checked even for an unknown app: the response time must not
/// reveal which apps exist.
fn junk_apps(fixture: &Fixture) -> Vec<Case> {
    let route = routes::find("GET", "/bookings");
    let junk = [
        "no-such-app",
        "Not An Id",
        "$ne",
        r#"{"$ne":null}"#,
        "../admin",
        "app%00",
        "a\tb",
        "-",
        &"a".repeat(8_000),
    ];
    junk.iter()
        .map(|id| {
            let what = format!("the app {}", id.chars().take(40).collect::<String>());
            Case::error(
                what,
                fixture.right(&route).header("x-app-id", *id),
                401,
                "INVALID_APP_CREDENTIALS",
            )
            .hashing(1)
        })
        .collect()
}

fn junk_tokens(fixture: &Fixture) -> Vec<Case> {
    let credentials = &fixture.stack.credentials;
    let mut cases = Vec::new();
    for (route, token, secret, other) in [
        (
            "/bookings",
            &fixture.ann.token,
            &credentials.user_jwt_secret,
            &credentials.admin_jwt_secret,
        ),
        (
            "/admin/apps",
            &fixture.admin_token,
            &credentials.admin_jwt_secret,
            &credentials.user_jwt_secret,
        ),
    ] {
        let right = fixture.right(&routes::find("GET", route));
        for forged in forged_tokens(token, secret, other) {
            cases.push(Case::error(
                format!("a token {}", forged.what),
                right.clone().bearer(&forged.token),
                401,
                forged.code,
            ));
        }
        for value in [
            "",
            "Bearer",
            "bearer",
            "Bearer\t",
            "Basic YWRtaW46YWRtaW4=",
            "Snapshot x",
            "null",
            "Bearer null",
        ] {
            let request = right.clone().header("authorization", value);
            cases.push(Case::error(
                format!("the credentials {value:?}"),
                request,
                401,
                "UNAUTHENTICATED",
            ));
        }
    }
    cases
}

#[tokio::test]
async fn malformed_keys_and_tokens_are_refused_without_a_bcrypt() {
    by_http_and_event(|fixture| {
        [junk_keys(fixture), junk_apps(fixture), junk_tokens(fixture)]
            .into_iter()
            .flatten()
            .collect()
    })
    .await;
}

/// Origins similar to the one that the app lists, and values that are no origin.
fn near_origins(fixture: &Fixture) -> Vec<Case> {
    let origin = &fixture.tenant.origin;
    let host = &origin["https://".len()..];
    let mut near: Vec<String> = [
        "null",
        "",
        "*",
        "https://",
        "https://*",
        "about:blank",
        "data:text/html,x",
        "file://",
        "javascript:alert(1)",
        "chrome-extension://abcdefghijklmnop",
        "https://evil.example.org",
        "https://example.com",
        "https://[::1]",
        "https://0x7f000001",
        "https://event.com%00.evil.com",
    ]
    .map(str::to_owned)
    .into();
    near.extend([
        format!("http://{host}"),
        format!("ftp://{host}"),
        format!("//{host}"),
        format!("https:{host}"),
        format!("https:///{host}"),
        host.to_owned(),
        format!("{origin}."),
        format!("{origin}/"),
        format!("{origin}/path"),
        format!("{origin}?x"),
        format!("{origin}#x"),
        format!("{origin}:0"),
        format!("{origin}:65536"),
        format!("{origin}:8443"),
        format!("{origin}:443:443"),
        format!("{origin}:"),
        format!("{origin}.evil.com"),
        format!("{origin}%00.evil.com"),
        format!("{origin}%2eevil.com"),
        format!("{origin}@evil.com"),
        format!("https://evil.com@{host}"),
        format!("https://user:password@{host}"),
        format!("https://evil.com\\@{host}"),
        format!("https://a.{host}"),
        format!("https://*.{host}"),
        format!("https://{}", host.replacen('a', "xn--80a", 1)),
        format!("https://{}", host.replace('.', "-")),
        format!("{origin} https://evil.com"),
        format!("{origin},https://evil.com"),
        format!("https://evil.com, {origin}"),
        format!("https://{}", "a.".repeat(3_000) + host),
    ]);
    // They look alike: a Cyrillic letter for a Latin one, and full-width letters.
    let alike = [
        host.replacen('a', "\u{430}", 1),
        host.replacen('e', "\u{ff45}", 1),
        host.replacen('.', "\u{3002}", 1),
    ];
    let route = routes::find("GET", "/bookings");
    let refused = |origin: &str| {
        let what = format!("the origin {:?}", origin.chars().take(60).collect::<String>());
        Case::error(what, fixture.right(&route).header("origin", origin), 403, "ORIGIN_NOT_ALLOWED")
    };
    let mut cases: Vec<Case> = near.iter().map(|origin| refused(origin)).collect();
    // The gateway drops headers that are not visible ASCII.
    cases.extend(
        alike.iter().map(|host| refused(&format!("https://{host}")).fits(super::Fits::Events)),
    );
    let two = fixture.right(&route).also("origin", "https://evil.com");
    cases.push(Case::error("two origins", two, 403, "ORIGIN_NOT_ALLOWED"));
    cases
}

#[tokio::test]
async fn an_origin_that_only_looks_like_the_apps_is_refused() {
    by_http_and_event(near_origins).await;
}

/// Headers in which a caller describes itself. They must change nothing.
fn claims_about_oneself(fixture: &Fixture) -> Vec<Case> {
    let right = fixture.right(&routes::find("GET", "/bookings"));
    let body = json!({"seatId": "0123456789abcdef01234567"});
    let reserve = fixture.right(&routes::find("POST", "/reserve-seat")).json(&body);
    let mut cases = Vec::new();
    for (name, value) in [
        ("x-user-id", fixture.bob.user_id.as_str()),
        ("x-admin", "true"),
        ("x-role", "ADMIN"),
        ("x-forwarded-user", "admin"),
        ("x-original-url", "/admin/apps"),
        ("x-rewrite-url", "/admin/apps"),
        ("x-amzn-requestcontext", r#"{"http":{"sourceIp":"10.0.0.1"}}"#),
    ] {
        let request = right.clone().header(name, value);
        cases.push(Case::new(format!("{name}: {value}"), request, super::Expect::Ignored(200, "")));
    }
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        let request = reserve.clone().header(name, "DELETE");
        cases.push(Case::new(name, request, super::Expect::Ignored(404, "SEAT_NOT_FOUND")));
    }
    cases
}

#[tokio::test]
async fn headers_in_which_a_caller_describes_itself_change_nothing() {
    by_http_and_event(claims_about_oneself).await;
}
