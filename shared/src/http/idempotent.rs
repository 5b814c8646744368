//! `Idempotency-Key`: a repeated call gets the first call's response.

use super::{Reply, Request, json, replay, request::SEATS_BODY_LIMIT};
use crate::{
    clock::{Deadline, RESERVE},
    error::{Code, Error, Result},
    state::State,
    store::idempotency::{BodyHashes, KeyState, KeyedResponse},
};
use sha2::{Digest, Sha256};
use std::future::Future;
use tracing::warn;
use uuid::Uuid;

const MAX_KEY_CHARS: usize = 255;

/// An idempotency key that a call holds until it has a response.
#[derive(Clone)]
pub(super) struct HeldKey {
    /// A hash of the scope, the route and the key.
    name: String,
    /// Identifies this call among the calls with the same key.
    owner: String,
}

/// Runs `work`, or returns the response that the same key got before. Without a
/// key, just runs `work`.
///
/// `scope` names the key's owner: an app and a user, or the admin. The same text from another
/// owner, or for another route, is another key.
///
/// # Errors
/// The errors of `work`. For the key: `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_KEY_IN_USE`, or
/// `VALIDATION_ERROR` if it is malformed.
pub async fn idempotent<F>(
    state: &State,
    request: &Request,
    scope: &[String],
    work: F,
) -> Result<Reply>
where
    F: Future<Output = Result<Reply>>,
{
    let Some(key) = request.idempotency_key()? else { return work.await };
    let name =
        hash(format!("{}\n{}\n{}\n{key}", scope.join("\n"), request.method(), request.path()));
    let body = hashes(&request.event.body);
    let owner = Uuid::new_v4().to_string();
    let keys = &state.store.idempotency;
    // The first call holds the key for as long as it can run. If its process dies, the key is free
    // after that.
    let timeout = Deadline::current().remaining() + RESERVE;
    match keys.begin(&name, &body, &owner, timeout).await? {
        KeyState::Acquired => {}
        KeyState::Completed(response, at) => {
            return Reply::replay(replay::as_of_now(state, response, at).await?);
        }
        KeyState::DifferentBody => return Err(Code::IdempotencyKeyReused.into()),
        // The first call mostly ends within a second, whatever time it has.
        KeyState::InProgress => return Err(Error::from(Code::IdempotencyKeyInUse).retry_after(1)),
    }
    request.held_key.get_or_init(|| HeldKey { name: name.clone(), owner: owner.clone() });
    let result = work.await;
    let reply = result.as_ref().map_or_else(Reply::from, Clone::clone);
    let settled = if reply.is_storable() {
        keys.finish(&name, &owner, &reply.stored()).await
    } else {
        keys.forget(&name, &owner).await
    };
    if let Err(error) = settled {
        // The work is done, and repeating it is safe. The key becomes free when this call's time
        // ends.
        warn!(error = %error, "an idempotency key could not be settled");
    }
    result
}

/// The hashes of a body: of its bytes, and of its JSON value, so that the same JSON counts as the
/// same body however it is written. A body that is too large for every route is not parsed.
fn hashes(body: &[u8]) -> BodyHashes {
    let json = Some(body)
        .filter(|body| body.len() <= SEATS_BODY_LIMIT)
        .and_then(|body| json::object(body).ok())
        .and_then(|text| serde_json::from_str(text).ok())
        .map(|value| hash(json::canonical(value).to_string()));
    BodyHashes { bytes: hash(body), json }
}

fn hash(bytes: impl AsRef<[u8]>) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

impl Request {
    /// The stored name of the idempotency key that this request holds. No other request has it.
    pub fn held_key(&self) -> Option<&str> {
        self.held_key.get().map(|key| key.name.as_str())
    }

    /// The response as it will be stored for the request's idempotency key, if it has one. A write
    /// can store it in its own transaction.
    pub fn response_to_store(&self, reply: &Reply) -> Option<KeyedResponse> {
        let HeldKey { name, owner } = self.held_key.get()?.clone();
        Some(KeyedResponse { key: name, owner, response: reply.stored() })
    }

    /// Checks that there is an `Idempotency-Key`: without one, a repeat would act twice.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`.
    pub fn require_idempotency_key(&self) -> Result<()> {
        match self.idempotency_key()? {
            Some(_) => Ok(()),
            None => Err(Error::field("Idempotency-Key", "is required")),
        }
    }

    /// The `Idempotency-Key`, if there is one.
    fn idempotency_key(&self) -> Result<Option<&str>> {
        if !self.has_header("idempotency-key") {
            return Ok(None);
        }
        match self.header("idempotency-key") {
            Some(key)
                if (1..=MAX_KEY_CHARS).contains(&key.len())
                    && key.bytes().all(|c| c.is_ascii_graphic()) =>
            {
                Ok(Some(key))
            }
            _ => Err(Error::field(
                "Idempotency-Key",
                format!("must be 1 to {MAX_KEY_CHARS} visible ASCII characters"),
            )),
        }
    }
}
