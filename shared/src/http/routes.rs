//! The route table: every endpoint is one row here.
//!
//! The table has many readers. The functions read which methods a path has and which calls are
//! booking attempts. The OpenAPI document, the local emulator's router in Cargo.toml, the check of
//! template.yaml, and the tests that call every route as every kind of caller derive from it.

use Audience::{Admin, App, Organiser, Public, User};

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method in capitals.
    pub method: &'static str,
    /// Path, with `{name}` for a segment that varies.
    pub path: &'static str,
    /// The binary that serves it: `functions/src/bin/<function>.rs` or `<function>/main.rs`.
    pub function: &'static str,
    /// The operation's name. It is the function's, unless the function serves several routes.
    pub operation: &'static str,
    /// Who may call it.
    pub audience: Audience,
    /// The group under which the reference shows it: a name in [`TAGS`].
    pub tag: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// Whether it holds, sells or frees seats. Such calls are counted and logged as attempts.
    pub is_attempt: bool,
    /// Whether it takes an `Idempotency-Key`.
    pub takes_idempotency_key: bool,
    /// Whether it refuses a request without an `Idempotency-Key`.
    pub needs_idempotency_key: bool,
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Anybody: no credentials are needed.
    Public,
    /// A tenant's frontend: app id, API key and origin.
    App,
    /// A user in a tenant's frontend: the app's credentials and the user's token.
    User,
    /// Whoever manages what a tenant sells: an admin token, or a secret key of that tenant.
    Organiser,
    /// The platform's admin: an admin token.
    Admin,
}

/// The groups of the reference, in the order in which they are read.
pub const TAGS: &[(&str, &str)] = &[
    (BOOKING, "Find seats, hold them, pay, release them."),
    (FEED, "Draw a live seat map, without credentials."),
    (USERS, "Accounts. One account works in all apps."),
    (ADMIN, "Calls of the platform's owner."),
    (HEALTH, "Health checks for load balancers and monitors."),
];

const BOOKING: &str = "Booking";
const FEED: &str = "Feed";
const USERS: &str = "Users";
const ADMIN: &str = "Admin";
const HEALTH: &str = "Health";

/// Every endpoint, each with its summary on a second line. OPTIONS and unknown paths go
/// to the function `preflight`.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    route("POST",  "/admin/login",                   "admin-login",       Public, ADMIN,
        "Sign in as admin"),
    route("POST",  "/admin/apps",                    "register-app",      Admin,  ADMIN,
        "Register a tenant"),
    route("GET",   "/admin/apps",                    "list-apps",         Admin,  ADMIN,
        "List the tenants"),
    route("PATCH", "/admin/apps/{appId}",            "update-app",        Admin,  ADMIN,
        "Change a tenant, or switch it off"),
    route("POST",  "/admin/apps/{appId}/rotate-key", "rotate-key",        Admin,  ADMIN,
        "Make a new API key"),
    route("POST",   "/admin/apps/{appId}/secret-keys", "secret-keys",    Admin,  ADMIN,
        "Create a secret key").named("create-secret-key"),
    route("GET",    "/admin/apps/{appId}/secret-keys", "secret-keys",    Admin,  ADMIN,
        "List the secret keys").named("list-secret-keys"),
    route("DELETE", "/admin/apps/{appId}/secret-keys/{keyId}", "secret-keys", Admin, ADMIN,
        "Delete a secret key").named("delete-secret-key"),
    route("PUT",    "/admin/apps/{appId}/payments", "payment-setup", Organiser, ADMIN,
        "Set who takes an app's payments").named("put-payments"),
    route("GET",    "/admin/apps/{appId}/payments", "payment-setup", Organiser, ADMIN,
        "Read who takes an app's payments").named("get-payments"),
    route("GET",    "/admin/apps/{appId}/entities", "entities", Organiser, ADMIN,
        "List an app's entities").named("list-entity-settings"),
    route("GET",    "/admin/apps/{appId}/entities/{entityId}", "entities", Organiser, ADMIN,
        "Read an entity's settings").named("get-entity-settings"),
    route("PUT",    "/admin/apps/{appId}/entities/{entityId}", "entities", Organiser, ADMIN,
        "Create an entity, or replace its settings").named("put-entity"),
    route("PATCH",  "/admin/apps/{appId}/entities/{entityId}", "entities", Organiser, ADMIN,
        "Change some settings of an entity").named("patch-entity"),
    route("DELETE", "/admin/apps/{appId}/entities/{entityId}", "entities", Organiser, ADMIN,
        "Delete an entity").named("delete-entity"),
    route("POST",   "/admin/apps/{appId}/entities/{entityId}/rotate-feed-key", "entities", Organiser, ADMIN,
        "Make a new feed key").named("rotate-feed-key"),
    route("POST",   "/admin/apps/{appId}/entities/{entityId}/cancel", "entities", Organiser, ADMIN,
        "Cancel an entity and refund its bookings").named("cancel-entity").idempotent(),
    route("GET",    "/admin/apps/{appId}/entities/{entityId}/seats", "entity-seats", Organiser, ADMIN,
        "List an entity's seats for the organiser").named("list-entity-seats"),
    route("POST",   "/admin/apps/{appId}/entities/{entityId}/seats", "entity-seats", Organiser, ADMIN,
        "Make an entity's seats from a layout").named("create-layout-seats"),
    route("PATCH",  "/admin/apps/{appId}/entities/{entityId}/seats", "entity-seats", Organiser, ADMIN,
        "Change seats").named("patch-seats"),
    route("POST",   "/admin/apps/{appId}/entities/{entityId}/seats/remove", "entity-seats", Organiser, ADMIN,
        "Remove seats").named("remove-seats"),
    route("GET",    "/admin/apps/{appId}/layouts", "layouts", Organiser, ADMIN,
        "List an app's seating plans").named("list-layouts"),
    route("GET",    "/admin/apps/{appId}/layouts/{layoutId}", "layouts", Organiser, ADMIN,
        "Read a seating plan").named("get-layout"),
    route("PUT",    "/admin/apps/{appId}/layouts/{layoutId}", "layouts", Organiser, ADMIN,
        "Store a version of a seating plan").named("put-layout"),
    route("POST",   "/admin/apps/{appId}/layouts/{layoutId}/import", "layouts", Organiser, ADMIN,
        "Import a seating plan of pretix or a spreadsheet").named("import-layout"),
    route("POST",   "/admin/apps/{appId}/webhooks", "webhooks", Organiser, ADMIN,
        "Create a webhook endpoint").named("create-webhook"),
    route("GET",    "/admin/apps/{appId}/webhooks", "webhooks", Organiser, ADMIN,
        "List the webhook endpoints").named("list-webhooks"),
    route("GET",    "/admin/apps/{appId}/webhooks/{webhookId}", "webhooks", Organiser, ADMIN,
        "Read a webhook endpoint").named("get-webhook"),
    route("PATCH",  "/admin/apps/{appId}/webhooks/{webhookId}", "webhooks", Organiser, ADMIN,
        "Change a webhook endpoint, or switch it off").named("patch-webhook"),
    route("DELETE", "/admin/apps/{appId}/webhooks/{webhookId}", "webhooks", Organiser, ADMIN,
        "Delete a webhook endpoint").named("delete-webhook"),
    route("POST",   "/admin/apps/{appId}/webhooks/{webhookId}/rotate-secret", "webhooks", Organiser, ADMIN,
        "Make a new signing secret").named("rotate-webhook-secret"),
    route("POST",   "/admin/apps/{appId}/webhooks/{webhookId}/test", "webhooks", Organiser, ADMIN,
        "Send a test event").named("test-webhook"),
    route("GET",    "/admin/apps/{appId}/webhooks/{webhookId}/deliveries", "webhooks", Organiser, ADMIN,
        "List what was sent to an endpoint").named("list-deliveries"),
    route("POST",   "/admin/apps/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}/retry", "webhooks", Organiser, ADMIN,
        "Send a delivery again").named("retry-delivery"),
    route("POST",   "/admin/apps/{appId}/webhooks/{webhookId}/recover", "webhooks", Organiser, ADMIN,
        "Send again what was not delivered").named("recover-webhook"),
    route("POST",  "/admin/seats",                   "create-seats",      Organiser, ADMIN,
        "Create an entity's seats").idempotent(),
    route("GET",   "/admin/bookings",                "list-all-bookings", Organiser, ADMIN,
        "List all bookings"),
    route("GET",   "/admin/bookings/{bookingId}",    "admin-bookings",    Organiser, ADMIN,
        "Read any booking with its history").named("get-any-booking"),
    route("POST",  "/admin/bookings/{bookingId}/cancel", "admin-bookings", Organiser, ADMIN,
        "Cancel seats of any booking").named("cancel-any-booking").idempotent(),
    route("POST",  "/admin/bookings/{bookingId}/refund", "admin-bookings", Organiser, ADMIN,
        "Give money back without a cancellation").named("refund-booking").needs_key(),
    route("GET",   "/admin/refunds",                 "admin-refunds",     Organiser, ADMIN,
        "List refunds").named("list-refunds"),
    route("POST",  "/admin/refunds/{refundId}/retry", "admin-refunds",    Organiser, ADMIN,
        "Make a failed refund again").named("retry-refund").idempotent(),
    route("POST",  "/admin/refunds/{refundId}/settle", "admin-refunds",   Organiser, ADMIN,
        "Record that a failed refund was paid by hand").named("settle-refund").idempotent(),
    route("GET",   "/admin/analytics",               "analytics",         Organiser, ADMIN,
        "Read figures per app and per domain"),
    route("POST",  "/auth/signup",                   "signup",            App,    USERS,
        "Create an account"),
    route("POST",  "/auth/login",                    "login",             App,    USERS,
        "Sign in"),
    route("GET",   "/entities",                      "list-entities",     App,    BOOKING,
        "List what is sold"),
    route("GET",   "/entities/{entityId}",           "list-entities",     App,    BOOKING,
        "Read one entity with its sections").named("get-entity"),
    route("GET",   "/seats",                         "list-seats",        User,   BOOKING,
        "List an entity's seats"),
    route("POST",  "/reserve-seat",                  "reserve",           User,   BOOKING,
        "Hold one or more seats").attempt().idempotent(),
    route("POST",  "/payments",                      "start-payment",     User,   BOOKING,
        "Start the payment of a hold").idempotent(),
    route("POST",  "/payment-events/{provider}/{appId}", "payment-events", Public, BOOKING,
        "Take an event of a payment provider"),
    route("POST",  "/confirm-booking",               "confirm",           User,   BOOKING,
        "Pay and book").attempt().idempotent(),
    route("POST",  "/release-seat",                  "release",           User,   BOOKING,
        "Release a hold").attempt().idempotent(),
    route("GET",   "/bookings",                      "list-bookings",     User,   BOOKING,
        "List the caller's bookings"),
    route("GET",   "/bookings/{bookingId}",          "get-booking",       User,   BOOKING,
        "Read one booking"),
    route("GET",   "/bookings/{bookingId}/cancellation", "cancel-booking", User,   BOOKING,
        "Read what a cancellation gives back").named("quote-cancellation"),
    route("POST",  "/cancel-booking",                "cancel-booking",    User,   BOOKING,
        "Cancel seats of a booking").attempt().idempotent(),
    route("GET",   "/reservations",                  "list-reservations", User,   BOOKING,
        "List the caller's live holds"),
    route("GET",   "/feed/{feedKey}",                "feed",              Public, FEED,
        "Read the states of all seats").named("get-feed"),
    route("GET",   "/feed/{feedKey}/seats",          "feed",              Public, FEED,
        "Read the list of seats").named("get-feed-seats"),
    route("GET",   "/health",                        "health",            Public, HEALTH,
        "Check the service's health"),
    route("HEAD",  "/health",                        "health",            Public, HEALTH,
        "Check the service's health, status only").named("head-health"),
];

const fn route(
    method: &'static str,
    path: &'static str,
    function: &'static str,
    audience: Audience,
    tag: &'static str,
    summary: &'static str,
) -> Route {
    Route {
        method,
        path,
        function,
        operation: function,
        audience,
        tag,
        summary,
        is_attempt: false,
        takes_idempotency_key: false,
        needs_idempotency_key: false,
    }
}

impl Route {
    /// Counts and logs calls as attempts to hold, sell or free seats.
    const fn attempt(self) -> Self {
        Self { is_attempt: true, ..self }
    }

    /// Accepts an `Idempotency-Key`, so that a repeat has no second effect.
    const fn idempotent(self) -> Self {
        Self { takes_idempotency_key: true, ..self }
    }

    /// Requires an `Idempotency-Key`: a repeat without one would act twice.
    const fn needs_key(self) -> Self {
        Self { takes_idempotency_key: true, needs_idempotency_key: true, ..self }
    }

    /// Has a name of its own, since its function serves other routes too.
    const fn named(self, operation: &'static str) -> Self {
        Self { operation, ..self }
    }
}

/// The route that a request is for.
pub fn find(method: &str, path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method == method && matches(route.path, path))
}

/// The methods that a path has, in the table's order; none for an unknown path.
pub fn methods(path: &str) -> Vec<&'static str> {
    ROUTES.iter().filter(|route| matches(route.path, path)).map(|route| route.method).collect()
}

/// The pattern that a path matches. An unknown path is the client's own text and
/// must not be logged.
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
        assert_eq!(methods("/health"), ["GET", "HEAD"]);
        for unknown in ["/", "/seats/", "/seats/1", "/bookings/", "//seats", "/admin/apps/x/y"] {
            assert!(methods(unknown).is_empty(), "{unknown}");
        }
    }

    #[test]
    fn operations_have_names_of_their_own() {
        let names: std::collections::BTreeSet<_> = ROUTES.iter().map(|r| r.operation).collect();
        assert_eq!(names.len(), ROUTES.len());
    }
}
