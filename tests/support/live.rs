//! A page that watches an entity over a WebSocket.

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::{
    net::TcpStream,
    time::{sleep_until, timeout_at},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message},
};

use super::{
    WAIT_TIMEOUT,
    feed::{FeedState, feed_state_of},
    stacks::Stack,
};

/// An open WebSocket, and what arrived.
pub struct Page {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    opened: Instant,
    /// When each body arrived.
    pub seen: Vec<(Instant, FeedState)>,
}

impl Page {
    /// Opens the WebSocket of a feed. `Err` is the status of a refused handshake.
    pub async fn open(stack: &Stack, key: &str) -> Result<Self, u16> {
        let base = stack.base.replacen("http", "ws", 1);
        Self::open_at(&format!("{base}/live?feed={key}")).await
    }

    pub async fn open_at(url: &str) -> Result<Self, u16> {
        let opened = Instant::now();
        match connect_async(url).await {
            Ok((stream, _)) => Ok(Self { stream, opened, seen: Vec::new() }),
            Err(Error::Http(refusal)) => Err(refusal.status().as_u16()),
            Err(error) => panic!("{url}: {error}"),
        }
    }

    /// The next body; `None` when the server has ended the connection or by this time.
    pub async fn next_by(&mut self, end: Instant) -> Option<FeedState> {
        loop {
            match timeout_at(end.into(), self.stream.next()).await.ok()?? {
                Ok(Message::Text(text)) => {
                    let body: Value = serde_json::from_str(text.as_str()).expect("JSON");
                    let feed = feed_state_of(&body, text.as_str());
                    self.seen.push((Instant::now(), feed.clone()));
                    return Some(feed);
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Waits for the next states that the WebSocket sends.
    pub async fn next(&mut self) -> FeedState {
        self.next_by(Instant::now() + WAIT_TIMEOUT).await.expect("a body arrives")
    }

    /// Reads bodies until one has these states.
    pub async fn until(&mut self, states: &[u8]) {
        let end = Instant::now() + WAIT_TIMEOUT;
        while self.seen.last().is_none_or(|(_, feed)| feed.states[..states.len()] != *states) {
            let next = self.next_by(end).await;
            assert!(next.is_some(), "{states:?} were not sent, but {:?}", self.seen.last());
        }
    }

    /// Waits until the server ends the connection.
    pub async fn ended(&mut self) {
        let end = Instant::now() + WAIT_TIMEOUT;
        while self.next_by(end).await.is_some() {}
        assert!(Instant::now() < end, "the connection is still open");
    }

    /// What arrives in this time.
    pub async fn quiet(&mut self, time: Duration) -> Vec<FeedState> {
        let (end, mut seen) = (Instant::now() + time, Vec::new());
        while let Some(feed) = self.next_by(end).await {
            seen.push(feed);
        }
        sleep_until(end.into()).await;
        seen
    }

    pub async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.expect("an open connection");
    }

    pub async fn close(mut self) {
        let _ = self.stream.close(None).await;
        while let Some(Ok(_)) = self.stream.next().await {}
    }

    /// Each body is newer than the one before, and there was at most one a second. A body may
    /// arrive late on a busy machine, but none arrives early.
    #[track_caller]
    pub fn check(&self) {
        for pair in self.seen.windows(2) {
            let [(_, first), (_, second)] = pair else { continue };
            assert!(second.seq > first.seq, "{second:?} after {first:?}");
        }
        for (number, (at, _)) in self.seen.iter().enumerate() {
            let after = *at - self.opened;
            let least = Duration::from_secs(number as u64);
            assert!(after >= least, "body {} after {after:?}", number + 1);
        }
    }
}
