//! Brings the database to the shape that the functions rely on. Run at deploy, never at a cold
//! start.

use super::{Store, StoreError, schema};
use crate::error::Error;
use futures_util::TryStreamExt;
use mongodb::{
    Collection, IndexModel,
    bson::{Document, doc},
    error::{Error as DriverError, ErrorKind},
    results::CollectionSpecification,
};

const INDEX_NOT_FOUND: i32 = 27;

/// What a migration was at when it failed, which the failure does not say of itself.
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

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        Self::internal(error)
    }
}

impl Store {
    /// Makes what is missing (collections, validators, indexes) and says what that was; nothing,
    /// the second time.
    ///
    /// An index that exists otherwise than it should be is an error that names it: dropping a
    /// unique index under traffic would let a seat be sold twice, so a person decides when. Dropped
    /// is only what an earlier version made for its queries and this one has no use for, once what
    /// took its place is there.
    pub async fn migrate(&self) -> Result<Vec<String>, MigrateError> {
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
                Some(found) if found.options.validator.as_ref() != Some(&schema.validator) => {
                    let change = doc! {"collMod": schema.name, "validator": schema.validator.clone(), "validationLevel": "strict"};
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
        Ok(changes)
    }

    async fn collections(&self) -> Result<Vec<CollectionSpecification>, StoreError> {
        Ok(self.database.list_collections().await?.try_collect().await?)
    }

    async fn create(&self, schema: &schema::CollectionSchema) -> Result<(), StoreError> {
        match self.database.create_collection(schema.name).validator(schema.validator.clone()).await
        {
            // Another migration was quicker.
            Err(error) if code(&error) == Some(48) => Ok(()),
            result => Ok(result?),
        }
    }
}

/// Makes an index that is missing.
async fn create_if_missing(
    collection: &Collection<Document>,
    index: IndexModel,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let before = collection.list_index_names().await?;
    // Creating an index that exists as it should is no work for the server; one that differs is its
    // error 85 or 86.
    collection.create_index(index).await?;
    Ok((!before.iter().any(|known| known == name))
        .then(|| format!("created index {}.{name}", collection.name())))
}

/// Drops those of `retired` that are there as an earlier version made them. One that refuses writes
/// is none of them, whatever its name.
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
            // Another migration was quicker.
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
