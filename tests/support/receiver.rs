//! Receivers of webhooks: each path of the server behaves in its own way.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::sleep,
};

use super::unique;

/// What a receiver does with a request.
#[derive(Clone, Debug)]
pub enum ReceiverBehaviour {
    /// Responds with this status line, these headers and this body.
    Respond(&'static str, &'static str, &'static str),
    /// Waits until the gate is open, and then does what the other says.
    Gated(Gate, Box<ReceiverBehaviour>),
    /// Reads the request and never responds.
    Hang,
    /// Responds with one byte a second.
    Drip,
    /// Responds with 200 and 100 MB.
    Flood,
    /// Responds with 200, and breaks off in the middle of the body.
    BreakOff,
    /// Resets the connection after the request.
    Reset,
}

pub const OK: ReceiverBehaviour = ReceiverBehaviour::Respond("200 OK", "", "thanks");
pub const BROKEN: ReceiverBehaviour =
    ReceiverBehaviour::Respond("500 Internal Server Error", "", "it broke");

/// Keeps requests waiting until a test opens it.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    pub fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Lets all requests pass from now on.
    pub fn open(&self) {
        self.0.close();
    }

    async fn pass(&self) {
        // There is no permit. The wait ends when the semaphore is closed.
        let _ = self.0.acquire().await;
    }
}

/// A request that a receiver got.
#[derive(Clone, Debug)]
pub struct Received {
    /// When it had arrived.
    pub at: DateTime<Utc>,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

#[derive(Debug, Default)]
struct Paths {
    behaviours: BTreeMap<String, ReceiverBehaviour>,
    received: BTreeMap<String, Vec<Received>>,
}

/// A server with receivers. It ends with the test.
pub struct Receivers {
    pub port: u16,
    paths: Arc<Mutex<Paths>>,
}

impl Receivers {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let paths = Arc::<Mutex<Paths>>::default();
        let known = paths.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, known.clone()));
            }
        });
        Self { port, paths }
    }

    /// A new receiver, and its URL.
    pub fn add(&self, behaviour: ReceiverBehaviour) -> String {
        let path = format!("/{}", unique("hook"));
        lock(&self.paths).behaviours.insert(path.clone(), behaviour);
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Changes what the receiver at this URL does.
    pub fn change(&self, url: &str, behaviour: ReceiverBehaviour) {
        lock(&self.paths).behaviours.insert(path_of(url), behaviour);
    }

    /// What the receiver at this URL got so far.
    pub fn received(&self, url: &str) -> Vec<Received> {
        lock(&self.paths).received.get(&path_of(url)).cloned().unwrap_or_default()
    }
}

fn path_of(url: &str) -> String {
    format!("/{}", url.rsplit('/').next().expect("a path"))
}

fn lock(paths: &Mutex<Paths>) -> std::sync::MutexGuard<'_, Paths> {
    paths.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(mut stream: TcpStream, paths: Arc<Mutex<Paths>>) {
    let Some((path, received)) = read(&mut stream).await else { return };
    let behaviour = {
        let mut paths = lock(&paths);
        paths.received.entry(path.clone()).or_default().push(received);
        paths.behaviours.get(&path).cloned()
    };
    let behaviour = match behaviour {
        Some(ReceiverBehaviour::Gated(gate, behaviour)) => {
            gate.pass().await;
            Some(*behaviour)
        }
        behaviour => behaviour,
    };
    match behaviour {
        None | Some(ReceiverBehaviour::Gated(..)) => {
            respond(&mut stream, "404 Not Found", "", "").await
        }
        Some(ReceiverBehaviour::Respond(status, headers, body)) => {
            respond(&mut stream, status, headers, body).await;
        }
        Some(ReceiverBehaviour::Hang) => sleep(Duration::from_secs(60)).await,
        Some(ReceiverBehaviour::Drip) => {
            for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok" {
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                sleep(Duration::from_secs(1)).await;
            }
        }
        Some(ReceiverBehaviour::Flood) => {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n";
            let mut written = stream.write_all(head.as_bytes()).await;
            for _ in 0..1_000 {
                if written.is_err() {
                    return;
                }
                written = stream.write_all(&[b'x'; 100_000]).await;
            }
        }
        Some(ReceiverBehaviour::BreakOff) => {
            let text = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nthan";
            let _ = stream.write_all(text.as_bytes()).await;
        }
        Some(ReceiverBehaviour::Reset) => {
            #[expect(deprecated, reason = "without a lingering close there is no reset")]
            let _ = stream.set_linger(Some(Duration::ZERO));
        }
    }
}

async fn respond(stream: &mut TcpStream, status: &str, headers: &str, body: &str) {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}");
    let _ = stream.write_all(text.as_bytes()).await;
}

/// The path and the rest of a request; `None` if it is none.
async fn read(stream: &mut TcpStream) -> Option<(String, Received)> {
    let mut text = Vec::new();
    let head = loop {
        if let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut text).await.ok()? == 0 {
            return None;
        }
    };
    let lines = String::from_utf8(text[..head].to_vec()).ok()?;
    let mut lines = lines.split("\r\n");
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let pair = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_owned()))
    };
    let headers: BTreeMap<String, String> = lines.filter_map(pair).collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    while text.len() < head + 4 + length {
        if stream.read_buf(&mut text).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(text[head + 4..].to_vec()).ok()?;
    Some((path, Received { at: Utc::now(), headers, body }))
}
