//! From the start of a function's process to its first `GET …/invocation/next`: what a cold start
//! waits for us.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::{Value, json};
use stack::SecretsManager;
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    time::timeout,
};

use crate::{
    figures::{Part, Spread, short, table},
    proc::{connections, cpu_ms},
    summary::Row,
};

const PATIENCE: Duration = Duration::from_secs(20);
const TARGET_MS: f64 = 25.0;
/// What the log says of a start at the level `debug`, in milliseconds.
const SPANS: [&str; 5] = ["secrets_ms", "clients_ms", "mongodb_ms", "redis_ms", "total_ms"];

/// What the functions of the measured world are started with.
pub struct Given<'a> {
    /// All settings, the secrets among them.
    pub env: &'a BTreeMap<String, String>,
    /// Of the running MongoDB.
    pub mongodb_port: u16,
    /// Of the running Redis.
    pub redis_port: u16,
    /// A folder to write in.
    pub folder: &'a Path,
    /// Processes of each kind.
    pub runs: usize,
}

struct Kind {
    name: &'static str,
    program: PathBuf,
    env: BTreeMap<String, String>,
}

/// One start.
struct Start {
    next_ms: f64,
    cpu_ms: f64,
    mongodb: usize,
    redis: usize,
}

#[derive(Default)]
struct Starts {
    next_ms: Vec<f64>,
    cpu_ms: Vec<f64>,
    mongodb: Vec<f64>,
    redis: Vec<f64>,
    spans: BTreeMap<&'static str, Vec<f64>>,
}

/// Starts every kind of process, one of each in turn.
pub async fn run(given: &Given<'_>) -> anyhow::Result<Part> {
    let manager = SecretsManager::start().await?;
    let kinds = kinds(given, &manager).await?;
    let mut all: Vec<Starts> = kinds.iter().map(|_| Starts::default()).collect();
    // The first of each reads its file from the disk, and is no process of ours to be measured.
    for round in 0..=given.runs {
        for (kind, starts) in kinds.iter().zip(&mut all) {
            let start = start(kind, given, None).await?;
            let log = given.folder.join("start.log");
            start_for_spans(kind, given, &log).await?;
            if round > 0 {
                starts.add(start, &log);
            }
        }
    }
    Ok(report(&kinds, all, given.runs))
}

async fn kinds(given: &Given<'_>, manager: &SecretsManager) -> anyhow::Result<Vec<Kind>> {
    let binaries = stack::binaries()?;
    manager.keep("benchmark", &secret(given.env)?).await?;
    let mut by_secret = given.env.clone();
    by_secret.retain(|name, _| !IN_THE_SECRET.contains(&name.as_str()));
    by_secret.extend(
        manager.settings("benchmark").into_iter().map(|(name, value)| (name.to_owned(), value)),
    );
    let kind = |name, program: &str, env: &BTreeMap<_, _>| Kind {
        name,
        program: binaries.join(program),
        env: env.clone(),
    };
    Ok(vec![
        kind("empty lambda_http", "empty", &BTreeMap::new()),
        kind("reserve, secret in the environment", "reserve", given.env),
        kind("reserve, secret in Secrets Manager", "reserve", &by_secret),
        kind("health (waits for no server)", "health", given.env),
    ])
}

const IN_THE_SECRET: [&str; 6] = [
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD_HASH",
    "ADMIN_JWT_SECRET",
    "USER_JWT_SECRET",
    "MONGODB_URI",
    "REDIS_URL",
];

/// The same settings as the one secret that holds them.
fn secret(env: &BTreeMap<String, String>) -> anyhow::Result<Value> {
    let of = |name: &str| env.get(name).with_context(|| format!("{name} is not set"));
    Ok(json!({
        "adminEmail": of("ADMIN_EMAIL")?,
        "adminPasswordHash": of("ADMIN_PASSWORD_HASH")?,
        "adminJwtKeys": [{"kid": "1", "secret": of("ADMIN_JWT_SECRET")?}],
        "userJwtKeys": [{"kid": "1", "secret": of("USER_JWT_SECRET")?}],
        "mongodbUri": of("MONGODB_URI")?,
        "redisUrl": of("REDIS_URL")?,
    }))
}

/// Starts a process, waits until it asks for its first event, and ends it.
async fn start(kind: &Kind, given: &Given<'_>, log: Option<&Path>) -> anyhow::Result<Start> {
    let runtime = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut command = Command::new(&kind.program);
    command
        .env_clear()
        .envs(&kind.env)
        .env("AWS_LAMBDA_RUNTIME_API", runtime.local_addr()?.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "benchmark")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    if let Some(log) = log {
        command.env("AWS_LAMBDA_LOG_LEVEL", "debug").stdout(File::create(log)?);
    }
    let began = Instant::now();
    let mut child =
        command.spawn().with_context(|| format!("cannot start {}", kind.program.display()))?;
    let asked = timeout(PATIENCE, first_next(&runtime)).await;
    let next_ms = began.elapsed().as_secs_f64() * 1e3;
    let unanswered =
        asked.with_context(|| format!("{}: no GET …/invocation/next", kind.name))??;
    let start = look(&child, next_ms, given)?;
    end(&mut child).await?;
    drop(unanswered);
    Ok(start)
}

/// A further start that writes where its time went.
async fn start_for_spans(kind: &Kind, given: &Given<'_>, log: &Path) -> anyhow::Result<()> {
    start(kind, given, Some(log)).await.map(|_| ())
}

/// Waits for the first request for an event; it is not answered for as long as the connection is
/// kept.
async fn first_next(runtime: &TcpListener) -> anyhow::Result<TcpStream> {
    let (mut stream, _) = runtime.accept().await?;
    let mut head = Vec::new();
    while !head.windows(16).any(|words| words == b"/invocation/next") {
        if stream.read_buf(&mut head).await? == 0 {
            bail!("the connection ended");
        }
    }
    Ok(stream)
}

async fn end(child: &mut Child) -> anyhow::Result<()> {
    child.start_kill()?;
    child.wait().await?;
    Ok(())
}

/// What the process has used and opened so far.
fn look(child: &Child, next_ms: f64, given: &Given<'_>) -> anyhow::Result<Start> {
    let pid = child.id().context("it has ended")?;
    let ports = connections(pid)?;
    let to = |port: u16| ports.iter().filter(|other| **other == port).count();
    Ok(Start {
        next_ms,
        cpu_ms: cpu_ms(pid)?,
        mongodb: to(given.mongodb_port),
        redis: to(given.redis_port),
    })
}

impl Starts {
    fn add(&mut self, start: Start, log: &Path) {
        self.next_ms.push(start.next_ms);
        self.cpu_ms.push(start.cpu_ms);
        self.mongodb.push(start.mongodb as f64);
        self.redis.push(start.redis as f64);
        let text = fs::read_to_string(log).unwrap_or_default();
        let started = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        if let Some(line) = started.into_iter().find(|line| line["message"] == "started") {
            for span in SPANS {
                if let Some(ms) = line[span].as_f64() {
                    self.spans.entry(span).or_default().push(ms);
                }
            }
        }
    }
}

#[derive(Serialize)]
struct Figures {
    next_ms: Spread,
    cpu_ms: Spread,
    mongodb_connections: Spread,
    redis_connections: Spread,
    spans_ms: BTreeMap<&'static str, Spread>,
}

fn report(kinds: &[Kind], all: Vec<Starts>, runs: usize) -> Part {
    let figures: Vec<(&str, Figures)> =
        kinds.iter().map(|kind| kind.name).zip(all.into_iter().map(figures)).collect();
    let cells = figures.iter().map(|(name, figures)| {
        let next = figures.next_ms;
        let span = |name| {
            figures
                .spans_ms
                .get(name)
                .map_or_else(|| "–".to_owned(), |spread: &Spread| short(spread.p50))
        };
        let mut cells = vec![(*name).to_owned(), short(next.p50), short(next.p90)];
        cells.push(format!("{}–{}", short(next.min), short(next.max)));
        cells.extend([short(figures.cpu_ms.p50), connected(figures)]);
        cells.extend(SPANS.map(span));
        cells
    });
    let head = [
        "exec → first `/next`, ms",
        "median",
        "p90",
        "range",
        "CPU",
        "connections to MongoDB, Redis",
        "secrets",
        "clients",
        "MongoDB",
        "Redis",
        "in all",
    ];
    let markdown = format!(
        "{runs} processes of each kind, in turn, their files in the page cache. The last five columns are the medians of \
         timed spans, from further starts that log them. Secrets Manager is moto's server on the loopback interface, in \
         Python: its own time is in the span.\n\n{}",
        table(&head, cells)
    );
    let json = figures.iter().map(|(name, figures)| ((*name).to_owned(), json!(figures))).collect();
    let reserve = figures.iter().find(|(name, _)| name.starts_with("reserve, secret in the env"));
    // A start that had not connected would be no start of the table's.
    let connected = reserve.filter(|(_, figures)| {
        figures.mongodb_connections.min > 0.0 && figures.redis_connections.min > 0.0
    });
    let rows = connected.map(|(_, figures)| {
        Row::at_most("exec → first /next, pools connected", figures.next_ms.p50, "ms", TARGET_MS)
    });
    Part { name: "startup", json: Value::Object(json), markdown, rows: rows.into_iter().collect() }
}

fn connected(figures: &Figures) -> String {
    format!("{}, {}", figures.mongodb_connections.p50, figures.redis_connections.p50)
}

fn figures(starts: Starts) -> Figures {
    Figures {
        next_ms: Spread::of(starts.next_ms),
        cpu_ms: Spread::of(starts.cpu_ms),
        mongodb_connections: Spread::of(starts.mongodb),
        redis_connections: Spread::of(starts.redis),
        spans_ms: starts
            .spans
            .into_iter()
            .map(|(name, values)| (name, Spread::of(values)))
            .collect(),
    }
}
