//! Secret keys in responses.

use super::TimestampView;
use crate::{
    auth::api_key::SecretKey,
    domain::{Name, SecretKeyId},
    store::secret_keys::StoredSecretKey,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A secret key, without its text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SecretKeyInfo)]
pub struct SecretKeyView {
    /// Id of the key.
    key_id: SecretKeyId,
    /// A name to recognize the key by, 1–100 characters.
    name: Name,
    /// When the key was created.
    created_at: TimestampView,
    /// Start, in UTC, of the day on which the key was last used. Absent until its first use.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<TimestampView>,
}

impl From<StoredSecretKey> for SecretKeyView {
    fn from(key: StoredSecretKey) -> Self {
        Self {
            key_id: key.id.into(),
            name: key.name,
            created_at: key.created_at.into(),
            last_used_at: key.last_used_at.map(TimestampView::from),
        }
    }
}

/// The secret keys of an app.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretKeyList {
    /// The keys, oldest first.
    pub secret_keys: Vec<SecretKeyView>,
}

/// A new secret key.
// No `Debug`: it holds the key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewSecretKey<'a> {
    /// Id of the key.
    pub key_id: SecretKeyId,
    /// The name that was given to it.
    #[schema(value_type = Name)]
    pub name: &'a Name,
    /// The key. It is shown only in this response; store it now.
    #[schema(value_type = SecretKey)]
    pub secret_key: &'a str,
}

/// A secret key was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedSecretKey {
    /// Id of the key.
    pub key_id: SecretKeyId,
    /// Always `true`: the key no longer works.
    pub deleted: bool,
}
