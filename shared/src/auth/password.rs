//! bcrypt, on blocking threads and with two queues: users' passwords, and API keys. So sign-ins,
//! however many, delay neither API keys nor requests that need no bcrypt.

use super::api_key::ApiKey;
use crate::{
    clock::Deadline,
    domain::{KeyTag, SecretHash},
    error::{Error, Result},
    store::apps::StoredKey,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use std::{borrow::Cow, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::debug;

/// The bcrypt cost of API keys. A key has 226 random bits, so nobody guesses it at any cost.
pub(crate) const KEY_COST: u32 = 10;
/// bcrypt reads at most 72 bytes, including a terminating zero. A longer secret is hashed with
/// SHA-256 first.
const MAX_BCRYPT_BYTES: usize = 71;
/// Prefixed to a long secret before SHA-256. A plain SHA-256 hash that leaked elsewhere is then of
/// no use here.
const LONG_SECRET: &[u8] = b"unified-booking long secret\n";
/// How many calls may wait in a queue. Beyond that, a call fails at once instead
/// of at its deadline.
const MAX_WAITING: usize = 64;

/// Hashes and verifies. Each queue uses at most one thread for each core.
#[derive(Clone, Debug)]
pub struct Passwords {
    cost: u32,
    user_queue: BcryptQueue,
    key_queue: BcryptQueue,
}

/// The calls that wait for one kind of work.
#[derive(Clone, Debug)]
struct BcryptQueue {
    /// One permit for each call that runs or waits.
    slots: Arc<Semaphore>,
    /// One permit for each call that runs.
    threads: Arc<Semaphore>,
}

/// The right to run one bcrypt. It is returned when the work ends, even if its
/// caller has timed out.
struct BcryptPermit {
    _slot: OwnedSemaphorePermit,
    _thread: OwnedSemaphorePermit,
}

impl BcryptQueue {
    fn new(threads: usize) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(threads + MAX_WAITING)),
            threads: Arc::new(Semaphore::new(threads)),
        }
    }

    /// Waits for a permit until the request's deadline.
    async fn permit(&self) -> Result<BcryptPermit> {
        let too_busy = || Error::unavailable("bcrypt: too many calls wait");
        let _slot = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| too_busy())?;
        let thread = Arc::clone(&self.threads).acquire_owned();
        match tokio::time::timeout(Deadline::current().remaining(), thread).await {
            Ok(thread) => Ok(BcryptPermit { _slot, _thread: thread.map_err(Error::internal)? }),
            Err(_) => Err(Error::unavailable("bcrypt: no permit before the deadline")),
        }
    }

    /// A permit, if one is free now.
    fn free_permit(&self) -> Option<BcryptPermit> {
        let _slot = Arc::clone(&self.slots).try_acquire_owned().ok()?;
        let _thread = Arc::clone(&self.threads).try_acquire_owned().ok()?;
        Some(BcryptPermit { _slot, _thread })
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        run_blocking(self.permit().await?, work).await
    }
}

async fn run_blocking<T: Send + 'static>(
    permit: BcryptPermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    // Shows where the time went. Tests count these lines.
    debug!("bcrypt");
    let work = move || {
        let result = work();
        drop(permit);
        result
    };
    let work = tokio::task::spawn_blocking(work);
    match tokio::time::timeout(Deadline::current().remaining(), work).await {
        Ok(result) => result.map_err(Error::internal),
        Err(_) => Err(Error::unavailable("bcrypt: not done by the deadline")),
    }
}

impl Passwords {
    /// Hashes users' passwords at that cost, one of [`BCRYPT_COSTS`](crate::config::BCRYPT_COSTS).
    pub(crate) fn new(cost: u32) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { cost, user_queue: BcryptQueue::new(cores), key_queue: BcryptQueue::new(cores) }
    }

    /// The hash of a user's password.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when too many calls wait. The other methods that wait fail like this,
    /// too.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<SecretHash> {
        let cost = self.cost;
        self.user_queue.run(move || hash_secret(&password, cost)).await?
    }

    /// A new hash of a password that was just verified. `None` if `hash` has the current cost, or
    /// if no permit is free.
    pub(crate) async fn rehash_if_outdated(
        &self,
        password: SecretString,
        hash: &SecretHash,
    ) -> Result<Option<SecretHash>> {
        let cost = self.cost;
        if cost_of(hash.expose()).is_none_or(|old| old >= cost) {
            return Ok(None);
        }
        let Some(permit) = self.user_queue.free_permit() else { return Ok(None) };
        run_blocking(permit, move || hash_secret(&password, cost)).await?.map(Some)
    }

    /// Whether `password` matches `hash`. Without a hash it takes as long, and does not match.
    pub(crate) async fn verify(
        &self,
        password: SecretString,
        hash: Option<SecretHash>,
    ) -> Result<bool> {
        let cost = self.cost;
        self.user_queue.run(move || verify_secret(&password, hash.as_ref(), cost)).await
    }

    /// An app's API key as it is stored.
    pub async fn hash_key(&self, key: &ApiKey) -> Result<StoredKey> {
        let secret = SecretString::from(key.expose().to_owned());
        let hash = self.key_queue.run(move || hash_secret(&secret, KEY_COST)).await??;
        Ok(StoredKey { tag: KeyTag::new(key.expose(), &hash), hash })
    }

    /// [`Passwords::verify`] for an API key.
    pub(crate) async fn verify_key(
        &self,
        key: SecretString,
        hash: Option<SecretHash>,
    ) -> Result<bool> {
        self.key_queue.run(move || verify_secret(&key, hash.as_ref(), KEY_COST)).await
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that hashes")]
fn hash_secret(secret: &SecretString, cost: u32) -> Result<SecretHash> {
    bcrypt::non_truncating_hash(&*bcrypt_input(secret), cost)
        .map(SecretHash::from)
        .map_err(Error::internal)
}

#[expect(clippy::disallowed_methods, reason = "the one place that verifies")]
fn verify_secret(secret: &SecretString, hash: Option<&SecretHash>, cost: u32) -> bool {
    let input = bcrypt_input(secret);
    let matches = hash.is_some_and(|hash| bcrypt::verify(&*input, hash.expose()).unwrap_or(false));
    if !matches {
        remaining_work(hash.and_then(|hash| cost_of(hash.expose())), cost).for_each(spend_work);
    }
    matches
}

/// The input of bcrypt: the secret, or its hash if the secret is longer than bcrypt takes.
fn bcrypt_input(secret: &SecretString) -> Cow<'_, str> {
    let text = secret.expose_secret();
    if text.len() <= MAX_BCRYPT_BYTES {
        return text.into();
    }
    BASE64.encode(Sha256::new().chain_update(LONG_SECRET).chain_update(text).finalize()).into()
}

/// The costs of the checks that a refusal still has to run, so that every refusal takes as
/// long as one check at `cost`. Each step of the cost doubles the work: 10, then 10 and 11,
/// take as long as 12.
fn remaining_work(done: Option<u32>, cost: u32) -> impl Iterator<Item = u32> {
    match done {
        None => cost..cost + 1,
        Some(done) => done.min(cost)..cost,
    }
}

/// Does the work of one check and discards the result.
#[expect(clippy::disallowed_methods, reason = "the one place that only spends time")]
fn spend_work(cost: u32) {
    let _ = std::hint::black_box(bcrypt::non_truncating_hash_with_salt("", cost, [0; 16]));
}

fn cost_of(hash: &str) -> Option<u32> {
    Some(hash.parse::<bcrypt::HashParts>().ok()?.get_cost())
}

/// Whether the text is a bcrypt hash.
pub(crate) fn is_bcrypt_hash(text: &str) -> bool {
    cost_of(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    fn secret(text: &str) -> SecretString {
        text.to_owned().into()
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_alone() {
        let passwords = Passwords::new(10);
        let hash = passwords.hash(secret("correct horse")).await.unwrap();
        let check =
            async |text: &str| passwords.verify(secret(text), Some(hash.clone())).await.unwrap();
        assert!(check("correct horse").await);
        assert!(!check("correct horsf").await);
        assert!(!check("").await);
        assert!(!passwords.verify(secret("correct horse"), None).await.unwrap());
        assert!(!passwords.verify(secret(""), None).await.unwrap());
        assert!(!passwords.verify(secret("x"), Some("no hash".to_owned().into())).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_too_long_for_bcrypt_counts_to_its_last_byte() {
        let passwords = Passwords::new(10);
        let same = async |hash: &SecretHash, text: &str| {
            passwords.verify(secret(text), Some(hash.clone())).await.unwrap()
        };
        let long = "漢".repeat(64);
        let hash = passwords.hash(secret(&long)).await.unwrap();
        assert!(same(&hash, &long).await);
        assert!(!same(&hash, &long[..long.len() - 3]).await);
        assert!(!same(&hash, &format!("{}字", &long[..long.len() - 3])).await);
        let hash = passwords.hash(secret(&"x".repeat(71))).await.unwrap();
        assert!(same(&hash, &"x".repeat(71)).await && !same(&hash, &"x".repeat(72)).await);
    }

    #[tokio::test]
    async fn a_hash_of_an_earlier_version_still_works() {
        #[expect(clippy::disallowed_methods, reason = "as an earlier version did")]
        let old = bcrypt::non_truncating_hash("x".repeat(71), 4).unwrap().into();
        assert!(Passwords::new(10).verify(secret(&"x".repeat(71)), Some(old)).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_is_hashed_again_only_when_the_cost_has_risen() {
        let (before, now) = (Passwords::new(10), Passwords::new(11));
        let old = before.hash(secret("correct horse")).await.unwrap();
        assert_eq!(before.rehash_if_outdated(secret("correct horse"), &old).await.unwrap(), None);
        let new = now.rehash_if_outdated(secret("correct horse"), &old).await.unwrap().unwrap();
        assert_eq!(cost_of(new.expose()), Some(11));
        assert!(now.verify(secret("correct horse"), Some(new.clone())).await.unwrap());
        assert_eq!(now.rehash_if_outdated(secret("correct horse"), &new).await.unwrap(), None);
        // A lower setting does not weaken a hash of a higher cost.
        assert_eq!(before.rehash_if_outdated(secret("correct horse"), &new).await.unwrap(), None);
    }

    #[test]
    fn every_refusal_works_as_much_as_a_check_at_the_present_cost() {
        for cost in crate::config::BCRYPT_COSTS {
            let wasted = |done: Option<u32>| {
                remaining_work(done, cost).map(|cost| 1_u32 << cost).sum::<u32>()
            };
            assert_eq!(wasted(None), 1 << cost);
            for old in 4..=cost {
                assert_eq!((1 << old) + wasted(Some(old)), 1 << cost, "{old} of {cost}");
            }
            assert_eq!(wasted(Some(cost + 1)), 0);
        }
    }

    #[tokio::test]
    async fn a_full_queue_says_so_and_leaves_the_other_alone() {
        let passwords =
            Passwords { cost: 10, user_queue: BcryptQueue::new(1), key_queue: BcryptQueue::new(1) };
        let busy = passwords.user_queue.permit().await.unwrap();
        assert!(passwords.user_queue.free_permit().is_none());
        let end = SystemTime::now() + Duration::from_millis(800);
        let deadline =
            Deadline::of_invocation(end.duration_since(UNIX_EPOCH).unwrap().as_millis() as u64);
        let waiting = || deadline.scope(passwords.verify(secret("x"), None));
        let all = futures_util::future::join_all((0..MAX_WAITING + 5).map(|_| waiting())).await;
        // Five found no slot, the others no thread in time. No slot is lost.
        assert!(all.iter().all(|answer| {
            answer.as_ref().is_err_and(|error| error.retry_after_seconds().is_some())
        }));
        let failures: Vec<String> =
            all.iter().filter_map(|answer| Some(answer.as_ref().err()?.chain())).collect();
        let count = |what: &str| failures.iter().filter(|failure| failure.contains(what)).count();
        assert_eq!((count("too many calls wait"), count("no permit")), (5, MAX_WAITING));
        assert!(!passwords.verify_key(secret("x"), None).await.unwrap());
        drop(busy);
        assert!(!passwords.verify(secret("x"), None).await.unwrap());
        assert_eq!(passwords.user_queue.slots.available_permits(), MAX_WAITING + 1);
    }

    #[test]
    fn a_hash_is_recognised_by_its_form() {
        assert!(is_bcrypt_hash("$2b$10$IdiNnUNCQqBce0bwMFqznuxk.2XpiPOA8TrHx.cBzDsOgJIDgYURS"));
        assert!(!is_bcrypt_hash("plain text"));
    }
}
