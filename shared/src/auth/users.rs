//! Users' accounts: sign-up, sign-in, and whether a user's token is still valid.

use super::{credentials::Credentials, jwt::VerifiedToken, password::Passwords};
use crate::{
    bounded_map::BoundedMap,
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
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tracing::warn;

/// How long a user's token cutoff is used before MongoDB is queried again.
const CUTOFF_TTL: Duration = Duration::from_secs(5);
/// How many users a process remembers.
const MAX_USERS: usize = 10_000;

/// Layer 3: checks users' passwords and tokens.
#[derive(Debug)]
pub struct UserAuth {
    store: Arc<Store>,
    gate: Arc<Gate>,
    passwords: Passwords,
    credentials: Arc<Credentials>,
    cutoffs: BoundedMap<UserId, CachedCutoff>,
}

#[derive(Clone, Debug)]
struct CachedCutoff {
    read_at: SystemTime,
    /// `None`: there is no such user.
    cutoff: Option<TokenCutoff>,
}

impl UserAuth {
    pub(crate) fn new(
        store: Arc<Store>,
        gate: Arc<Gate>,
        passwords: Passwords,
        credentials: Arc<Credentials>,
    ) -> Self {
        Self { store, gate, passwords, credentials, cutoffs: BoundedMap::new(MAX_USERS) }
    }

    /// Creates an account, which works in all apps.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` if the password is the address; `EMAIL_TAKEN`.
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

    /// The account with that address and password. `None` if the address is unknown or the password
    /// is wrong: both cost the same work, so the time does not tell which it is.
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

    /// Replaces a hash whose bcrypt cost is below the current one. Best effort: the
    /// next sign-in tries again.
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
            warn!(cause = error.chain(), "a password's hash keeps its outdated cost");
        }
    }

    /// Whether a token is still valid: its user exists, and it was not issued before the user's
    /// cutoff.
    ///
    /// A token holds only the second of its issue. A token of the same second as the cutoff is
    /// valid, so that a sign-in right after a change is not refused.
    ///
    /// `shared_cutoff` is what another process shared in Redis. An invalid token fails with
    /// `UNAUTHENTICATED`.
    pub(crate) async fn check_token(
        &self,
        token: &VerifiedToken,
        app: &AppId,
        shared_cutoff: Option<&str>,
    ) -> Result<UserId> {
        let cutoff = match self.recall(token.user) {
            Some(cached) => cached.cutoff,
            None => match self.parse_shared_cutoff(token.user, shared_cutoff).await {
                Some(cutoff) => Some(cutoff),
                None => self.read_cutoff(token.user, app).await?,
            },
        };
        match cutoff {
            Some(cutoff) if is_issued_after(token.issued_at, &cutoff) => Ok(token.user),
            _ => Err(Code::Unauthenticated.into()),
        }
    }

    fn recall(&self, user: UserId) -> Option<CachedCutoff> {
        self.cutoffs.get(&user).filter(|cached| clock::is_within(cached.read_at, CUTOFF_TTL))
    }

    /// A cutoff that [`UserAuth::share_cutoff`] wrote, if its signature is right and it is recent.
    async fn parse_shared_cutoff(&self, user: UserId, shared: Option<&str>) -> Option<TokenCutoff> {
        let mut parts = shared?.split(' ');
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

    /// Shares a cutoff that was read at `read_at`.
    async fn share_cutoff(
        &self,
        user: UserId,
        app: &AppId,
        cutoff: &TokenCutoff,
        read_at: SystemTime,
    ) -> Result<()> {
        let read_at =
            read_at.duration_since(UNIX_EPOCH).map_err(Error::internal)?.as_millis().to_string();
        let after =
            cutoff.tokens_valid_after.map_or_else(|| "-".into(), |at| at.as_millis().to_string());
        let signature = self.credentials.sign_fact(&cutoff_fact(user, &read_at, &after)).await?;
        self.gate
            .share_token_cutoff(app, user, &format!("{read_at} {after} {signature}"), CUTOFF_TTL)
            .await;
        Ok(())
    }

    async fn read_cutoff(&self, user: UserId, app: &AppId) -> Result<Option<TokenCutoff>> {
        // Taken before the query, because the result may be as old as its start.
        let read_at = SystemTime::now();
        let cutoff = self.store.users.token_cutoff(user).await?;
        // That a user does not exist is not shared. Each process queries that itself.
        if let Some(cutoff) = &cutoff {
            self.share_cutoff(user, app, cutoff, read_at).await?;
        }
        self.cutoffs.insert(user, CachedCutoff { read_at, cutoff: cutoff.clone() });
        Ok(cutoff)
    }
}

/// The text that is signed for a shared cutoff.
fn cutoff_fact(user: UserId, read_at: &str, after: &str) -> String {
    format!("standing {user} {read_at} {after}")
}

fn is_issued_after(issued_at: u64, cutoff: &TokenCutoff) -> bool {
    let Some(after) = cutoff.tokens_valid_after else { return true };
    i64::try_from(issued_at).is_ok_and(|issued_at| issued_at >= after.as_millis().div_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_from_before_the_second_of_the_change_does_not_hold() {
        let since = |ms: i64| TokenCutoff { tokens_valid_after: Some(Timestamp::from_millis(ms)) };
        assert!(is_issued_after(0, &TokenCutoff { tokens_valid_after: None }));
        for (issued_at, after_ms, expected) in [
            (1_000, 1_000_000, true),
            (1_000, 1_000_999, true),
            (999, 1_000_000, false),
            (999, 1_000_999, false),
            (1_001, 1_000_999, true),
            (0, -1, true),
            (u64::MAX, 0, false),
        ] {
            assert_eq!(
                is_issued_after(issued_at, &since(after_ms)),
                expected,
                "{issued_at} {after_ms}"
            );
        }
    }
}
