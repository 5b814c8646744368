//! The local stack: what `make dev` says and leaves behind, and what its gateway lets through.

mod dev;
mod failures;
mod gateway;
mod lifecycle;
mod settings;
