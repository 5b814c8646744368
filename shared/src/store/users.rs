//! `users`: one pool, shared by all tenants.

use super::{StoreError, bounded};
use crate::domain::{Email, Name, Phone};
use mongodb::{
    Collection, Database,
    bson::{DateTime, doc, oid::ObjectId},
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
    pub password_hash: String,
    /// For people.
    pub name: Name,
    /// If given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// When the account was made.
    pub created_at: DateTime,
    /// When it was last changed.
    pub updated_at: DateTime,
}

impl User {
    /// A new user, made now.
    pub fn new(email: Email, password_hash: String, name: Name, phone: Option<Phone>) -> Self {
        let now = DateTime::now();
        Self { id: ObjectId::new(), email, password_hash, name, phone, created_at: now, updated_at: now }
    }
}

/// The collection.
#[derive(Debug)]
pub struct Users {
    users: Collection<User>,
}

impl Users {
    pub(super) fn new(database: &Database, majority: CollectionOptions) -> Self {
        Self { users: database.collection_with_options("users", majority) }
    }

    /// Stores a new user; `false` if the address has an account.
    pub async fn insert(&self, user: &User) -> Result<bool, StoreError> {
        match bounded(self.users.insert_one(user)).await {
            Ok(_) => Ok(true),
            Err(error) if error.duplicate().is_some() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The user with that address.
    pub async fn find(&self, email: &Email) -> Result<Option<User>, StoreError> {
        bounded(self.users.find_one(doc! {"email": email.as_str()})).await
    }
}
