//! Origins: the ones that browsers send, and the ones that a tenant lists.

use serde::{Deserialize, Deserializer, de};
use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};
use url::{Host, Url};

/// How many origins a tenant may list.
const MAX_ENTRIES: usize = 50;

/// Schemes that no app shell may have. Origins of the web's schemes have rules of their own. The
/// other schemes have no origin that names a page.
const NO_SHELL: [&str; 9] =
    ["http", "https", "ws", "wss", "file", "data", "blob", "about", "javascript"];

/// The origin of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A page of the web.
    Web {
        /// Whether its scheme is `https`, not `http`.
        secure: bool,
        /// A name in lower case and punycode, or an address.
        host: String,
        /// The port, unless it is the scheme's own.
        port: Option<u16>,
    },
    /// A page of an app shell, such as `capacitor://localhost`. Only its exact text counts.
    Shell(String),
}

impl Origin {
    /// Parses an `Origin` header. `None` for `null`, and for text that is not exactly
    /// scheme, host and port.
    pub fn parse(raw: &str) -> Option<Self> {
        raw.is_ascii().then(|| Self::parse_international(raw))?
    }

    /// [`Origin::parse`] for text that a person wrote, which may have a name in any script.
    fn parse_international(raw: &str) -> Option<Self> {
        // `Url` would add a path, drop a fragment mark and decode percent signs. An origin has only
        // its three parts.
        let (scheme, rest) = raw.split_once("://")?;
        if rest.is_empty()
            || rest.contains(['/', '?', '#', '@', '\\', '*', '%'])
            || raw.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return None;
        }
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return is_shell(scheme, rest).then(|| Self::Shell(raw.to_owned()));
        }
        let url = Url::parse(raw).ok()?;
        let host = url
            .host_str()
            // Some characters of other scripts become a dot or a star.
            .filter(|host| !host.contains('*') && host.split('.').all(|label| !label.is_empty()))?
            .to_owned();
        // `Url` drops the scheme's default port, as a browser does.
        let secure = scheme.eq_ignore_ascii_case("https");
        (!rest.ends_with(':')).then(|| Self::Web { secure, host, port: url.port() })
    }

    /// The list entries that allow this origin: itself, and the wildcard over its first label.
    pub fn entries(&self) -> Vec<String> {
        let wildcard = match self {
            Self::Web { secure, host, port } if self.is_domain() => {
                host.split_once('.').map(|(_, parent)| {
                    let host = format!("*.{parent}");
                    Self::Web { secure: *secure, host, port: *port }.to_string()
                })
            }
            Self::Web { .. } | Self::Shell(_) => None,
        };
        std::iter::once(self.to_string()).chain(wildcard).collect()
    }

    /// Whether one of `entries` allows this origin.
    pub(crate) fn is_listed(&self, entries: &[String]) -> bool {
        self.entries().iter().any(|entry| entries.contains(entry))
    }

    fn host(&self) -> Option<Host<String>> {
        match self {
            Self::Web { host, .. } => Host::parse(host).ok(),
            Self::Shell(_) => None,
        }
    }

    fn is_domain(&self) -> bool {
        matches!(self.host(), Some(Host::Domain(_)))
    }

    /// Whether only the user's own machine or network can serve this origin.
    fn is_local(&self) -> bool {
        match self.host() {
            Some(Host::Domain(name)) => is_localhost(&name),
            Some(Host::Ipv4(address)) => is_local_v4(address),
            Some(Host::Ipv6(address)) => is_local_v6(address),
            None => false,
        }
    }
}

/// Whether this is the origin of an app shell: a scheme, a host and perhaps a port.
fn is_shell(scheme: &str, rest: &str) -> bool {
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || b"+.-".contains(&c));
    let (host, port) = rest.split_once(':').unwrap_or((rest, "0"));
    is_scheme
        && !NO_SHELL.iter().any(|other| scheme.eq_ignore_ascii_case(other))
        && !host.is_empty()
        && host.bytes().all(|c| c.is_ascii_alphanumeric() || b"-._~".contains(&c))
        && port.bytes().all(|c| c.is_ascii_digit())
        && port.parse::<u16>().is_ok()
}

fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn is_local_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_private()
}

fn is_local_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.to_ipv4_mapped().is_some_and(is_local_v4)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web { secure, host, port } => {
                write!(f, "{}://{host}", if *secure { "https" } else { "http" })?;
                port.map_or(Ok(()), |port| write!(f, ":{port}"))
            }
            Self::Shell(text) => f.write_str(text),
        }
    }
}

/// An entry of a tenant's or the operator's list: an origin, or a wildcard over one label of a
/// domain that can have an owner.
#[derive(Clone, Debug, PartialEq, Eq, utoipa::ToSchema)]
#[schema(
    description = "An origin, or a wildcard over one label. An app shell's origin \
                   (`capacitor://localhost`) is compared as exact text. A name in another script \
                   is kept in punycode. Refused: paths, public suffixes such as `https://*.com`, \
                   and `http` except for `localhost`, names under it, loopback and private \
                   addresses.",
    pattern = r"^[A-Za-z][A-Za-z0-9+.-]*://[^\s/]+$",
    examples("https://event.com", "https://*.event.com", "capacitor://localhost")
)]
pub struct OriginEntry(String);

impl OriginEntry {
    /// Parses a tenant's entry, or says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let (origin, wild) = parse_entry(raw)?;
        if let Origin::Web { host, .. } = &origin
            && origin.is_domain()
            && !is_localhost(host)
            && psl::domain(host.as_bytes()).is_none()
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
        let origin = match origin {
            Origin::Web { secure, host, port } if wild => {
                Origin::Web { secure, host: format!("*.{host}"), port }
            }
            exact => exact,
        };
        Self(origin.to_string())
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
    let origin = Origin::parse_international(&plain).ok_or(
        "must be an origin such as https://event.com or https://*.event.com, without a path",
    )?;
    if wild && !origin.is_domain() {
        return Err("a wildcard needs a domain name after it".into());
    }
    if matches!(origin, Origin::Web { secure: false, .. }) && !origin.is_local() {
        return Err("must be https (http only for localhost, names under it, loopback and \
                    private addresses)"
            .into());
    }
    Ok((origin, wild))
}

impl<'de> Deserialize<'de> for OriginEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
