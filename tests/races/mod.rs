//! Many requests at once, and losses in between. Each test ends with the protocol's invariants.

mod baskets;
mod best_available;
mod changes;
mod cluster;
mod confirms;
mod expiry;
mod one_seat;
mod organiser;
mod redis;
mod regressions;
mod tenants;
