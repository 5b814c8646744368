//! `users`: one pool, shared by all tenants.

use super::{StoreError, linearizable_options, server_time_limit, within_deadline};
use crate::domain::{Email, Name, Phone, SecretHash, Timestamp, UserId};
use mongodb::{
    Collection, Database,
    bson::{doc, oid::ObjectId},
    options::CollectionOptions,
};
use serde::{Deserialize, Serialize};

/// A user as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The user's id.
    #[serde(rename = "_id")]
    pub id: ObjectId,
    /// Lower-cased and trimmed.
    pub email: Email,
    /// bcrypt.
    pub password_hash: SecretHash,
    /// For people.
    pub name: Name,
    /// If given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Tokens that were issued before are refused. Set by whoever ends all of a user's sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_valid_after: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl User {
    /// A new user, made now.
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

/// What a token's worth depends on, of a user that there is.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenCutoff {
    /// Tokens that were issued before are refused.
    pub tokens_valid_after: Option<Timestamp>,
}

/// The collection.
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

    /// Stores a new user; `false` if the address has an account.
    pub async fn insert(&self, user: &User) -> Result<bool, StoreError> {
        match within_deadline(self.users.insert_one(user)).await {
            Ok(_) => Ok(true),
            Err(error) if error.duplicate().is_some() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The user with that address.
    pub async fn find(&self, email: &Email) -> Result<Option<User>, StoreError> {
        within_deadline(self.users.find_one(doc! {"email": email.as_str()})).await
    }

    /// How a user stands; `None` if there is none. That is proved, not just not seen: a primary
    /// that was replaced without noticing has not heard of its successor's users.
    pub async fn token_cutoff(&self, user: UserId) -> Result<Option<TokenCutoff>, StoreError> {
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

    /// Puts a hash in the place of the one that was just verified. A password that was changed
    /// meanwhile stays.
    pub async fn replace_hash(
        &self,
        id: ObjectId,
        old: &SecretHash,
        new: &SecretHash,
    ) -> Result<(), StoreError> {
        let still = doc! {"_id": id, "passwordHash": old.expose()};
        let change =
            doc! {"$set": {"passwordHash": new.expose()}, "$currentDate": {"updatedAt": true}};
        within_deadline(self.users.update_one(still, change)).await.map(|_| ())
    }
}
