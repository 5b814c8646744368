//! `stack dev`: the local stack, from the first process to the last.

use std::{
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::process::parent_id,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use reqwest::Method;
use serde_json::json;
use stack::{
    Api, ApiOptions, Mongo, Redis,
    children::{end_leftovers, record_in},
    envfile::{quoted, shell, write_private},
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    banner::{Addresses, banner},
    checks,
    http::Http,
    local::{Local, Lock},
    pages::{self, Pages},
    ready_file::ReadyFile,
    say,
    seed::{demos, seed},
    settings::Settings,
};

/// The servers and functions that we have started.
#[derive(Default)]
struct Running {
    mongo: Option<Mongo>,
    redis: Option<Redis>,
    api: Option<Api>,
    pages: Option<Pages>,
    ready: Option<ReadyFile>,
}

/// Runs until a signal, the end of the program that started it, or the loss of a server. Its files
/// are in `folder`, or in `.local`.
pub async fn run(folder: Option<&str>) -> anyhow::Result<()> {
    let mut stop = StopSignals::listen()?;
    let local = folder.map_or_else(Local::open, Local::at)?;
    let mut lock = Lock::take(&local)?;
    ReadyFile::remove_stale(&local.dev_env())?;
    let settings = Settings::read(&local)?;
    check_port(settings.port)?;
    // A connection costs mongod and the gateway a file each, and many systems start programs with
    // 1,024.
    let _ = rlimit::increase_nofile_limit(65_536);
    let ended = end_leftovers(&local.children()).await?;
    if ended > 0 {
        say::line!("Ended {ended} processes that an earlier run had left.");
    }
    record_in(local.children());

    let mut running = Running::default();
    let outcome = tokio::select! {
        lost = serve(&local, &settings, &mut running) => lost,
        why = stop.wait() => {
            say::line!("\n{why}: stopping everything …");
            Ok(())
        }
    };
    lock.stopping();
    tokio::select! {
        () = running.end() => {}
        // The children also end when this process dies, but without a clean shutdown.
        () = stop.second_interrupt() => bail!("ended at once"),
    }
    let _ = fs::remove_file(local.children());
    outcome
}

/// The servers' addresses, ours or given.
struct Servers {
    mongodb_uri: String,
    redis_url: String,
}

/// Starts everything and keeps it going. Returns only when something has gone wrong.
async fn serve(local: &Local, settings: &Settings, running: &mut Running) -> anyhow::Result<()> {
    let began = Instant::now();
    check(settings).await?;
    let servers = running.start_servers(local, settings).await?;
    let env = functions_env(settings, &servers);
    write_private(&local.functions_env(), &quoted(&env))?;
    let options = ApiOptions {
        port: Some(settings.port),
        env,
        instances: settings.concurrency,
        functions: None,
        log_dir: local.logs(),
    };
    let api = running.api.insert(Api::start(options).await?);
    let http = Http::new(api.base_url())?;
    let changes =
        api.invoke("migrate", &json!({})).await?["changes"].as_array().map_or(0, Vec::len);
    say::line!("Collections, indexes and validators: {changes} changes.");
    wait_until_healthy(api, &http).await?;
    let keys = seed(&http, local, settings).await.context("the demo tenants")?;
    let pages = running
        .pages
        .insert(Pages::serve(api.base_url(), demos(settings.demo_arena), &keys).await?);
    let env = shell(&dev_env(settings, api, &servers, &keys, pages));
    running.ready = Some(ReadyFile::write(&local.dev_env(), &env)?);
    say::line!("The demo tenants exist. The start took {:.1} s.", began.elapsed().as_secs_f32());
    let addresses = Addresses {
        api: api.base_url(),
        invoke_port: api.invoke_port(),
        mongodb: &servers.mongodb_uri,
        redis: &servers.redis_url,
        pages,
    };
    say::line!("\n{}", banner(local, settings, &addresses));

    let Running { mongo, redis, .. } = running;
    tokio::select! {
        () = sweep(api) => Ok(()),
        () = deliver(api) => Ok(()),
        _ = exit(mongo.as_ref().map(Mongo::exited)) => {
            let why = mongo.as_ref().map(Mongo::why_it_ended).unwrap_or_default();
            bail!("mongod has ended: {why}")
        }
        _ = exit(redis.as_ref().map(Redis::exited)) => {
            let why = redis.as_ref().map(Redis::why_it_ended).unwrap_or_default();
            bail!("redis-server has ended: {why}")
        }
    }
}

/// Checks the settings, and the servers that were given.
async fn check(settings: &Settings) -> anyhow::Result<()> {
    let address = |given: &Option<String>, own: &str| given.clone().unwrap_or(own.to_owned());
    let servers = Servers {
        mongodb_uri: address(&settings.mongodb_uri, "mongodb://127.0.0.1:1/?replicaSet=rs0"),
        redis_url: address(&settings.redis_url, "redis://127.0.0.1:1"),
    };
    let checked = checks::settings(&functions_env(settings, &servers)).await?;
    if settings.mongodb_uri.is_some() {
        checks::mongodb(&checked).await?;
    }
    if settings.redis_url.is_some() {
        checks::redis(&checked).await?;
    }
    Ok(())
}

/// Every setting of the functions.
fn functions_env(settings: &Settings, servers: &Servers) -> BTreeMap<String, String> {
    let mut env = settings.functions.clone();
    env.insert("MONGODB_URI".to_owned(), servers.mongodb_uri.clone());
    env.insert("MONGODB_DATABASE".to_owned(), settings.database.clone());
    env.insert("REDIS_URL".to_owned(), servers.redis_url.clone());
    env.entry("WEBHOOK_ALLOW_HOSTS".to_owned()).or_insert_with(|| "localhost,127.0.0.1".to_owned());
    if pages::dashboard_is_built() {
        env.entry("ADMIN_ORIGINS".to_owned()).or_insert_with(|| pages::ADMIN_ORIGIN.to_owned());
    }
    env
}

/// The lines of `dev.env`.
fn dev_env(
    settings: &Settings,
    api: &Api,
    servers: &Servers,
    keys: &BTreeMap<&'static str, String>,
    pages: &Pages,
) -> Vec<(String, String)> {
    let mut lines = vec![
        ("BASE_URL".to_owned(), api.base_url().to_owned()),
        ("INVOKE_PORT".to_owned(), api.invoke_port().to_string()),
        ("ADMIN_EMAIL".to_owned(), settings.admin_email.clone()),
        ("ADMIN_PASSWORD".to_owned(), settings.admin_password.clone()),
        ("MONGODB_URI".to_owned(), servers.mongodb_uri.clone()),
        ("MONGODB_DATABASE".to_owned(), settings.database.clone()),
        ("REDIS_URL".to_owned(), servers.redis_url.clone()),
    ];
    if pages.shop {
        lines.push(("SHOP_URL".to_owned(), demos(false)[0].origin.to_owned()));
    }
    if pages.admin {
        lines.push(("ADMIN_URL".to_owned(), pages::ADMIN_ORIGIN.to_owned()));
    }
    for demo in demos(settings.demo_arena) {
        let of = |what: &str, value: &str| (format!("{}_{what}", demo.prefix), value.to_owned());
        lines.extend([
            of("APP_ID", demo.app_id),
            of("API_KEY", &keys[demo.prefix]),
            of("ORIGIN", demo.origin),
            of("ENTITY_ID", demo.entity_id),
        ]);
    }
    lines
}

/// Waits for the end of a server of ours. Where there is none, it waits for ever.
async fn exit<F: Future<Output = anyhow::Result<()>>>(exited: Option<F>) -> anyhow::Result<()> {
    match exited {
        Some(exited) => exited.await,
        None => std::future::pending().await,
    }
}

/// Invokes the scheduled functions every minute, as EventBridge does in AWS.
async fn sweep(api: &Api) {
    let repeat = async |function: &str| {
        // In AWS these work, or wait for what is due, for most of the minute. Here an invocation
        // has too little time for that.
        let is_slow = matches!(function, "expire-reservations" | "publish-live");
        let seconds = if is_slow { 60 } else { 10 };
        let mut ticks = interval(Duration::from_secs(seconds));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = api.invoke(function, &json!({})).await {
                say::problem!("{function}: {error:#}");
            }
        }
    };
    futures_util::future::join_all(stack::EVERY_MINUTE.map(repeat)).await;
}

/// Invokes the deliverer of webhooks every minute. It stays while there is work; the next one then
/// begins when it has ended.
async fn deliver(api: &Api) {
    let mut minutes = interval(Duration::from_secs(60));
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        let event = json!({ "staySeconds": stack::DELIVERER_STAYS_SECONDS });
        if let Err(error) = api.invoke("deliver-webhooks", &event).await {
            say::problem!("deliver-webhooks: {error:#}");
        }
    }
}

async fn wait_until_healthy(api: &Api, http: &Http) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let reply = http.send(Method::GET, "/health", &[], None).await;
        if reply.as_ref().is_ok_and(|reply| reply.status == 200) {
            return Ok(());
        }
        if let Some((function, line)) = api.failures().into_iter().next() {
            bail!("{function} stops at its start: {line}");
        }
        if began.elapsed() > Duration::from_secs(60) {
            let last =
                reply.map_or_else(|error| format!("{error:#}"), |reply| reply.body.to_string());
            bail!("the API is not healthy after a minute: {last}");
        }
        sleep(Duration::from_millis(100)).await;
    }
}

impl Running {
    /// Starts both servers at once: each spends most of its start waiting.
    async fn start_servers(
        &mut self,
        local: &Local,
        settings: &Settings,
    ) -> anyhow::Result<Servers> {
        let data = local.data();
        let mongo = async {
            anyhow::Ok(match settings.mongodb_uri {
                Some(_) => None,
                None => Some(Mongo::start(&data.join("mongodb"), None).await?),
            })
        };
        let redis = async {
            anyhow::Ok(match settings.redis_url {
                Some(_) => None,
                None => Some(Redis::start(&data.join("redis"), None).await?),
            })
        };
        (self.mongo, self.redis) = tokio::try_join!(mongo, redis)?;
        for (name, ours) in [("MongoDB", self.mongo.is_some()), ("Redis", self.redis.is_some())] {
            say::line!("{name}: {}.", if ours { "started" } else { "the given one answers" });
        }
        let given = |url: &Option<String>| url.clone().unwrap_or_default();
        Ok(Servers {
            mongodb_uri: self
                .mongo
                .as_ref()
                .map_or_else(|| given(&settings.mongodb_uri), |m| m.uri().to_owned()),
            redis_url: self
                .redis
                .as_ref()
                .map_or_else(|| given(&settings.redis_url), |r| r.url().to_owned()),
        })
    }

    /// Removes the ready file first, and stops the functions before the servers that they use.
    async fn end(self) {
        drop(self.ready);
        drop(self.pages);
        if let Some(api) = self.api {
            api.stop().await;
        }
        let redis = async {
            if let Some(redis) = self.redis {
                redis.stop().await;
            }
        };
        let mongo = async {
            if let Some(mongo) = self.mongo {
                mongo.stop().await;
            }
        };
        tokio::join!(redis, mongo);
    }
}

/// Checks the port before anything is started: a taken port is the most frequent failure.
fn check_port(port: u16) -> anyhow::Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) => {
            bail!(
                "port {port} cannot be used ({error}): choose another one, e.g. PORT={} make dev",
                port ^ 1024
            )
        }
    }
}

/// The signals to stop.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
    parent: u32,
}

impl StopSignals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            // Under nohup a closed terminal must not stop us, and listening would make it stop us.
            hangup: if hangup_is_ignored() { None } else { Some(signal(SignalKind::hangup())?) },
            parent: parent_id(),
        })
    }

    async fn wait(&mut self) -> &'static str {
        let parent = self.parent;
        let orphaned = async {
            while parent_id() == parent {
                sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::select! {
            why = self.signal() => why,
            () = orphaned => "The program that started this has ended",
        }
    }

    /// Waits for another ctrl-c while everything is stopping.
    async fn second_interrupt(&mut self) {
        let began = Instant::now();
        loop {
            self.interrupt.recv().await;
            // One ctrl-c may arrive twice: from the terminal, and through make.
            if began.elapsed() > Duration::from_secs(1) {
                return;
            }
        }
    }

    async fn signal(&mut self) -> &'static str {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => "Interrupted",
            _ = self.terminate.recv() => "Terminated",
            _ = hangup => "The terminal is closed",
        }
    }
}

fn hangup_is_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}
