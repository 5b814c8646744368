//! The Lambda Runtime API for one process of a function. The process is driven as AWS drives
//! it, so that a caller can send one event twice or several at once, freeze and thaw the
//! process, and kill it.
//!
//! The benchmark measures the process on the same cores, so this server must cost little. It uses
//! no HTTP library, wakes no task without need, and parses nothing of a response but its length.

mod http;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fs::File,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context as _, anyhow, bail};
use rustix::process::Signal;
use serde_json::Value;
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot, watch},
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use self::http::{event_into, invocation, path, request};
use crate::children::{Child, command};

/// How long a process may take until it asks for its first event.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long [`Environment::call`] waits. No function runs longer.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
/// The time limit of an invocation of a [`Load`], as `template.yaml` gives it to the functions.
const LOAD_BUDGET: Duration = Duration::from_secs(10);

/// The payload that a function returned, or the error that it reported.
pub type Outcome = Result<Vec<u8>, String>;

/// A source of events for a measurement. The connection's own task calls it, so it must not wait.
pub trait Load: Send + Sync {
    /// The next event and its number; `None` at the end.
    fn next(&self) -> Option<(usize, Arc<[u8]>)>;
    /// The last byte of a response has been read. `handed_over` is when its event was written.
    /// `failed` if the function reported an error.
    fn completed(&self, job: usize, handed_over: Instant, payload: &[u8], failed: bool);
}

/// The status of a response, found without parsing it: the runtime writes it first. 0
/// if there is none.
#[must_use]
pub fn status(payload: &[u8]) -> u16 {
    const NAME: &[u8] = br#""statusCode":"#;
    let head = &payload[..payload.len().min(128)];
    let Some(at) = head.windows(NAME.len()).position(|window| window == NAME) else { return 0 };
    let digits = head[at + NAME.len()..].iter().take_while(|c| c.is_ascii_digit());
    digits.fold(0, |status: u16, c| status.saturating_mul(10).saturating_add(u16::from(c - b'0')))
}

struct Call {
    event: Arc<[u8]>,
    deadline: SystemTime,
    caller: oneshot::Sender<Outcome>,
}

enum Source {
    Call(oneshot::Sender<Outcome>),
    Load(Arc<dyn Load>, usize),
}

/// An event that the process has taken and not completed.
struct Open {
    source: Source,
    handed_over: Instant,
}

#[derive(Default)]
struct Queue {
    calls: VecDeque<Call>,
    load: Option<Arc<dyn Load>>,
    open: HashMap<u64, Open>,
}

/// What the connections of the process share with its caller.
#[derive(Default)]
struct State {
    queue: Mutex<Queue>,
    more: Notify,
    /// When the process asked for its first event.
    up: watch::Sender<Option<Instant>>,
}

impl State {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next event and writes it as the response to `/next`.
    async fn next_into(&self, output: &mut Vec<u8>) {
        loop {
            let more = self.more.notified();
            tokio::pin!(more);
            more.as_mut().enable();
            if self.take_into(output) {
                return;
            }
            more.await;
        }
    }

    fn take_into(&self, output: &mut Vec<u8>) -> bool {
        // Functions log the id and return it to clients: no two processes may share one.
        static IDS: AtomicU64 = AtomicU64::new(1);
        let mut queue = self.queue();
        let (event, deadline, source) = match queue.calls.pop_front() {
            Some(Call { event, deadline, caller }) => (event, deadline, Source::Call(caller)),
            None => {
                let Some(load) = queue.load.clone() else { return false };
                let Some((job, event)) = load.next() else { return false };
                (event, SystemTime::now() + LOAD_BUDGET, Source::Load(load, job))
            }
        };
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        event_into(output, id, deadline, &event);
        queue.open.insert(id, Open { source, handed_over: Instant::now() });
        true
    }

    fn complete(&self, id: u64, payload: &[u8], failed: bool) {
        let Some(Open { source, handed_over }) = self.queue().open.remove(&id) else { return };
        match source {
            Source::Load(load, job) => load.completed(job, handed_over, payload, failed),
            Source::Call(caller) => {
                let failure = || String::from_utf8_lossy(payload).into_owned();
                let _ = caller.send(if failed { Err(failure()) } else { Ok(payload.to_vec()) });
            }
        }
    }
}

/// The Runtime API on a port of its own. Dropping it closes every connection.
pub struct RuntimeApi {
    state: Arc<State>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl RuntimeApi {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn listen() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("no port for the Runtime API")?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(Self { state, address, task })
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the process asks for its first event, and returns when it did.
    ///
    /// # Errors
    /// When it does not ask.
    pub async fn first_next(&self) -> anyhow::Result<Instant> {
        let mut up = self.state.up.subscribe();
        let at = timeout(START_TIMEOUT, up.wait_for(Option::is_some))
            .await
            .with_context(|| format!("no /next within {START_TIMEOUT:?}"))??;
        at.context("no time")
    }

    /// Queues an event, which has `budget` from now. Nothing ends the process after
    /// that: the caller does.
    #[must_use]
    pub fn invoke(&self, event: Arc<[u8]>, budget: Duration) -> oneshot::Receiver<Outcome> {
        let (caller, outcome) = oneshot::channel();
        let deadline = SystemTime::now() + budget;
        self.state.queue().calls.push_back(Call { event, deadline, caller });
        self.state.more.notify_one();
        outcome
    }

    /// From now on events come from `load`.
    pub fn load(&self, load: Arc<dyn Load>) {
        self.state.queue().load = Some(load);
        self.state.more.notify_waiters();
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                let state = Arc::clone(&state);
                // A connection fails when the process ends.
                connections.spawn(async move { serve(stream, &state).await.ok() });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection: `GET …/next`, `POST …/response`, and so on.
async fn serve(mut stream: TcpStream, state: &State) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut input: Vec<u8> = Vec::with_capacity(256 * 1024);
    let mut output: Vec<u8> = Vec::with_capacity(16 * 1024);
    loop {
        let Some((head, length)) = request(&mut stream, &mut input).await? else { return Ok(()) };
        output.clear();
        if input.starts_with(b"GET ") {
            state.up.send_if_modified(|up| up.is_none() && up.replace(Instant::now()).is_none());
            state.next_into(&mut output).await;
        } else {
            let path = path(&input);
            let failed = path.ends_with(b"/error");
            if let Some(id) = invocation(path) {
                state.complete(id, &input[head..head + length], failed);
            }
            output.extend_from_slice(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
        }
        input.drain(..head + length);
        stream.write_all(&output).await?;
    }
}

/// What Lambda itself sets for a function whose Runtime API has this address.
#[must_use]
pub fn lambda_settings(function: &str, api: SocketAddr) -> [(&'static str, String); 4] {
    [
        ("AWS_LAMBDA_RUNTIME_API", api.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
    ]
}

/// A running process of a function. Dropping it kills the process.
pub struct Environment {
    child: Child,
    api: RuntimeApi,
    log: PathBuf,
}

impl Environment {
    /// Starts the function with these settings, and waits until it asks for its first event. It
    /// writes to `log`. With `AWS_LAMBDA_MAX_CONCURRENCY` it takes several events at once.
    ///
    /// # Errors
    /// When it does not start: then with its log.
    pub async fn start(
        program: &Path,
        settings: &BTreeMap<String, String>,
        log: PathBuf,
    ) -> anyhow::Result<Self> {
        let function = program.file_name().unwrap_or_default().to_string_lossy();
        let api = RuntimeApi::listen().await?;
        let out = File::create(&log)?;
        let mut command = command(program);
        command
            .envs(settings)
            .envs(lambda_settings(&function, api.address()))
            .stdout(out.try_clone()?)
            .stderr(out);
        let environment = Self { child: Child::spawn(command, Vec::new()).await?, api, log };
        tokio::select! {
            up = environment.api.first_next() => { up.with_context(|| environment.log())?; }
            _ = environment.child.wait() => bail!("{function} ended: {}", environment.log()),
        }
        Ok(environment)
    }

    /// The Runtime API of the process.
    #[must_use]
    pub fn api(&self) -> &RuntimeApi {
        &self.api
    }

    /// The id of the function's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// What the process has written.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends one event and waits for the payload of its response.
    ///
    /// # Errors
    /// When the function fails or does not respond.
    pub async fn call(&self, event: Arc<[u8]>) -> anyhow::Result<Value> {
        let outcome = self.api.invoke(event, LOAD_BUDGET);
        let payload = timeout(CALL_TIMEOUT, outcome).await.context("no response")??;
        let payload = payload.map_err(|error| anyhow!("the function failed: {error}"))?;
        Ok(serde_json::from_slice(&payload)?)
    }

    /// Waits until the process has ended by itself, and returns how.
    ///
    /// # Errors
    /// When the process was lost.
    pub async fn ended(&self) -> anyhow::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Stops the process where it is, as Lambda does between two invocations.
    pub fn freeze(&self) {
        self.child.signal(Signal::STOP);
    }

    /// Continues a frozen process.
    pub fn thaw(&self) {
        self.child.signal(Signal::CONT);
    }

    /// Kills the process while others still use this. Its invocations get no response.
    pub fn kill_shared(&self) {
        self.child.signal(Signal::KILL);
        self.api.state.queue().open.clear();
    }

    /// Kills the process and waits for its end.
    ///
    /// # Errors
    /// When the process was lost.
    pub async fn kill(&self) -> anyhow::Result<()> {
        self.child.signal(Signal::KILL);
        self.child.wait().await.map(|_| ())
    }

    /// Asks the process to end and waits for that.
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
}
