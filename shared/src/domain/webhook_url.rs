//! The address of a webhook endpoint, and which addresses may be called at all.
//!
//! On Lambda, loopback is the runtime's own API, and link-local addresses hand out credentials. A
//! tenant's URL must never lead there.

use super::text::refuse_controls;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

const MAX_URL_CHARS: usize = 2_048;
const PORTS: [u16; 2] = [443, 8443];
/// Names of hosts in a private network (RFC 6761, 6762 and 8375), or inside a cloud. Names that no
/// host can have, such as those below `invalid`, need no check here.
const PRIVATE_NAMES: [&str; 4] = ["localhost", "local", "internal", "home.arpa"];

/// `WEBHOOK_ALLOW_HOSTS`: hosts that need not be public, for development.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    /// Parses a list with commas. The error says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let entries = raw.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let host = |entry: &str| {
            let wrong = || "must be hosts without a port, separated by commas".to_owned();
            // The colons of an IPv6 address are in brackets.
            let rest = entry.rsplit_once(']').map_or(entry, |(_, rest)| rest);
            let url = Url::parse(&format!("http://{entry}/")).map_err(|_| wrong())?;
            let is_host = url.port().is_none()
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
                && !entry.contains(['@', '/', '\\'])
                && !rest.contains(':');
            match url.host_str() {
                Some(host) if is_host => Ok(host.to_owned()),
                _ => Err(wrong()),
            }
        };
        entries.map(host).collect::<Result<_, _>>().map(Self)
    }

    /// Whether this host is on the list, as the URL standard writes it.
    pub(crate) fn has(&self, host: &str) -> bool {
        self.0.iter().any(|allowed| allowed == host)
    }
}

/// A URL that may be called, once its name has led to public addresses only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// Parses a URL. The error says what is wrong with it.
    pub fn parse(raw: &str, allowed: &AllowedHosts) -> Result<Self, String> {
        refuse_controls(raw)?;
        let raw = raw.trim();
        if raw.chars().count() > MAX_URL_CHARS {
            return Err(format!("must have at most {MAX_URL_CHARS} characters"));
        }
        let url = Url::parse(raw).map_err(|error| format!("must be a URL: {error}"))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err("must be an https URL".into());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user name or a password".into());
        }
        let host = url.host_str().ok_or("must have a host")?;
        if allowed.has(host) {
            return Ok(Self(url));
        }
        if url.scheme() != "https" {
            return Err("must be an https URL".into());
        }
        if !url.port_or_known_default().is_some_and(|port| PORTS.contains(&port)) {
            return Err("must have port 443 or 8443".into());
        }
        let is_public = match url.host() {
            Some(Host::Ipv4(address)) => is_public(address.into()),
            Some(Host::Ipv6(address)) => is_public(address.into()),
            Some(Host::Domain(name)) => is_public_name(name),
            None => false,
        };
        if is_public { Ok(Self(url)) } else { Err(NOT_PUBLIC.into()) }
    }

    /// The URL in the form of the URL standard.
    pub(crate) fn as_url(&self) -> &Url {
        &self.0
    }
}

/// The reason for a refusal of an address.
pub(crate) const NOT_PUBLIC: &str = "must lead to public addresses only";

/// Whether a name may be looked up. The addresses that it resolves to are checked then.
fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_under = |top: &str| {
        name.strip_suffix(top).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !name.is_empty() && !PRIVATE_NAMES.iter().any(|top| is_under(top))
}

/// Whether an address belongs to the public internet, by IANA's registries of special addresses.
/// Addresses that contain another one (v4-mapped, 6to4, Teredo, NAT64) are all refused, because the
/// host that they reach depends on the network.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Only 2000::/3 is allocated. In it are tunnels, experiments and documentation.
    let is_allocated = a & 0xe000 == 0x2000;
    let is_special = matches!(
        (a, b),
        (0x2001, 0..=0x01ff | 0x0db8) | (0x2002 | 0x3ffe, _) | (0x3fff, 0..=0x0fff)
    );
    is_allocated && !is_special
}
