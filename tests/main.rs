//! The integration tests: every promise of the contract, checked against the real function binaries
//! on a real MongoDB and a real Redis. `docs/TESTING.md` says which module answers which question.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed, and the panic says where"
)]

mod api;
mod chaos;
mod deploy;
mod documents;
mod faults;
mod local_stack;
mod payments;
mod performance;
mod races;
mod security;
mod support;
