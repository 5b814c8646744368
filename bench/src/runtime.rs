//! The Lambda Runtime API for one process of a function, at little cost of its own: it runs on the
//! same cores as what it measures, and its time counts against us. So there is no HTTP library in
//! it, no task is woken that need not be, and no answer is parsed but for its status.
//!
//! [`Server`] is the API alone; [`Environment`] is a process of a function that is served by one.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fs::File,
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, anyhow, bail};
use serde_json::Value;
use stack::children::{Child, command};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot, watch},
    task::{JoinHandle, JoinSet},
    time::timeout,
};

/// How long a process may take until it asks for its first event.
const START: Duration = Duration::from_secs(60);
/// What each invocation has, as the functions' own time limit in `template.yaml`.
const BUDGET: Duration = Duration::from_secs(10);
/// How long [`Server::call`] waits: longer than any function runs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a process's next events come from while something is measured: asked at each `/next`, told
/// of each answer, on the connection's own task. One lock or none, and no waiting.
pub trait Load: Send + Sync {
    /// The next event and its number, or `None` when there is none left.
    fn next(&self) -> Option<(usize, Arc<[u8]>)>;
    /// What came of it: `handed_over` is when the event was written to the process, and the
    /// answer's last byte has just been read. `failed` when the function reported an error instead
    /// of an answer.
    fn answered(&self, job: usize, handed_over: Instant, answer: &[u8], failed: bool);
}

/// What a function answered.
pub struct Answer {
    /// The HTTP status; 0 for a function that no request starts.
    pub status: u16,
    /// The whole payload.
    pub payload: Value,
}

impl Answer {
    /// The field `data` of the answer's body, which has to have that status.
    ///
    /// # Errors
    /// Shows the body of any other.
    pub fn data(&self, status: u16) -> anyhow::Result<Value> {
        let body = self.payload["body"].as_str().unwrap_or_default();
        if self.status != status {
            bail!("expected {status}, got {}: {body}", self.status);
        }
        let mut body: Value = serde_json::from_str(body).context("the body is no JSON")?;
        Ok(body["data"].take())
    }
}

/// The status of an answer's payload, found without parsing it: the runtime writes it first. 0 if
/// there is none.
#[must_use]
pub fn status(payload: &[u8]) -> u16 {
    const NAME: &[u8] = br#""statusCode":"#;
    let head = &payload[..payload.len().min(128)];
    let Some(at) = head.windows(NAME.len()).position(|window| window == NAME) else { return 0 };
    let digits = head[at + NAME.len()..].iter().take_while(|c| c.is_ascii_digit());
    digits.fold(0, |status: u16, c| status.saturating_mul(10).saturating_add(u16::from(c - b'0')))
}

/// An answer's payload, or what the function reported instead.
type Told = Result<Vec<u8>, String>;

enum Source {
    Call(oneshot::Sender<Told>),
    Load(Arc<dyn Load>, usize),
}

struct Open {
    source: Source,
    handed_over: Instant,
}

#[derive(Default)]
struct Waiting {
    calls: VecDeque<(Arc<[u8]>, oneshot::Sender<Told>)>,
    load: Option<Arc<dyn Load>>,
    open: HashMap<u64, Open>,
}

/// What the process and the benchmark meet at.
struct Desk {
    waiting: Mutex<Waiting>,
    more: Notify,
    ids: AtomicU64,
    /// When the process asked for its first event.
    up: watch::Sender<Option<Instant>>,
}

impl Desk {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next event, with the number that the process will answer under.
    async fn next(&self) -> (u64, Arc<[u8]>) {
        loop {
            let more = self.more.notified();
            tokio::pin!(more);
            more.as_mut().enable();
            if let Some(event) = self.take() {
                return event;
            }
            more.await;
        }
    }

    fn take(&self) -> Option<(u64, Arc<[u8]>)> {
        let mut waiting = self.waiting();
        let (event, source) = match waiting.calls.pop_front() {
            Some((event, answer)) => (event, Source::Call(answer)),
            None => {
                let load = waiting.load.clone()?;
                let (job, event) = load.next()?;
                (event, Source::Load(load, job))
            }
        };
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        waiting.open.insert(id, Open { source, handed_over: Instant::now() });
        Some((id, event))
    }

    fn answered(&self, id: u64, answer: &[u8], failed: bool) {
        let Some(Open { source, handed_over }) = self.waiting().open.remove(&id) else { return };
        match source {
            Source::Load(load, job) => load.answered(job, handed_over, answer, failed),
            Source::Call(caller) => {
                let answer = if failed {
                    Err(String::from_utf8_lossy(answer).into_owned())
                } else {
                    Ok(answer.to_vec())
                };
                let _ = caller.send(answer);
            }
        }
    }
}

/// The Runtime API on a port of its own. Dropping it closes every connection.
pub struct Server {
    desk: Arc<Desk>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Opens it.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn listen() -> anyhow::Result<Self> {
        let listener =
            TcpListener::bind("127.0.0.1:0").await.context("no port for the Runtime API")?;
        let address = listener.local_addr()?;
        let desk = Arc::new(Desk {
            waiting: Mutex::default(),
            more: Notify::new(),
            ids: AtomicU64::new(1),
            up: watch::Sender::new(None),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&desk)));
        Ok(Self { desk, address, task })
    }

    /// What `AWS_LAMBDA_RUNTIME_API` has to be.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// When the process asked for its first event; waits for it.
    ///
    /// # Errors
    /// When it does not ask.
    pub async fn first_next(&self) -> anyhow::Result<Instant> {
        let mut up = self.desk.up.subscribe();
        let at = timeout(START, up.wait_for(Option::is_some))
            .await
            .context("no /next within a minute")??;
        at.ok_or_else(|| anyhow!("no time"))
    }

    /// Hands one event over and waits for its answer.
    ///
    /// # Errors
    /// When the function fails or does not answer.
    pub async fn call(&self, event: Arc<[u8]>) -> anyhow::Result<Answer> {
        let (sender, answer) = oneshot::channel();
        self.desk.waiting().calls.push_back((event, sender));
        self.desk.more.notify_one();
        let answer = timeout(PATIENCE, answer).await.context("no answer")??;
        let answer = answer.map_err(|error| anyhow!("the function failed: {error}"))?;
        Ok(Answer { status: status(&answer), payload: serde_json::from_slice(&answer)? })
    }

    /// From now on events come from `load` until it has none.
    pub fn load(&self, load: Arc<dyn Load>) {
        self.desk.waiting().load = Some(load);
        self.desk.more.notify_waiters();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                let desk = Arc::clone(&desk);
                // An error is the process's end.
                connections.spawn(async move { serve(stream, &desk).await.ok() });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection: `GET …/next`, `POST …/response`, and so on.
async fn serve(mut stream: TcpStream, desk: &Desk) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut input: Vec<u8> = Vec::with_capacity(256 * 1024);
    let mut output: Vec<u8> = Vec::with_capacity(16 * 1024);
    loop {
        let Some((head, length)) = request(&mut stream, &mut input).await? else { return Ok(()) };
        output.clear();
        if input.starts_with(b"GET ") {
            desk.up.send_if_modified(|up| up.is_none() && up.replace(Instant::now()).is_none());
            let (id, event) = desk.next().await;
            event_into(&mut output, id, &event);
        } else {
            let path = path(&input);
            let failed = path.ends_with(b"/error");
            if let Some(id) = invocation(path) {
                desk.answered(id, &input[head..head + length], failed);
            }
            output.extend_from_slice(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
        }
        input.drain(..head + length);
        stream.write_all(&output).await?;
    }
}

/// Reads until a whole request lies at the beginning of `input`: the lengths of its head and of its
/// body.
async fn request(
    stream: &mut TcpStream,
    input: &mut Vec<u8>,
) -> anyhow::Result<Option<(usize, usize)>> {
    let mut seen = 0;
    let head = loop {
        if let Some(at) = input[seen..].windows(4).position(|window| window == b"\r\n\r\n") {
            break seen + at + 4;
        }
        seen = input.len().saturating_sub(3);
        if stream.read_buf(input).await? == 0 {
            return Ok(None);
        }
    };
    let length = if input.starts_with(b"GET ") { 0 } else { content_length(&input[..head])? };
    while input.len() < head + length {
        if stream.read_buf(input).await? == 0 {
            bail!("the connection ended within a request");
        }
    }
    Ok(Some((head, length)))
}

fn content_length(head: &[u8]) -> anyhow::Result<usize> {
    let head = std::str::from_utf8(head)?;
    let lengths = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let mut lengths = lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = lengths.next().context("an answer without content-length")?;
    Ok(length.trim().parse()?)
}

fn path(request: &[u8]) -> &[u8] {
    request.split(|c| *c == b' ').nth(1).unwrap_or_default()
}

/// The number in `/2018-06-01/runtime/invocation/<id>/response`: the id's last twelve digits.
fn invocation(path: &[u8]) -> Option<u64> {
    let id = path.strip_prefix(b"/2018-06-01/runtime/invocation/")?.split(|c| *c == b'/').next()?;
    let digits = std::str::from_utf8(id.get(id.len().checked_sub(12)?..)?).ok()?;
    digits.parse().ok()
}

fn event_into(output: &mut Vec<u8>, id: u64, event: &[u8]) {
    let deadline = SystemTime::now() + BUDGET;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    // Writing to a vector cannot fail.
    let _ = write!(
        output,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
         lambda-runtime-aws-request-id: 00000000-0000-4000-8000-{id:012}\r\n\
         lambda-runtime-deadline-ms: {deadline}\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-central-1:123456789012:function:bench\r\n\
         lambda-runtime-trace-id: Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0\r\n\
         content-length: {}\r\n\r\n",
        event.len()
    );
    output.extend_from_slice(event);
}

/// A process of a function, running. Dropping it kills the process.
pub struct Environment {
    child: Child,
    server: Server,
    log: PathBuf,
}

impl Environment {
    /// Starts the function with these settings and waits until it asks for its first event. With a
    /// `concurrency` above 1 it takes so many events at once, as Lambda's own concurrency mode has
    /// it. Its log goes to the folder `logs`.
    ///
    /// # Errors
    /// When it does not start: then with its log.
    pub async fn start(
        function: &str,
        settings: &BTreeMap<String, String>,
        concurrency: usize,
        logs: &Path,
    ) -> anyhow::Result<Self> {
        let server = Server::listen().await?;
        std::fs::create_dir_all(logs)?;
        let log = logs.join(format!("{function}-{}.log", server.address().port()));
        let out = File::create(&log)?;
        let program = stack::binaries()?.join(function);
        let mut command = command(&program);
        command
            .envs(settings)
            .env("AWS_LAMBDA_RUNTIME_API", server.address().to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", function)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .stdout(out.try_clone()?)
            .stderr(out);
        if concurrency > 1 {
            command.env("AWS_LAMBDA_MAX_CONCURRENCY", concurrency.to_string());
        }
        let child = Child::spawn(command, Vec::new()).await?;
        let environment = Self { child, server, log };
        tokio::select! {
            up = environment.server.first_next() => { up.with_context(|| environment.log())?; }
            _ = environment.child.wait() => bail!("{function} ended: {}", environment.log()),
        }
        Ok(environment)
    }

    /// The Runtime API that it is served by.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// What it has written.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends the process and waits for that.
    pub async fn end(self) {
        self.child.end(Duration::from_secs(5)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_found_without_parsing() {
        assert_eq!(status(br#"{"statusCode":201,"headers":{}}"#), 201);
        assert_eq!(status(br#"{"changes":[]}"#), 0);
        assert_eq!(status(b""), 0);
    }

    #[test]
    fn an_answer_is_told_by_its_path() {
        let path = b"/2018-06-01/runtime/invocation/00000000-0000-4000-8000-000000000042/response";
        assert_eq!(invocation(path), Some(42));
        assert_eq!(invocation(b"/2018-06-01/runtime/init/error"), None);
    }
}
