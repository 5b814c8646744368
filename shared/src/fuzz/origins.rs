//! Origins: an independent reading of RFC 6454 through the `url` crate, which is how
//! browsers read a URL.

use super::{
    fuzz,
    text::{edited, edits, odd},
};
use crate::domain::{Origin, OriginEntry};
use proptest::{option, prelude::*, sample::select};
use url::{Host, Url};

fn origin() -> impl Strategy<Value = String> {
    let scheme =
        select(vec!["https", "https", "https", "http", "HTTPS", "wss", "capacitor", "null"]);
    let label = prop_oneof![
        select(vec![
            "a",
            "www",
            "event",
            "EVENT",
            "xn--bcher-kva",
            "com",
            "co",
            "uk",
            "github",
            "io",
            "-",
            "1"
        ])
        .prop_map(str::to_owned),
        "[a-z0-9-]{1,10}",
    ];
    let host = prop_oneof![
        8 => proptest::collection::vec(label, 1..5).prop_map(|labels| labels.join(".")),
        1 => select(vec!["localhost", "127.0.0.1", "10.0.0.1", "[::1]", "0x7f.1", "2130706433", "1.2.3.4.5"])
            .prop_map(str::to_owned),
    ];
    let port = option::weighted(0.3, prop_oneof![select(vec![80, 443, 8443]), any::<u32>()]);
    (scheme, host, port).prop_map(|(scheme, host, port)| match port {
        None => format!("{scheme}://{host}"),
        Some(port) => format!("{scheme}://{host}:{port}"),
    })
}

/// The origin that a browser would send for a page with this URL; `None` if it is opaque.
fn browser(url: &str) -> Option<(String, Host<String>, u16)> {
    match Url::parse(url).ok()?.origin() {
        url::Origin::Tuple(scheme, host, port) => Some((scheme, host, port)),
        url::Origin::Opaque(_) => None,
    }
}

/// Whether an entry allows an origin, implemented from the contract's text.
fn lets_in(entry: &str, origin: &str) -> bool {
    let Some((scheme, host, port)) = browser(origin) else { return entry == origin };
    let Some((start, parent)) = entry.split_once("://*.") else {
        return browser(entry) == Some((scheme, host, port));
    };
    let Some((wanted, Host::Domain(parent), wanted_port)) = browser(&format!("{start}://{parent}"))
    else {
        return false;
    };
    let Host::Domain(host) = host else { return false };
    let label = host.strip_suffix(&parent).and_then(|rest| rest.strip_suffix('.'));
    (wanted, wanted_port) == (scheme, port)
        && label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
}

/// Whether the text is the origin of an app shell, read from the contract: any other scheme than
/// these, and no more than an origin.
fn is_shells(text: &str) -> bool {
    const NOT: &str = " http https ws wss file data blob about javascript ";
    let Ok(url) = Url::parse(text) else { return false };
    !NOT.contains(&format!(" {} ", url.scheme()))
        && url.has_host()
        && matches!(url.path(), "" | "/")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && !text.ends_with('/')
}

/// Whether only this machine or its network can serve the host.
fn is_local(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback() || address.is_private(),
        Host::Ipv6(address) => match address.to_ipv4_mapped() {
            Some(address) => is_local(&Host::Ipv4(address)),
            None => {
                address.is_loopback()
                    || matches!(address.segments()[0], 0xfc00..=0xfdff | 0xfe80..=0xfebf)
            }
        },
    }
}

#[test]
fn an_origin_is_what_a_browser_would_call_it() {
    let raw = prop_oneof![3 => (origin(), edits(3)).prop_map(|(text, edits)| edited(&text, &edits)), 1 => odd()];
    fuzz("origin", raw, |raw| {
        let Some(read) = Origin::parse(&raw) else { return };
        if let Origin::Shell(text) = &read {
            assert!(*text == raw && is_shells(text), "{raw:?}");
            return;
        }
        let url = Url::parse(&raw).expect("an origin is a URL");
        assert_eq!(read.to_string(), url.origin().ascii_serialization(), "{raw:?}");
        assert!(
            url.username().is_empty() && url.password().is_none() && url.path() == "/",
            "{raw:?}"
        );
        assert!(url.query().is_none() && url.fragment().is_none(), "{raw:?}");
        assert_ne!(read.to_string(), "null");
        assert_eq!(Origin::parse(&read.to_string()), Some(read));
    });
}

#[test]
fn an_entry_is_kept_in_one_form_and_somebody_can_own_it() {
    let wild = |raw: &str| raw.replacen("://", "://*.", 1);
    let raw = (origin(), any::<bool>(), edits(2)).prop_map(move |(text, star, edits)| {
        edited(&if star { wild(&text) } else { text }, &edits)
    });
    fuzz("origin entry", raw, |raw| {
        let Ok(entry) = OriginEntry::parse(&raw) else { return };
        let text = entry.as_str();
        assert_eq!(OriginEntry::parse(text).as_ref(), Ok(&entry), "{raw:?}");
        let Some((scheme, host, _)) = browser(&text.replacen("*.", "", 1)) else {
            assert!(is_shells(text) && text == raw, "{raw:?}");
            return;
        };
        assert_eq!(text.matches('*').count(), usize::from(text.contains("://*.")), "{raw:?}");
        let local = is_local(&host);
        assert!(scheme == "https" || (scheme == "http" && local), "{raw:?}");
        if let (Host::Domain(name), false) = (&host, local) {
            assert!(psl::domain(name.as_bytes()).is_some(), "a public suffix: {raw:?}");
        }
    });
}

#[test]
fn an_entry_lets_in_what_the_contract_says_and_nothing_else() {
    // Both from one stem: else nearly no pair would match.
    let pair = (origin(), any::<bool>(), option::of("[a-z0-9-]{1,3}"), edits(1), edits(2))
        .prop_map(|(stem, wild, label, entry, origin)| {
            let listed = if wild { stem.replacen("://", "://*.", 1) } else { stem.clone() };
            let asked = label
                .map_or(stem.clone(), |label| stem.replacen("://", &format!("://{label}."), 1));
            (edited(&listed, &entry), edited(&asked, &origin))
        });
    fuzz("origin against entry", pair, |(entry, origin)| {
        let Ok(listed) = OriginEntry::parse(&entry) else { return };
        let let_in = |raw: &str| {
            Origin::parse(raw).is_some_and(|read| read.is_listed(&[listed.as_str().to_owned()]))
        };
        assert!(!let_in("null"));
        if Origin::parse(&origin).is_some() {
            assert_eq!(
                let_in(&origin),
                lets_in(listed.as_str(), &origin),
                "{listed:?} and {origin:?}"
            );
        }
    });
}
