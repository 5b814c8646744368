//! A window: some seconds of a closed loop, and its figures. The first moments run uncounted.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{bail, ensure};
use hdrhistogram::Histogram;
use serde::Serialize;
use stack::harness::runtime_api::{Load, status};
use tokio::sync::Notify;

use crate::{
    processes::{Cpu, Processes},
    seat_pages::{SeatPage, VersionBumper},
};

/// How long each window runs uncounted, to warm up processes that were idle.
const WARM_UP_TIME: Duration = Duration::from_millis(250);
/// How long requests that are open at a window's end may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);
const MAX_LATENCY_US: u64 = 60_000_000;

/// The statuses that a window's responses must have.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// Responses with this status are counted.
    pub status: u16,
    /// Responses with this status are accepted and not counted: one user wins a contended seat.
    pub uncounted: Option<u16>,
}

struct Seen {
    latencies: Histogram<u64>,
    /// How many responses arrived within the window.
    responses: u64,
    wrong: Option<String>,
    /// When a lane had no job left, or a job failed, before the window's end.
    ended_early: Option<Instant>,
}

/// A window over jobs that were made before. Each environment has a lane of its own;
/// the floor has one.
pub struct Window<J> {
    lanes: Vec<Lane<J>>,
    from: Instant,
    until: Instant,
    over: AtomicBool,
    /// Whether a lane starts again when its jobs are done.
    repeats: bool,
    open: AtomicUsize,
    idle: Notify,
    early: Notify,
    seen: Mutex<Seen>,
}

struct Lane<J> {
    jobs: Vec<J>,
    next: AtomicUsize,
}

/// The latencies, the rate and the processor time of one window.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    pub p50_ms: f64,
    pub p90_ms: f64,
    pub p99_ms: f64,
    pub per_second: f64,
    pub responses: u64,
    #[serde(skip)]
    pub cpu: Cpu,
}

impl<J: Clone> Window<J> {
    /// Opens a window of `length`. Its warm-up begins now.
    pub fn open(lanes: Vec<Vec<J>>, length: Duration, repeats: bool) -> anyhow::Result<Arc<Self>> {
        let latencies = Histogram::new_with_bounds(1, MAX_LATENCY_US, 3)?;
        let from = Instant::now() + WARM_UP_TIME;
        Ok(Arc::new(Self {
            lanes: lanes.into_iter().map(|jobs| Lane { jobs, next: AtomicUsize::new(0) }).collect(),
            from,
            until: from + length,
            over: AtomicBool::new(false),
            repeats,
            open: AtomicUsize::new(0),
            idle: Notify::new(),
            early: Notify::new(),
            seen: Mutex::new(Seen { latencies, responses: 0, wrong: None, ended_early: None }),
        }))
    }

    /// The next job of a lane; `None` when the window is over.
    pub fn next(&self, lane: usize) -> Option<(usize, J)> {
        let lane = &self.lanes[lane];
        if self.over.load(Ordering::Relaxed) || Instant::now() >= self.until {
            return None;
        }
        let turn = lane.next.fetch_add(1, Ordering::Relaxed);
        let index = if self.repeats { turn % lane.jobs.len().max(1) } else { turn };
        let Some(job) = lane.jobs.get(index) else {
            self.end_early(None);
            return None;
        };
        self.open.fetch_add(1, Ordering::Relaxed);
        Some((index, job.clone()))
    }

    /// A job that began then has succeeded.
    pub fn done(&self, began: Instant, counts: bool) {
        let now = Instant::now();
        if counts && now >= self.from {
            let mut seen = self.seen();
            if now <= self.until && !self.over.load(Ordering::Relaxed) {
                seen.responses += 1;
            }
            // Also when it ends after the window: else the slowest would be left out.
            if began >= self.from {
                let micros = u64::try_from((now - began).as_micros()).unwrap_or(MAX_LATENCY_US);
                seen.latencies.saturating_record(micros.clamp(1, MAX_LATENCY_US));
            }
        }
        self.close_one();
    }

    /// A job has failed, which fails the window.
    pub fn fail(&self, what: String) {
        self.end_early(Some(what));
        self.close_one();
    }

    fn end_early(&self, wrong: Option<String>) {
        self.over.store(true, Ordering::Relaxed);
        let mut seen = self.seen();
        seen.ended_early.get_or_insert_with(Instant::now);
        seen.wrong = seen.wrong.take().or(wrong);
        self.early.notify_one();
    }

    fn close_one(&self) {
        if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.idle.notify_one();
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the end of the window and of its open requests. Fails if a response
    /// was not as expected.
    pub async fn measured(&self, processes: &Processes) -> anyhow::Result<Measured> {
        tokio::time::sleep_until(self.from.into()).await;
        let before = Cpu::of(processes);
        tokio::select! {
            () = tokio::time::sleep_until(self.until.into()) => {}
            () = self.early.notified() => {}
        }
        let cpu = Cpu::of(processes).with(before, |now, before| now - before);
        let by = tokio::time::Instant::now() + DRAIN_TIMEOUT;
        while self.open.load(Ordering::Acquire) > 0 {
            let idle = tokio::time::timeout_at(by, self.idle.notified()).await;
            ensure!(idle.is_ok(), "requests are still open {DRAIN_TIMEOUT:?} after the window");
        }
        let seen = self.seen();
        if let Some(wrong) = &seen.wrong {
            bail!("{wrong}");
        }
        let ended = seen.ended_early.unwrap_or(self.until).min(self.until);
        ensure!(ended > self.from, "the jobs ran out before anything was counted");
        // On a busy machine it can be that nothing began within the window.
        let none = seen.latencies.is_empty();
        let ms = |quantile| {
            if none { f64::NAN } else { seen.latencies.value_at_quantile(quantile) as f64 / 1000.0 }
        };
        Ok(Measured {
            p50_ms: ms(0.5),
            p90_ms: ms(0.9),
            p99_ms: ms(0.99),
            per_second: seen.responses as f64 / (ended - self.from).as_secs_f64(),
            responses: seen.responses,
            cpu,
        })
    }
}

/// One event for a function, and the page that it lists if its version is to be bumped after that.
#[derive(Clone)]
pub struct Event {
    pub payload: Arc<[u8]>,
    pub page: Option<Arc<SeatPage>>,
}

/// A lane of a window, as the Runtime API of an environment takes it.
pub struct WindowLoad {
    pub window: Arc<Window<Event>>,
    pub lane: usize,
    pub expected: Expected,
    pub bumper: VersionBumper,
}

impl Load for WindowLoad {
    fn next(&self) -> Option<(usize, Arc<[u8]>)> {
        let (job, event) = self.window.next(self.lane)?;
        Some((job, event.payload))
    }

    fn completed(&self, job: usize, handed_over: Instant, payload: &[u8], failed: bool) {
        if let Some(page) = &self.window.lanes[self.lane].jobs[job].page {
            self.bumper.bump(page);
        }
        let (status, expected) = (status(payload), self.expected);
        if !failed && (status == expected.status || expected.uncounted == Some(status)) {
            self.window.done(handed_over, status == expected.status);
        } else {
            let shown = String::from_utf8_lossy(&payload[..payload.len().min(1500)]);
            self.window.fail(format!("expected {}, got {shown}", expected.status));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_window_ends_without_jobs_and_fails_with_the_first_wrong_response() {
        let own = std::process::id();
        let processes = Processes { ours: Vec::new(), mongod: own, redis: own };
        let open = || Window::open(vec![vec![(); 2]], Duration::from_secs(60), false).unwrap();
        let window = open();
        tokio::time::sleep(WARM_UP_TIME + Duration::from_millis(20)).await;
        for _ in 0..2 {
            assert!(window.next(0).is_some());
            window.done(Instant::now(), true);
        }
        assert!(window.next(0).is_none());
        assert_eq!(window.measured(&processes).await.unwrap().responses, 2);

        let window = open();
        assert!(window.next(0).is_some());
        window.fail("a status of 500".into());
        assert!(window.measured(&processes).await.unwrap_err().to_string().contains("500"));
    }
}
