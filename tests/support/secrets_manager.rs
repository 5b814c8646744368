//! AWS Secrets Manager, simulated by moto's server.

use std::sync::Arc;

use rustix::process::Signal;
use serde_json::Value;
use stack::SecretsManager;

use super::{stacks::Shared, unique};

/// A running Secrets Manager.
pub struct Manager(SecretsManager);

impl Manager {
    /// The instance that tests share. Each test has its own secrets in it.
    pub async fn shared() -> Arc<Self> {
        static MANAGER: Shared<Arc<Manager>> = Shared::new();
        MANAGER.get(|| async { Arc::new(Self::start().await) }).await
    }

    /// An instance for one test, which may freeze it.
    pub async fn start() -> Self {
        Self(SecretsManager::start().await.unwrap_or_else(|e| panic!("{e:#}")))
    }

    /// Stores a secret and returns its id.
    pub async fn keep(&self, secret: &Value) -> String {
        let id = unique("secret");
        self.0.keep(&id, secret).await.unwrap_or_else(|e| panic!("{e:#}"));
        id
    }

    /// Replaces a secret's value.
    pub async fn rotate(&self, id: &str, secret: &Value) {
        self.0.rotate(id, secret).await.unwrap_or_else(|e| panic!("{e:#}"));
    }

    /// Freezes it: it accepts connections and sends no response.
    pub fn freeze(&self) {
        self.0.signal(Signal::STOP);
    }

    pub fn thaw(&self) {
        self.0.signal(Signal::CONT);
    }

    /// The settings with which a function reads the secret `id` here.
    pub fn settings(&self, id: &str) -> Vec<(&'static str, String)> {
        self.0.settings(id)
    }
}
