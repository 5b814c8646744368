//! Who is asking, in three layers: the platform's admin, the app (tenant), the user.

pub mod admin;
pub mod api_key;
pub mod app;
pub mod credentials;
pub mod jwt;
pub mod password;
pub mod sign_in;
pub mod users;

use crate::domain::{AppId, UserId};
use std::sync::Arc;

/// A user of an app: what every query on seats, holds and bookings is scoped to.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant that was authenticated.
    pub app: Arc<crate::store::apps::App>,
    /// The user whom that tenant's token names.
    pub user: UserId,
}

impl Caller {
    /// Whose idempotency keys these are: the app's and the user's.
    pub fn scope(&self) -> [String; 2] {
        [self.app.app_id.as_str().to_owned(), self.user.to_string()]
    }

    /// The tenant's id.
    pub fn app_id(&self) -> &AppId {
        &self.app.app_id
    }
}
