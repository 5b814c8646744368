//! What organisers do with an entity as a whole: they write its settings, delete it, or replace the
//! key of its feed.

use super::BookingService;
use crate::{
    clock::Backoff,
    domain::{AppId, EntityId, FeedKey, Precondition},
    error::{Code, Error, Result},
    store::{
        apps::App,
        entities::{Entity, EntitySettings},
        entity_cancels::Cancelling,
        entity_pages::{EntityCursor, EntityFilter},
        seat_counts::EntityCounts,
        unheld_entities::NotChanged,
    },
};

/// An entity as its organiser sees it.
#[derive(Debug)]
pub struct OrganisedEntity {
    /// The entity, with its settings.
    pub entity: Entity,
    /// The counts of its seats. They may be 2 s old.
    pub counts: EntityCounts,
    /// The progress of its cancellation; `None` if it is not being cancelled.
    pub cancelling: Option<Cancelling>,
}

impl BookingService {
    /// The entity with the counts of its seats.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`.
    pub async fn counted_entity(
        &self,
        app: &AppId,
        id: &EntityId,
    ) -> Result<(Entity, EntityCounts)> {
        let entity = self.store.entities.find(app, id).await?.ok_or(Code::EntityNotFound)?;
        self.counted(app, entity).await
    }

    async fn counted(&self, app: &AppId, entity: Entity) -> Result<(Entity, EntityCounts)> {
        let entities = [entity];
        let counts = self.seat_counts(app, &entities).await?.into_iter().next();
        let [entity] = entities;
        Ok((entity, counts.unwrap_or_default()))
    }

    /// The entity, with what only its organiser sees.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`.
    pub async fn organised_entity(&self, app: &AppId, id: &EntityId) -> Result<OrganisedEntity> {
        let entity = self.store.entities.find(app, id).await?.ok_or(Code::EntityNotFound)?;
        self.organised(app, entity).await
    }

    /// Adds what only the organiser of an entity sees.
    pub(super) async fn organised(&self, app: &AppId, entity: Entity) -> Result<OrganisedEntity> {
        let (entity, counts) = self.counted(app, entity).await?;
        let cancelling = self.store.cancelling(app, &entity).await?;
        Ok(OrganisedEntity { entity, counts, cancelling })
    }

    /// A page of entities, each with the counts of its seats.
    ///
    /// # Errors
    /// The database failed.
    pub async fn entity_page(
        &self,
        app: &AppId,
        filter: EntityFilter,
        after: Option<EntityCursor>,
        limit: i64,
    ) -> Result<(Vec<(Entity, EntityCounts)>, Option<EntityCursor>)> {
        let (entities, next) = self.store.entities.page(app, filter, after, limit).await?;
        let counts = self.seat_counts(app, &entities).await?;
        Ok((entities.into_iter().zip(counts).collect(), next))
    }

    /// Writes the settings that `settings` returns for the stored ones. If somebody else changes
    /// the entity in between, this reads it again. Also returns whether the entity is new.
    ///
    /// # Errors
    /// The errors of `settings`, `PRECONDITION_FAILED`, and `VALIDATION_ERROR` if the currency
    /// cannot change to the new one.
    pub async fn write_entity(
        &self,
        app: &App,
        id: &EntityId,
        precondition: &Precondition,
        settings: impl Fn(Option<&EntitySettings>) -> Result<EntitySettings> + Send + Sync,
    ) -> Result<(OrganisedEntity, bool)> {
        let mut backoff = Backoff::default();
        loop {
            let before = self.store.entities.find(&app.app_id, id).await?;
            precondition.check(before.as_ref().map(|entity| entity.row.version))?;
            let after = settings(before.as_ref().map(|entity| &entity.settings))?;
            let put = self.put_entity(app, id, &after, before.as_ref()).await?;
            if let Some(entity) = put {
                self.gate.seats_changed(&app.app_id, id).await;
                let entity = self.organised(&app.app_id, entity).await?;
                return Ok((entity, before.is_none()));
            }
            if !backoff.pause().await {
                return Err(changed_at_every_attempt());
            }
        }
    }

    /// Writes the settings. If the currency changes, the seats get the new one too. `None` if the
    /// entity has changed since it was read as `before`.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a currency that is not in use, or if seats were held in another one.
    async fn put_entity(
        &self,
        app: &App,
        id: &EntityId,
        after: &EntitySettings,
        before: Option<&Entity>,
    ) -> Result<Option<Entity>> {
        let App { app_id, domain, .. } = app;
        let currency = self.store.entities.currency(app_id, id).await?;
        let is_same = currency.as_ref() == Some(&after.currency);
        if !is_same && !after.currency.is_in_use() {
            return Err(Error::field("currency", "must be an ISO 4217 code in use, such as INR"));
        }
        if is_same || currency.is_none() {
            return Ok(self.store.entities.put(app_id, *domain, id, after, before).await?);
        }
        match self.store.put_with_currency(app_id, *domain, id, after, before).await? {
            Ok(entity) => Ok(Some(entity)),
            Err(NotChanged::Stale) => Ok(None),
            Err(NotChanged::WasHeld) => {
                let reason = "must stay as it is, because seats were held or sold in it";
                Err(Error::field("currency", reason))
            }
        }
    }

    /// Deletes an entity none of whose seats was ever held.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`, `PRECONDITION_FAILED`, `ENTITY_IN_USE`.
    pub async fn delete_entity(
        &self,
        app: &AppId,
        id: &EntityId,
        precondition: &Precondition,
    ) -> Result<()> {
        let mut backoff = Backoff::default();
        loop {
            let entity = self.store.entities.find(app, id).await?.ok_or(Code::EntityNotFound)?;
            precondition.check(Some(entity.row.version))?;
            match self.store.delete_entity(app, id, entity.row.version).await? {
                Ok(()) => {
                    self.gate.seats_changed(app, id).await;
                    return Ok(());
                }
                Err(NotChanged::WasHeld) => return Err(Code::EntityInUse.into()),
                Err(NotChanged::Stale) => {}
            }
            if !backoff.pause().await {
                return Err(changed_at_every_attempt());
            }
        }
    }

    /// Replaces the key of the entity's public feed.
    ///
    /// # Errors
    /// `ENTITY_NOT_FOUND`.
    pub async fn rotate_feed_key(&self, app: &AppId, id: &EntityId) -> Result<FeedKey> {
        let rotated = self.store.entities.rotate_feed_key(app, id).await?;
        let key = rotated.ok_or(Code::EntityNotFound)?;
        self.gate.seats_changed(app, id).await;
        Ok(key)
    }
}

fn changed_at_every_attempt() -> Error {
    Error::unavailable("the entity changed at every attempt to change it")
}
