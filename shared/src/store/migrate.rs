//! Creates the collections, validators and indexes that the functions rely on. It runs at a
//! deployment, never at a cold start.

use super::{Store, StoreError, normalize::Collision, schema};
use crate::error::Error;
use futures_util::TryStreamExt;
use mongodb::{
    Collection, IndexModel,
    bson::{Document, doc},
    error::{Error as DriverError, ErrorKind},
    options::ValidationLevel,
    results::CollectionSpecification,
};
use serde::Serialize;

const INDEX_NOT_FOUND: i32 = 27;
/// `moderate`: a document of an earlier version that the validator would refuse can still be
/// changed. Otherwise its hold could never end.
pub(super) const VALIDATION_LEVEL: &str = "moderate";
const NAMESPACE_EXISTS: i32 = 48;

/// A failed migration, with the step at which it failed.
#[derive(Debug, thiserror::Error)]
#[error("{step}")]
pub struct MigrateError {
    step: String,
    source: StoreError,
}

impl MigrateError {
    fn at<E: Into<StoreError>>(step: impl Into<String>) -> impl FnOnce(E) -> Self {
        move |error| Self { step: step.into(), source: error.into() }
    }
}

/// The outcome of a migration.
#[derive(Debug, Default, Serialize)]
pub struct Migrated {
    /// One line for each change.
    pub changes: Vec<String>,
    /// Documents that compare as equal today. Somebody has to change or remove one of each pair.
    pub collisions: Vec<Collision>,
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        Self::internal(error)
    }
}

impl Store {
    /// Creates what is missing, brings stored values into today's form, and returns what it
    /// changed. A second run changes nothing.
    ///
    /// An index that exists with a different definition is an error that names it. Dropping
    /// a unique index under traffic would let a seat be sold twice, so a person decides
    /// when. Only indexes that an earlier version created for its queries are dropped,
    /// after their replacements exist.
    pub async fn migrate(&self) -> Result<Migrated, MigrateError> {
        let mut changes = Vec::new();
        let existing =
            self.collections().await.map_err(MigrateError::at("the list of collections"))?;
        for schema in schema::collections() {
            let found = existing.iter().find(|found| found.name == schema.name);
            match found {
                None => {
                    self.create(&schema).await.map_err(MigrateError::at(schema.name))?;
                    changes.push(format!("created collection {}", schema.name));
                }
                Some(found) if !is_current(found, &schema.validator) => {
                    let change = doc! {
                        "collMod": schema.name, "validator": schema.validator.clone(),
                        "validationLevel": VALIDATION_LEVEL,
                    };
                    let changed = self.database.run_command(change).await;
                    changed
                        .map_err(MigrateError::at(format!("the validator of {}", schema.name)))?;
                    changes.push(format!("changed the validator of {}", schema.name));
                }
                Some(_) => {}
            }
            let collection = self.database.collection::<Document>(schema.name);
            for index in schema.indexes {
                let name = index
                    .options
                    .as_ref()
                    .and_then(|options| options.name.clone())
                    .unwrap_or_default();
                let step = format!("the index {}.{name}", schema.name);
                changes.extend(
                    create_if_missing(&collection, index, &name)
                        .await
                        .map_err(MigrateError::at(step))?,
                );
            }
            let retired = drop_retired(&collection, schema.retired).await;
            changes.extend(retired.map_err(MigrateError::at(format!(
                "indexes of {} that were retired",
                schema.name
            )))?);
        }
        let normalized =
            self.normalize().await.map_err(MigrateError::at("the form of stored values"))?;
        changes.extend(normalized.changes);
        let asks = self.reservations.plan_asks().await;
        let asks = asks.map_err(MigrateError::at("the questions about payments"))?;
        changes.extend((asks > 0).then(|| format!("planned questions about payments: {asks}")));
        Ok(Migrated { changes, collisions: normalized.collisions })
    }

    async fn collections(&self) -> Result<Vec<CollectionSpecification>, StoreError> {
        Ok(self.database.list_collections().await?.try_collect().await?)
    }

    async fn create(&self, schema: &schema::CollectionSchema) -> Result<(), StoreError> {
        match self
            .database
            .create_collection(schema.name)
            .validator(schema.validator.clone())
            .validation_level(ValidationLevel::Moderate)
            .await
        {
            // Another migration was faster.
            Err(error) if code(&error) == Some(NAMESPACE_EXISTS) => Ok(()),
            result => Ok(result?),
        }
    }
}

fn is_current(found: &CollectionSpecification, validator: &Document) -> bool {
    found.options.validator.as_ref() == Some(validator)
        && found.options.validation_level == Some(ValidationLevel::Moderate)
}

/// Creates an index unless it exists.
async fn create_if_missing(
    collection: &Collection<Document>,
    index: IndexModel,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let before = collection.list_index_names().await?;
    // If the same index exists, the server does nothing. If a different one has its name or keys,
    // the server returns error 85 or 86.
    collection.create_index(index).await?;
    Ok((!before.iter().any(|known| known == name))
        .then(|| format!("created index {}.{name}", collection.name())))
}

/// Drops the `retired` indexes that exist as an earlier version created them. A unique index is
/// never dropped, whatever its name.
async fn drop_retired(
    collection: &Collection<Document>,
    retired: Vec<(&str, Document)>,
) -> Result<Vec<String>, StoreError> {
    let existing: Vec<IndexModel> = collection.list_indexes().await?.try_collect().await?;
    let mut changes = Vec::new();
    for index in existing {
        let options = index.options.unwrap_or_default();
        let name = options.name.unwrap_or_default();
        let known = retired.iter().any(|(retired, keys)| *retired == name && *keys == index.keys);
        if !known || options.unique == Some(true) {
            continue;
        }
        match collection.drop_index(&name).await {
            // Another migration was faster.
            Err(error) if code(&error) == Some(INDEX_NOT_FOUND) => {}
            result => {
                result?;
                changes.push(format!("dropped index {}.{name}", collection.name()));
            }
        }
    }
    Ok(changes)
}

fn code(error: &DriverError) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(error) => Some(error.code),
        _ => None,
    }
}
