//! The parts of a schema: types of fields, and kinds of indexes.

use mongodb::{
    IndexModel,
    bson::{Document, doc},
    options::IndexOptions,
};

/// A JSON schema with these fields, and `createdAt` and `updatedAt`.
pub(super) fn object(required: &[&str], mut properties: Document) -> Document {
    properties.extend(doc! {"createdAt": {"bsonType": "date"}, "updatedAt": {"bsonType": "date"}});
    let required: Vec<&str> = required.iter().copied().chain(["createdAt", "updatedAt"]).collect();
    doc! {"$jsonSchema": {"bsonType": "object", "required": required, "properties": properties}}
}

pub(super) fn text() -> Document {
    doc! {"bsonType": "string"}
}

pub(super) fn whole() -> Document {
    doc! {"bsonType": ["int", "long"]}
}

/// In the currency's minor unit, never a float.
pub(super) fn money() -> Document {
    doc! {"bsonType": ["int", "long"], "minimum": 0}
}

pub(super) fn currency() -> Document {
    doc! {"bsonType": "string", "pattern": "^[A-Z]{3}$"}
}

pub(super) fn domain() -> Document {
    doc! {"enum": ["EVENT", "BUS", "MOVIE"]}
}

pub(super) fn id() -> Document {
    doc! {"bsonType": "objectId"}
}

pub(super) fn ids() -> Document {
    doc! {"bsonType": "array", "items": id(), "minItems": 1, "maxItems": 10, "uniqueItems": true}
}

pub(super) fn plain(name: &str, keys: Document) -> IndexModel {
    IndexModel::builder()
        .keys(keys)
        .options(IndexOptions::builder().name(name.to_owned()).build())
        .build()
}

pub(super) fn partial(name: &str, keys: Document, filter: Document) -> IndexModel {
    let options =
        IndexOptions::builder().name(name.to_owned()).partial_filter_expression(filter).build();
    IndexModel::builder().keys(keys).options(options).build()
}

/// Documents with events that the relay has not copied yet: few, and in the end none.
pub(super) fn unsent(name: &str) -> IndexModel {
    partial(name, doc! {"unsent": 1}, doc! {"unsent": true})
}

pub(super) fn unique(name: &str, keys: Document, filter: Option<Document>) -> IndexModel {
    let mut options = IndexOptions::builder().name(name.to_owned()).unique(true).build();
    options.partial_filter_expression = filter;
    IndexModel::builder().keys(keys).options(options).build()
}
