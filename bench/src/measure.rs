//! A window: some seconds of a closed loop, and what came of it. The first moments are run and not
//! counted.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::bail;
use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::sync::Notify;

use crate::{
    places::Outdate,
    runtime::{self, Load},
    usage::{Cpu, Watched},
};

/// What is run at the beginning of each window and not counted: it warms up what idled meanwhile.
const LEAD: Duration = Duration::from_millis(250);
/// How long what is under way at a window's end may take to end.
const DRAIN: Duration = Duration::from_secs(20);
/// The longest latency that is told from a longer one, in microseconds.
const LONGEST: u64 = 60_000_000;

/// What a window's answers have to be.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// What is counted.
    pub status: u16,
    /// What may come beside it, uncounted: of a contended seat, the one who gets it.
    pub beside: Option<u16>,
}

impl Expected {
    /// This status and no other.
    #[must_use]
    pub fn only(status: u16) -> Self {
        Self { status, beside: None }
    }
}

struct Seen {
    latencies: Histogram<u64>,
    /// Answers that arrived between the window's two ends.
    answers: u64,
    wrong: Option<String>,
}

/// A window over jobs that were made before. Each lane is worked off by one environment, or one
/// task of the floor.
pub struct Window<J> {
    lanes: Vec<Lane<J>>,
    from: Instant,
    until: Instant,
    over: AtomicBool,
    expected: Expected,
    /// Whether the jobs may be done again and again.
    cycles: bool,
    under_way: AtomicUsize,
    idle: Notify,
    seen: Mutex<Seen>,
    /// When a lane had no job left, before the window's end.
    ended_early: Mutex<Option<Instant>>,
    early: Notify,
}

struct Lane<J> {
    jobs: Vec<J>,
    next: AtomicUsize,
}

/// A window's figures.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// Milliseconds that half of the requests took at most.
    pub p50_ms: f64,
    /// The same of nine in ten.
    pub p90_ms: f64,
    /// The same of 99 in a hundred.
    pub p99_ms: f64,
    /// Answers a second.
    pub per_second: f64,
    /// How many answers there were.
    pub answers: u64,
    /// CPU time of the window.
    #[serde(skip)]
    pub cpu: Cpu,
}

impl<J: Clone> Window<J> {
    /// A window of that length over the lanes' jobs, which begins now.
    pub fn open(
        lanes: Vec<Vec<J>>,
        length: Duration,
        expected: Expected,
        cycles: bool,
    ) -> anyhow::Result<Arc<Self>> {
        let seen =
            Seen { latencies: Histogram::new_with_bounds(1, LONGEST, 3)?, answers: 0, wrong: None };
        let from = Instant::now() + LEAD;
        Ok(Arc::new(Self {
            lanes: lanes.into_iter().map(|jobs| Lane { jobs, next: AtomicUsize::new(0) }).collect(),
            from,
            until: from + length,
            over: AtomicBool::new(false),
            expected,
            cycles,
            under_way: AtomicUsize::new(0),
            idle: Notify::new(),
            seen: Mutex::new(seen),
            ended_early: Mutex::default(),
            early: Notify::new(),
        }))
    }

    /// The next job of a lane; `None` when the window is over.
    pub fn next(&self, lane: usize) -> Option<(usize, J)> {
        let lane = &self.lanes[lane];
        if self.over.load(Ordering::Relaxed) || Instant::now() >= self.until {
            return None;
        }
        let turn = lane.next.fetch_add(1, Ordering::Relaxed);
        let index = if self.cycles { turn % lane.jobs.len().max(1) } else { turn };
        let Some(job) = lane.jobs.get(index) else {
            self.over.store(true, Ordering::Relaxed);
            self.ended_early
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert_with(Instant::now);
            self.early.notify_one();
            return None;
        };
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Some((index, job.clone()))
    }

    /// A job that began then has ended well, and counts or not.
    pub fn done(&self, began: Instant, counts: bool) {
        let now = Instant::now();
        if counts && now >= self.from {
            let mut seen = self.seen();
            if now <= self.until && !self.over.load(Ordering::Relaxed) {
                seen.answers += 1;
            }
            // However long it took: to leave out what ends after the window would leave out the
            // slowest.
            if began >= self.from {
                let micros = u64::try_from((now - began).as_micros()).unwrap_or(LONGEST);
                seen.latencies.saturating_record(micros.clamp(1, LONGEST));
            }
        }
        self.one_less();
    }

    /// A job has failed: the window is worth nothing.
    pub fn wrong(&self, what: String) {
        self.seen().wrong.get_or_insert(what);
        self.over.store(true, Ordering::Relaxed);
        self.ended_early
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(Instant::now);
        self.early.notify_one();
        self.one_less();
    }

    fn one_less(&self) {
        if self.under_way.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.idle.notify_one();
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the window to end and for what is under way then, and says what came of it.
    ///
    /// # Errors
    /// When an answer was not as expected, or nothing was counted.
    pub async fn measured(&self, watched: &Watched) -> anyhow::Result<Measured> {
        tokio::time::sleep_until(self.from.into()).await;
        let before = Cpu::of(watched);
        tokio::select! {
            () = tokio::time::sleep_until(self.until.into()) => {}
            () = self.early.notified() => {}
        }
        let cpu = Cpu::of(watched) - before;
        let ended = *self.ended_early.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = ended.unwrap_or(self.until).min(self.until);
        self.drained().await?;
        let seen = self.seen();
        if let Some(wrong) = &seen.wrong {
            bail!("{wrong}");
        }
        if ended <= self.from {
            bail!("the jobs ran out before anything was counted");
        }
        // On a machine that is busy with something else, nothing may have begun within the window:
        // that is no number.
        let none = seen.latencies.is_empty();
        let ms = |quantile| {
            if none { f64::NAN } else { seen.latencies.value_at_quantile(quantile) as f64 / 1000.0 }
        };
        Ok(Measured {
            p50_ms: ms(0.5),
            p90_ms: ms(0.9),
            p99_ms: ms(0.99),
            per_second: seen.answers as f64 / (ended - self.from).as_secs_f64(),
            answers: seen.answers,
            cpu,
        })
    }

    async fn drained(&self) -> anyhow::Result<()> {
        let by = tokio::time::Instant::now() + DRAIN;
        while self.under_way.load(Ordering::Acquire) > 0 {
            if tokio::time::timeout_at(by, self.idle.notified()).await.is_err() {
                bail!("what was under way at the window's end is not answered within {DRAIN:?}");
            }
        }
        Ok(())
    }
}

/// One lane of a window, as the Runtime API of an environment takes it.
pub struct Feed {
    /// Of which window.
    pub window: Arc<Window<Arc<[u8]>>>,
    /// Which lane.
    pub lane: usize,
    /// What is told of each answered listing, so that none is answered from memory.
    pub outdate: Option<Outdate>,
}

impl Load for Feed {
    fn next(&self) -> Option<(usize, Arc<[u8]>)> {
        self.window.next(self.lane)
    }

    fn answered(&self, job: usize, handed_over: Instant, answer: &[u8], failed: bool) {
        if let Some(outdate) = &self.outdate {
            outdate.listed(self.lane, job);
        }
        let status = runtime::status(answer);
        let expected = &self.window.expected;
        if !failed && (status == expected.status || expected.beside == Some(status)) {
            self.window.done(handed_over, status == expected.status);
        } else {
            let shown = String::from_utf8_lossy(&answer[..answer.len().min(1500)]);
            self.window.wrong(format!("expected {}, got {shown}", expected.status));
        }
    }
}

/// Events that are handed over once each, before a window: so that it meets warm caches and open
/// connections.
pub struct Batch {
    jobs: Vec<Arc<[u8]>>,
    next: AtomicUsize,
    expected: u16,
    left: AtomicUsize,
    wrong: Mutex<Option<String>>,
    done: Notify,
}

impl Batch {
    /// These events, all of which have to be answered with `expected`.
    #[must_use]
    pub fn new(jobs: Vec<Arc<[u8]>>, expected: u16) -> Arc<Self> {
        let left = AtomicUsize::new(jobs.len());
        Arc::new(Self {
            jobs,
            next: AtomicUsize::new(0),
            expected,
            left,
            wrong: Mutex::default(),
            done: Notify::new(),
        })
    }

    /// Waits until all are answered.
    ///
    /// # Errors
    /// Shows the first answer that was another.
    pub async fn finished(&self) -> anyhow::Result<()> {
        while self.left.load(Ordering::Acquire) > 0 {
            if tokio::time::timeout(DRAIN, self.done.notified()).await.is_err() {
                bail!("{} warming requests are not answered", self.left.load(Ordering::Relaxed));
            }
        }
        match self.wrong.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(wrong) => bail!("expected {}, got {wrong}", self.expected),
            None => Ok(()),
        }
    }
}

impl Load for Batch {
    fn next(&self) -> Option<(usize, Arc<[u8]>)> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        Some((index, Arc::clone(self.jobs.get(index)?)))
    }

    fn answered(&self, _job: usize, _handed_over: Instant, answer: &[u8], failed: bool) {
        if failed || runtime::status(answer) != self.expected {
            let shown = String::from_utf8_lossy(&answer[..answer.len().min(1500)]).into_owned();
            self.wrong.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(shown);
        }
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.done.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_window_ends_when_a_lane_has_no_job_left_and_fails_with_the_first_wrong_answer() {
        let watched =
            Watched { ours: Vec::new(), mongod: std::process::id(), redis: std::process::id() };
        let window =
            Window::open(vec![vec![(); 2]], Duration::from_secs(60), Expected::only(200), false)
                .unwrap();
        tokio::time::sleep(LEAD + Duration::from_millis(20)).await;
        for _ in 0..2 {
            assert!(window.next(0).is_some());
            window.done(Instant::now(), true);
        }
        assert!(window.next(0).is_none());
        let measured = window.measured(&watched).await.unwrap();
        assert!(measured.answers == 2 && measured.per_second > 2.0);

        let window =
            Window::open(vec![vec![(); 2]], Duration::from_secs(60), Expected::only(200), false)
                .unwrap();
        assert!(window.next(0).is_some());
        window.wrong("a status of 500".into());
        assert!(window.measured(&watched).await.unwrap_err().to_string().contains("500"));
    }
}
