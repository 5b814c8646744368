//! Signing in: no password is looked at where somebody has guessed too often.

use crate::{
    config::RateLimit,
    domain::Email,
    error::{Code, Error, Result},
    locks::{Gate, Network, SignInAttempt},
};
use std::{future::Future, sync::Arc};

/// Keeps guessing slow, for users' accounts and the admin's.
#[derive(Debug)]
pub struct SignInGuard {
    gate: Arc<Gate>,
}

impl SignInGuard {
    /// Sign-ins that are counted at that gate.
    pub fn new(gate: Arc<Gate>) -> Self {
        Self { gate }
    }

    /// Runs `check`, which looks at the password and gives `None` if it is wrong or nobody's.
    ///
    /// # Errors
    /// `RATE_LIMITED` after too many wrong ones, without running it. `INVALID_CREDENTIALS`. For the
    /// admin's account `SERVICE_UNAVAILABLE` when Redis cannot be asked: nobody could say how often
    /// it was guessed at.
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
                    "redis cannot be asked: the admin's sign-in stays closed",
                ));
            }
            None => self.gate.sign_in_wait_locally(&attempt),
        };
        if !wait.is_zero() {
            let error = Error::new(
                Code::RateLimited,
                "Too many wrong passwords for this account: wait before the next",
            );
            return Err(error.retry_after(wait.as_secs_f64().ceil() as u64));
        }
        let found = check.await?;
        self.gate.record_sign_in(&attempt, found.is_some()).await;
        Ok(found.ok_or(Code::InvalidCredentials)?)
    }
}
