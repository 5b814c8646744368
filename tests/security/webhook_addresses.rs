//! Addresses that a webhook must never reach, in every spelling: neither at registration nor at a
//! send, whatever is stored.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use mongodb::bson::{Document, doc};
use serde_json::json;

use crate::support::stacks::Plan;

/// Spellings of loopback, link-local and private addresses, and of names for them.
const HOSTS: &[&str] = &[
    // Loopback as decimal, octal and hexadecimal numbers, and with fewer parts.
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "2130706433.",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0X7F.0x0.0x0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "00000177.00.00.01",
    "127.0.0.01",
    "127.255.255.254",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    // With the digits and dots of other scripts.
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "0.0.0.0",
    "0",
    "0x0",
    "00",
    // Link-local: on clouds it hands out credentials.
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.254.170.2",
    "fd00-ec2--254.ipv6-literal.local",
    // Private and special networks.
    "10.0.0.1",
    "167772161",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "0xc0a80101",
    "100.64.0.1",
    "192.0.0.192",
    "198.18.0.1",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    // IPv6: loopback, v4-mapped, v4-compatible, NAT64, 6to4, Teredo, ISATAP's networks.
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:169.254.169.254]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001::7f00:1]",
    "[fe80::1]",
    "[fec0::1]",
    "[fd00:ec2::254]",
    "[fc00::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[100::1]",
    "[3fff::1]",
    "[fe80::5efe:7f00:1]",
    // Names.
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "ⓛocalhost",
    "ｌｏｃａｌｈｏｓｔ",
    "printer.local",
    "metadata.google.internal",
    "router.home.arpa",
];

/// How many connections come in on this port of all interfaces.
fn count(port: u16) -> Option<Arc<AtomicUsize>> {
    let listener = TcpListener::bind(("0.0.0.0", port)).ok()?;
    let seen = Arc::<AtomicUsize>::default();
    let counted = seen.clone();
    std::thread::spawn(move || {
        while listener.accept().is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    Some(seen)
}

#[tokio::test]
async fn no_spelling_of_a_private_address_is_ever_contacted() {
    assert!(HOSTS.len() >= 60);
    let functions = &["admin-login", "register-app", "secret-keys", "webhooks", "deliver-webhooks"];
    let plan = Plan {
        functions: Some(functions),
        unset: &["WEBHOOK_ALLOW_HOSTS"],
        ..Plan::new("addresses").unlimited()
    };
    let stack = plan.start().await;
    // Where nobody else listens, so that a connection is seen.
    let ports: Vec<(u16, Arc<AtomicUsize>)> =
        [443, 8443].into_iter().filter_map(|port| Some((port, count(port)?))).collect();
    let tenant = stack.tenant().await;
    let (_, server) = tenant.server().await;
    let path = format!("/admin/apps/{}/webhooks", tenant.app_id);
    for host in HOSTS {
        for url in [format!("https://{host}/"), format!("https://{host}:8443/a")] {
            let reply = server.post(&path, &json!({"url": url})).await;
            reply.refuses("url");
        }
    }
    let good = server.post(&path, &json!({"url": "https://shop.example/"})).await;
    let one = format!("{path}/{}", good.expect(201)["webhookId"].as_str().unwrap());
    for host in HOSTS {
        let change = json!({"url": format!("https://{host}/")});
        server.patch(&one, &change).await.refuses("url");
    }

    let webhooks = stack.database().await.collection::<Document>("webhooks");
    for host in HOSTS {
        let set = doc! {"$set": {"url": format!("https://{host}:8443/"), "enabled": true}};
        webhooks.update_one(doc! {"appId": &tenant.app_id}, set).await.unwrap();
        server.post(&format!("{one}/test"), &json!({})).await.expect(202);
        stack.invoke("deliver-webhooks", &json!({})).await;
        let reply = server.get(&format!("{one}/deliveries?limit=1")).await;
        let delivery = reply.expect(200)["deliveries"][0].clone();
        assert_eq!(delivery["status"], "PENDING", "{host}: {delivery}");
        let attempt = &delivery["attempts"][0];
        let error = attempt["error"].as_str().unwrap();
        assert!(error.starts_with("the URL is refused"), "{host}: {delivery}");
        assert!(attempt.get("status").is_none(), "{host}: {delivery}");
    }
    for (port, seen) in ports {
        assert_eq!(seen.load(Ordering::SeqCst), 0, "something came to port {port}");
    }
}
