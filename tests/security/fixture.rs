//! A backend with users and tenants of every kind. Only one test at a time uses it, because tests
//! compare all stored data.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::json;
use tokio::sync::{Mutex, MutexGuard};

use super::request::{Processes, Request};
use crate::support::{
    people::{Hold, Tenant, User},
    routes::{self, Audience, Route},
    stacks::{ADMIN_ORIGINS, Plan, Shared, Stack},
    unique,
};

/// Holds outlive the test.
const HOLD_SECONDS: u64 = 3600;

/// Limits that no test reaches, and a log that says when bcrypt ran.
fn settings() -> Vec<(&'static str, String)> {
    let mut settings = Plan::new("security").unlimited().env;
    settings.push(("RATE_LIMIT_KEY_FAILURES", "1000000/60".to_owned()));
    settings.push(("AWS_LAMBDA_LOG_LEVEL", "debug".to_owned()));
    settings
}

/// One stack for all tests: its start takes longer than most of the tests.
async fn stack() -> Arc<Stack> {
    static STACK: Shared<Arc<Stack>> = Shared::new();
    let plan = || Plan {
        own_redis: true,
        hold_ttl: HOLD_SECONDS,
        env: settings(),
        ..Plan::new("security")
    };
    STACK.get(|| plan().start()).await
}

#[derive(Clone)]
pub struct Fixture {
    pub stack: Arc<Stack>,
    pub admin_token: String,
    pub tenant: Tenant,
    /// A user of the tenant, who holds one seat and has booked another.
    pub ann: User,
    pub held: Hold,
    pub booked: String,
    /// Another user of the same tenant.
    pub bob: User,
    /// A user of another tenant.
    pub eve: User,
    /// A user of a tenant that was switched off.
    pub gone: User,
    /// Secret keys of the tenant, and of the one that was switched off.
    pub secret_key: String,
    pub gone_secret_key: String,
    pub deleted_secret_key: String,
    _alone: Option<Arc<MutexGuard<'static, ()>>>,
}

impl Fixture {
    /// A fixture with new users and tenants, for a test that changes them. Waits until it is
    /// alone on the stack.
    pub async fn new() -> Self {
        let alone = Self::alone().await;
        Self { _alone: alone, ..Self::on(stack().await).await }
    }

    /// A fixture with shared users and tenants, for tests that do not change them. Waits until it
    /// is alone on the stack.
    pub async fn shared() -> Self {
        static SHARED: Shared<Fixture> = Shared::new();
        let alone = Self::alone().await;
        Self { _alone: alone, ..SHARED.get(|| async { Self::on(stack().await).await }).await }
    }

    async fn alone() -> Option<Arc<MutexGuard<'static, ()>>> {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());
        Some(Arc::new(ONE_AT_A_TIME.lock().await))
    }

    /// A fixture on the test's own stack.
    pub async fn on(stack: Arc<Stack>) -> Self {
        let (tenant, other, off) = tokio::join!(stack.tenant(), stack.tenant(), stack.tenant());
        let (ann, bob, eve, gone) =
            tokio::join!(tenant.user(), tenant.user(), other.user(), off.user());
        let seats = tenant.seats(&["A1", "A2", "A3"]).await;
        let booked = ann.book(&[&seats[0]]).await;
        let held = ann.hold(&[&seats[1]]).await;
        let admin = stack.admin().await;
        admin
            .patch(&format!("/admin/apps/{}", off.app_id), &json!({"isActive": false}))
            .await
            .expect(200);
        let ((_, server), (_, gone_server)) = tokio::join!(tenant.server(), off.server());
        let (key, deleted) = tenant.server().await;
        let path = format!("/admin/apps/{}/secret-keys/{key}", tenant.app_id);
        admin.delete(&path).await.expect(200);
        // The first use of a key on a day is noted, and the tests compare all stored data.
        for server in [&server, &gone_server] {
            server.get("/admin/bookings").await.expect(200);
        }
        Self {
            secret_key: server.token,
            gone_secret_key: gone_server.token,
            deleted_secret_key: deleted.token,
            admin_token: admin.token,
            stack,
            tenant,
            ann,
            held,
            booked,
            bob,
            eve,
            gone,
            _alone: None,
        }
    }

    /// The right caller's request for a route. The user is Ann. Sign-ins have the right password.
    pub fn right(&self, route: &Route) -> Request {
        let credentials = &self.stack.credentials;
        let request = match route.pattern {
            "/admin/login" => Request::new(route)
                .json(&json!({"email": credentials.email, "password": credentials.password})),
            "/auth/login" => Request::new(route)
                .json(&json!({"email": self.ann.email, "password": self.ann.password})),
            // A repeat without a key would act twice.
            "/admin/bookings/{bookingId}/refund" => {
                Request::new(route).header("idempotency-key", unique("key"))
            }
            _ => Request::new(route),
        };
        match route.audience {
            Audience::Public => request,
            Audience::Admin | Audience::Organiser => request.bearer(&self.admin_token),
            Audience::App => self.on_page(request, &self.tenant),
            Audience::User => self.on_page(request, &self.tenant).bearer(&self.ann.token),
        }
    }

    /// A request from a tenant's page.
    pub fn on_page(&self, request: Request, tenant: &Tenant) -> Request {
        let request =
            request.header("x-app-id", &tenant.app_id).header("x-api-key", &tenant.api_key);
        request.header("origin", &tenant.origin)
    }

    /// Processes of these functions on this stack's servers, for events.
    pub async fn processes(&self, functions: &BTreeSet<&'static str>) -> Processes {
        let mut env: BTreeMap<String, String> = self.stack.credentials.env();
        let mut set = |name: &str, value: String| env.insert(name.to_owned(), value);
        for (name, value) in settings() {
            set(name, value);
        }
        set("MONGODB_URI", self.stack.mongodb_uri.clone());
        set("MONGODB_DATABASE", self.stack.database.clone());
        set("REDIS_URL", self.stack.redis_url.clone());
        set("DEFAULT_PAYMENT_PROVIDER", "simulated".to_owned());
        set("HOLD_TTL_SECONDS", HOLD_SECONDS.to_string());
        set("ADMIN_ORIGINS", ADMIN_ORIGINS.to_owned());
        Processes::start(functions, &env).await
    }

    /// One process of every function that a route leads to.
    pub async fn all_processes(&self) -> Processes {
        self.processes(&routes::all().iter().map(Route::function).collect()).await
    }
}
