//! What the server did for the functions, from the profiler's `system.profile`.

use std::collections::BTreeSet;

use futures_util::TryStreamExt as _;
use mongodb::{
    Database,
    bson::{Bson, Document, doc},
};

/// Distinguishes the functions' connections from the tests' connections.
const APP: &str = "^unified-booking";

/// Beyond this size the profiler drops the oldest operations.
const SIZE_BYTES: i64 = 256 << 20;

/// Starts to record every operation on the database. The collection is created first, because the
/// server's own would have only 1 MB.
pub async fn begin(database: &Database) {
    let create = doc! {"create": "system.profile", "capped": true, "size": SIZE_BYTES};
    database.run_command(create).await.expect("a collection for the profile");
    begin_small(database).await;
}

/// The same on one member. On a secondary the collection has 1 MB: some hundred operations.
pub async fn begin_small(database: &Database) {
    database
        .run_command(doc! {"profile": 2, "slowms": 0, "sampleRate": 1.0})
        .await
        .expect("the profiler is on");
}

/// Stops recording, and returns the functions' queries.
pub async fn end(database: &Database) -> Vec<Query> {
    database.run_command(doc! {"profile": 0}).await.expect("the profiler is off");
    let noted = database
        .collection::<Document>("system.profile")
        .find(doc! {"appName": {"$regex": APP}})
        .await;
    let noted: Vec<Document> = noted.expect("the profile").try_collect().await.expect("all of it");
    noted.into_iter().filter_map(Query::of).collect()
}

/// One operation that had to find documents.
#[derive(Debug)]
pub struct Query {
    /// Collection, command, fields and operators of the filter, and sort order. Without the values.
    pub shape: String,
    /// The filter with its values.
    pub filter: Document,
    /// The server's summary of the plan.
    pub plan: String,
    /// Documents that were read.
    pub examined: i64,
    /// Entries of indexes that were read.
    pub keys: i64,
    /// Documents that were returned, or that an update matched.
    pub found: i64,
    /// Whether the server sorted documents in memory before it returned the first.
    pub sorts: bool,
    /// Whether it was refused, ran out of time, or was retried after a conflict.
    pub disturbed: bool,
    /// The read preference of the command.
    pub preference: Option<String>,
}

impl Query {
    /// `None` for commands that search no documents: inserts, pings, ends of transactions.
    fn of(noted: Document) -> Option<Self> {
        let op = noted.get_str("op").expect("an operation");
        let command = match op {
            "getmore" => noted.get_document("originatingCommand"),
            _ => noted.get_document("command"),
        };
        let command = command.cloned().unwrap_or_default();
        let name = match op {
            "update" | "remove" => op.to_owned(),
            _ => command.keys().next().cloned().unwrap_or_default(),
        };
        let filter = match name.as_str() {
            "find" => command.get_document("filter").cloned().unwrap_or_default(),
            "findAndModify" | "count" | "distinct" => {
                command.get_document("query").cloned().unwrap_or_default()
            }
            "aggregate" => first_match(&command),
            "update" | "remove" => command.get_document("q").cloned().unwrap_or_default(),
            "insert" | "ping" | "hello" | "endSessions" => return None,
            _ => panic!("a command that this test does not know: {noted}"),
        };
        let number = |field: &str| noted.get(field).and_then(whole);
        let matched = ["nreturned", "ndeleted", "nMatched"].into_iter().find_map(number);
        let concern =
            command.get_document("readConcern").and_then(|concern| concern.get_str("level")).ok();
        let linearizable = if concern == Some("linearizable") { " linearizable" } else { "" };
        let collection =
            noted.get_str("ns").expect("a namespace").split_once('.').expect("a collection").1;
        let order = command
            .get_document("sort")
            .map(|sort| format!(" sort {}", names(sort)))
            .unwrap_or_default();
        Some(Self {
            shape: format!(
                "{collection} {name} {{{}}}{order}{linearizable}",
                fields(&filter).join(", ")
            ),
            filter,
            plan: noted.get_str("planSummary").unwrap_or_default().to_owned(),
            examined: number("docsExamined").unwrap_or_default(),
            keys: number("keysExamined").unwrap_or_default(),
            found: matched.unwrap_or_default(),
            sorts: noted.get_bool("hasSortStage").unwrap_or_default(),
            disturbed: noted.contains_key("errCode")
                || number("writeConflicts").is_some_and(|count| count > 0),
            preference: command
                .get_document("$readPreference")
                .ok()
                .and_then(|preference| preference.get_str("mode").ok().map(str::to_owned)),
        })
    }
}

pub fn whole(value: &Bson) -> Option<i64> {
    match value {
        Bson::Int32(number) => Some(i64::from(*number)),
        Bson::Int64(number) => Some(*number),
        _ => None,
    }
}

fn first_match(command: &Document) -> Document {
    let first = command
        .get_array("pipeline")
        .ok()
        .and_then(|stages| stages.first()?.as_document().cloned());
    first.and_then(|stage| stage.get_document("$match").ok().cloned()).unwrap_or_default()
}

fn names(document: &Document) -> String {
    document.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The fields of a filter with their operators, in alphabetical order.
fn fields(filter: &Document) -> Vec<String> {
    let mut all = BTreeSet::new();
    for (name, value) in filter {
        match (name.as_str(), value) {
            ("$and", Bson::Array(parts)) => {
                all.extend(parts.iter().filter_map(Bson::as_document).flat_map(fields));
            }
            ("$or", Bson::Array(parts)) => {
                let parts: Vec<String> = parts
                    .iter()
                    .filter_map(Bson::as_document)
                    .map(|part| fields(part).join(", "))
                    .collect();
                all.insert(format!("({})", parts.join(" or ")));
            }
            ("$expr", Bson::Document(expression)) => {
                let of = expression
                    .values()
                    .next()
                    .and_then(Bson::as_array)
                    .and_then(|of| of.first()?.as_str());
                let how = names(expression);
                all.insert(of.map_or("$expr".to_owned(), |of| {
                    format!("{} {how} now", of.trim_start_matches('$'))
                }));
            }
            (_, Bson::Document(how))
                if how.keys().all(|key| matches!(&**key, "$gt" | "$gte" | "$lt" | "$lte")) =>
            {
                all.insert(format!("{name} range"));
            }
            (_, Bson::Document(how)) if how.keys().any(|key| key.starts_with('$')) => {
                all.insert(format!("{name} {}", names(how)));
            }
            _ => {
                all.insert(name.clone());
            }
        }
    }
    all.into_iter().collect()
}
