//! The commands that a driver sends to MongoDB, decoded from a proxy's recording.

use std::collections::BTreeMap;

use mongodb::bson::{Bson, Document};

const OP_MSG: u32 = 2013;
const HEADER: usize = 16;

/// One command, its document sequences among its fields.
#[derive(Clone, Debug)]
pub struct Command {
    pub connection: usize,
    pub body: Document,
}

impl Command {
    pub fn name(&self) -> &str {
        self.body.keys().next().expect("a command has a name")
    }

    /// The command's collection, if it has one.
    pub fn collection(&self) -> &str {
        self.body.get_str(self.name()).unwrap_or_default()
    }

    /// `w` of its write concern, or `level` of its read concern.
    pub fn concern(&self, concern: &str) -> Option<&str> {
        let (document, field) = (
            self.body.get_document(concern).ok()?,
            if concern == "writeConcern" { "w" } else { "level" },
        );
        document.get_str(field).ok()
    }

    pub fn flag(&self, field: &str) -> Option<bool> {
        self.body.get_bool(field).ok()
    }

    /// Whether it is a statement of a transaction, or its end.
    pub fn in_transaction(&self) -> bool {
        self.flag("autocommit") == Some(false)
    }

    pub fn limited_ms(&self) -> i64 {
        let limit = self.body.get("maxTimeMS");
        limit
            .and_then(|limit| limit.as_i64().or_else(|| limit.as_i32().map(i64::from)))
            .unwrap_or_default()
    }
}

/// The recorded commands, in the order in which they were complete. The driver's own
/// commands are left out.
pub fn commands(requests: &[(usize, Vec<u8>)]) -> Vec<Command> {
    let mut streams: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    let mut found = Vec::new();
    for (connection, piece) in requests {
        let stream = streams.entry(*connection).or_default();
        stream.extend(piece);
        while let Some(length) = whole(stream) {
            let message: Vec<u8> = stream.drain(..length).collect();
            if number(&message, 12) == OP_MSG {
                found.push(Command { connection: *connection, body: body(&message[HEADER + 4..]) });
            }
        }
    }
    let own = ["hello", "isMaster", "ismaster", "endSessions"];
    found.retain(|command| !own.contains(&command.name()));
    found
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// The length of the first message, once all of it is there.
fn whole(stream: &[u8]) -> Option<usize> {
    let length = if stream.len() < HEADER { return None } else { number(stream, 0) as usize };
    (stream.len() >= length).then_some(length)
}

/// The sections of a message: the command itself, and sequences of documents.
/// Drivers send no checksum.
fn body(mut sections: &[u8]) -> Document {
    let mut body = Document::new();
    while let Some((kind, rest)) = sections.split_first() {
        let (section, others) = rest.split_at(number(rest, 0) as usize);
        if *kind == 0 {
            let command = Document::from_reader(section).expect("a document");
            // The command first: its first field is its name.
            let sequences = std::mem::replace(&mut body, command);
            body.extend(sequences);
        } else {
            let (name, documents) = sequence(&section[4..]);
            body.insert(name, documents);
        }
        sections = others;
    }
    body
}

fn sequence(bytes: &[u8]) -> (String, Bson) {
    let end = bytes.iter().position(|byte| *byte == 0).expect("a name ends");
    let name = String::from_utf8(bytes[..end].to_vec()).expect("a name");
    let (mut rest, mut documents) = (&bytes[end + 1..], Vec::new());
    while !rest.is_empty() {
        let (document, others) = rest.split_at(number(rest, 0) as usize);
        documents.push(Bson::Document(Document::from_reader(document).expect("a document")));
        rest = others;
    }
    (name, Bson::Array(documents))
}
