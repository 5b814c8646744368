//! Compares the execution of each query with the table in `shapes`.

use std::collections::BTreeMap;

use mongodb::{
    Database,
    bson::Document,
    options::{CollectionOptions, ReadConcern},
};

use super::{
    profile::Query,
    shapes::{self, Rule},
};

/// The problems of each query, and the lines of the table that no query matched.
pub async fn check_plans(
    database: &Database,
    queries: &[Query],
) -> (BTreeMap<String, Vec<String>>, Vec<String>) {
    let lines = shapes::all();
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for query in queries {
        let problem = match lines.iter().find(|(shape, ..)| *shape == query.shape) {
            None => Some("the table has no line of this shape".to_owned()),
            Some((_, indexes, rule)) => problem(database, query, indexes, *rule).await,
        };
        if let Some(problem) = problem {
            let Query { filter, plan, keys, examined, found, .. } = query;
            let line = format!(
                "{problem}: {plan}, {keys} entries, {examined} read, {found} returned, by {filter}"
            );
            wrong.entry(query.shape.clone()).or_default().push(line);
        }
    }
    let unseen = lines
        .into_iter()
        .map(|(shape, ..)| shape)
        .filter(|shape| queries.iter().all(|q| q.shape != *shape));
    (wrong, unseen.collect())
}

/// The problem with a query's execution, if there is one.
async fn problem(
    database: &Database,
    query: &Query,
    indexes: &[&str],
    rule: Rule,
) -> Option<String> {
    let used = query.plan.replace("IXSCAN ", "").replace("}, {", "}\n{");
    let strange = used.lines().find(|used| !indexes.contains(used));
    if strange.is_some() && !(query.disturbed && used.is_empty()) {
        return Some("it uses an index that its line does not have".to_owned());
    }
    if query.sorts && !matches!(rule, Rule::Newest | Rule::One) {
        return Some("it sorts in memory".to_owned());
    }
    if query.disturbed {
        return None;
    }
    let asked = asked(&query.filter);
    let allowed = match rule {
        Rule::Exact => query.found,
        Rule::Guarded | Rule::One => query.found.max(asked),
        Rule::Cursor => query.found + 1,
        Rule::Counts => counted(database, query).await,
        Rule::WithOne => asked + 1,
        Rule::EachWithEntity => 2 * asked,
        Rule::Newest | Rule::Covered => {
            return (query.examined > 0).then(|| "it reads documents".to_owned());
        }
        Rule::Rare => return None,
    };
    if query.examined > allowed || query.examined < query.found {
        return Some(format!("it may read {allowed} documents"));
    }
    // One key beyond the end of each range, and twice if several values are looked up. In a page of
    // bookings or refunds, the other filters come after the sort order, so the index scan skips
    // entries. In a count over all apps, it skips from app to app.
    let keys = 2 * (allowed + asked) + 2;
    let is_page = [shapes::PAGES, shapes::REFUND_PAGES].contains(&indexes);
    let skips = is_page || rule == Rule::Counts;
    (query.keys > keys && !skips).then(|| format!("it may read {keys} entries of an index"))
}

/// The largest number of values that a filter has for one field.
fn asked(filter: &Document) -> i64 {
    let lists = filter.values().filter_map(|how| how.as_document()?.get_array("$in").ok());
    lists.map(|values| i64::try_from(values.len()).expect("not so many")).max().unwrap_or(1)
}

/// How many documents match a filter. No more writes change the result.
async fn counted(database: &Database, query: &Query) -> i64 {
    let name = query.shape.split(' ').next().expect("a collection");
    let local = CollectionOptions::builder().read_concern(ReadConcern::local()).build();
    let collection = database.collection_with_options::<Document>(name, local);
    let count = collection.count_documents(query.filter.clone()).await.expect("a count");
    i64::try_from(count).expect("not so many")
}
