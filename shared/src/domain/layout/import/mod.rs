//! Reads seating plans of other programs.

mod csv;
mod draft;
mod palette;
mod pretix;
mod pretix_file;
mod scale;

pub use csv::csv_layout;
pub use pretix::pretix_layout;
pub use pretix_file::PretixPlan;
