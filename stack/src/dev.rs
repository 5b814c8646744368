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
    block::block,
    http::Http,
    local::{Local, Lock},
    say,
    seed::{DEMOS, seed},
    settings::Settings,
};

/// What runs, in the order it was started; what is not ours is not here.
#[derive(Default)]
struct Running {
    mongo: Option<Mongo>,
    redis: Option<Redis>,
    api: Option<Api>,
}

/// Runs until a signal, the end of whoever started it, or the loss of a server. What it leaves on
/// disk is in `folder`, or in `.local`.
pub async fn run(folder: Option<&str>) -> anyhow::Result<()> {
    let mut stop = Stop::listen()?;
    let local = folder.map_or_else(Local::open, Local::at)?;
    let mut lock = Lock::take(&local)?;
    remove(&local)?;
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
            say::line!("\n{why}: ending everything …");
            Ok(())
        }
    };
    lock.stopping();
    let removed = remove(&local);
    tokio::select! {
        () = running.end() => {}
        // Dying ends the children too, only less politely.
        () = stop.impatience() => bail!("ended at once"),
    }
    let _ = fs::remove_file(local.children());
    outcome.and(removed)
}

/// The servers' addresses, ours or given.
struct Servers {
    mongodb_uri: String,
    redis_url: String,
}

/// Starts everything and keeps it going; returns only with what went wrong.
async fn serve(local: &Local, settings: &Settings, running: &mut Running) -> anyhow::Result<()> {
    let began = Instant::now();
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
    say::line!("The database is as the functions want it; changes made: {changes}.");
    wait_until_healthy(api, &http).await?;
    let keys = seed(&http, local, settings).await.context("the demo tenants")?;
    write_private(&local.dev_env(), &shell(&offered(settings, api.base_url(), &servers, &keys)))?;
    say::line!(
        "The demo tenants are there; the whole start took {:.1} s.",
        began.elapsed().as_secs_f32()
    );
    say::line!(
        "\n{}",
        block(local, settings, api.base_url(), &servers.mongodb_uri, &servers.redis_url)
    );

    let logs = local.data();
    tokio::select! {
        () = sweep(api) => Ok(()),
        _ = lost(running.mongo.as_ref().map(Mongo::exited)) => bail!("mongod has ended; its log is under {}", logs.display()),
        _ = lost(running.redis.as_ref().map(Redis::exited)) => bail!("redis-server has ended; its log is under {}", logs.display()),
    }
}

/// Every setting of the functions.
fn functions_env(settings: &Settings, servers: &Servers) -> BTreeMap<String, String> {
    let mut env = settings.functions.clone();
    env.insert("MONGODB_URI".to_owned(), servers.mongodb_uri.clone());
    env.insert("MONGODB_DATABASE".to_owned(), settings.database.clone());
    env.insert("REDIS_URL".to_owned(), servers.redis_url.clone());
    env
}

/// The lines of `dev.env`.
fn offered(
    settings: &Settings,
    base_url: &str,
    servers: &Servers,
    keys: &BTreeMap<&'static str, String>,
) -> Vec<(String, String)> {
    let mut lines = vec![
        ("BASE_URL".to_owned(), base_url.to_owned()),
        ("ADMIN_EMAIL".to_owned(), settings.admin_email.clone()),
        ("ADMIN_PASSWORD".to_owned(), settings.admin_password.clone()),
        ("MONGODB_URI".to_owned(), servers.mongodb_uri.clone()),
        ("MONGODB_DATABASE".to_owned(), settings.database.clone()),
        ("REDIS_URL".to_owned(), servers.redis_url.clone()),
    ];
    for demo in &DEMOS {
        let of = |what: &str, value: &str| (format!("{}_{what}", demo.domain), value.to_owned());
        lines.extend([
            of("APP_ID", demo.app_id),
            of("API_KEY", &keys[demo.domain]),
            of("ORIGIN", demo.origin),
            of("ENTITY_ID", demo.entity_id),
        ]);
    }
    lines
}

/// Waits for the end of a server of ours; for ever where there is none.
async fn lost<F: Future<Output = anyhow::Result<()>>>(exit: Option<F>) -> anyhow::Result<()> {
    match exit {
        Some(exit) => exit.await,
        None => std::future::pending().await,
    }
}

/// What EventBridge does in the cloud.
async fn sweep(api: &Api) {
    let mut minutes = interval(Duration::from_secs(60));
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        if let Err(error) = api.invoke("expire-reservations", &json!({})).await {
            say::problem!("expire-reservations: {error:#}");
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
    /// Both at once: each takes most of its time waiting.
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
            say::line!(
                "{name}: {}.",
                if ours { "our own, and it answers" } else { "the given one" }
            );
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

    /// The functions first: they use the servers.
    async fn end(self) {
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

/// `dev.env` says that the stack is ready, so it must not be there before or after.
fn remove(local: &Local) -> anyhow::Result<()> {
    match fs::remove_file(local.dev_env()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", local.dev_env().display()))
        }
        _ => Ok(()),
    }
}

/// Before anything is started: a taken port is what most often stands in the way.
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

/// The reasons to end.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
    parent: u32,
}

impl Stop {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            // Under nohup a closed terminal is meant to be no reason; listening would make it one
            // again.
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
            () = orphaned => "Whoever started this is gone",
        }
    }

    /// A ctrl-c while everything is being ended already.
    async fn impatience(&mut self) {
        let began = Instant::now();
        loop {
            self.interrupt.recv().await;
            // One order to end may come twice: to the group, and through make.
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
            _ = hangup => "The terminal is gone",
        }
    }
}

fn hangup_is_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}
