//! Responses of the public seat feed. They have no envelope, caches keep them, and pages of every
//! origin may read them.

use super::{Reply, Request, reply::Content};
use crate::{
    error::{Code, Error, Result},
    gzip,
};
use lambda_http::http::header;
use serde::Serialize;

const STATES_CACHING: &str = "public, max-age=1, stale-if-error=10";
const SEATS_CACHING: &str = "public, max-age=31536000, immutable";
pub(super) const UNKNOWN_KEY_CACHING: &str = "public, max-age=10";
/// Lambda returns 6 MB at most, with each quote of the JSON escaped.
const MAX_PLAIN_BYTES: usize = 4_000_000;

/// Whether a path is the feed's.
pub(super) fn is_feed(path: &str) -> bool {
    path.starts_with("/feed/")
}

impl Reply {
    /// The states of the seats, or 304 if the client has them. Equal states have equal digests.
    pub fn feed_states(json: &str, digest: &str, request: &Request) -> Self {
        let etag = format!("W/\"{digest}\"");
        let known = request.header(header::IF_NONE_MATCH.as_str()).unwrap_or_default();
        let mut reply = if names(known, &etag) {
            Self::of(304, Content::None)
        } else {
            Self::of(200, Content::Success(json.to_owned()))
        };
        reply.etag = Some(etag);
        reply.caching = STATES_CACHING;
        reply
    }

    /// The list of seats, with gzip unless the client refuses it.
    ///
    /// # Errors
    /// `NOT_ACCEPTABLE` for a client that refuses gzip, if the list is too long without it.
    pub fn feed_seats(list: &impl Serialize, request: &Request) -> Result<Self> {
        let json = serde_json::to_string(list).map_err(Error::internal)?;
        let refuses_gzip =
            request.has_header(header::ACCEPT_ENCODING.as_str()) && !request.accepts_gzip();
        let content = if !refuses_gzip {
            Content::Gzipped(gzip::pack(json.as_bytes()).map_err(Error::internal)?)
        } else if json.len() <= MAX_PLAIN_BYTES {
            Content::Success(json)
        } else {
            return Err(Code::NotAcceptable.into());
        };
        let mut reply = Self::of(200, content);
        reply.caching = SEATS_CACHING;
        reply.depends_on_encoding = true;
        Ok(reply)
    }
}

/// Whether `If-None-Match` names this tag. The comparison is weak: a `W/` prefix is ignored.
fn names(header: &str, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    header.split(',').any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_compared_without_its_weakness() {
        for header in ["W/\"ab\"", "\"ab\"", "\"x\", W/\"ab\"", "*", " W/\"ab\" ,\"y\""] {
            assert!(names(header, "W/\"ab\""), "{header}");
        }
        for header in ["", "ab", "W/ab", "\"abc\"", "W/\"a\",\"b\"", "**"] {
            assert!(!names(header, "W/\"ab\""), "{header}");
        }
    }

    #[test]
    fn only_what_stands_below_the_feed_is_the_feeds() {
        assert!(is_feed("/feed/x") && is_feed("/feed/x/seats") && is_feed("/feed/"));
        assert!(!is_feed("/feed") && !is_feed("/feeds/x") && !is_feed("/x/feed/x"));
    }
}
