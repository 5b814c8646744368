//! Many viewers of one seat map behind a cache: what reaches the origin, and how late a sale is
//! seen. The cache is nginx, which has to be on the PATH.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use rand::Rng as _;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::support::{
    feed::{SOLD, Viewer},
    people::Tenant,
    poll::eventually,
    processor_time::processor_time,
    servers,
    stacks::Plan,
};

const VIEWERS: usize = 2_000;
const SEATS: usize = 500;
const SALES: usize = 30;
const FUNCTIONS: &[&str] =
    &["admin-login", "register-app", "create-seats", "signup", "reserve", "confirm", "feed"];

/// A cache in front of the API. Dropping it ends it.
struct Cache {
    nginx: Child,
    port: u16,
    log: std::path::PathBuf,
}

impl Drop for Cache {
    fn drop(&mut self) {
        let _ = self.nginx.kill();
        let _ = self.nginx.wait();
    }
}

fn config(directory: &Path, port: u16, origin: &str) -> String {
    let d = directory.display();
    format!(
        "daemon off; master_process off; pid {d}/pid; error_log {d}/error.log;
         events {{ worker_connections 8192; }}
         http {{
           log_format cache '$upstream_cache_status';
           access_log {d}/access.log cache;
           client_body_temp_path {d}/body; proxy_temp_path {d}/proxy;
           fastcgi_temp_path {d}/fastcgi; uwsgi_temp_path {d}/uwsgi; scgi_temp_path {d}/scgi;
           proxy_cache_path {d}/cache keys_zone=feed:1m;
           keepalive_requests 1000000; keepalive_timeout 120s;
           server {{
             listen 127.0.0.1:{port} backlog=4096;
             location /feed/ {{
               proxy_pass {origin}; proxy_http_version 1.1; proxy_read_timeout 3s;
               proxy_cache feed; proxy_cache_key $uri$arg_v; proxy_cache_lock on;
               proxy_cache_use_stale updating;
             }}
           }}
         }}"
    )
}

impl Cache {
    async fn start(origin: &str) -> Self {
        let directory = servers::directory("nginx");
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let file = directory.join("nginx.conf");
        std::fs::write(&file, config(&directory, port, origin)).expect("a file");
        let nginx = Command::new("nginx")
            .args(["-p".as_ref(), directory.as_os_str(), "-c".as_ref(), file.as_os_str()])
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is on the PATH");
        let answers = || async { TcpStream::connect(("127.0.0.1", port)).await.ok() };
        eventually("nginx listens", Duration::from_secs(20), answers).await;
        Self { nginx, port, log: directory.join("access.log") }
    }

    /// Requests, and those among them that reached the origin.
    fn requests(&self) -> (usize, usize) {
        let log = std::fs::read_to_string(&self.log).expect("the log");
        // The others are answered from the cache, also while one request refreshes it.
        let at_origin =
            |status: &&str| ["MISS", "EXPIRED", "REVALIDATED", "BYPASS"].contains(status);
        (log.lines().count(), log.lines().filter(at_origin).count())
    }
}

/// When each sale was confirmed, and how late the viewers saw each.
#[derive(Default)]
struct Delays {
    sold: Mutex<Vec<Instant>>,
    seen: Mutex<Vec<Duration>>,
    over: AtomicBool,
}

/// A page that reads the feed as often as the feed says. By hand: a client library in a debug
/// build would need more of the machine than the API.
async fn watch(port: u16, key: String, delays: Arc<Delays>) {
    let first = rand::rng().random_range(0..1_500);
    tokio::time::sleep(Duration::from_millis(first)).await;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    let request = format!("GET /feed/{key} HTTP/1.1\r\nhost: api.example.com\r\n\r\n");
    let (mut known, mut newest) = (0, 0);
    while !delays.over.load(Ordering::Relaxed) {
        stream.write_all(request.as_bytes()).await.expect("a request");
        let body = body_of(&mut stream).await;
        let (seq, wait) = (body["seq"].as_i64(), body["refreshMs"].as_u64());
        let (Some(seq), Some(wait)) = (seq, wait) else { panic!("no feed: {body}") };
        assert!(seq >= newest, "{seq} after {newest}");
        newest = seq;
        let states = STANDARD.decode(body["states"].as_str().expect("states")).expect("base64");
        let bits = states.iter().flat_map(|byte| (0..4).map(move |n| byte >> (2 * n) & 3));
        let sold = bits.filter(|state| *state == SOLD).count();
        let confirmed = delays.sold.lock().unwrap().clone();
        let new = confirmed.iter().take(sold).skip(known).map(Instant::elapsed);
        delays.seen.lock().unwrap().extend(new);
        known = sold.max(known);
        let jitter = rand::rng().random_range(0..=wait / 5);
        tokio::time::sleep(Duration::from_millis(wait + jitter)).await;
    }
}

async fn body_of(stream: &mut TcpStream) -> Value {
    let mut text = Vec::new();
    loop {
        stream.read_buf(&mut text).await.expect("a response");
        let head = text.windows(4).position(|end| end == b"\r\n\r\n");
        let Some(head) = head else { continue };
        let lines = String::from_utf8_lossy(&text[..head]).to_lowercase();
        let length = lines.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("a length").trim().parse().expect("a number");
        if text.len() >= head + 4 + length {
            return serde_json::from_slice(&text[head + 4..]).expect("JSON");
        }
    }
}

async fn sell(tenant: &Tenant, seats: &[String], delays: &Delays) {
    let user = tenant.user().await;
    for seat in &seats[..SALES] {
        user.book(&[seat]).await;
        delays.sold.lock().unwrap().push(Instant::now());
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement that needs the machine for itself, and nginx"]
async fn of_two_thousand_viewers_behind_a_cache_few_requests_reach_the_origin() {
    let plan = Plan { functions: Some(FUNCTIONS), ..Plan::new("crowd").unlimited() };
    let stack = plan.start().await;
    let tenant = stack.tenant().await;
    let numbers: Vec<String> = (1..=SEATS).map(|n| format!("A{n}")).collect();
    let seats = tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let key = Viewer::of(&tenant).await.key;
    let cache = Cache::start(&stack.base).await;
    let delays = Arc::new(Delays::default());
    let began = Instant::now();
    let watching =
        (0..VIEWERS).map(|_| tokio::spawn(watch(cache.port, key.clone(), delays.clone())));
    let watching: Vec<_> = watching.collect();
    sell(&tenant, &seats, &delays).await;
    let all_seen =
        || async { (delays.seen.lock().unwrap().len() == VIEWERS * SALES).then_some(()) };
    eventually("every viewer has seen every sale", Duration::from_secs(30), all_seen).await;
    delays.over.store(true, Ordering::Relaxed);
    for viewer in join_all(watching).await {
        viewer.expect("a viewer never sees an older state");
    }
    let seconds = began.elapsed().as_secs_f64();
    let (all, origin) = cache.requests();
    let mut seen = std::mem::take(&mut *delays.seen.lock().unwrap());
    seen.sort_unstable();
    let at = |part: usize| seen[seen.len() * part / 100].as_millis();
    println!(
        "{VIEWERS} viewers for {seconds:.0} s: {:.0} requests/s, {:.1}/s at the origin; \
         {SALES} sales seen after {} ms (p50), {} ms (p95)",
        all as f64 / seconds,
        origin as f64 / seconds,
        at(50),
        at(95)
    );
    assert!(origin as f64 <= 2.0 * seconds, "{origin} requests reached the origin");
    assert!(at(95) <= 1_500 + 2_000, "a sale was seen after {} ms", at(95));
}

#[tokio::test]
#[ignore = "a measurement that needs the machine for itself"]
async fn an_unchanged_feed_takes_less_than_20_ms_of_processor_time() {
    const READS: u32 = 1_000;
    let plan = Plan { functions: Some(FUNCTIONS), ..Plan::new("still").unlimited() };
    let stack = plan.start().await;
    let tenant = stack.tenant().await;
    let numbers: Vec<String> = (1..=SEATS).map(|n| format!("A{n}")).collect();
    tenant.seats(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let viewer = Viewer::of(&tenant).await;
    let used = || {
        processor_time(&[
            ("MONGODB_DATABASE", stack.database.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "feed"),
        ])
        .expect("/proc")
    };
    for _ in 0..50 {
        viewer.read_feed().await;
    }
    let before = used();
    for _ in 0..READS {
        viewer.read_feed().await;
    }
    let each = (used() - before) / READS;
    println!("an unchanged feed of {SEATS} seats: {each:?} of our processor time a request");
    assert!(each < Duration::from_millis(20), "{each:?}");
}
