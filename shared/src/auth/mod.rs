//! Authentication in three layers: the platform's admin, the app (tenant), the user.

pub mod admin;
pub mod api_key;
pub(crate) mod app;
pub mod credentials;
pub mod jwt;
pub mod organiser;
pub mod password;
pub mod sign_in;
pub mod users;

use crate::domain::{AppId, UserId};
use std::sync::Arc;

/// An authenticated user of an app. Every query on seats, holds and bookings is scoped to it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant whose key the request carried.
    pub app: Arc<crate::store::apps::App>,
    /// The user, as named by a token of that tenant.
    pub user: UserId,
}

impl Caller {
    /// The owner of an idempotency key: the app and the user.
    pub fn scope(&self) -> [String; 2] {
        [self.app.app_id.as_str().to_owned(), self.user.to_string()]
    }

    /// The app's id. Every query of this caller is limited to this app.
    pub fn app_id(&self) -> &AppId {
        &self.app.app_id
    }
}
