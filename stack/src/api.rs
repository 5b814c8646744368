//! The functions behind one HTTP port: cargo-lambda's emulator, processes of the built binaries
//! that fetch their events from it through the [relay](crate::runtime_relay), and the
//! [gateway](crate::gateway) in front.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rustix::process::Signal;
use serde_json::Value;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{
    NOT_HTTP, accepts, binaries,
    children::{Child, child_runtime, command},
    free_port, functions,
    gateway::Gateway,
    log_files,
    runtime_relay::{Invoker, Outcome, RuntimeRelay},
    sockets::{STAGE, Sockets},
    tools, workspace_root,
};

/// A process that ends with an error within this time has failed at its start.
const STARTUP_WINDOW: Duration = Duration::from_secs(15);
const EMULATOR_START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the emulator may keep failing at its start: an outgoing connection may have its port
/// for a moment.
const EMULATOR_RETRY_WINDOW: Duration = Duration::from_secs(5);
const INVOKE_TIMEOUT: Duration = Duration::from_secs(120);
const MIN_RESTART_PAUSE: Duration = Duration::from_millis(100);
const MAX_RESTART_PAUSE: Duration = Duration::from_secs(5);

/// What an [`Api`] is started with.
pub struct ApiOptions {
    /// The port that clients use; a free one when absent.
    pub port: Option<u16>,
    /// Settings of all functions, by their names.
    pub env: BTreeMap<String, String>,
    /// How many processes to run of each function that has a route. The others have one.
    pub instances: usize,
    /// The functions to start; `None` means all.
    pub functions: Option<Vec<String>>,
    /// Where each function's output goes, as `<function>.log`.
    pub log_dir: PathBuf,
}

/// Running functions. A process that ends is started again, after a pause that grows while it keeps
/// ending. Dropping this kills them all.
pub struct Api {
    base_url: String,
    relay: RuntimeRelay,
    invoker: Invoker,
    failures: watch::Receiver<BTreeMap<String, String>>,
    /// The functions' processes, then the emulator's.
    supervisors: [Supervisors; 2],
    _gateway: Gateway,
}

/// Tasks that keep processes running, and the order to end them.
struct Supervisors {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Supervisors {
    fn start(
        processes: Vec<Supervised>,
        failures: &watch::Sender<BTreeMap<String, String>>,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let supervise = |process: Supervised| process.supervise(stopped.clone(), failures.clone());
        let tasks = processes.into_iter().map(|p| child_runtime().spawn(supervise(p))).collect();
        Self { stop, tasks }
    }

    async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

impl Api {
    /// Starts the emulator and the functions. Requests are taken at once; each waits until
    /// its function is up.
    ///
    /// # Errors
    /// When the port is taken, cargo-lambda is missing or does not start, or a function has not
    /// been built.
    pub async fn start(mut o: ApiOptions) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&o.log_dir)
            .with_context(|| format!("cannot make {}", o.log_dir.display()))?;
        // The port before the processes: a taken port is the most frequent failure.
        let listener = Gateway::bind(o.port).await?;
        let emulator_port = free_port()?;
        let sockets = Sockets::default();
        let relay = RuntimeRelay::start(emulator_port, sockets.clone()).await?;
        for (name, value) in live_env(listener.local_addr()?.port(), relay.port()) {
            o.env.entry(name.to_owned()).or_insert(value);
        }
        let emulator = emulator(emulator_port, &o.log_dir)?;
        let names = o.functions.clone().map_or_else(functions, Ok)?;
        let processes = processes(&o, &names, relay.port())?;

        let (failed, failures) = watch::channel(BTreeMap::new());
        let emulator = Supervisors::start(vec![emulator], &failed);
        wait_for_emulator(emulator_port, &failures).await?;
        let processes = Supervisors::start(processes, &failed);
        let served: BTreeSet<String> = names.into_iter().collect();
        let gateway = Gateway::start(listener, relay.invoker(), served, sockets).await?;
        Ok(Self {
            base_url: format!("http://127.0.0.1:{}", gateway.port()),
            invoker: relay.invoker(),
            relay,
            failures,
            supervisors: [processes, emulator],
            _gateway: gateway,
        })
    }

    /// The base URL of the API: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The port on which functions are invoked by name, as `cargo lambda invoke --invoke-port`
    /// wants it. Clients of the API have no use for it.
    #[must_use]
    pub fn invoke_port(&self) -> u16 {
        self.relay.port()
    }

    /// Invokes a function by its name, as AWS does, and returns its response.
    ///
    /// # Errors
    /// When the function fails, or ends at its start. The text is the line that it wrote.
    pub async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<Value> {
        let mut failures = self.failures.clone();
        let call = self.invoker.invoke(function, event.to_string().into());
        let outcome = tokio::select! {
            outcome = timeout(INVOKE_TIMEOUT, call) => {
                outcome.with_context(|| format!("{function} did not answer within two minutes"))?
            }
            Ok(failed) = failures.wait_for(|failed| failed.contains_key(function)) => {
                bail!("{function} stops at its start: {}", failed[function])
            }
        };
        match outcome {
            Outcome::Response(body) => serde_json::from_slice(&body)
                .with_context(|| format!("{function} answered what is not JSON")),
            Outcome::Failure(text) => bail!("{function} failed: {}", reason(&text)),
        }
    }

    /// The functions that have ended with an error at their last start, each with the
    /// last line it wrote.
    #[must_use]
    pub fn failures(&self) -> BTreeMap<String, String> {
        self.failures.borrow().clone()
    }

    /// Ends all processes and waits until they are gone. The functions end first: one that loses
    /// the emulator would write an error into its log.
    pub async fn stop(self) {
        for supervisors in self.supervisors {
            supervisors.stop().await;
        }
    }
}

async fn wait_for_emulator(
    port: u16,
    failures: &watch::Receiver<BTreeMap<String, String>>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    while !accepts(port).await {
        let problem = failures.borrow().get(EMULATOR).cloned();
        if let Some(line) = problem.filter(|_| began.elapsed() > EMULATOR_RETRY_WINDOW) {
            bail!("cargo-lambda's emulator does not start: {line}");
        }
        if began.elapsed() > EMULATOR_START_TIMEOUT {
            bail!("cargo-lambda's emulator does not answer after {EMULATOR_START_TIMEOUT:?}");
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// The message of a function's failure, without the error code of the API in front. The code means
/// nothing to a person who runs a function by name.
fn reason(failure: &str) -> String {
    let parsed: Value = serde_json::from_str(failure).unwrap_or_default();
    let message = parsed["errorMessage"].as_str().unwrap_or(failure);
    match message.split_once(": ") {
        Some(("INTERNAL" | "SERVICE_UNAVAILABLE", reason)) => reason.to_owned(),
        _ => message.to_owned(),
    }
}

const EMULATOR: &str = "cargo-lambda";

fn program(function: &str) -> anyhow::Result<PathBuf> {
    let path = binaries()?.join(function);
    if !path.is_file() {
        bail!("{} is missing; build it with: cargo build --workspace --bins", path.display());
    }
    Ok(path)
}

/// Every process of these functions, with empty logs for them to write to.
fn processes(o: &ApiOptions, names: &[String], relay_port: u16) -> anyhow::Result<Vec<Supervised>> {
    let process = |function: &str| -> anyhow::Result<Supervised> {
        let program = program(function)?;
        let mut env = o.env.clone();
        env.extend(runtime_env(function, &format!("http://127.0.0.1:{relay_port}/.rt/{function}")));
        let marks = vec![program.display().to_string()];
        let log = o.log_dir.join(format!("{function}.log"));
        Ok(Supervised { name: function.to_owned(), program, args: Vec::new(), env, log, marks })
    };
    let mut all = Vec::new();
    for name in names {
        let first = process(name)?;
        log_files::start(&first.log)?;
        all.push(first);
    }
    // Start the first process of every function before any second one, so that all routes work
    // sooner.
    for _ in 1..o.instances.max(1) {
        for name in names.iter().filter(|name| !NOT_HTTP.contains(&name.as_str())) {
            all.push(process(name)?);
        }
    }
    Ok(all)
}

fn emulator(port: u16, log_dir: &Path) -> anyhow::Result<Supervised> {
    let program = tools::find(EMULATOR)?;
    let args = ["lambda", "watch", "--only-lambda-apis", "--ignore-changes", "--disable-cors"];
    // No `--timeout`: it would also cut the functions' wait for their next event.
    let address = ["-A", "127.0.0.1", "-P", &port.to_string()].map(str::to_owned);
    let log = log_dir.join("cargo-lambda.log");
    log_files::start(&log)?;
    let marks = vec![program.display().to_string(), format!("-P {port}")];
    let args = args.map(str::to_owned).into_iter().chain(address).collect();
    Ok(Supervised { name: EMULATOR.to_owned(), program, args, env: cargo_env(), log, marks })
}

/// The emulator asks cargo for the workspace's binaries.
#[expect(clippy::disallowed_methods, reason = "these are cargo's settings, not the functions'")]
fn cargo_env() -> BTreeMap<String, String> {
    let names =
        ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "http_proxy", "https_proxy", "no_proxy"];
    names.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect()
}

/// What Lambda itself sets.
fn runtime_env(function: &str, api: &str) -> BTreeMap<String, String> {
    [
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_LAMBDA_FUNCTION_NAME", function),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// Where the functions find the gateway's WebSockets. The relay does not check who signs.
fn live_env(port: u16, relay_port: u16) -> [(&'static str, String); 7] {
    let relay = format!("http://127.0.0.1:{relay_port}");
    [
        ("LIVE_URL", format!("ws://127.0.0.1:{port}/{STAGE}")),
        ("LIVE_CONNECTIONS_URL", format!("{relay}/{STAGE}")),
        ("LIVE_PUBLISHER", "publish-live".to_owned()),
        ("AWS_ENDPOINT_URL_LAMBDA", relay),
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
    ]
}

/// A process that is started again whenever it ends.
struct Supervised {
    name: String,
    program: PathBuf,
    args: Vec<String>,
    env: BTreeMap<String, String>,
    log: PathBuf,
    /// Words of its command line by which a later start knows it again.
    marks: Vec<String>,
}

impl Supervised {
    async fn supervise(
        self,
        mut stop: watch::Receiver<bool>,
        failures: watch::Sender<BTreeMap<String, String>>,
    ) {
        let mut pause = MIN_RESTART_PAUSE;
        loop {
            let began = Instant::now();
            let failure = match self.spawn().await {
                Ok(child) => {
                    let ended = tokio::select! {
                        () = stop_requested(&mut stop) => None,
                        status = child.wait() => Some(status),
                    };
                    let Some(status) = ended else {
                        child.signal(Signal::KILL);
                        let _ = child.wait().await;
                        return;
                    };
                    // Neither a function nor the emulator ends by itself, so even status 0 is a
                    // failure. A process that was killed has no status, and did not fail.
                    let code = status.ok().and_then(|status| status.code());
                    code.map(|code| {
                        last_line(&self.log)
                            .unwrap_or_else(|| format!("it ended with status {code}"))
                    })
                }
                Err(error) => Some(format!("{error:#}")),
            };
            if began.elapsed() > STARTUP_WINDOW {
                pause = MIN_RESTART_PAUSE;
            } else if let Some(line) = failure {
                failures.send_modify(|failures| {
                    failures.insert(self.name.clone(), line);
                });
            }
            tokio::select! {
                () = stop_requested(&mut stop) => return,
                () = sleep(pause) => pause = (pause * 2).min(MAX_RESTART_PAUSE),
            }
        }
    }

    async fn spawn(&self) -> anyhow::Result<Child> {
        let log = File::options().append(true).open(&self.log)?;
        let mut command = command(&self.program);
        command.args(&self.args).envs(&self.env).current_dir(workspace_root());
        command.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log));
        Child::spawn(command, self.marks.clone()).await
    }
}

/// Waits for the order to stop. A sender that is gone means the same.
async fn stop_requested(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn last_line(log: &Path) -> Option<String> {
    let text = std::fs::read_to_string(log).ok()?;
    // A panic ends with advice.
    let says_why = |line: &&str| !line.trim().is_empty() && !line.starts_with("note: run with");
    text.lines().rev().find(says_why).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_failure_is_its_message_without_the_code() {
        let failure = r#"{"errorType": "E", "errorMessage": "INTERNAL: HOLD_TTL_SECONDS: is 0"}"#;
        assert_eq!(reason(failure), "HOLD_TTL_SECONDS: is 0");
        assert_eq!(reason("no JSON: at all"), "no JSON: at all");
    }
}
