use super::*;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::mpsc,
};

const NEXT: &str = "/.rt/health/2018-06-01/runtime/invocation/next";
const EVENT: &str =
    "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: the-id\r\ncontent-length: 2\r\n\r\n{}";
const ACCEPTED: &str = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";

/// Hands out one event again and again, and passes on the first line of every report.
async fn emulator(listener: TcpListener, reports: mpsc::UnboundedSender<String>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let reports = reports.clone();
        tokio::spawn(async move {
            let mut head = [0; 4_096];
            while let Ok(length @ 1..) = stream.read(&mut head).await {
                let text = String::from_utf8_lossy(&head[..length]).into_owned();
                let line = text.lines().next().unwrap_or_default().to_owned();
                let output = if line.starts_with("GET ") { EVENT } else { ACCEPTED };
                if line.starts_with("POST ") {
                    let _ = reports.send(line);
                }
                if stream.write_all(output.as_bytes()).await.is_err() {
                    break;
                }
            }
        });
    }
}

/// Sends a function's request on this connection and waits for the response.
async fn talk(stream: &mut TcpStream, request: &str) {
    let text = format!("{request} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut output = [0; 4_096];
    assert!(stream.read(&mut output).await.unwrap() > 0);
}

#[tokio::test]
async fn a_process_that_is_gone_with_an_event_is_reported_and_no_other() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let emulator_port = listener.local_addr().unwrap().port();
    let (sender, mut reports) = mpsc::unbounded_channel();
    tokio::spawn(emulator(listener, sender));
    let relay = RuntimeRelay::start(emulator_port, Sockets::default()).await.unwrap();
    let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, relay.port()));

    let response = NEXT.replace("next", "the-id/response");
    let mut done = connect().await.unwrap();
    talk(&mut done, &format!("GET {NEXT}")).await;
    talk(&mut done, &format!("POST {response}")).await;
    drop(done);
    assert_eq!(reports.recv().await.unwrap(), format!("POST {response} HTTP/1.1"));

    let mut gone = connect().await.unwrap();
    talk(&mut gone, &format!("GET {NEXT}")).await;
    drop(gone);
    let error = NEXT.replace("next", "the-id/error");
    assert_eq!(reports.recv().await.unwrap(), format!("POST {error} HTTP/1.1"));
}
