//! Why serde could not read a value.
//!
//! serde reports this only as text, so this is the one place that parses its messages.

/// The problem with a value, and its place.
#[derive(Debug)]
pub(crate) enum Invalid {
    /// A required field is missing. `field` is its path.
    Missing { field: String },
    /// A field is not known. `field` is its path, and its name is the client's own text.
    Unknown { field: String },
    /// A value is wrong. `path` is empty for the whole input.
    Value { path: String, reason: String },
}

impl Invalid {
    pub(crate) fn of(error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        let place = error.path().to_string();
        let path = if place == "." { String::new() } else { place.clone() };
        let error = error.into_inner();
        let message = error.to_string();
        // A text's reader adds the position, which says less than the path.
        let position = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(&position).unwrap_or(&message).to_owned();
        if message.starts_with("unknown field `") {
            // The path already ends with the field, whatever characters are in its name.
            return Self::Unknown { field: place };
        }
        match message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            Some(field) => Self::Missing { field: join(&path, field) },
            None => Self::Value { reason: without_value(message), path },
        }
    }
}

/// The path of `field`. For some types serde reports the path of the field, for others the path of
/// the object that lacks it.
fn join(path: &str, field: &str) -> String {
    match path {
        "" => field.to_owned(),
        path if path == field || path.ends_with(&format!(".{field}")) => path.to_owned(),
        path => format!("{path}.{field}"),
    }
}

/// The message without the value: serde quotes it (`invalid type: string "hunter2", expected …`),
/// and it may be a secret.
pub(crate) fn without_value(message: String) -> String {
    const QUOTING: [&str; 4] =
        ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant "];
    if message.starts_with("invalid type: null, expected ") {
        return "must have a value".to_owned();
    }
    match message.rsplit_once(", expected ") {
        Some((start, expected)) if QUOTING.iter().any(|prefix| start.starts_with(prefix)) => {
            match expected {
                "i64" | "u64" | "u32" | "u8" => "must be a whole number".to_owned(),
                // The client sends JSON, which has neither maps nor sequences.
                "a map" => "must be an object".to_owned(),
                "a sequence" => "must be an array".to_owned(),
                expected if expected.starts_with("struct ") => "must be an object".to_owned(),
                expected => format!("must be {expected}"),
            }
        }
        _ => message,
    }
}
