//! Live push: the public seat feed over WebSockets, for pages that watch an entity.
//!
//! API Gateway keeps the connections. [`LiveService::connect`]
//! and [`LiveService::disconnect`] note them in MongoDB, and
//! one [publisher](LiveService::publish) at a time sends the
//! feed's bodies. See docs/adr/0011-live-push.md.

mod api;
mod pace;
mod publisher;

pub use publisher::Published;

use crate::{
    config::LiveSettings,
    domain::FeedKey,
    error::{Code, Error, Result},
    feed::FeedService,
    store::Store,
};
use api::AwsApi;
use std::{sync::Arc, time::Duration};

/// The lease of the one process that sends.
const PUBLISHER_LEASE: &str = "publish-live";
/// The lease of the one connection that starts a publisher.
const START_LEASE: &str = "start-publish-live";
/// How long a publisher may take to start. Only after this time does another connection start one.
const START_TTL: Duration = Duration::from_secs(2);

/// The connections and the publisher.
#[derive(Debug)]
pub struct LiveService {
    settings: LiveSettings,
    store: Arc<Store>,
    feed: Arc<FeedService>,
    api: AwsApi,
}

impl LiveService {
    pub(crate) fn new(settings: LiveSettings, store: Arc<Store>, feed: Arc<FeedService>) -> Self {
        let api = AwsApi::new(&settings);
        Self { settings, store, feed, api }
    }

    /// The address at which a page watches an entity, where live push is deployed.
    #[must_use]
    pub fn url(&self, key: &FeedKey) -> Option<String> {
        Some(format!("{}?feed={}", self.settings.url.as_ref()?, key.as_str()))
    }

    /// Notes a connection before its handshake ends, and starts a publisher if none runs.
    ///
    /// # Errors
    /// `FEED_NOT_FOUND`; `RATE_LIMITED` if the entity has too many viewers.
    pub async fn connect(&self, id: &str, key: &str) -> Result<()> {
        let key = FeedKey::parse(key).map_err(|_| Code::FeedNotFound)?;
        self.store.feed_seats_version(&key).await?.ok_or(Code::FeedNotFound)?;
        self.store.live.add(id, &key).await?;
        let admitted = self.admit(id, &key).await;
        if admitted.is_err() {
            self.disconnect(id).await?;
        }
        admitted
    }

    /// Counts after the write. Of parallel connections, the last one to count sees all others, so
    /// there are never more viewers than allowed.
    async fn admit(&self, id: &str, key: &FeedKey) -> Result<()> {
        let most = self.settings.max_viewers;
        if self.store.live.count(key, most + 1).await? > most {
            return Err(Code::RateLimited.into());
        }
        // A publisher that ends gives its lease back and then checks for viewers once more. So
        // either it finds this viewer, or this call finds that the lease is free.
        if self.store.leases.is_held(PUBLISHER_LEASE).await? {
            return Ok(());
        }
        // Many viewers may come at once: one of them starts the publisher.
        if self.store.leases.take(START_LEASE, id, START_TTL).await?.is_some() {
            self.api.start_publisher().await.map_err(Error::unavailable)?;
        }
        Ok(())
    }

    /// Deletes the document of a connection that has ended.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`.
    pub async fn disconnect(&self, id: &str) -> Result<()> {
        Ok(self.store.live.remove(&[id]).await?)
    }
}
