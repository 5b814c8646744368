//! What admins do, and why.

#![expect(missing_docs, reason = "the names of the methods say it")]

use super::{entity::bounded_text, parsed, text};
use serde::Serialize;
use utoipa::ToSchema;

bounded_text!(
    Reason 500 "Why, 1–500 characters. The booking's history keeps it." "The band is ill."
);
parsed!(Reason);
