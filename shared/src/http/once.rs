//! `Idempotency-Key`: a repeated call gets the first one's answer.

use super::{Reply, Request};
use crate::{
    clock::{Deadline, RESERVE},
    error::{Code, Error, Result},
    state::State,
    store::idempotency::{KeyState, KeyedResponse},
};
use sha2::{Digest, Sha256};
use std::future::Future;
use tracing::warn;
use uuid::Uuid;

/// The longest key, in visible ASCII characters.
const LONGEST: usize = 255;

/// Runs `work`, or gives the answer that the same key got before. `scope` is whose key it is: the
/// same key of another app, user or route is another key. Without a key, just runs `work`.
pub async fn once<F>(state: &State, request: &Request, scope: &[String], work: F) -> Result<Reply>
where
    F: Future<Output = Result<Reply>>,
{
    let Some(key) = request.idempotency_key()? else { return work.await };
    let name =
        hash(format!("{}\n{}\n{}\n{key}", scope.join("\n"), request.method(), request.path()));
    let body_hash = hash(&request.body);
    let owner = Uuid::new_v4().to_string();
    let keys = &state.store.idempotency;
    // The first call may have the key for as long as it can run, and no longer should it die.
    let patience = Deadline::current().remaining() + RESERVE;
    match keys.begin(&name, &body_hash, &owner, patience).await? {
        KeyState::Acquired => {}
        KeyState::Completed(answer) => return Reply::replay(answer),
        KeyState::DifferentBody => return Err(Code::IdempotencyKeyReused.into()),
        KeyState::InProgress(ms) => {
            let seconds = u64::try_from(ms).unwrap_or(0).div_ceil(1000);
            return Err(Error::from(Code::IdempotencyKeyInUse).retry_after(seconds));
        }
    }
    request.held_key.get_or_init(|| (name.clone(), owner.clone()));
    let result = work.await;
    let reply = result.as_ref().map_or_else(Reply::from, Clone::clone);
    let kept = if reply.is_final() {
        keys.finish(&name, &owner, &reply.stored()).await
    } else {
        keys.forget(&name, &owner).await
    };
    if let Err(error) = kept {
        // The work is done and safe to repeat by itself; the key frees itself at the end of this
        // call's time.
        warn!(error = %error, "an idempotency key could not be settled");
    }
    result
}

fn hash(bytes: impl AsRef<[u8]>) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

impl Request {
    /// The answer as it will be kept for the request's idempotency key, if it has one: for a write
    /// that must be one with its answer.
    pub fn kept(&self, reply: &Reply) -> Option<KeyedResponse> {
        let (key, owner) = self.held_key.get()?.clone();
        Some(KeyedResponse { key, owner, answer: reply.stored() })
    }

    /// The `Idempotency-Key`, if there is one.
    fn idempotency_key(&self) -> Result<Option<&str>> {
        if !self.has_header("idempotency-key") {
            return Ok(None);
        }
        match self.header("idempotency-key") {
            Some(key)
                if (1..=LONGEST).contains(&key.len())
                    && key.bytes().all(|c| c.is_ascii_graphic()) =>
            {
                Ok(Some(key))
            }
            _ => Err(Error::field(
                "Idempotency-Key",
                format!("must be 1 to {LONGEST} visible ASCII characters"),
            )),
        }
    }
}
