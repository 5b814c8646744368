//! The collection `users`: accounts, shared by all tenants.

use super::{StoreError, linearizable_options, server_time_limit, within_deadline};
use crate::domain::{Email, Name, Phone, SecretHash, Timestamp, UserId};
use mongodb::{
    Collection, Database,
    bson::{doc, oid::ObjectId},
    options::CollectionOptions,
};
use serde::{Deserialize, Deserializer, Serialize};

/// A document of the collection `users`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    #[serde(deserialize_with = "Email::stored")]
    pub email: Email,
    pub password_hash: SecretHash,
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "stored_phone")]
    pub phone: Option<Phone>,
    /// Tokens issued before this time are refused. Set it to end all sessions of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_valid_after: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl User {
    /// A new user, created now.
    pub fn new(email: Email, password_hash: SecretHash, name: Name, phone: Option<Phone>) -> Self {
        let now = Timestamp::now();
        Self {
            id: ObjectId::new(),
            email,
            password_hash,
            name,
            phone,
            tokens_valid_after: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// What decides whether an existing user's token is still valid.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenCutoff {
    /// Tokens issued before this time are refused.
    pub tokens_valid_after: Option<Timestamp>,
}

/// Reads and writes the collection `users`.
#[derive(Debug)]
pub struct Users {
    users: Collection<User>,
    cutoffs: Collection<TokenCutoff>,
    linearizable: Collection<TokenCutoff>,
}

impl Users {
    pub(super) fn new(database: &Database, majority: CollectionOptions) -> Self {
        Self {
            users: database.collection_with_options("users", majority.clone()),
            cutoffs: database.collection_with_options("users", majority),
            linearizable: database.collection_with_options("users", linearizable_options()),
        }
    }

    /// Inserts a user; `false` if the e-mail address already has an account.
    pub(crate) async fn insert(&self, user: &User) -> Result<bool, StoreError> {
        if let Some(earlier) = user.email.earlier()
            && self.find_exactly(earlier).await?.is_some()
        {
            return Ok(false);
        }
        match within_deadline(self.users.insert_one(user)).await {
            Ok(_) => Ok(true),
            Err(error) if error.duplicate().is_some() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The user with this e-mail address.
    ///
    /// An account whose address is stored exactly as the client wrote it comes first. Earlier
    /// versions could create two accounts whose addresses are equal today, and each keeps working.
    pub(crate) async fn find(&self, email: &Email) -> Result<Option<User>, StoreError> {
        if let Some(earlier) = email.earlier()
            && let Some(user) = self.find_exactly(earlier).await?
        {
            return Ok(Some(user));
        }
        self.find_exactly(email.as_str()).await
    }

    async fn find_exactly(&self, email: &str) -> Result<Option<User>, StoreError> {
        within_deadline(self.users.find_one(doc! {"email": email})).await
    }

    /// The user's token cutoff; `None` if the user does not exist.
    ///
    /// `None` comes from a linearizable read. A former primary that has not noticed its replacement
    /// does not know the users that its successor has stored.
    pub(crate) async fn token_cutoff(
        &self,
        user: UserId,
    ) -> Result<Option<TokenCutoff>, StoreError> {
        let (filter, fields) =
            (doc! {"_id": user.object_id()}, doc! {"_id": 0, "tokensValidAfter": 1});
        let seen =
            within_deadline(self.cutoffs.find_one(filter.clone()).projection(fields.clone()))
                .await?;
        if seen.is_some() {
            return Ok(seen);
        }
        within_deadline(
            self.linearizable.find_one(filter).projection(fields).max_time(server_time_limit()),
        )
        .await
    }

    /// Replaces the hash that was just verified, unless the password was changed in between.
    pub(crate) async fn replace_hash(
        &self,
        id: ObjectId,
        old: &SecretHash,
        new: &SecretHash,
    ) -> Result<(), StoreError> {
        let unchanged = doc! {"_id": id, "passwordHash": old.expose()};
        let change =
            doc! {"$set": {"passwordHash": new.expose()}, "$currentDate": {"updatedAt": true}};
        within_deadline(self.users.update_one(unchanged, change)).await.map(|_| ())
    }
}

fn stored_phone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Phone>, D::Error> {
    Phone::stored(deserializer).map(Some)
}
