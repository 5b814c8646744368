//! The local stack: what `make dev` prints and leaves behind, and what its gateway forwards.

mod dev;
mod failures;
mod gateway;
mod lifecycle;
mod settings;
