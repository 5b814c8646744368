//! A TCP proxy in this process, between a function and a server. A test switches its mode at run
//! time. It can also set a trap for the one request that contains a word: that is how it stops a
//! process between two of its writes.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

/// How long a test waits for a request that it has set a trap for.
const TRAP_TIMEOUT: Duration = Duration::from_secs(60);

/// What happens to everything that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Every byte passes, both ways.
    Pass,
    /// Nothing moves in either direction, and no connection ends: a network that swallows packets.
    Pause,
    /// What the server sends arrives this much later.
    Delay(Duration),
    /// The server executes requests, but its replies do not arrive. A connection that has lost a
    /// reply delivers no other.
    LoseReplies,
    /// All connections end, and new ones end at once, as if the server were down.
    Refuse,
}

#[derive(Clone, Copy)]
struct Line {
    mode: Mode,
    server: u16,
    cuts: u64,
    severed: u64,
}

/// What happens to a request that contains a trap's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The request waits until the trap is dropped. The server has not seen it.
    Hold,
    /// The server executes the request. Its reply is lost, and the connection ends.
    LoseReply,
    /// The server executes the request. Its reply waits until the trap is dropped.
    HoldReply,
}

struct Set {
    word: Vec<u8>,
    action: Action,
    /// How many more requests it applies to.
    left: usize,
    sprung: watch::Sender<usize>,
    abandoned: watch::Sender<bool>,
    opened: watch::Receiver<bool>,
}

/// A trap that was set. Dropping it removes the trap and releases what it holds.
pub struct Trap {
    word: String,
    sprung: watch::Receiver<usize>,
    abandoned: watch::Receiver<bool>,
    opened: watch::Sender<bool>,
    traps: Arc<Mutex<Vec<Set>>>,
}

impl Trap {
    /// Waits until the trap is sprung: a request with its word has arrived. Where the reply is lost
    /// or held, waits until the server has sent the reply.
    pub async fn sprung(&mut self) {
        let met = timeout(TRAP_TIMEOUT, self.sprung.wait_for(|count| *count > 0)).await;
        met.unwrap_or_else(|_| panic!("no request with {:?} within {TRAP_TIMEOUT:?}", self.word))
            .expect("the proxy runs");
    }

    /// Waits until the sender of a held request has ended its connection. The server never gets
    /// that request.
    pub async fn abandoned(&mut self) {
        let gone = timeout(TRAP_TIMEOUT, self.abandoned.wait_for(|abandoned| *abandoned)).await;
        gone.unwrap_or_else(|_| {
            panic!("{:?}: its sender is connected after {TRAP_TIMEOUT:?}", self.word)
        })
        .expect("the proxy runs");
    }

    /// How many requests have sprung the trap.
    pub fn count(&self) -> usize {
        *self.sprung.borrow()
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        let _ = self.opened.send(true);
        self.traps.lock().unwrap().retain(|set| set.word != self.word.as_bytes());
    }
}

/// The requests since a test began to record them, and how many connections clients have made.
#[derive(Default)]
struct Recording {
    connections: usize,
    /// Each request with the number of its connection. `None` until a test begins to record.
    requests: Option<Vec<(usize, Vec<u8>)>>,
}

/// What all connections of a proxy share.
#[derive(Clone, Default)]
struct Shared {
    traps: Arc<Mutex<Vec<Set>>>,
    recording: Arc<Mutex<Recording>>,
}

/// A proxy to one server. Dropping it ends its connections.
pub struct Proxy {
    port: u16,
    line: watch::Sender<Line>,
    shared: Shared,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A proxy to a port of the loopback interface, on a free one.
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let line = watch::Sender::new(Line { mode: Mode::Pass, server, cuts: 0, severed: 0 });
        let shared = Shared::default();
        let task = tokio::spawn(accept(listener, line.clone(), shared.clone()));
        Self { port, line, shared, task }
    }

    /// The port that clients connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Switches the mode, for open connections too.
    pub fn set_mode(&self, mode: Mode) {
        self.line.send_modify(|line| line.mode = mode);
    }

    /// Ends all connections; new ones are carried.
    pub fn cut(&self) {
        self.line.send_modify(|line| line.cuts += 1);
    }

    /// Ends all connections; new ones go to another server.
    pub fn fail_over(&self, server: u16) {
        self.line.send_modify(|line| {
            line.server = server;
            line.cuts += 1;
        });
    }

    /// Makes all connections half-open: the server's side is gone, and the client does not notice.
    /// New ones are carried.
    pub fn sever(&self) {
        self.line.send_modify(|line| line.severed += 1);
    }

    /// Applies `action` to the next `times` requests that contain `word`.
    pub fn trap(&self, word: &str, action: Action, times: usize) -> Trap {
        let (sprung, abandoned) = (watch::Sender::new(0), watch::Sender::new(false));
        let opened = watch::Sender::new(false);
        let set = Set {
            word: word.into(),
            action,
            left: times,
            sprung: sprung.clone(),
            abandoned: abandoned.clone(),
            opened: opened.subscribe(),
        };
        self.shared.traps.lock().unwrap().push(set);
        Trap {
            word: word.to_owned(),
            sprung: sprung.subscribe(),
            abandoned: abandoned.subscribe(),
            opened,
            traps: Arc::clone(&self.shared.traps),
        }
    }

    /// Starts to record the requests of clients, and drops the old recording.
    pub fn record(&self) {
        self.shared.recording.lock().unwrap().requests = Some(Vec::new());
    }

    /// The requests since [`Proxy::record`], each with the number of its connection.
    pub fn requests(&self) -> Vec<(usize, Vec<u8>)> {
        self.shared.recording.lock().unwrap().requests.clone().expect("a test records")
    }

    /// How many connections clients have made, including those that have ended.
    pub fn connections(&self) -> usize {
        self.shared.recording.lock().unwrap().connections
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, line: watch::Sender<Line>, shared: Shared) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((client, _)) = listener.accept() => {
                connections.spawn(carry(client, line.subscribe(), shared.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(client: TcpStream, mut line: watch::Receiver<Line>, shared: Shared) {
    let number = {
        let mut recording = shared.recording.lock().unwrap();
        recording.connections += 1;
        recording.connections
    };
    let born = *line.borrow();
    if born.mode == Mode::Refuse || line.wait_for(|line| line.mode != Mode::Pause).await.is_err() {
        return;
    }
    let Ok(upstream) = TcpStream::connect((Ipv4Addr::LOCALHOST, born.server)).await else { return };
    let _ = (client.set_nodelay(true), upstream.set_nodelay(true));
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = upstream.into_split();
    let caught = Caught::default();
    let (up_line, down_line) = (line.clone(), line.clone());
    let ended = |now: &Line| {
        now.cuts != born.cuts || now.mode == Mode::Refuse || now.severed != born.severed
    };
    tokio::select! {
        () = up(&mut from_client, &mut to_server, up_line, (&shared, number), &caught) => {}
        () = down(&mut from_server, &mut to_client, down_line, &caught) => {}
        _ = line.wait_for(ended) => {}
    }
    if line.borrow().severed != born.severed {
        drop((from_server, to_server));
        // Nobody reads what the client sends, and it does not learn that.
        let _ = tokio::io::copy(&mut from_client, &mut tokio::io::sink()).await;
    }
}

/// What happens to the next reply of a connection: it is lost, or held until the value is true.
type Caught = Mutex<Option<(watch::Sender<usize>, Option<watch::Receiver<bool>>)>>;

/// Requests. A request is small and written at once, so one reading has all of it.
async fn up(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut line: watch::Receiver<Line>,
    (shared, number): (&Shared, usize),
    caught: &Caught,
) {
    let mut buffer = vec![0; 256 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let request = &buffer[..length];
        if let Some(requests) = &mut shared.recording.lock().unwrap().requests {
            requests.push((number, request.to_vec()));
        }
        if line.wait_for(|line| line.mode != Mode::Pause).await.is_err() {
            return;
        }
        match meet(&shared.traps, request) {
            None => {}
            Some(Met { action: Action::LoseReply, sprung, .. }) => {
                *caught.lock().unwrap() = Some((sprung, None));
            }
            Some(Met { action: Action::HoldReply, sprung, opened, .. }) => {
                *caught.lock().unwrap() = Some((sprung, Some(opened)));
            }
            Some(Met { action: Action::Hold, sprung, abandoned, mut opened }) => {
                sprung.send_modify(|count| *count += 1);
                tokio::select! {
                    _ = opened.wait_for(|opened| *opened) => {}
                    // A request whose sender has gone is not delivered any more.
                    () = gone(from) => {
                        abandoned.send_replace(true);
                        return;
                    }
                }
            }
        }
        if to.write_all(request).await.is_err() {
            return;
        }
    }
}

/// Waits until the peer ends the connection. A client that waits for a
/// reply sends nothing meanwhile.
async fn gone(from: &mut (impl AsyncRead + Unpin)) {
    let mut byte = [0];
    let _ = from.read(&mut byte).await;
}

/// What a request needs of the trap that it has sprung.
struct Met {
    action: Action,
    sprung: watch::Sender<usize>,
    abandoned: watch::Sender<bool>,
    opened: watch::Receiver<bool>,
}

fn meet(traps: &Mutex<Vec<Set>>, request: &[u8]) -> Option<Met> {
    let mut traps = traps.lock().unwrap();
    let carries = |set: &&mut Set| {
        set.left > 0 && request.windows(set.word.len()).any(|part| part == set.word)
    };
    let set = traps.iter_mut().find(carries)?;
    set.left -= 1;
    Some(Met {
        action: set.action,
        sprung: set.sprung.clone(),
        abandoned: set.abandoned.clone(),
        opened: set.opened.clone(),
    })
}

async fn down(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut line: watch::Receiver<Line>,
    caught: &Caught,
) {
    let mut buffer = vec![0; 256 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let reply = caught.lock().unwrap().take();
        if let Some((sprung, held)) = reply {
            sprung.send_modify(|count| *count += 1);
            let Some(mut opened) = held else { return };
            let _ = opened.wait_for(|opened| *opened).await;
        }
        let Ok(mode) = line.wait_for(|line| line.mode != Mode::Pause).await.map(|line| line.mode)
        else {
            return;
        };
        match mode {
            Mode::LoseReplies => {
                let _ = tokio::io::copy(from, &mut tokio::io::sink()).await;
                return;
            }
            Mode::Delay(by) => sleep(by).await,
            Mode::Pass | Mode::Pause | Mode::Refuse => {}
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
