//! Why the backend is fast, without a stopwatch. Every query uses an index and reads no document
//! that it does not return. Holds and bookings never read from a replica. Cached pages and keys are
//! correct. `bench` measures the speed.

mod crowd;
mod explain;
mod history;
mod indexes;
mod keys;
mod pages;
mod plan_check;
mod profile;
mod reads;
mod shapes;
mod webhook_calls;
mod webhook_delay;
