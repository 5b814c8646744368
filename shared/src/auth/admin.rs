//! The platform's admin: one account, kept with the secrets and not in the database.

use super::{
    credentials::{CheckedSecret, Credentials},
    password::Passwords,
};
use crate::{
    domain::{Email, LoginPassword},
    error::Result,
};
use std::sync::Arc;

/// The admin, authenticated.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The admin's e-mail address.
    pub email: String,
}

/// Signs the admin in, and knows the admin's tokens.
#[derive(Debug)]
pub struct AdminAuth {
    credentials: Arc<Credentials>,
    passwords: Passwords,
}

impl AdminAuth {
    /// The admin of those credentials.
    pub fn new(credentials: Arc<Credentials>, passwords: Passwords) -> Self {
        Self { credentials, passwords }
    }

    /// A token for the admin; `None`, after the same work, whether the address or the password is
    /// wrong.
    pub async fn login(&self, email: &Email, password: LoginPassword) -> Result<Option<String>> {
        let known = self.credentials.current().await;
        let mut right = self.is_admin(&known, email, &password).await?;
        if !right && let Some(newer) = self.credentials.newer_than(&known).await {
            // Perhaps both were changed since they were read.
            right =
                !newer.has_same_admin_as(&known) && self.is_admin(&newer, email, &password).await?;
        }
        if right { self.credentials.sign_admin(email.as_str()).await.map(Some) } else { Ok(None) }
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

    /// Whom an admin's token names.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `TOKEN_EXPIRED`.
    pub async fn verify(&self, token: &str) -> Result<Admin> {
        Ok(Admin { email: self.credentials.verify_admin(token).await? })
    }
}
