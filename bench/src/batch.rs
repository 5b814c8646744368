//! A fixed number of events through one process, one after the other or as many at once as it
//! takes: for what is measured by the request, not by the second.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use tokio::{sync::watch, time::timeout};

use crate::runtime::{Load, Server, status};

/// How long a whole batch may take.
const PATIENCE: Duration = Duration::from_secs(600);

struct Batch {
    events: Vec<Arc<[u8]>>,
    expected: u16,
    next: AtomicUsize,
    latencies: Mutex<Vec<f64>>,
    /// How many were answered, or the first answer that was not as expected.
    progress: watch::Sender<Result<usize, String>>,
}

impl Load for Batch {
    fn next(&self) -> Option<(usize, Arc<[u8]>)> {
        let job = self.next.fetch_add(1, Ordering::Relaxed);
        self.events.get(job).map(|event| (job, Arc::clone(event)))
    }

    fn answered(&self, _job: usize, handed_over: Instant, answer: &[u8], failed: bool) {
        let ms = handed_over.elapsed().as_secs_f64() * 1e3;
        self.latencies.lock().unwrap_or_else(PoisonError::into_inner).push(ms);
        let wrong = (failed || status(answer) != self.expected)
            .then(|| String::from_utf8_lossy(answer).into_owned());
        self.progress.send_if_modified(|progress| match (progress, wrong) {
            (Err(_), _) => false,
            (progress, Some(wrong)) => {
                *progress = Err(wrong);
                true
            }
            (Ok(done), None) => {
                *done += 1;
                *done == self.events.len()
            }
        });
    }
}

/// Puts the events through the process behind `server`; the milliseconds that each took, from its
/// being handed over to its answer having arrived.
///
/// # Errors
/// With the first answer that has another status than `expected`.
pub async fn put_through(
    server: &Server,
    events: Vec<Arc<[u8]>>,
    expected: u16,
) -> anyhow::Result<Vec<f64>> {
    let wanted = events.len();
    let batch = Arc::new(Batch {
        events,
        expected,
        next: AtomicUsize::new(0),
        latencies: Mutex::new(Vec::with_capacity(wanted)),
        progress: watch::Sender::new(Ok(0)),
    });
    if wanted > 0 {
        let mut progress = batch.progress.subscribe();
        server.load(batch.clone());
        let ended = progress.wait_for(|progress| !matches!(progress, Ok(done) if *done < wanted));
        let ended = timeout(PATIENCE, ended).await.context("a batch did not end")??;
        if let Err(wrong) = &*ended {
            bail!("expected {expected}, got: {wrong}");
        }
    }
    Ok(std::mem::take(&mut *batch.latencies.lock().unwrap_or_else(PoisonError::into_inner)))
}
