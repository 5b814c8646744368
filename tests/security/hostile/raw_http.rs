//! Requests that no HTTP library would send, byte for byte over a socket.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    security::{fixture::Fixture, request::Transport, stored_state::StateReader},
    support::{WAIT_TIMEOUT, routes},
};

/// Sends the bytes and reads until the server closes the connection.
async fn exchange(base: &str, bytes: &[u8]) -> String {
    let mut stream =
        TcpStream::connect(base.trim_start_matches("http://")).await.expect("a connection");
    let mut response = Vec::new();
    let talk = async {
        stream.write_all(bytes).await?;
        stream.read_to_end(&mut response).await
    };
    let _ = timeout(WAIT_TIMEOUT, talk)
        .await
        .unwrap_or_else(|_| panic!("no end to {:?}", String::from_utf8_lossy(bytes)));
    String::from_utf8_lossy(&response).into_owned()
}

fn status(response: &str) -> u16 {
    response.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// A request of Ann's page, with one line changed or added.
fn request(fixture: &Fixture, start: &str, more: &str, body: &str) -> String {
    let (tenant, token) = (&fixture.tenant, &fixture.ann.token);
    format!(
        "{start}\r\nhost: localhost\r\nconnection: close\r\nx-app-id: {}\r\nx-api-key: {}\r\norigin: {}\r\n\
         authorization: Bearer {token}\r\n{more}\r\n{body}",
        tenant.app_id, tenant.api_key, tenant.origin
    )
}

#[tokio::test]
async fn what_is_no_http_reaches_no_endpoint_and_harms_nobody() {
    let fixture = Fixture::shared().await;
    let mut state = StateReader::new(&fixture.stack).await;
    let before = state.snapshot().await;
    let json = "content-type: application/json\r\n";
    let body = format!(r#"{{"reservationToken":"{}"}}"#, fixture.held.token);
    let release = "POST /release-seat HTTP/1.1";
    let rows = [
        (
            "a line break in a header",
            request(&fixture, "GET /bookings HTTP/1.1", "x-a: b\r\n c: d\r\n", ""),
        ),
        ("a NUL in a header", request(&fixture, "GET /bookings HTTP/1.1", "x-a: b\0c\r\n", "")),
        (
            "a blank before the colon",
            request(&fixture, "GET /bookings HTTP/1.1", "x-a : b\r\n", ""),
        ),
        (
            "two lengths",
            request(
                &fixture,
                release,
                &format!("{json}content-length: 5\r\ncontent-length: 6\r\n"),
                "{}{}{}",
            ),
        ),
        (
            "a length and chunks",
            request(
                &fixture,
                release,
                &format!("{json}content-length: 4\r\ntransfer-encoding: chunked\r\n"),
                "0\r\n\r\n",
            ),
        ),
        (
            "a length that is no number",
            request(&fixture, release, &format!("{json}content-length: 1e3\r\n"), &body),
        ),
        (
            "a negative length",
            request(&fixture, release, &format!("{json}content-length: -1\r\n"), &body),
        ),
        (
            "odd chunks",
            request(
                &fixture,
                release,
                &format!("{json}transfer-encoding: chunked\r\n"),
                "ZZ\r\n{}\r\n0\r\n\r\n",
            ),
        ),
        (
            "another encoding",
            request(&fixture, release, &format!("{json}transfer-encoding: gzip\r\n"), &body),
        ),
        ("HTTP/0.9", "GET /bookings\r\n\r\n".to_owned()),
        ("HTTP/2 without a word", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        ("no method", request(&fixture, " /bookings HTTP/1.1", "", "")),
        ("a method with a line break", request(&fixture, "GE\rT /bookings HTTP/1.1", "", "")),
        ("a path with a blank", request(&fixture, "GET /boo kings HTTP/1.1", "", "")),
        ("a path of raw bytes", request(&fixture, "GET /bookings/\u{7f}\u{1} HTTP/1.1", "", "")),
        ("a path that climbs", request(&fixture, "GET /x/../admin/apps HTTP/1.1", "", "")),
        (
            "an encoded path that climbs",
            request(&fixture, "GET /x/%2e%2e/admin/apps HTTP/1.1", "", ""),
        ),
        (
            "a thousand headers",
            request(&fixture, "GET /bookings HTTP/1.1", &"x-a: b\r\n".repeat(1_000), ""),
        ),
        (
            "a header of a megabyte",
            request(
                &fixture,
                "GET /bookings HTTP/1.1",
                &format!("x-a: {}\r\n", "b".repeat(1 << 20)),
                "",
            ),
        ),
        (
            "a start line of a megabyte",
            request(&fixture, &format!("GET /{} HTTP/1.1", "a".repeat(1 << 20)), "", ""),
        ),
        ("TRACE", request(&fixture, "TRACE /bookings HTTP/1.1", "", "")),
        ("CONNECT", request(&fixture, "CONNECT evil.com:443 HTTP/1.1", "", "")),
        ("bytes of TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}".to_owned() + "\r\n\r\n"),
    ];
    for (what, bytes) in rows {
        let response = exchange(&fixture.stack.base, bytes.as_bytes()).await;
        // The connection ends, or the request is refused, or another server's page comes: never
        // Ann's data.
        let refused = matches!(status(&response), 0 | 400..=499 | 501 | 505);
        assert!(refused, "{what}: {response}");
        assert!(!response.contains(&fixture.booked), "{what}: {response}");
    }
    state.assert_unchanged(&before, "a stranger").await;
    // The same server still serves a right request.
    let right = fixture.right(&routes::find("GET", "/bookings"));
    Transport::Http.send(&fixture.stack, &right).await.expect(200);
}

/// The next request on the same connection is separate. It does not get the credentials
/// of the previous one.
#[tokio::test]
async fn a_second_request_does_not_hide_in_the_first() {
    let fixture = Fixture::shared().await;
    let first =
        request(&fixture, "GET /bookings HTTP/1.1", "", "").replace("connection: close\r\n", "");
    let second = "GET /bookings HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let response = exchange(&fixture.stack.base, format!("{first}{second}").as_bytes()).await;
    let statuses: Vec<u16> =
        response.match_indices("HTTP/1.1 ").map(|(at, _)| status(&response[at..])).collect();
    assert_eq!(statuses, [200, 401], "{response}");
}
