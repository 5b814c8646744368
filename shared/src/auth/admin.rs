//! The platform's admin: one account, stored with the secrets and not in the database.

use super::{
    credentials::{CheckedSecret, Credentials},
    password::Passwords,
};
use crate::{
    domain::{Email, LoginPassword},
    error::Result,
};
use std::sync::Arc;

/// The platform's owner, as proved by a valid admin token.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The admin's e-mail address.
    pub email: String,
}

/// Layer 1: checks the admin's password and tokens.
#[derive(Debug)]
pub struct AdminAuth {
    credentials: Arc<Credentials>,
    passwords: Passwords,
}

impl AdminAuth {
    pub(crate) fn new(credentials: Arc<Credentials>, passwords: Passwords) -> Self {
        Self { credentials, passwords }
    }

    /// A token for the admin. `None` if the address or the password is wrong: both cost the same
    /// work, so the time does not tell which it is.
    pub async fn login(&self, email: &Email, password: LoginPassword) -> Result<Option<String>> {
        let known = self.credentials.current().await;
        let mut is_right = self.is_admin(&known, email, &password).await?;
        if !is_right && let Some(newer) = self.credentials.newer_than(&known).await {
            // The account may have changed since the secret was read.
            is_right =
                !newer.has_same_admin_as(&known) && self.is_admin(&newer, email, &password).await?;
        }
        if is_right {
            self.credentials.sign_admin(email.as_str()).await.map(Some)
        } else {
            Ok(None)
        }
    }

    async fn is_admin(
        &self,
        current: &CheckedSecret,
        email: &Email,
        password: &LoginPassword,
    ) -> Result<bool> {
        let hash = current.admin_password_hash.clone();
        Ok(self.passwords.verify(password.0.clone(), Some(hash)).await?
            && *email == current.admin_email)
    }

    /// The admin whom a token names. Fails with `UNAUTHENTICATED` or `TOKEN_EXPIRED`.
    pub(crate) async fn verify(&self, token: &str) -> Result<Admin> {
        Ok(Admin { email: self.credentials.verify_admin(token).await? })
    }
}
