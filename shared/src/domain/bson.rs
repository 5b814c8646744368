//! The one exception to "mongodb is named only in `store`".
//!
//! Object ids and dates are BSON values. Keeping them as they are means that a document is read and
//! written without a conversion, and that no id is parsed twice.

pub use mongodb::bson::oid::ObjectId;
pub(super) use mongodb::bson::{Bson, DateTime};
