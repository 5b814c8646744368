//! From an event to an endpoint and back: the only user of `lambda_http`.
//!
//! [`serve`] does what no endpoint should repeat: settings and clients at start, the deadline, the
//! envelope, the headers, CORS, the log line, a panic turned into a 500.

mod event;
mod feed;
mod idempotent;
pub(crate) mod json;
mod replay;
mod reply;
mod request;
mod request_log;
mod route_path;
pub mod routes;

pub use idempotent::idempotent;
pub use reply::Reply;
pub use request::{BODY_LIMIT, IMPORT_BODY_LIMIT, LAYOUT_BODY_LIMIT, Request, SEATS_BODY_LIMIT};

use crate::{
    clock::{Deadline, RESERVE},
    domain::Origin,
    env::SettingError,
    error::{Code, Error, Result},
    faults,
    metrics::{self, Metric, Observations},
    state::State,
    telemetry,
};
use event::Event;
use feed::is_feed;
use futures_util::FutureExt;
use lambda_http::{
    Body, LambdaEvent, Response, aws_lambda_events::apigw::ApiGatewayV2httpResponse, service_fn,
};
use reply::Readers;
use request::OriginHeader;
use request_log::RequestLog;
use serde_json::value::RawValue;
use std::{
    convert::Infallible,
    future::Future,
    panic::AssertUnwindSafe,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::{error, info};

/// A function's exit status: a failure if a setting kept it from starting.
pub type Exit = ExitCode;

/// Serves an endpoint until the platform ends the process.
pub async fn serve<F, R>(endpoint: F) -> Exit
where
    F: Fn(State, Request) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<Reply>> + Send + 'static,
{
    telemetry::start();
    faults::arm();
    let state = match State::start().await {
        Ok(state) => state,
        Err(problem) => return refuse(&problem),
    };
    let service = service_fn(move |event| {
        let (state, endpoint) = (state.clone(), endpoint.clone());
        async move { Ok::<_, Infallible>(handle(state, endpoint, event).await) }
    });
    ended(lambda_runtime::run_concurrent(service).await)
}

/// Names, in one line, the setting that keeps the function from starting.
pub(crate) fn refuse(problem: &SettingError) -> Exit {
    eprintln!("{problem}");
    ExitCode::FAILURE
}

/// The runtime returns only when its API is gone: the local stack was stopped, or the platform has
/// a fault, which it logs itself.
pub(crate) fn ended(result: Result<(), lambda_http::Error>) -> Exit {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            info!(cause = %cause, "the runtime API is gone");
            ExitCode::FAILURE
        }
    }
}

/// Handles one event. An event that is no request gets a response, too. Otherwise the gateway would
/// send its own.
pub(crate) async fn handle<F, R>(
    state: State,
    endpoint: F,
    event: LambdaEvent<Box<RawValue>>,
) -> ApiGatewayV2httpResponse
where
    F: Fn(State, Request) -> R,
    R: Future<Output = Result<Reply>>,
{
    let (event, context) = event.into_parts();
    let deadline = Deadline::of_invocation(context.deadline);
    event::gateway_response(match Event::read(&event) {
        Ok(Some(event)) => respond(state, endpoint, event, context.request_id, deadline).await,
        Ok(None) => without_request(&context.request_id),
        Err(problem) => {
            let failure = Error::internal(problem);
            error!(
                request_id = context.request_id,
                code = failure.code().as_str(),
                cause = failure.chain(),
                "event"
            );
            Reply::from(&failure).finish(
                &RequestLog::default(),
                &context.request_id,
                Readers::None,
                false,
            )
        }
    })
}

/// The response to an event that is no HTTP request, such as a ping that keeps a function warm.
fn without_request(request_id: &str) -> Response<Body> {
    info!(request_id, "an event without a request");
    let done = Reply::ok(serde_json::json!({}), "This event is no HTTP request; nothing was done");
    let reply = done.unwrap_or_else(|failure| Reply::from(&failure));
    reply.finish(&RequestLog::default(), request_id, Readers::None, false)
}

async fn respond<F, R>(
    state: State,
    endpoint: F,
    event: Event,
    id: String,
    deadline: Deadline,
) -> Response<Body>
where
    F: Fn(State, Request) -> R,
    R: Future<Output = Result<Reply>>,
{
    let started = Instant::now();
    let request_log = Arc::new(RequestLog::default());
    let (method, path) = (event.method.clone(), event.path.clone());
    let request = Request::new(state.clone(), request_log.clone(), id.clone(), event);
    let origin = request.origin();
    let app_id = request.credential("x-app-id").map(str::to_owned);
    let preflight = method == "OPTIONS";

    // Boxed, so that the compiler need not lay out a whole function's work as one value.
    let work = Box::pin(endpoint(state.clone(), request));
    let (result, mut seen) = metrics::observe(guarded(deadline, work)).await;
    let reply = result.as_ref().map_or_else(Reply::from, Clone::clone);

    let facts = request_log.facts();
    let readers = match &origin {
        _ if is_feed(&path) => Readers::Everyone,
        Some(OriginHeader { raw, parsed: Some(origin) }) => {
            let app_id = app_id.as_deref();
            let is_granted = facts.origin_granted
                || deadline.scope(may_read(&state, &path, origin, reply.status(), app_id)).await;
            if is_granted { Readers::Origin(raw) } else { Readers::None }
        }
        Some(OriginHeader { parsed: None, .. }) | None => Readers::None,
    };
    // The function `preflight` also gets unknown paths that end like a route. It responds with
    // `ROUTE_NOT_FOUND`, so such a request is no attempt.
    let attempt = routes::find(&method, &path).is_some_and(|route| route.is_attempt)
        && reply.code() != Some(Code::RouteNotFound.as_str());
    let line = Line {
        id: &id,
        method: &method,
        path: &path,
        attempt,
        started,
        reply: &reply,
        facts: &facts,
        seen: &seen,
    };
    log(&line, result.as_ref().err());
    count(&mut seen, attempt, &reply);
    metrics::publish(&seen, facts.domain);
    let mut response = reply.finish(&request_log, &id, readers, preflight);
    if method == "HEAD" {
        *response.body_mut() = Body::Empty;
    }
    response
}

/// Runs an endpoint under its deadline. A panic is an error like any other, and so is an endpoint
/// that does not return in time.
async fn guarded(
    deadline: Deadline,
    endpoint: impl Future<Output = Result<Reply>>,
) -> Result<Reply> {
    // The endpoint keeps to the deadline by itself. If it does not, half of the reserve is left for
    // an error response.
    let work = tokio::time::timeout(deadline.remaining() + RESERVE / 2, endpoint);
    match deadline.scope(AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Error::unavailable("the endpoint did not end by its deadline")),
        Err(panic) => Err(Error::internal(panic_text(panic.as_ref()))),
    }
}

/// Whether a browser at this origin may read a response with this status. On the admin's paths
/// `ADMIN_ORIGINS` decides, elsewhere whether any active app lists the origin.
async fn may_read(
    state: &State,
    path: &str,
    origin: &Origin,
    status: u16,
    app_id: Option<&str>,
) -> bool {
    if is_admins(path) {
        return origin.is_listed(&state.settings.admin_origins);
    }
    // A request over its limit must not cost a query, and a 503 usually means that MongoDB is down.
    if matches!(status, 429 | 503) {
        return app_id.is_some_and(|id| state.tenant_auth.remembers_origin(id, origin));
    }
    state.tenant_auth.any_app_lists(origin).await.unwrap_or(false)
}

fn is_admins(path: &str) -> bool {
    path == "/admin" || path.starts_with("/admin/")
}

struct Line<'a> {
    id: &'a str,
    method: &'a str,
    path: &'a str,
    attempt: bool,
    started: Instant,
    reply: &'a Reply,
    facts: &'a request_log::RequestFacts,
    seen: &'a Observations,
}

/// Counts a response in the metrics.
fn count(seen: &mut Observations, attempt: bool, reply: &Reply) {
    if attempt {
        seen.count(Metric::WriteAttempts, 1);
        if reply.status() >= 500 {
            seen.count(Metric::WriteFailures, 1);
        }
    }
    if reply.code() == Some(Code::RateLimited.as_str()) {
        seen.count(Metric::RateLimited, 1);
    }
}

/// Writes the one log line of a request. For reserve, confirm and release it also has the entity,
/// the outcome, and how long the locks of the seats took.
fn log(line: &Line<'_>, failure: Option<&Error>) {
    let (app, user) = (line.facts.app.as_deref(), line.facts.user.as_deref());
    let (route, status, code) =
        (routes::pattern(line.path), line.reply.status(), line.reply.code());
    let ms = |time: Duration| time.as_micros() as f64 / 1000.0;
    let duration_ms = ms(line.started.elapsed());
    let outcome = line.attempt.then_some(match status {
        ..400 => "ok",
        400..500 => "refused",
        _ => "failed",
    });
    let (entity, lock_acquire_ms) = (line.seen.entity.as_deref(), line.seen.lock_time.map(ms));
    let cause = failure.filter(|_| status >= 500).map(Error::chain);
    macro_rules! request {
        ($level:ident) => {
            $level!(
                request_id = line.id,
                method = line.method,
                route,
                status,
                code,
                outcome,
                app,
                user,
                entity,
                duration_ms,
                lock_acquire_ms,
                cause,
                "request"
            )
        };
    }
    if cause.is_some() { request!(error) } else { request!(info) }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panic: {}", text.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    fn deadline_in(left: Duration) -> Deadline {
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + RESERVE + left;
        Deadline::of_invocation(at.as_millis() as u64)
    }

    #[tokio::test]
    async fn a_panic_becomes_an_internal_error_that_tells_nothing() {
        let failure =
            guarded(deadline_in(Duration::from_secs(5)), async { panic!("of secret 4711") })
                .await
                .unwrap_err();
        assert_eq!(failure.code(), Code::Internal);
        assert!(!failure.message().contains("4711") && failure.chain().contains("4711"));
    }

    #[tokio::test]
    async fn an_endpoint_that_does_not_end_is_answered_for_before_the_platform_ends_it() {
        let deadline = deadline_in(Duration::from_millis(50));
        // The rest, `RESERVE`, is for the response. A test of the time it takes would fail on a
        // busy machine.
        assert!(deadline.remaining() <= Duration::from_millis(50));
        let failure = guarded(deadline, std::future::pending()).await.unwrap_err();
        assert_eq!(failure.code(), Code::Unavailable);
    }
}
