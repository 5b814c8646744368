//! Hostile paths and queries.

use super::{Case, Expect, by_http_and_event};
use crate::{
    security::fixture::Fixture,
    support::routes::{self, Audience},
};

/// Values for an id in a path, percent-encoded.
const IDS: &[&str] = &[
    "x",
    "%00",
    "BK-20260101-0000000000%00",
    "no-such-app%00",
    "%2e%2e",
    "%2e%2e%2fadmin",
    "..%2f..%2fetc%2fpasswd",
    "%2f",
    "%5c..%5c",
    "%252e%252e",
    "$ne",
    "%7b%22$ne%22:null%7d",
    "*",
    ".",
    "bk_20260101-0000000000",
    "BK-20260101-0000000000%20",
    "BK-20260101-0000000000%0a",
    "BK-99999999-ZZZZZZZZZZ",
    // The right form, but nobody has it. Nothing is hashed for it.
    "no-such-app",
    "%EF%BC%A2%EF%BC%AB-20260101-0000000000",
    "%D0%B0pp",
    "%ff%fe",
    "a;b=c",
    "' OR '1'='1",
    "%3Cscript%3E",
];

fn ids(fixture: &Fixture) -> Vec<Case> {
    let mut cases = Vec::new();
    for (method, pattern) in [
        ("GET", "/bookings/{bookingId}"),
        ("PATCH", "/admin/apps/{appId}"),
        ("POST", "/admin/apps/{appId}/rotate-key"),
    ] {
        let right = fixture.right(&routes::find(method, pattern));
        let (before, after) =
            (pattern.split('{').next().unwrap(), pattern.split('}').nth(1).unwrap());
        let long = "a".repeat(6_000);
        for id in IDS.iter().copied().chain([long.as_str()]) {
            let what = format!("the id {}", id.chars().take(40).collect::<String>());
            let case = Case::new(
                what,
                right.clone().target(format!("{before}{id}{after}")),
                Expect::NotFound,
            );
            // A client takes these out of a path by itself.
            let climbs = [".", "%2e%2e"].contains(&id);
            cases.push(if climbs { case.fits(super::Fits::Events) } else { case });
        }
    }
    cases
}

#[tokio::test]
async fn a_malformed_id_is_not_found() {
    by_http_and_event(ids).await;
}

/// A parameter with an operator in its name is unknown. An operator in its value
/// makes the value invalid.
fn queries(fixture: &Fixture) -> Vec<Case> {
    let mut cases = Vec::new();
    // The feed ignores them.
    for route in routes::all().into_iter().filter(|route| !route.is_feed()) {
        let right = fixture.right(&route);
        let glue = if route.path.contains('?') { '&' } else { '?' };
        for (query, name) in [
            ("entityId[$ne]=x", "entityId[$ne]"),
            ("entityId%5B%24ne%5D=x", "entityId[$ne]"),
            ("limit[]=1", "limit[]"),
            ("$where=1", "$where"),
            ("__proto__[admin]=1", "__proto__[admin]"),
            ("constructor.prototype.admin=1", "constructor.prototype.admin"),
            ("%00=1", "\0"),
            ("%0d%0aset-cookie:x=1", "\r\nset-cookie:x"),
            ("=1", ""),
            ("surprise", "surprise"),
            ("token=x", "token"),
            ("x-api-key=x", "x-api-key"),
            ("callback=alert", "callback"),
        ] {
            let request = right.clone().target(format!("{}{glue}{query}", route.path));
            cases.push(Case::field(format!("?{query}"), request, name));
        }
        let long = right.clone().target(format!("{}{glue}{}=1", route.path, "n".repeat(6_000)));
        cases.push(Case::error(
            "a parameter with a name of 6,000 letters",
            long,
            400,
            "VALIDATION_ERROR",
        ));
        let many = (0..500).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        let many = right.clone().target(format!("{}{glue}{many}", route.path));
        cases.push(Case::error("500 parameters", many, 400, "VALIDATION_ERROR"));
    }
    cases
}

fn values(fixture: &Fixture) -> Vec<Case> {
    let mut cases = Vec::new();
    for (path, name) in [
        ("/seats", "entityId"),
        ("/seats", "include"),
        ("/seats", "limit"),
        ("/seats", "cursor"),
        ("/bookings", "limit"),
        ("/bookings", "cursor"),
        ("/admin/bookings", "appId"),
        ("/admin/bookings", "userId"),
        ("/admin/bookings", "status"),
        ("/admin/bookings", "paymentStatus"),
        ("/admin/bookings", "from"),
        ("/admin/bookings", "to"),
        ("/admin/bookings", "limit"),
        ("/admin/bookings", "cursor"),
        ("/admin/analytics", "appId"),
        ("/admin/analytics", "from"),
        ("/admin/analytics", "to"),
    ] {
        let right = fixture.right(&routes::find("GET", path));
        // The route's required parameter stays when another parameter is tested.
        let own = if path == "/seats" && name != "entityId" { "entityId=hall&" } else { "" };
        let long = "9".repeat(6_000);
        for value in [
            "",
            "%00",
            "a%00",
            "%0d%0aa",
            "%7B%22$ne%22:null%7D",
            "%24gt",
            "-1",
            "1e400",
            "%ff",
            "%F0%9F%92%A9",
            "..%2F..%2F",
            "eyIkbmUiOm51bGx9",
            "+",
            &long,
        ] {
            // An empty value is as if absent, and only this one is required.
            if value.is_empty() && name != "entityId" {
                continue;
            }
            // Letters and digits form a valid id.
            if ["entityId", "appId"].contains(&name)
                && value.bytes().all(|c| c.is_ascii_alphanumeric())
                && value.len() < 64
                && !value.is_empty()
            {
                continue;
            }
            let what = format!("{name} = {}", value.chars().take(40).collect::<String>());
            let request = right.clone().target(format!("{path}?{own}{name}={value}"));
            cases.push(Case::field(what, request, name));
        }
        let request = right.clone().target(format!("{path}?{own}{name}=a&{name}=b"));
        cases.push(Case::field(format!("{name} twice"), request, name));
    }
    cases
}

#[tokio::test]
async fn operators_in_a_query_are_refused_by_name() {
    by_http_and_event(|fixture| {
        [queries(fixture), values(fixture)].into_iter().flatten().collect()
    })
    .await;
}

/// Paths similar to routes: none of them matches one.
fn nowhere(fixture: &Fixture) -> Vec<Case> {
    let mut cases = Vec::new();
    for route in routes::callable_by(&[Audience::Admin, Audience::Organiser, Audience::User]) {
        if route.pattern.contains('{') {
            continue;
        }
        let right = fixture.right(&route);
        for path in [
            format!("{}/", route.pattern),
            format!("/{}", route.pattern),
            route.pattern.to_uppercase(),
            format!("{}%00", route.pattern),
            format!("{}%20", route.pattern),
            format!("{};x=1", route.pattern),
            format!("{}.json", route.pattern),
            format!("/%2f{}", &route.pattern[1..]),
        ] {
            cases.push(
                Case::new(path.clone(), right.clone().target(path), Expect::NotFound)
                    .fits(super::Fits::Http),
            );
        }
    }
    cases
}

#[tokio::test]
async fn a_path_similar_to_a_route_matches_none() {
    let fixture = Fixture::shared().await;
    super::drive(&fixture, &super::Transport::Http, &nowhere(&fixture)).await;
}
