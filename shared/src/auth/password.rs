//! bcrypt, off the async threads and a few at a time.

use crate::error::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The cost of every hash that is made.
pub const COST: u32 = 10;

/// bcrypt reads 72 bytes, one of them its end mark: a longer password is wrong, whatever it begins with.
const LONGEST: usize = 71;

/// A hash of nothing that anybody knows: checked against where there is no account, so that this takes as long.
const NOBODY: &str = "$2b$10$IdiNnUNCQqBce0bwMFqznuxk.2XpiPOA8TrHx.cBzDsOgJIDgYURS";

/// Hashes and verifies, with no more threads at it than there are cores.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    /// A hasher with one turn a core.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { turns: Arc::new(Semaphore::new(cores)) }
    }

    /// The bcrypt hash of `secret`, of at most 71 bytes.
    #[expect(clippy::disallowed_methods, reason = "the one place that hashes")]
    pub async fn hash(&self, secret: SecretString) -> Result<String> {
        self.blocking(move || bcrypt::non_truncating_hash(secret.expose_secret(), COST)).await?.map_err(Error::internal)
    }

    /// Whether `secret` is what `hash` was made of. Without a hash it takes as long, and is not.
    #[expect(clippy::disallowed_methods, reason = "the one place that verifies")]
    pub async fn verify(&self, secret: SecretString, hash: Option<String>) -> Result<bool> {
        self.blocking(move || {
            let text = secret.expose_secret();
            let fits = text.len() <= LONGEST;
            let same = bcrypt::verify(if fits { text } else { "" }, hash.as_deref().unwrap_or(NOBODY));
            fits && hash.is_some() && same.unwrap_or(false)
        })
        .await
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether that is a bcrypt hash.
pub fn is_hash(text: &str) -> bool {
    text.parse::<bcrypt::HashParts>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_alone() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse".to_owned().into()).await.unwrap();
        let check = async |text: &str| passwords.verify(text.to_owned().into(), Some(hash.clone())).await.unwrap();
        assert!(check("correct horse").await);
        assert!(!check("correct horsf").await);
        assert!(!check("").await);
        assert!(!passwords.verify("correct horse".to_owned().into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn what_bcrypt_would_cut_off_is_wrong() {
        let passwords = Passwords::new();
        let hash = passwords.hash("x".repeat(71).into()).await.unwrap();
        assert!(!passwords.verify("x".repeat(72).into(), Some(hash)).await.unwrap());
        assert!(passwords.hash("x".repeat(72).into()).await.is_err());
    }

    #[test]
    fn nobodys_hash_costs_what_a_real_one_does() {
        assert_eq!(NOBODY.parse::<bcrypt::HashParts>().unwrap().get_cost(), COST);
        assert!(!is_hash("plain text"));
    }
}
