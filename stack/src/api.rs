//! The functions behind one HTTP port: cargo-lambda's emulator, processes of the built binaries
//! that fetch their requests from it, and the [gateway](crate::gateway) in front.

use std::{
    collections::BTreeMap,
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
    children::{Child, command, keeper},
    free_port, functions,
    gateway::Gateway,
    tools, workspace_root,
};

/// A process that ends with an error within this time has failed at its start.
const START: Duration = Duration::from_secs(15);
const EMULATOR_LIMIT: Duration = Duration::from_secs(60);
const RETRIES: Duration = Duration::from_secs(5);

/// What an [`Api`] is started with.
pub struct ApiOptions {
    /// The port that clients use; a free one when absent.
    pub port: Option<u16>,
    /// The functions' settings (README.md, "Settings").
    pub env: BTreeMap<String, String>,
    /// Processes of each function that a route leads to; of the others there is one.
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
    emulator_port: u16,
    client: reqwest::Client,
    failures: watch::Receiver<BTreeMap<String, String>>,
    stop: watch::Sender<bool>,
    loops: Vec<JoinHandle<()>>,
    _gateway: Gateway,
}

impl Api {
    /// Starts the emulator and the functions. Requests are taken at once; each waits until its
    /// function is up.
    ///
    /// # Errors
    /// When the port is taken, cargo-lambda is missing or does not start, or a function has not
    /// been built.
    pub async fn start(o: ApiOptions) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&o.log_dir)
            .with_context(|| format!("cannot make {}", o.log_dir.display()))?;
        let emulator_port = free_port()?;
        // The port before the processes: it is what most often stands in the way.
        let gateway = Gateway::start(o.port, emulator_port).await?;
        let emulator = emulator(emulator_port, &o.log_dir)?;
        let processes = processes(&o, emulator_port)?;

        let (stop, stopped) = watch::channel(false);
        let (failed, failures) = watch::channel(BTreeMap::new());
        let keep = |kept: Kept| keeper().spawn(kept.keep(stopped.clone(), failed.clone()));
        let mut api = Self {
            base_url: format!("http://127.0.0.1:{}", gateway.port()),
            emulator_port,
            client: reqwest::Client::builder().build()?,
            failures,
            stop,
            loops: vec![keep(emulator)],
            _gateway: gateway,
        };
        api.wait_for_emulator().await?;
        api.loops.extend(processes.into_iter().map(keep));
        Ok(api)
    }

    async fn wait_for_emulator(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        while !accepts(self.emulator_port).await {
            // It is started again meanwhile: its port may be somebody's outgoing connection for a
            // moment.
            let problem = self.failures.borrow().get(EMULATOR).cloned();
            if let Some(line) = problem.filter(|_| began.elapsed() > RETRIES) {
                bail!("cargo-lambda's emulator does not start: {line}");
            }
            if began.elapsed() > EMULATOR_LIMIT {
                bail!("cargo-lambda's emulator does not answer after {EMULATOR_LIMIT:?}");
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Invokes a function by its name, as AWS does, and returns what it answers.
    ///
    /// # Errors
    /// When the function fails, or stops at its start: then with the line it wrote.
    pub async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<Value> {
        let url = format!(
            "http://127.0.0.1:{}/2015-03-31/functions/{function}/invocations",
            self.emulator_port
        );
        let call = async {
            let answer = self.client.post(url).body(event.to_string()).send().await?;
            anyhow::Ok((answer.status(), answer.text().await?))
        };
        let mut failures = self.failures.clone();
        let (status, text) = tokio::select! {
            answer = timeout(Duration::from_secs(120), call) => {
                answer.with_context(|| format!("{function} did not answer within two minutes"))??
            }
            Ok(failed) = failures.wait_for(|failed| failed.contains_key(function)) => {
                bail!("{function} stops at its start: {}", failed[function])
            }
        };
        if !status.is_success() {
            bail!("{function} failed: {text}");
        }
        serde_json::from_str(&text)
            .with_context(|| format!("{function} answered what is not JSON: {text}"))
    }

    /// The functions that have ended with an error at their last start, each with the last line it
    /// wrote.
    #[must_use]
    pub fn failures(&self) -> BTreeMap<String, String> {
        self.failures.borrow().clone()
    }

    /// Ends all processes and waits until they are gone.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for kept in self.loops {
            let _ = kept.await;
        }
    }
}

const EMULATOR: &str = "cargo-lambda";
/// Where the emulator puts a request with a method that its router cannot name (`TRACE`), and who
/// answers it, as API Gateway's `$default` route would have it.
const UNROUTED: (&str, &str) = ("_", "preflight");

fn program(function: &str) -> anyhow::Result<PathBuf> {
    let path = binaries()?.join(function);
    if !path.is_file() {
        bail!("{} is missing; build it with: cargo build --workspace --bins", path.display());
    }
    Ok(path)
}

/// Every process of a function, with empty logs for them to write to.
fn processes(o: &ApiOptions, emulator_port: u16) -> anyhow::Result<Vec<Kept>> {
    let names = o.functions.clone().map_or_else(functions, Ok)?;
    let process = |function: &str, queue: &str| -> anyhow::Result<Kept> {
        let program = program(function)?;
        let mut env = o.env.clone();
        env.extend(runtime_env(function, &format!("http://127.0.0.1:{emulator_port}/.rt/{queue}")));
        let marks = vec![program.display().to_string()];
        let log = o.log_dir.join(format!("{function}.log"));
        Ok(Kept { name: function.to_owned(), program, args: Vec::new(), env, log, marks })
    };
    let mut all = Vec::new();
    for name in &names {
        let first = process(name, name)?;
        File::create(&first.log)
            .with_context(|| format!("cannot write {}", first.log.display()))?;
        all.push(first);
    }
    if names.iter().any(|name| name == UNROUTED.1) {
        all.push(process(UNROUTED.1, UNROUTED.0)?);
    }
    // The first process of every function before the second of any: all routes answer sooner.
    for _ in 1..o.instances.max(1) {
        for name in names.iter().filter(|name| !NOT_HTTP.contains(&name.as_str())) {
            all.push(process(name, name)?);
        }
    }
    Ok(all)
}

fn emulator(port: u16, log_dir: &Path) -> anyhow::Result<Kept> {
    let program = tools::find(EMULATOR)?;
    let args = ["lambda", "watch", "--only-lambda-apis", "--ignore-changes", "--disable-cors"];
    // No `--timeout`: it would also cut the functions' wait for their next request.
    let address = ["-A", "127.0.0.1", "-P", &port.to_string()].map(str::to_owned);
    let log = log_dir.join("cargo-lambda.log");
    File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let marks = vec![program.display().to_string(), format!("-P {port}")];
    let args = args.map(str::to_owned).into_iter().chain(address).collect();
    Ok(Kept { name: EMULATOR.to_owned(), program, args, env: cargo_env(), log, marks })
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

/// A process that is started again whenever it ends.
struct Kept {
    name: String,
    program: PathBuf,
    args: Vec<String>,
    env: BTreeMap<String, String>,
    log: PathBuf,
    marks: Vec<String>,
}

impl Kept {
    async fn keep(
        self,
        mut stop: watch::Receiver<bool>,
        failed: watch::Sender<BTreeMap<String, String>>,
    ) {
        let mut pause = Duration::from_millis(100);
        loop {
            let began = Instant::now();
            let problem = match self.spawn().await {
                Ok(child) => {
                    let ended = tokio::select! {
                        () = told(&mut stop) => None,
                        status = child.wait() => Some(status),
                    };
                    let Some(status) = ended else {
                        child.signal(Signal::KILL);
                        let _ = child.wait().await;
                        return;
                    };
                    // Neither a function nor the emulator ends by itself, be it with status 0. Who
                    // was killed did not fail.
                    let code = status.ok().and_then(|status| status.code());
                    code.map(|code| {
                        last_line(&self.log)
                            .unwrap_or_else(|| format!("it ended with status {code}"))
                    })
                }
                Err(error) => Some(format!("{error:#}")),
            };
            if began.elapsed() > START {
                pause = Duration::from_millis(100);
            } else if let Some(line) = problem {
                failed.send_modify(|failed| {
                    failed.insert(self.name.clone(), line);
                });
            }
            tokio::select! {
                () = told(&mut stop) => return,
                () = sleep(pause) => pause = (pause * 2).min(Duration::from_secs(5)),
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

/// Waits for the order to stop; a sender that is gone means the same.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn last_line(log: &Path) -> Option<String> {
    let text = std::fs::read_to_string(log).ok()?;
    // A panic ends with advice.
    let telling = |line: &&str| !line.trim().is_empty() && !line.starts_with("note: run with");
    text.lines().rev().find(telling).map(str::to_owned)
}
