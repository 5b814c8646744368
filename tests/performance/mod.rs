//! What the speed rests on and a stopwatch cannot show: that every query enters by an index and
//! reads no document that it does not give, and that holds and bookings never ask a replica. What
//! is measured is in `bench`.

mod explain;
mod history;
mod indexes;
mod judge;
mod keys;
mod pages;
mod profile;
mod reads;
mod shapes;
