//! Origins: the ones that browsers send, and the ones that a tenant lists.

use serde::{Deserialize, Deserializer, de};
use std::fmt;
use url::{Host, Url};

/// How many origins a tenant may list.
const MAX_ENTRIES: usize = 50;

/// The origin of a request: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl Origin {
    /// Parses an `Origin` header or a tenant's entry. `None` for `null`, and for text that is not
    /// exactly scheme, host and port.
    pub fn parse(raw: &str) -> Option<Self> {
        // `Url` would add a path, drop a fragment mark and decode percent signs. An origin has only
        // its three parts.
        let (scheme, rest) = raw.split_once("://")?;
        if rest.is_empty() || rest.contains(['/', '?', '#', '@', '\\', '*', '%']) || !raw.is_ascii()
        {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https")
            || raw.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return None;
        }
        let url = Url::parse(raw).ok()?;
        let host = url
            .host_str()
            .filter(|host| host.split('.').all(|label| !label.is_empty()))?
            .to_owned();
        // `Url` drops the scheme's default port, as a browser does.
        (!rest.ends_with(':')).then(|| Self { scheme, host, port: url.port() })
    }

    /// The list entries that allow this origin: itself, and the wildcard over its first label.
    pub fn entries(&self) -> Vec<String> {
        let wildcard = self.host.split_once('.').filter(|_| self.is_domain()).map(|(_, parent)| {
            let wild =
                Self { scheme: self.scheme.clone(), host: format!("*.{parent}"), port: self.port };
            wild.to_string()
        });
        std::iter::once(self.to_string()).chain(wildcard).collect()
    }

    /// Whether one of `entries` allows this origin.
    pub(crate) fn is_listed(&self, entries: &[String]) -> bool {
        self.entries().iter().any(|entry| entries.contains(entry))
    }

    fn is_local(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1")
    }

    fn is_domain(&self) -> bool {
        matches!(Host::parse(&self.host), Ok(Host::Domain(_)))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// An entry of a tenant's or the operator's list: an origin, or `https://*.` and a domain that
/// can have an owner.
#[derive(Clone, Debug, PartialEq, Eq, utoipa::ToSchema)]
#[schema(
    description = "An origin, or a wildcard over one label. Refused: paths, public suffixes such as `https://*.com`, \
                   and `http` except for `localhost` and `127.0.0.1`.",
    pattern = "^[Hh][Tt][Tt][Pp][Ss]?://[!-~]+$",
    examples("https://event.com", "https://*.event.com")
)]
pub struct OriginEntry(String);

impl OriginEntry {
    /// Parses a tenant's entry, or says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let (origin, wild) = parse_entry(raw)?;
        if origin.is_domain() && !origin.is_local() && psl::domain(origin.host.as_bytes()).is_none()
        {
            return Err("must not be a public suffix: anybody may own a name under it".into());
        }
        Ok(Self::new(origin, wild))
    }

    /// Parses an entry of the operator, or says what is wrong with it. Public suffixes are not
    /// checked: every function would carry their list, which is half a megabyte of code.
    pub(crate) fn of_operator(raw: &str) -> Result<Self, String> {
        parse_entry(raw).map(|(origin, wild)| Self::new(origin, wild))
    }

    fn new(origin: Origin, wild: bool) -> Self {
        let host = if wild { format!("*.{}", origin.host) } else { origin.host };
        Self(Origin { host, ..origin }.to_string())
    }

    /// A tenant's list as it is stored: without repeats, and at most 50 entries. It may be empty
    /// only if server requests are allowed.
    pub fn list(entries: &[Self], allow_server_requests: bool) -> Result<Vec<String>, String> {
        if entries.is_empty() && !allow_server_requests {
            return Err("must have an entry unless allowServerRequests is true".into());
        }
        Self::distinct(entries)
    }

    /// A list as it is stored: without repeats, and at most 50 entries.
    pub fn distinct(entries: &[Self]) -> Result<Vec<String>, String> {
        if entries.len() > MAX_ENTRIES {
            return Err(format!("must have at most {MAX_ENTRIES} entries"));
        }
        let mut list: Vec<String> = Vec::with_capacity(entries.len());
        for entry in entries {
            if !list.contains(&entry.0) {
                list.push(entry.0.clone());
            }
        }
        Ok(list)
    }

    /// The entry in the form in which entries are stored and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The origin of an entry, and whether it is a wildcard.
fn parse_entry(raw: &str) -> Result<(Origin, bool), String> {
    let (plain, wild) = match raw.split_once("://*.") {
        Some((scheme, rest)) => (format!("{scheme}://{rest}"), true),
        None => (raw.to_owned(), false),
    };
    let origin = Origin::parse(&plain).ok_or(
        "must be an origin such as https://event.com or https://*.event.com, without a path",
    )?;
    if origin.scheme == "http" && (wild || !origin.is_local()) {
        return Err("must be https (http only for localhost and 127.0.0.1)".into());
    }
    if wild && (!origin.is_domain() || origin.is_local()) {
        return Err("a wildcard needs a domain name after it".into());
    }
    Ok((origin, wild))
}

impl<'de> Deserialize<'de> for OriginEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lets_in(entry: &str, origin: &str) -> bool {
        let entries = [OriginEntry::parse(entry).unwrap().as_str().to_owned()];
        Origin::parse(origin).is_some_and(|origin| origin.is_listed(&entries))
    }

    #[test]
    fn an_entry_lets_in_its_own_scheme_host_and_port() {
        assert!(lets_in("https://event.com", "https://event.com"));
        assert!(lets_in("https://event.com:443", "https://EVENT.com"));
        assert!(lets_in("http://localhost:5173", "http://localhost:5173"));
        for other in [
            "http://event.com",
            "https://event.com:8443",
            "https://a.event.com",
            "https://event.com.evil.com",
            "null",
        ] {
            assert!(!lets_in("https://event.com", other), "{other}");
        }
    }

    #[test]
    fn a_wildcard_is_one_label() {
        assert!(lets_in("https://*.event.com", "https://a.event.com"));
        for other in [
            "https://event.com",
            "https://a.b.event.com",
            "https://aevent.com",
            "https://.event.com",
            "http://a.event.com",
        ] {
            assert!(!lets_in("https://*.event.com", other), "{other}");
        }
    }

    #[test]
    fn origins_that_no_tenant_may_list_are_refused() {
        for bad in [
            "*",
            "",
            "null",
            "event.com",
            "https://",
            "https://*",
            "https://*.com",
            "https://*.co.uk",
            "https://com",
            "https://co.uk",
            "https://github.io",
            "https://*.github.io",
            "http://event.com",
            "http://*.localhost",
            "https://event.com/",
            "https://event.com/path",
            "https://event.com?x",
            "https://u@event.com",
            "ftp://event.com",
            "https://a.*.event.com",
            "https://*.*.event.com",
            "https://*.10.0.0.1",
            "https://event.com.",
            " https://event.com",
            "https://event.com:",
            "https://intranet",
        ] {
            assert!(OriginEntry::parse(bad).is_err(), "{bad}");
        }
        for good in [
            "https://event.com",
            "https://*.event.co.uk",
            "https://me.github.io",
            "https://10.0.0.1",
            "http://127.0.0.1:3000",
            "https://localhost",
        ] {
            assert!(OriginEntry::parse(good).is_ok(), "{good}");
        }
    }
}
