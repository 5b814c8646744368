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
        "http://localhost.event.com",
        "http://8.8.8.8",
        "http://172.32.0.1",
        "http://169.254.169.254",
        "http://0.0.0.0",
        "http://[2001:db8::1]",
        "http://[::ffff:8.8.8.8]",
        "http://*.10.0.0.1",
        "http://кино.рф",
        "https://event.com/",
        "https://event.com/path",
        "https://event.com?x",
        "https://u@event.com",
        "ws://event.com",
        "WSS://event.com",
        "file://localhost",
        "data://localhost",
        "blob://localhost",
        "about://localhost",
        "javascript://localhost",
        "capacitor://",
        "capacitor://localhost/",
        "capacitor://*.localhost",
        "capacitor://u@localhost",
        "capacitor://localhost:",
        "capacitor://localhost:99999",
        "capacitor:localhost",
        "1app://localhost",
        "https://рф",
        "https://*.рф",
        "https://xn--p1ai",
        "https://*.xn--p1ai",
        "https://公司.cn",
        "https://*.xn--55qx5d.cn",
        "https://*.ｃｏｍ",
        "https://＊.event.com",
        "https://event.com／path",
        "https://event。com。",
        "https://xn--a",
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
        "http://localhost",
        "http://shop.localhost:9000",
        "http://*.localhost:9000",
        "http://127.9.9.9",
        "http://10.1.2.3",
        "http://172.31.0.1:8080",
        "http://192.168.1.20:5173",
        "http://[::1]:3000",
        "http://[fd00::1]:3000",
        "http://[fe80::1]",
        "http://[::ffff:192.168.1.1]",
    ] {
        assert!(OriginEntry::parse(good).is_ok(), "{good}");
    }
}

#[test]
fn a_name_in_any_script_is_what_browsers_send_for_it() {
    for (entry, stored, origin) in [
        ("https://кино.рф", "https://xn--h1adke.xn--p1ai", "https://xn--h1adke.xn--p1ai"),
        ("https://КИНО。рф", "https://xn--h1adke.xn--p1ai", "https://XN--H1ADKE.xn--p1ai"),
        ("https://*.кино.рф", "https://*.xn--h1adke.xn--p1ai", "https://a.xn--h1adke.xn--p1ai"),
        (
            "https://bücher.de:8443",
            "https://xn--bcher-kva.de:8443",
            "https://xn--bcher-kva.de:8443",
        ),
        (
            "https://सिनेमा.भारत",
            "https://xn--l2bm2a0ac3c.xn--h2brj9c",
            "https://xn--l2bm2a0ac3c.xn--h2brj9c",
        ),
    ] {
        assert_eq!(OriginEntry::parse(entry).unwrap().as_str(), stored, "{entry}");
        assert!(lets_in(entry, origin), "{entry}");
    }
    // A browser sends no other script.
    assert!(!lets_in("https://кино.рф", "https://кино.рф"));
}

#[test]
fn an_app_shell_is_compared_as_exact_text() {
    for shell in [
        "capacitor://localhost",
        "ionic://localhost",
        "tauri://localhost",
        "app://-",
        "com.event.app://localhost:8080",
        "chrome-extension://abcdefghijklmnop",
    ] {
        assert_eq!(OriginEntry::parse(shell).unwrap().as_str(), shell);
        assert!(lets_in(shell, shell));
    }
    for other in [
        "capacitor://LOCALHOST",
        "Capacitor://localhost",
        "capacitor://localhost:80",
        "capacitor://a.localhost",
        "ionic://localhost",
        "https://localhost",
    ] {
        assert!(!lets_in("capacitor://localhost", other), "{other}");
    }
}

#[test]
fn a_local_wildcard_is_one_label_of_its_scheme_and_port() {
    assert!(lets_in("http://*.localhost:9000", "http://shop.localhost:9000"));
    for other in [
        "http://localhost:9000",
        "http://shop.localhost",
        "https://shop.localhost:9000",
        "http://a.b.localhost:9000",
    ] {
        assert!(!lets_in("http://*.localhost:9000", other), "{other}");
    }
}
