//! The platform's admin: one account, kept with the secrets and not in the database.

use super::password::Passwords;
use crate::{
    config::Settings,
    domain::{Email, LoginPassword},
    error::{Code, Result},
};
use secrecy::ExposeSecret;
use std::sync::Arc;

/// The admin, authenticated.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The admin's e-mail address.
    pub email: String,
}

/// Signs the admin in, and knows the admin's tokens.
#[derive(Debug)]
pub struct Admins {
    settings: Arc<Settings>,
    passwords: Passwords,
}

impl Admins {
    /// The admin of those settings.
    pub fn new(settings: Arc<Settings>, passwords: Passwords) -> Self {
        Self { settings, passwords }
    }

    /// A token for the admin.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`, after the same work whether the address or the password is wrong.
    pub async fn login(&self, email: &Email, password: LoginPassword) -> Result<String> {
        let hash = self.settings.admin_password_hash.expose_secret().to_owned();
        let right_password = self.passwords.verify(password.0, Some(hash)).await?;
        if !right_password || *email != self.settings.admin_email {
            return Err(Code::InvalidCredentials.into());
        }
        self.settings.admin_jwt.sign_admin(email.as_str())
    }

    /// Whom an admin's token names.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `TOKEN_EXPIRED`.
    pub fn verify(&self, token: &str) -> Result<Admin> {
        Ok(Admin { email: self.settings.admin_jwt.verify_admin(token)? })
    }
}
