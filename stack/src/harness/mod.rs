//! Drives functions and servers for the tests and the benchmark. A development tool:
//! nothing here is deployed.
//!
//! | module | what it knows |
//! |---|---|
//! | [`runtime_api`] | the Lambda Runtime API for one process of a function |
//! | [`replica_set`] | a MongoDB replica set whose network and members can fail |
//! | [`proxy`] | a TCP proxy that delays, holds and loses what passes |
//! | [`scratch`] | where a run of tests may write |
//! | [`poll`] | how to wait for a condition |

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic here is how a test fails"
)]

pub mod poll;
pub mod proxy;
pub mod replica_set;
pub mod runtime_api;
pub mod scratch;
