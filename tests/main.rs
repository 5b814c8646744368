//! The integration tests: every promise of the contract, asked over HTTP of the real function
//! binaries on a real MongoDB and a real Redis. `support` holds what lets a test read as a
//! sentence, `api` one file an endpoint or a rule that all endpoints share, `races` what happens
//! when many ask at once or something is lost in between, `faults` what is left of a promise when
//! servers, networks and processes fail, `deploy` what the template makes of it all,
//! `local_stack` what `make dev` promises.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed, and the panic says where"
)]

mod api;
mod chaos;
mod deploy;
mod faults;
mod local_stack;
mod performance;
mod races;
mod security;
mod support;
