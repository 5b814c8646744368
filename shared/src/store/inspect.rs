//! Reads the state of the database for `doctor`. Nothing here changes anything.

use super::{Store, StoreError, schema, with_timeout};
use crate::clock;
use futures_util::TryStreamExt;
use mongodb::{
    IndexModel,
    bson::{Bson, Document, doc},
    options::{ReadPreference, SelectionCriteria},
    results::CollectionSpecification,
};
use std::{fmt, time::Duration};

const QUERY_TIMEOUT: Duration = Duration::from_secs(5);

const LIFETIME: &str = "transactionLifetimeLimitSeconds";

/// What the servers report about themselves.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub version: String,
    /// Name of the replica set; absent on a standalone server and behind a `mongos`.
    pub replica_set: Option<String>,
    /// Whether the response came from a router of a sharded cluster.
    pub sharded: bool,
    /// The members that hold data, as `host:port`.
    pub members: Vec<String>,
    /// The primary, if there is one.
    pub primary: Option<String>,
    /// How far the majority's data is behind the primary's.
    pub majority_lag: Option<Duration>,
    /// Whether a majority acknowledges a write only after journaling it; absent if the account may
    /// not read the configuration.
    pub majority_journals: Option<bool>,
    /// `transactionLifetimeLimitSeconds`; absent if the account may not read it.
    pub transaction_lifetime_seconds: Option<i64>,
    /// How many milliseconds the server's clock is ahead of this machine's, accurate to
    /// half a round trip.
    pub clock_ahead_ms: i64,
}

/// A difference between the database and what `migrate` creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaDifference {
    /// The collection, validator or index.
    pub what: String,
    pub problem: &'static str,
    /// Whether `migrate` fixes it. Anything else needs a person's decision.
    pub migrate_fixes: bool,
}

impl fmt::Display for SchemaDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.problem)
    }
}

impl Store {
    /// What the primary reports, or any other member if there is no primary.
    /// Fails if no member can be reached, or if it refuses the commands.
    pub async fn deployment(&self) -> Result<Deployment, StoreError> {
        let nearest =
            SelectionCriteria::ReadPreference(ReadPreference::PrimaryPreferred { options: None });
        let admin = self.client.database("admin");
        let run = |command: Document| {
            with_timeout(
                QUERY_TIMEOUT,
                admin.run_command(command).selection_criteria(nearest.clone()),
            )
        };
        let build = run(doc! {"buildInfo": 1}).await?;
        // The second command, so that opening the connection does not distort the comparison of
        // clocks.
        let sent_ms = clock::now().timestamp_millis();
        let hello = run(doc! {"hello": 1}).await?;
        let midpoint_ms = (sent_ms + clock::now().timestamp_millis()) / 2;
        let config = run(doc! {"replSetGetConfig": 1}).await.ok();
        let limit = run(doc! {"getParameter": 1, LIFETIME: 1}).await.ok();
        let limit = limit.and_then(|response| match response.get(LIFETIME) {
            Some(Bson::Int32(seconds)) => Some(i64::from(*seconds)),
            Some(Bson::Int64(seconds)) => Some(*seconds),
            _ => None,
        });
        let text = |name: &str| hello.get_str(name).ok().map(str::to_owned);
        let written = |name: &str| hello.get_document("lastWrite").ok()?.get_datetime(name).ok();
        Ok(Deployment {
            version: build.get_str("version").unwrap_or("unknown").to_owned(),
            replica_set: text("setName"),
            sharded: hello.get_str("msg").is_ok_and(|text| text == "isdbgrid"),
            members: ["hosts", "passives"]
                .into_iter()
                .flat_map(|field| texts(&hello, field))
                .collect(),
            primary: text("primary"),
            majority_lag: written("lastWriteDate").zip(written("majorityWriteDate")).map(
                |(last, majority)| {
                    let behind_ms = last.timestamp_millis() - majority.timestamp_millis();
                    Duration::from_millis(behind_ms.max(0).unsigned_abs())
                },
            ),
            majority_journals: config.and_then(|response| {
                response
                    .get_document("config")
                    .ok()?
                    .get_bool("writeConcernMajorityJournalDefault")
                    .ok()
            }),
            transaction_lifetime_seconds: limit,
            clock_ahead_ms: hello
                .get_datetime("localTime")
                .map_or(0, |there| there.timestamp_millis() - midpoint_ms),
        })
    }

    /// How the database differs from what [`Store::migrate`] creates. Fails if the
    /// database cannot be read.
    pub async fn differences(&self) -> Result<Vec<SchemaDifference>, StoreError> {
        let list = async { self.database.list_collections().await?.try_collect::<Vec<_>>().await };
        let existing = with_timeout(QUERY_TIMEOUT, list).await?;
        let mut found = Vec::new();
        for schema in schema::collections() {
            let Some(collection) =
                existing.iter().find(|collection| collection.name == schema.name)
            else {
                found.push(missing(format!("collection {}", schema.name)));
                continue;
            };
            found.extend(validator(&schema, collection));
            let collection = self.database.collection::<Document>(schema.name);
            let list = async { collection.list_indexes().await?.try_collect::<Vec<_>>().await };
            let indexes = with_timeout(QUERY_TIMEOUT, list).await?;
            found.extend(
                schema.indexes.iter().filter_map(|wanted| index(schema.name, wanted, &indexes)),
            );
        }
        Ok(found)
    }
}

fn texts<'a>(document: &'a Document, field: &str) -> impl Iterator<Item = String> + 'a {
    document
        .get_array(field)
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
}

fn missing(what: String) -> SchemaDifference {
    SchemaDifference { what, problem: "is missing", migrate_fixes: true }
}

fn validator(
    schema: &schema::CollectionSchema,
    found: &CollectionSpecification,
) -> Option<SchemaDifference> {
    let what = format!("validator of {}", schema.name);
    let Some(validator) = &found.options.validator else { return Some(missing(what)) };
    if *validator != schema.validator {
        return Some(SchemaDifference {
            what,
            problem: "differs from what migrate creates",
            migrate_fixes: true,
        });
    }
    let is = |set: Option<Bson>, wanted: &str| set.is_none_or(|set| set.as_str() == Some(wanted));
    let options = mongodb::bson::serialize_to_document(&found.options).unwrap_or_default();
    // MongoDB does not list its defaults: `error` is one, `moderate` is not.
    let level = options.get("validationLevel").and_then(Bson::as_str);
    if level != Some(super::migrate::VALIDATION_LEVEL) {
        return Some(SchemaDifference {
            what,
            problem: "has another validation level than migrate sets",
            migrate_fixes: true,
        });
    }
    if !is(options.get("validationAction").cloned(), "error") {
        return Some(SchemaDifference {
            what,
            problem: "does not refuse every write that violates it",
            migrate_fixes: false,
        });
    }
    None
}

fn index(
    collection: &str,
    wanted: &IndexModel,
    existing: &[IndexModel],
) -> Option<SchemaDifference> {
    let name = name(wanted);
    let what = format!("index {collection}.{name}");
    let Some(found) = existing.iter().find(|found| self::name(found) == name) else {
        return Some(missing(what));
    };
    (behavior(found) != behavior(wanted)).then_some(SchemaDifference {
        what,
        problem: "differs from what migrate creates",
        migrate_fixes: false,
    })
}

fn name(index: &IndexModel) -> &str {
    index.options.as_ref().and_then(|options| options.name.as_deref()).unwrap_or_default()
}

/// What an index does: its keys with their directions, and the options that
/// affect writes and reads.
fn behavior(index: &IndexModel) -> impl PartialEq + use<> {
    let direction = |value: &Bson| match value {
        Bson::Int32(direction) => Some(i64::from(*direction)),
        Bson::Int64(direction) => Some(*direction),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "1.0 or -1.0, as some shells write them"
        )]
        Bson::Double(direction) => Some(*direction as i64),
        _ => None,
    };
    let keys: Vec<_> =
        index.keys.iter().map(|(field, value)| (field.clone(), direction(value))).collect();
    let options = index.options.clone().unwrap_or_default();
    let unique = options.unique.unwrap_or(false);
    let hidden = options.hidden.unwrap_or(false);
    let sparse = options.sparse.unwrap_or(false);
    let collated = options.collation.is_some();
    (
        keys,
        unique,
        options.partial_filter_expression,
        options.expire_after,
        hidden,
        sparse,
        collated,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::options::IndexOptions;

    fn model(keys: Document, change: impl FnOnce(&mut IndexOptions)) -> IndexModel {
        let mut options = IndexOptions::builder().name("it".to_owned()).unique(true).build();
        change(&mut options);
        IndexModel::builder().keys(keys).options(options).build()
    }

    #[test]
    fn an_index_is_the_one_wanted_only_if_it_does_the_same() {
        let wanted = model(doc! {"a": 1, "b": -1}, |_| ());
        let problem =
            |found: &[IndexModel]| index("c", &wanted, found).map(|difference| difference.problem);
        assert_eq!(
            problem(&[model(doc! {"a": 1.0, "b": -1_i64}, |options| options.hidden = Some(false))]),
            None
        );
        assert_eq!(problem(&[]), Some("is missing"));
        for other in [
            model(doc! {"b": -1, "a": 1}, |_| ()),
            model(doc! {"a": 1, "b": 1}, |_| ()),
            model(doc! {"a": 1, "b": -1}, |options| options.unique = None),
            model(doc! {"a": 1, "b": -1}, |options| options.hidden = Some(true)),
            model(doc! {"a": 1, "b": -1}, |options| options.sparse = Some(true)),
            model(doc! {"a": 1, "b": -1}, |options| {
                options.partial_filter_expression = Some(doc! {"c": 1})
            }),
        ] {
            assert_eq!(problem(&[other]), Some("differs from what migrate creates"));
        }
    }
}
