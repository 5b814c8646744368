//! Secrets Manager, as moto's server speaks it.

use std::sync::Arc;

use rustix::process::Signal;
use serde_json::Value;
use stack::SecretsManager;

use super::{stacks::Shared, unique};

/// A running Secrets Manager.
pub struct Manager(SecretsManager);

impl Manager {
    /// The one that tests share: each keeps secrets of its own in it.
    pub async fn shared() -> Arc<Self> {
        static MANAGER: Shared<Arc<Manager>> = Shared::new();
        MANAGER.get(|| async { Arc::new(Self::start().await) }).await
    }

    /// One of this test alone, which may freeze it.
    pub async fn start() -> Self {
        Self(SecretsManager::start().await.unwrap_or_else(|e| panic!("{e:#}")))
    }

    /// Keeps a secret and returns its id.
    pub async fn keep(&self, secret: &Value) -> String {
        let id = unique("secret");
        self.0.keep(&id, secret).await.unwrap_or_else(|e| panic!("{e:#}"));
        id
    }

    /// Puts another value in the place of a secret's.
    pub async fn rotate(&self, id: &str, secret: &Value) {
        self.0.rotate(id, secret).await.unwrap_or_else(|e| panic!("{e:#}"));
    }

    /// Stops it where it is: it takes calls and answers none.
    pub fn freeze(&self) {
        self.0.signal(Signal::STOP);
    }

    pub fn thaw(&self) {
        self.0.signal(Signal::CONT);
    }

    /// What a function needs to read the secret `id` here.
    pub fn settings(&self, id: &str) -> Vec<(&'static str, String)> {
        self.0.settings(id)
    }
}
