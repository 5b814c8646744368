//! UserAuth' accounts: signing up and in, and whether a token that was good when it was issued still
//! is.

use super::{credentials::Credentials, jwt::VerifiedToken, password::Passwords};
use crate::{
    clock,
    domain::{AppId, Email, LoginPassword, Name, NewPassword, Phone, Timestamp, UserId},
    error::{Code, Error, Result},
    locks::Gate,
    store::{
        Store,
        users::{TokenCutoff, User},
    },
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tracing::warn;

/// How long a user's standing is used without asking MongoDB again.
const CUTOFF_TTL: Duration = Duration::from_secs(5);
/// How many users a process remembers: then it starts over.
const MAX_USERS: usize = 10_000;

/// Knows the users.
#[derive(Debug)]
pub struct UserAuth {
    store: Arc<Store>,
    gate: Arc<Gate>,
    passwords: Passwords,
    credentials: Arc<Credentials>,
    memory: RwLock<HashMap<UserId, (SystemTime, Option<TokenCutoff>)>>,
}

impl UserAuth {
    /// The users of that store.
    pub fn new(
        store: Arc<Store>,
        gate: Arc<Gate>,
        passwords: Passwords,
        credentials: Arc<Credentials>,
    ) -> Self {
        Self { store, gate, passwords, credentials, memory: RwLock::default() }
    }

    /// Makes an account.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a password that is the address; `EMAIL_TAKEN`.
    pub async fn sign_up(
        &self,
        email: Email,
        password: NewPassword,
        name: Name,
        phone: Option<Phone>,
    ) -> Result<User> {
        if password.is_address(&email) {
            return Err(Error::field("password", "must not be the e-mail address"));
        }
        let user = User::new(email, self.passwords.hash(password.0).await?, name, phone);
        if self.store.users.insert(&user).await? { Ok(user) } else { Err(Code::EmailTaken.into()) }
    }

    /// The account of that address, if the password is its; `None`, after the same work, if it is
    /// not or there is none.
    pub async fn sign_in(&self, email: &Email, password: LoginPassword) -> Result<Option<User>> {
        let user = self.store.users.find(email).await?;
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        if !self.passwords.verify(password.0.clone(), hash).await? {
            return Ok(None);
        }
        if let Some(user) = &user {
            self.raise_cost(user, password).await;
        }
        Ok(user)
    }

    /// Stores the password's hash anew where the cost has risen since it was made. Best effort: the
    /// next sign-in can do it.
    async fn raise_cost(&self, user: &User, password: LoginPassword) {
        let raised = async {
            let Some(hash) =
                self.passwords.rehash_if_outdated(password.0, &user.password_hash).await?
            else {
                return Ok(());
            };
            self.store.users.replace_hash(user.id, &user.password_hash, &hash).await?;
            Ok::<_, Error>(())
        };
        if let Err(error) = raised.await {
            warn!(cause = error.chain(), "a password's hash of an outdated cost stays as it is");
        }
    }

    /// Whether a token still holds: its user is there, and has not ended what was issued before.
    ///
    /// A token tells the second in which it was issued, no closer: one of the very second in which
    /// `tokensValidAfter` lies holds, so that who signs in just after a change is not refused.
    ///
    /// `told` is what another process kept of the user's standing in `app`, not longer ago than one
    /// of our own may be used.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub async fn check_token(
        &self,
        token: &VerifiedToken,
        app: &AppId,
        told: Option<&str>,
    ) -> Result<UserId> {
        let standing = match self.cached_cutoff(token.user) {
            Some(standing) => standing,
            None => match self.read_shared_cutoff(token.user, told).await {
                Some(standing) => Some(standing),
                None => self.read_cutoff(token.user, app).await?,
            },
        };
        match standing {
            Some(standing) if is_valid(token.issued_at, &standing) => Ok(token.user),
            _ => Err(Code::Unauthenticated.into()),
        }
    }

    /// A cutoff as [`UserAuth::share_cutoff`] wrote it, if it did so lately.
    async fn read_shared_cutoff(&self, user: UserId, told: Option<&str>) -> Option<TokenCutoff> {
        let mut parts = told?.split(' ');
        let (read_at, after, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let at = UNIX_EPOCH.checked_add(Duration::from_millis(read_at.parse().ok()?))?;
        if !clock::is_within(at, CUTOFF_TTL)
            || !self.credentials.verify_fact(&cutoff_fact(user, read_at, after), signature).await
        {
            return None;
        }
        let tokens_valid_after = match after {
            "-" => None,
            ms => Some(Timestamp::from_millis(ms.parse().ok()?)),
        };
        Some(TokenCutoff { tokens_valid_after })
    }

    /// Tells other processes how a user stood at `read_at`.
    async fn share_cutoff(
        &self,
        user: UserId,
        app: &AppId,
        standing: &TokenCutoff,
        read_at: SystemTime,
    ) -> Result<()> {
        let read_at =
            read_at.duration_since(UNIX_EPOCH).map_err(Error::internal)?.as_millis().to_string();
        let after =
            standing.tokens_valid_after.map_or_else(|| "-".into(), |at| at.as_millis().to_string());
        let signature = self.credentials.sign_fact(&cutoff_fact(user, &read_at, &after)).await?;
        self.gate
            .share_token_cutoff(app, user, &format!("{read_at} {after} {signature}"), CUTOFF_TTL)
            .await;
        Ok(())
    }

    async fn read_cutoff(&self, user: UserId, app: &AppId) -> Result<Option<TokenCutoff>> {
        // Before the answer is asked for: it may be as old as the question.
        let asked_at = SystemTime::now();
        let standing = self.store.users.token_cutoff(user).await?;
        // That there is no such user is not told: each proves it for himself.
        if let Some(standing) = &standing {
            self.share_cutoff(user, app, standing, asked_at).await?;
        }
        let mut memory = self.memory.write().unwrap_or_else(PoisonError::into_inner);
        if memory.len() >= MAX_USERS {
            memory.clear();
        }
        memory.insert(user, (asked_at, standing.clone()));
        Ok(standing)
    }

    fn cached_cutoff(&self, user: UserId) -> Option<Option<TokenCutoff>> {
        let memory = self.memory.read().unwrap_or_else(PoisonError::into_inner);
        let (at, standing) = memory.get(&user)?;
        clock::is_within(*at, CUTOFF_TTL).then(|| standing.clone())
    }
}

/// What is signed of a user's standing.
fn cutoff_fact(user: UserId, read_at: &str, after: &str) -> String {
    format!("standing {user} {read_at} {after}")
}

fn is_valid(issued_at: u64, standing: &TokenCutoff) -> bool {
    let Some(after) = standing.tokens_valid_after else { return true };
    i64::try_from(issued_at).is_ok_and(|issued_at| issued_at >= after.as_millis().div_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_from_before_the_second_of_the_change_does_not_hold() {
        let since = |ms: i64| TokenCutoff { tokens_valid_after: Some(Timestamp::from_millis(ms)) };
        assert!(is_valid(0, &TokenCutoff { tokens_valid_after: None }));
        for (issued_at, after_ms, expected) in [
            (1_000, 1_000_000, true),
            (1_000, 1_000_999, true),
            (999, 1_000_000, false),
            (999, 1_000_999, false),
            (1_001, 1_000_999, true),
            (0, -1, true),
            (u64::MAX, 0, false),
        ] {
            assert_eq!(is_valid(issued_at, &since(after_ms)), expected, "{issued_at} {after_ms}");
        }
    }
}
