//! `stack doctor`: what it says about healthy servers, and that it finds and names each defect.

use std::{collections::BTreeMap, path::Path, process::Stdio, time::Duration};

use mongodb::{
    Database,
    bson::{Document, doc},
};
use serde_json::{Value, json};
use stack::{Mongo, Redis, admin::Credentials};
use tokio::{net::TcpListener, process::Command, time::timeout};

use crate::support::{
    redis_cluster::RedisCluster,
    replica_set::ReplicaSet,
    runtime_api::{Environment, Event},
    secrets_manager::Manager,
    servers,
    stacks::Plan,
    unique,
};

/// More time than all its waits take together.
const BUDGET: Duration = Duration::from_secs(60);

type Settings = BTreeMap<String, String>;

/// What `stack doctor` printed, and whether it found no problem.
#[derive(Debug)]
struct DoctorOutput {
    found_no_problem: bool,
    text: String,
}

/// Runs it with nothing but these settings.
async fn doctor(settings: &Settings, argument: &str) -> DoctorOutput {
    let program = stack::binaries().unwrap().join("stack");
    let mut command = Command::new(program);
    command
        .args(["doctor", argument])
        .env_clear()
        .envs(settings)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(BUDGET, command.output()).await.expect("it ends").expect("it starts");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1)), "{code:?}: {text}");
    DoctorOutput { found_no_problem: code == Some(0), text }
}

impl DoctorOutput {
    /// A line of this level that holds all of these words.
    #[track_caller]
    fn line(&self, level: &str, words: &[&str]) -> &Self {
        let there =
            |line: &str| line.starts_with(level) && words.iter().all(|word| line.contains(word));
        assert!(self.text.lines().any(there), "no {level} with {words:?}:\n{}", self.text);
        self
    }

    #[track_caller]
    fn expect_healthy(&self) -> &Self {
        assert!(
            self.found_no_problem && !self.text.lines().any(|line| line.starts_with("problem ")),
            "{}",
            self.text
        );
        self
    }

    /// It ended with 1, and a line about a problem has these words and says how to fix it.
    #[track_caller]
    fn problem(&self, words: &[&str]) -> &Self {
        assert!(!self.found_no_problem, "it found nothing wrong:\n{}", self.text);
        self.line("problem ", words).line("problem ", &["to fix it: "])
    }

    #[track_caller]
    fn expect_hidden(&self, secrets: &[&str]) -> &Self {
        for secret in secrets {
            assert!(!self.text.contains(secret), "{secret} is shown:\n{}", self.text);
        }
        self
    }
}

/// Settings of a migrated database of its own, on the servers of this test process.
async fn migrated() -> (Settings, Database) {
    let mut settings = Credentials::generate().unwrap().env();
    settings.insert("MONGODB_URI".into(), servers::mongodb_uri().await.into());
    settings.insert("MONGODB_DATABASE".into(), unique("doctor"));
    settings.insert("REDIS_URL".into(), servers::redis_url().await.into());
    let function = Environment::start("migrate", &settings).await;
    function.invoke(&Event::scheduled(), BUDGET).value().await;
    let client = mongodb::Client::with_uri_str(&settings["MONGODB_URI"]).await.unwrap();
    let database = client.database(&settings["MONGODB_DATABASE"]);
    (settings, database)
}

fn with(settings: &Settings, name: &str, value: &str) -> Settings {
    let mut settings = settings.clone();
    settings.insert(name.to_owned(), value.to_owned());
    settings
}

#[tokio::test]
async fn healthy_servers_have_no_problem() {
    let (settings, _) = migrated().await;
    let output = doctor(&settings, "-").await;
    output.expect_healthy();
    for (check, words) in [
        ("settings", vec!["all are valid"]),
        ("secret", vec!["complete", "1 for admins' tokens"]),
        ("mongodb", vec!["replica set rs0"]),
        ("mongodb", vec!["transactionLifetimeLimitSeconds"]),
        ("writes", vec!["the primary answers", "its journals: yes"]),
        ("database", vec!["as migrate makes them"]),
        ("redis", vec!["noeviction"]),
        ("redis", vec!["append-only file: on"]),
        ("clocks", vec!["MongoDB", "Redis", " ms"]),
        ("api", vec!["BASE_URL is not set"]),
    ] {
        output.line("ok", &[&[check], words.as_slice()].concat());
    }
    output.line("problems: 0, warnings: 0", &[]);
    let secrets = ["ADMIN_PASSWORD_HASH", "ADMIN_JWT_SECRET", "USER_JWT_SECRET"];
    output.expect_hidden(&secrets.map(|name| settings[name].as_str()));
}

#[tokio::test]
async fn the_settings_of_a_file_are_read_as_the_local_stack_writes_them() {
    let (settings, _) = migrated().await;
    let folder = servers::directory("doctor-file");
    let file = folder.join("functions.env");
    let text = format!("# of a test\n\n{}", stack::envfile::quoted(&settings));
    std::fs::write(&file, text).unwrap();
    let name = |path: &Path| path.to_str().unwrap().to_owned();
    let output = doctor(&Settings::new(), &name(&file)).await;
    output.expect_healthy().line("The settings come from", &["functions.env"]);
    // The file overrides the environment, and the file beside it has the address of the API.
    std::fs::write(folder.join("dev.env"), "BASE_URL=http://127.0.0.1:1\n").unwrap();
    let elsewhere =
        Settings::from([("MONGODB_URI".to_owned(), "mongodb://127.0.0.1:1/".to_owned())]);
    doctor(&elsewhere, &name(&file))
        .await
        .problem(&["api", "BASE_URL", "cannot be reached"])
        .line("ok", &["mongodb"]);
    let none = doctor(&Settings::new(), &name(&folder.join("none.env"))).await;
    assert!(
        !none.found_no_problem && none.text.contains("none.env cannot be read"),
        "{}",
        none.text
    );
}

#[tokio::test]
async fn what_is_missing_in_the_database_is_named_each_in_its_line() {
    let (settings, database) = migrated().await;
    let seats = database.collection::<Document>("seats");
    seats.drop_index("appId_entityId_seatNumber_unique").await.unwrap();
    let bookings = database.collection::<Document>("bookings");
    bookings.drop_index("bookingDate_status").await.unwrap();
    let change = |command: Document| {
        let database = database.clone();
        async move { drop(database.run_command(command).await.unwrap()) }
    };
    // An index with the right name and other keys; no validator; a validator that accepts
    // everything.
    change(doc! {"createIndexes": "bookings", "indexes": [{"key": {"bookingDate": 1}, "name": "bookingDate_status"}]})
        .await;
    change(doc! {"collMod": "users", "validator": {}}).await;
    change(doc! {"collMod": "apps", "validationLevel": "off"}).await;
    change(doc! {"collMod": "entities", "validationAction": "warn"}).await;
    change(
        doc! {"collMod": "reservations", "index": {"name": "claimed_seats_unique", "hidden": true}},
    )
    .await;
    database.collection::<Document>("idempotency_keys").drop().await.unwrap();
    let output = doctor(&settings, "-").await;
    output.problem(&["index seats.appId_entityId_seatNumber_unique is missing", "run migrate"]);
    output.problem(&[
        "index bookings.bookingDate_status differs from what migrate creates",
        "drop it",
    ]);
    output.problem(&["index reservations.claimed_seats_unique differs"]);
    output.problem(&["validator of users", "run migrate"]);
    output.problem(&["validator of apps has another validation level", "run migrate"]);
    output.problem(&["validator of entities does not refuse", "collMod"]);
    output.problem(&["collection idempotency_keys is missing"]);
    output.line("problems: 7, warnings: 0", &[]);
}

async fn own_redis(commands: &[&[&str]]) -> Redis {
    let redis = servers::own_redis("doctor").await;
    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    for command in commands {
        servers::redis_command(&mut connection, command).await;
    }
    redis
}

#[tokio::test]
async fn a_redis_that_evicts_or_refuses_is_reported() {
    let (settings, _) = migrated().await;
    let at = |redis: &Redis| with(&settings, "REDIS_URL", redis.url());
    let evicting = own_redis(&[&["CONFIG", "SET", "maxmemory-policy", "volatile-lru"]]).await;
    doctor(&at(&evicting), "-").await.problem(&[
        "redis",
        "maxmemory-policy is volatile-lru",
        "noeviction",
    ]);
    let forgetful = own_redis(&[&["CONFIG", "SET", "appendonly", "no"]]).await;
    doctor(&at(&forgetful), "-").await.expect_healthy().line("warning", &["append-only file: off"]);
    let full = own_redis(&[&["CONFIG", "SET", "maxmemory", "900kb"]]).await;
    doctor(&at(&full), "-").await.problem(&["of 921600 bytes are in use", "full", "maxmemory"]);
    let replica = own_redis(&[&["REPLICAOF", "127.0.0.1", "1"]]).await;
    doctor(&at(&replica), "-").await.problem(&["redis", "replica and refuses writes"]);
    let gone = with(&settings, "REDIS_URL", "redis://:canary-redis@127.0.0.1:1");
    doctor(&gone, "-").await.problem(&["REDIS_URL", "cannot be asked"]).expect_hidden(&["canary"]);
}

#[tokio::test]
async fn a_cluster_is_checked_node_by_node_and_its_node_is_not_taken_for_a_server() {
    let (settings, _) = migrated().await;
    let cluster = RedisCluster::start().await;
    let output = doctor(&with(&settings, "REDIS_URL", &cluster.url()), "-").await;
    output.line("ok", &["redis", "127.0.0.1:", "of a cluster"]);
    let policies = output.text.lines().filter(|line| line.contains("maxmemory-policy")).count();
    assert!(policies >= 3, "{}", output.text);
    let node = cluster.url().replace("redis-cluster://", "redis://");
    let node = node.split(',').next().unwrap();
    doctor(&with(&settings, "REDIS_URL", node), "-")
        .await
        .problem(&["it is a node of a cluster", "redis-cluster://"]);
}

#[tokio::test]
async fn an_unavailable_database_and_one_without_a_primary_are_reported() {
    let (settings, _) = migrated().await;
    let gone = with(
        &settings,
        "MONGODB_URI",
        "mongodb://somebody:canary-mongodb@127.0.0.1:1/?replicaSet=rs0",
    );
    doctor(&gone, "-")
        .await
        .problem(&["mongodb", "MONGODB_URI", "no member answers"])
        .expect_hidden(&["canary"]);
    let mut set = ReplicaSet::start(3).await;
    let primary = set.primary().await;
    for other in (0..3).filter(|member| *member != primary) {
        set.kill(other).await;
    }
    // It steps down after ten seconds without the others. Until then it is the member that lags.
    let settings = with(&settings, "MONGODB_URI", &set.uri());
    let began = std::time::Instant::now();
    let output = loop {
        let output = doctor(&settings, "-").await;
        if output.text.contains("no primary answers") || began.elapsed() > Duration::from_secs(60) {
            break output;
        }
    };
    output.problem(&["writes", "no primary answers", "rs.status()"]);
}

#[tokio::test]
async fn a_misspelt_setting_is_reported() {
    let (settings, _) = migrated().await;
    let output = doctor(&with(&settings, "HOLD_TTL_SECOND", "60"), "-").await;
    output
        .expect_healthy()
        .line("warning", &["HOLD_TTL_SECOND is not a setting", "HOLD_TTL_SECONDS"]);
}

/// Any limit works: the default of MongoDB and of Atlas, too.
#[tokio::test]
async fn a_transaction_limit_of_60_s_is_no_problem() {
    let (settings, _) = migrated().await;
    let mongo = Mongo::start(&servers::directory("doctor-mongo"), None).await.unwrap();
    let client = mongodb::Client::with_uri_str(mongo.uri()).await.unwrap();
    let minute = doc! {"setParameter": 1, "transactionLifetimeLimitSeconds": 60};
    client.database("admin").run_command(minute).await.unwrap();
    let settings = with(&settings, "MONGODB_URI", mongo.uri());
    let function = Environment::start("migrate", &settings).await;
    function.invoke(&Event::scheduled(), BUDGET).value().await;
    let output = doctor(&settings, "-").await;
    output.expect_healthy().line("ok", &["lives for 60 s (transactionLifetimeLimitSeconds)"]);
}

#[tokio::test]
async fn a_malformed_setting_is_named_and_never_quoted() {
    let (settings, _) = migrated().await;
    for (name, value) in [
        ("HOLD_TTL_SECONDS", "canary"),
        ("RATE_LIMIT_LOGIN", "canary"),
        ("MONGODB_URI", "canary"),
        ("REDIS_URL", "http://canary"),
        ("ADMIN_ORIGINS", "canary"),
        ("ADMIN_ORIGINS", "https://*.co.uk"),
        ("ADMIN_PASSWORD_HASH", "canary"),
        ("USER_JWT_SECRET", "canary"),
        ("MONGODB_DATABASE", ""),
        ("ADMIN_EMAIL", ""),
    ] {
        doctor(&with(&settings, name, value), "-")
            .await
            .problem(&[name])
            .expect_hidden(&["canary"]);
    }
}

#[tokio::test]
async fn a_secret_is_read_as_functions_read_it_and_shown_by_nothing() {
    let (settings, _) = migrated().await;
    let manager = Manager::start().await;
    let canary = |name: &str| format!("canary-{name}-of-more-than-32-characters");
    let whole = json!({
        "adminEmail": "canary@example.com",
        "adminPasswordHash": settings["ADMIN_PASSWORD_HASH"],
        "adminJwtKeys": [{"kid": "1", "secret": canary("admin")}],
        "userJwtKeys": [{"kid": "2", "secret": canary("user")}, {"kid": "1", "secret": canary("earlier")}],
        "mongodbUri": format!("{}&appName=canary", settings["MONGODB_URI"]),
        "redisUrl": settings["REDIS_URL"],
    });
    let secrets = ["canary", &settings["ADMIN_PASSWORD_HASH"]];
    let read_from = |id: String| {
        let mut read: Settings = manager
            .settings(&id)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        read.insert("MONGODB_DATABASE".to_owned(), settings["MONGODB_DATABASE"].clone());
        read
    };
    let id = manager.keep(&whole).await;
    let output = doctor(&read_from(id), "-").await;
    output
        .expect_healthy()
        .line("ok", &["secret", "Secrets Manager", "1 for admins' tokens, 2 for users'"])
        .expect_hidden(&secrets);
    for (field, value) in [
        ("userJwtKeys", Value::Null),
        ("adminPasswordHash", json!("canary")),
        ("adminJwtKeys", json!([{"kid": "1", "secret": "canary"}])),
    ] {
        let mut broken = whole.clone();
        broken[field] = value;
        let output = doctor(&read_from(manager.keep(&broken).await), "-").await;
        output.problem(&["secret", field]).expect_hidden(&secrets);
    }
    for field in
        ["adminEmail", "adminPasswordHash", "adminJwtKeys", "userJwtKeys", "mongodbUri", "redisUrl"]
    {
        let mut lacking = whole.clone();
        lacking.as_object_mut().unwrap().remove(field);
        doctor(&read_from(manager.keep(&lacking).await), "-")
            .await
            .problem(&[field])
            .expect_hidden(&secrets);
    }
    doctor(&read_from("no-such-secret".to_owned()), "-")
        .await
        .problem(&["secret", "cannot be read"]);
}

#[tokio::test]
async fn the_api_is_asked_for_its_health() {
    let stack =
        Plan { functions: Some(&["health", "preflight"]), ..Plan::new("doctor") }.start().await;
    let (settings, _) = migrated().await;
    let asked = |base: &str| with(&settings, "BASE_URL", base);
    doctor(&asked(&format!("{}/", stack.base)), "-")
        .await
        .expect_healthy()
        .line("ok", &["api", "GET /health: ok"]);
    // Another program responds there, or none, or it is no address.
    let other = format!("{}/nowhere", stack.base);
    doctor(&asked(&other), "-").await.problem(&["api", "not as this API does"]);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://somebody:canary@{}", silent.local_addr().unwrap());
    doctor(&asked(&silent), "-")
        .await
        .problem(&["api", "does not answer in time"])
        .expect_hidden(&["canary"]);
    doctor(&asked("canary"), "-").await.problem(&["api", "BASE_URL"]).expect_hidden(&["canary"]);
}
