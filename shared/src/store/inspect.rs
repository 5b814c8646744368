//! What the database is like, for a person who asks. Nothing here changes anything.

use super::{Store, StoreError, schema, within};
use crate::clock;
use futures_util::TryStreamExt;
use mongodb::{
    IndexModel,
    bson::{Bson, Document, doc},
    options::{ReadPreference, SelectionCriteria},
    results::CollectionSpecification,
};
use std::{fmt, time::Duration};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(5);

const LIFETIME: &str = "transactionLifetimeLimitSeconds";

/// The servers, as they tell of themselves.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The server's version.
    pub version: String,
    /// The replica set's name; absent on a lone server and behind a `mongos`.
    pub replica_set: Option<String>,
    /// Whether a router of a sharded cluster has answered.
    pub sharded: bool,
    /// The members that hold data, as `host:port`.
    pub members: Vec<String>,
    /// The primary, if a member knows of one.
    pub primary: Option<String>,
    /// By how much what a majority has is behind what the primary has.
    pub majority_lag: Option<Duration>,
    /// Whether a majority acknowledges a write only once it is in their journals; absent where the
    /// account may not ask.
    pub majority_journals: Option<bool>,
    /// `transactionLifetimeLimitSeconds`; absent where the account may not ask.
    pub transaction_lifetime_seconds: Option<i64>,
    /// By how many milliseconds the server's clock is ahead of this machine's; give or take half
    /// the way there and back.
    pub clock_ahead_ms: i64,
}

/// Something that is not as `migrate` makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The collection, validator or index.
    pub what: String,
    /// What is wrong with it.
    pub problem: &'static str,
    /// Whether `migrate` mends it. What it does not mend is for a person.
    pub migrate_mends: bool,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.problem)
    }
}

impl Store {
    /// What the servers tell of themselves; of any member that can be reached, if there is no
    /// primary.
    ///
    /// # Errors
    /// No member can be reached, or it refuses to answer.
    pub async fn deployment(&self) -> Result<Deployment, StoreError> {
        let nearest =
            SelectionCriteria::ReadPreference(ReadPreference::PrimaryPreferred { options: None });
        let admin = self.client.database("admin");
        let ask = |command: Document| {
            within(PATIENCE, admin.run_command(command).selection_criteria(nearest.clone()))
        };
        let build = ask(doc! {"buildInfo": 1}).await?;
        // Asked second, on a connection that is there: its way is what the clocks are compared
        // over.
        let asked_ms = clock::now().timestamp_millis();
        let hello = ask(doc! {"hello": 1}).await?;
        let half_way_ms = (asked_ms + clock::now().timestamp_millis()) / 2;
        let config = ask(doc! {"replSetGetConfig": 1}).await.ok();
        let limit = ask(doc! {"getParameter": 1, LIFETIME: 1}).await.ok();
        let limit = limit.and_then(|answer| match answer.get(LIFETIME) {
            Some(Bson::Int32(seconds)) => Some(i64::from(*seconds)),
            Some(Bson::Int64(seconds)) => Some(*seconds),
            _ => None,
        });
        let text = |name: &str| hello.get_str(name).ok().map(str::to_owned);
        let written = |name: &str| hello.get_document("lastWrite").ok()?.get_datetime(name).ok();
        Ok(Deployment {
            version: build.get_str("version").unwrap_or("unknown").to_owned(),
            replica_set: text("setName"),
            sharded: hello.get_str("msg").is_ok_and(|said| said == "isdbgrid"),
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
            majority_journals: config.and_then(|answer| {
                answer
                    .get_document("config")
                    .ok()?
                    .get_bool("writeConcernMajorityJournalDefault")
                    .ok()
            }),
            transaction_lifetime_seconds: limit,
            clock_ahead_ms: hello
                .get_datetime("localTime")
                .map_or(0, |there| there.timestamp_millis() - half_way_ms),
        })
    }

    /// What is not as [`Store::migrate`] makes it; nothing, where all is well.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub async fn differences(&self) -> Result<Vec<Difference>, StoreError> {
        let list = async { self.database.list_collections().await?.try_collect::<Vec<_>>().await };
        let existing = within(PATIENCE, list).await?;
        let mut found = Vec::new();
        for shape in schema::shapes() {
            let Some(collection) = existing.iter().find(|collection| collection.name == shape.name)
            else {
                found.push(missing(format!("collection {}", shape.name)));
                continue;
            };
            found.extend(validator(&shape, collection));
            let collection = self.database.collection::<Document>(shape.name);
            let list = async { collection.list_indexes().await?.try_collect::<Vec<_>>().await };
            let indexes = within(PATIENCE, list).await?;
            found.extend(
                shape.indexes.iter().filter_map(|wanted| index(shape.name, wanted, &indexes)),
            );
        }
        Ok(found)
    }
}

fn texts<'a>(of: &'a Document, field: &str) -> impl Iterator<Item = String> + 'a {
    of.get_array(field).into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned))
}

fn missing(what: String) -> Difference {
    Difference { what, problem: "is missing", migrate_mends: true }
}

fn validator(shape: &schema::Shape, found: &CollectionSpecification) -> Option<Difference> {
    let what = format!("validator of {}", shape.name);
    let Some(validator) = &found.options.validator else { return Some(missing(what)) };
    if *validator != shape.validator {
        return Some(Difference {
            what,
            problem: "is another than migrate makes",
            migrate_mends: true,
        });
    }
    // Where they are absent they are as strict as can be.
    let is = |set: Option<Bson>, wanted: &str| set.is_none_or(|set| set.as_str() == Some(wanted));
    let options = mongodb::bson::serialize_to_document(&found.options).unwrap_or_default();
    let strict = is(options.get("validationLevel").cloned(), "strict");
    if !strict || !is(options.get("validationAction").cloned(), "error") {
        return Some(Difference {
            what,
            problem: "does not refuse every write against it",
            migrate_mends: false,
        });
    }
    None
}

fn index(collection: &str, wanted: &IndexModel, existing: &[IndexModel]) -> Option<Difference> {
    let name = name(wanted);
    let what = format!("index {collection}.{name}");
    let Some(found) = existing.iter().find(|found| self::name(found) == name) else {
        return Some(missing(what));
    };
    (rule(found) != rule(wanted)).then_some(Difference {
        what,
        problem: "is another than migrate makes",
        migrate_mends: false,
    })
}

fn name(index: &IndexModel) -> &str {
    index.options.as_ref().and_then(|options| options.name.as_deref()).unwrap_or_default()
}

/// What an index does: its keys in their order and with their directions, and the options that bear
/// on writes and reads.
fn rule(index: &IndexModel) -> impl PartialEq + use<> {
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
            assert_eq!(problem(&[other]), Some("is another than migrate makes"));
        }
    }
}
