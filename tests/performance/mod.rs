//! Why the backend is fast, where a stopwatch cannot show it: every query uses an index and reads
//! no document that it does not return; holds and bookings never read from a replica; cached pages
//! and keys are right. `bench` measures the speed.

mod explain;
mod history;
mod indexes;
mod keys;
mod pages;
mod plan_check;
mod profile;
mod reads;
mod shapes;
