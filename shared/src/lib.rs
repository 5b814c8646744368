//! What the functions share. Data flows one way: `functions → http, auth → booking → locks, store`,
//! over `domain`.

/// Authentication in three layers: admin, app, user.
pub mod auth;
/// The booking flow: list, reserve, confirm, release.
pub mod booking;
/// A map with a maximum size.
mod bounded_map;
/// The time, deadlines and pauses between attempts.
pub mod clock;
/// Settings, read once at start.
pub mod config;
/// The domain types: ids, prices, e-mail addresses. Pure.
pub mod domain;
/// Environment variables, parsed with errors that name them.
pub mod env;
/// The closed set of failures.
pub mod error;
/// Points at which a test can end a process, delay it or give it a flaw. Only test builds have any.
mod faults;
/// The public seat feed.
pub mod feed;
/// Tests that generate input and check what must be true of every result.
#[cfg(test)]
mod fuzz;
/// Compression of long texts.
mod gzip;
/// The only user of `lambda_http`, except for a fuzz test: requests, responses, routes.
pub mod http;
/// The types of request bodies and queries.
pub mod inputs;
/// Turns serde's errors into field names and reasons.
mod invalid;
/// Live push: the feed over WebSockets.
pub mod live;
/// The only user of Redis: seat locks, rate limits, app versions.
pub mod locks;
/// Counts and times for CloudWatch, written as log lines.
pub mod metrics;
/// The HTTP client for calls to payment providers and webhook endpoints.
mod outgoing;
/// Payment providers: Stripe, Razorpay and the simulation.
pub mod payment;
/// The figures of `GET /admin/analytics`.
pub mod report;
/// The scheduled functions, which no request starts.
pub mod scheduled;
/// Secrets, from AWS Secrets Manager or the environment.
pub mod secrets;
/// One task at a time for the same key.
mod single_flight;
/// What a process creates at start and shares between requests.
pub mod state;
/// The only user of MongoDB: one file a collection.
pub mod store;
/// Logs, as JSON lines on standard output.
pub(crate) mod telemetry;
/// The types of response bodies.
pub mod views;
/// A tenant's webhook endpoints, and what is sent to them.
pub mod webhooks;
