//! The limit on wrong passwords: after too many of them, no password is checked for the account.

use crate::{
    config::RateLimit,
    domain::Email,
    error::{Code, Error, Result},
    locks::{Gate, Network, SignInAttempt},
};
use std::{future::Future, sync::Arc};

/// Slows down password guessing, for users' accounts and the admin's.
#[derive(Debug)]
pub struct SignInGuard {
    gate: Arc<Gate>,
}

impl SignInGuard {
    pub(crate) fn new(gate: Arc<Gate>) -> Self {
        Self { gate }
    }

    /// Runs `check`, which checks a password. It returns `None` if the password is wrong
    /// or the account unknown.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`. `RATE_LIMITED` after too many wrong passwords, without running
    /// `check`. `SERVICE_UNAVAILABLE` for the admin's account when Redis is unavailable, because
    /// the wrong passwords cannot be counted then.
    pub async fn run<T>(
        &self,
        limit: RateLimit,
        email: &Email,
        network: Network,
        check: impl Future<Output = Result<Option<T>>>,
    ) -> Result<T> {
        let attempt = SignInAttempt::new(limit, email, network);
        let wait = match self.gate.sign_in_wait(&attempt).await {
            Some(wait) => wait,
            None if limit == RateLimit::AdminLogin => {
                return Err(Error::unavailable(
                    "redis is unavailable: the admin's sign-in stays closed",
                ));
            }
            None => self.gate.sign_in_wait_locally(&attempt),
        };
        if !wait.is_zero() {
            let error = Error::new(
                Code::RateLimited,
                "Too many wrong passwords for this account: wait before you try again",
            );
            return Err(error.retry_after(wait.as_secs_f64().ceil() as u64));
        }
        let signed_in = check.await?;
        self.gate.record_sign_in(&attempt, signed_in.is_some()).await;
        Ok(signed_in.ok_or(Code::InvalidCredentials)?)
    }
}
