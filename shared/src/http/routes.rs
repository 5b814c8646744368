//! Which function answers what: the one table that `preflight` reads, and that a test compares with
//! the local emulator's router and the template.

/// One endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// HTTP method.
    pub method: &'static str,
    /// Path, with `{name}` for a segment that varies.
    pub path: &'static str,
    /// The function's name, which is its folder's and its binary's.
    pub function: &'static str,
}

const fn route(method: &'static str, path: &'static str, function: &'static str) -> Route {
    Route { method, path, function }
}

/// Every endpoint. OPTIONS, and whatever is not here, goes to `preflight`.
pub const ROUTES: &[Route] = &[
    route("POST", "/admin/login", "admin-login"),
    route("POST", "/admin/apps", "register-app"),
    route("GET", "/admin/apps", "list-apps"),
    route("PATCH", "/admin/apps/{appId}", "update-app"),
    route("POST", "/admin/apps/{appId}/rotate-key", "rotate-key"),
    route("POST", "/admin/seats", "create-seats"),
    route("GET", "/admin/bookings", "list-all-bookings"),
    route("GET", "/admin/analytics", "analytics"),
    route("POST", "/auth/signup", "signup"),
    route("POST", "/auth/login", "login"),
    route("GET", "/seats", "list-seats"),
    route("POST", "/reserve-seat", "reserve"),
    route("POST", "/confirm-booking", "confirm"),
    route("POST", "/release-seat", "release"),
    route("GET", "/bookings", "list-bookings"),
    route("GET", "/bookings/{bookingId}", "get-booking"),
    route("GET", "/reservations", "list-reservations"),
    route("GET", "/health", "health"),
];

/// The methods that a path has, in the table's order; none for a path that is not there.
pub fn methods(path: &str) -> Vec<&'static str> {
    ROUTES.iter().filter(|route| matches(route.path, path)).map(|route| route.method).collect()
}

/// The pattern that a path matches; a path that is no route is whatever a client sent, and is not
/// to be repeated.
pub(super) fn pattern(path: &str) -> &'static str {
    ROUTES.iter().find(|route| matches(route.path, path)).map_or("(none)", |route| route.path)
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given))
                if wanted == given || (wanted.starts_with('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_methods_of_its_rows() {
        assert_eq!(methods("/admin/apps"), ["POST", "GET"]);
        assert_eq!(methods("/admin/apps/x/rotate-key"), ["POST"]);
        assert_eq!(methods("/bookings/BK-1"), ["GET"]);
        for unknown in ["/", "/seats/", "/seats/1", "/bookings/", "//seats", "/admin/apps/x/y"] {
            assert!(methods(unknown).is_empty(), "{unknown}");
        }
    }
}
