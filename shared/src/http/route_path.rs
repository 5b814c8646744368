//! The path of a request as the route table writes it.
//!
//! A named stage stands before the path of every request: `/prod/seats`. So does the base path
//! under which a custom domain serves the API: `/v1/seats`. An event names its stage and its route,
//! but not the base path.

use super::routes::{self, ROUTES};

/// The stage without a name. It adds nothing to paths.
const DEFAULT_STAGE: &str = "$default";

/// The path from the event's route key. If that names no route, the end of the raw path that
/// matches a route.
pub(super) fn resolve(
    route_key: &str,
    parameters: &[(String, String)],
    raw_path: &str,
    stage: &str,
) -> String {
    by_route_key(route_key, parameters)
        .unwrap_or_else(|| without_prefix(raw_path, stage).to_owned())
}

/// The pattern of the route key, with the values of its parameters.
fn by_route_key(route_key: &str, parameters: &[(String, String)]) -> Option<String> {
    let (_, pattern) = route_key.split_once(' ')?;
    let is_ours = pattern.ends_with("+}") || ROUTES.iter().any(|route| route.path == pattern);
    if !is_ours {
        return None;
    }
    let segment = |segment: &str| {
        let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            return Some(segment.to_owned());
        };
        let (name, is_rest) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
        let (_, value) = parameters.iter().find(|(known, _)| known == name)?;
        (is_rest || !value.contains('/')).then(|| value.clone())
    };
    let segments: Option<Vec<String>> = pattern.split('/').map(segment).collect();
    Some(segments?.join("/"))
}

/// The raw path without the stage and without a base path. A path of no route only loses the stage.
fn without_prefix<'a>(raw_path: &'a str, stage: &str) -> &'a str {
    let is_route = |path: &str| !routes::methods(path).is_empty();
    if is_route(raw_path) {
        return raw_path;
    }
    let path = without_stage(raw_path, stage);
    let suffixes = path.match_indices('/').map(|(at, _)| path.split_at(at));
    suffixes
        .filter(|(base, suffix)| is_base_path(base) && is_route(suffix))
        .map(|(_, suffix)| suffix)
        .next()
        .unwrap_or(path)
}

fn without_stage<'a>(path: &'a str, stage: &str) -> &'a str {
    let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage));
    match rest {
        Some("") if stage != DEFAULT_STAGE && !stage.is_empty() => "/",
        Some(rest) if stage != DEFAULT_STAGE && !stage.is_empty() && rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Whether a custom domain may serve the API under this path. A base path never begins like a
/// route: otherwise `/seats/seats` would be the route `/seats`.
fn is_base_path(base: &str) -> bool {
    let Some(base) = base.strip_prefix('/') else { return base.is_empty() };
    let is_segment = |segment: &str| {
        let is_dots = segment.bytes().all(|c| c == b'.');
        !is_dots && segment.bytes().all(|c| c.is_ascii_alphanumeric() || b"$-_.+!*'()".contains(&c))
    };
    let first = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    let starts_like_a_route =
        ROUTES.iter().any(|route| first(route.path.trim_start_matches('/')) == first(base));
    base.split('/').all(is_segment) && !starts_like_a_route
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_key_tells_the_path_whatever_stands_before_it() {
        let parameters = [("bookingId", "BK-1"), ("proxy", "admin/apps")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        for (key, path) in [
            ("GET /bookings/{bookingId}", "/bookings/BK-1"),
            ("POST /reserve-seat", "/reserve-seat"),
            ("OPTIONS /{proxy+}", "/admin/apps"),
            // No pattern of ours, and a parameter that is missing.
            ("GET /bookings/BK-2", "/seats"),
            ("POST /admin/apps/{appId}/rotate-key", "/seats"),
            ("$default", "/seats"),
            ("", "/seats"),
        ] {
            assert_eq!(resolve(key, &parameters, "/v1/seats", "$default"), path, "{key}");
        }
        let slash = [("bookingId".to_owned(), "a/b".to_owned())];
        assert_eq!(
            resolve("GET /bookings/{bookingId}", &slash, "/bookings/a%2Fb", ""),
            "/bookings/a%2Fb"
        );
    }

    #[test]
    fn a_stage_and_a_base_path_are_left_out() {
        for (raw, stage, path) in [
            ("/seats", "$default", "/seats"),
            ("/seats", "prod", "/seats"),
            ("/prod/seats", "prod", "/seats"),
            ("/prod/admin/apps/x/rotate-key", "prod", "/admin/apps/x/rotate-key"),
            ("/prod", "prod", "/"),
            ("/prod/nothing", "prod", "/nothing"),
            ("/production/nothing", "prod", "/production/nothing"),
            ("/v1/admin/apps", "$default", "/admin/apps"),
            ("/tickets/v1.2/bookings/BK-1", "prod", "/bookings/BK-1"),
            ("/prod/v1/health", "prod", "/health"),
        ] {
            assert_eq!(resolve("$default", &[], raw, stage), path, "{raw} of {stage}");
        }
    }

    #[test]
    fn what_no_base_path_is_stays() {
        for raw in [
            "/",
            "",
            "//seats",
            "/./seats",
            "/../seats",
            "/%2e/seats",
            "/a b/seats",
            "/seats/",
            "/seats/seats",
            "/admin/nothing/seats",
            "/v1/nothing",
            "/é/seats",
        ] {
            assert_eq!(resolve("$default", &[], raw, "$default"), raw);
        }
    }
}
