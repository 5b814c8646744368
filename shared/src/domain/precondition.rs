//! `If-Match`: a change is made only to the version that the caller has seen.

use crate::error::{Code, Result};

/// What a request requires of the version that it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// The request has no `If-Match`.
    Unconditional,
    /// `*`: a version exists.
    Exists,
    /// The current version is one of these.
    Versions(Vec<i64>),
}

impl Precondition {
    /// Reads the header. Tags that no version can have are left out. A header of only such
    /// tags matches no version.
    pub(crate) fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Exists;
        }
        let version = |tag: &str| {
            let text = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
            // Tags are compared byte for byte: `"03"` is not version 3.
            text.parse().ok().filter(|version: &i64| version.to_string() == text)
        };
        Self::Versions(header.split(',').filter_map(version).collect())
    }

    /// Checks the current version; `None` where nothing exists.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED`.
    pub fn check(&self, current: Option<i64>) -> Result<()> {
        let holds = match self {
            Self::Unconditional => true,
            Self::Exists => current.is_some(),
            Self::Versions(wanted) => current.is_some_and(|current| wanted.contains(&current)),
        };
        if holds { Ok(()) } else { Err(Code::PreconditionFailed.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_matches_the_versions_that_it_names() {
        for (header, current, holds) in [
            ("\"3\"", Some(3), true),
            ("\"3\"", Some(4), false),
            ("\"3\"", None, false),
            ("\"1\", \"3\"", Some(3), true),
            ("*", Some(7), true),
            ("*", None, false),
            ("W/\"3\"", Some(3), false),
            ("3", Some(3), false),
            ("", Some(3), false),
        ] {
            let checked = Precondition::parse(header).check(current);
            assert_eq!(checked.is_ok(), holds, "{header} of {current:?}");
        }
        assert!(Precondition::Unconditional.check(None).is_ok());
    }
}
