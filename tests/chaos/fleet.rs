//! The processes of one function, as Lambda keeps them. There are several. A dead one is replaced,
//! and a frozen one gets no events.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use rand::{Rng, seq::IndexedRandom as _};
use serde_json::Value;

use super::{spec::Micros, world::now};
use crate::support::runtime_api::{Environment, Event, PREVIOUS};

/// How late an invocation may end before it counts as past its deadline: two cores
/// also run the servers.
const SLACK: Duration = Duration::from_secs(1);

/// The outcome of a call.
pub struct CallResult {
    pub start: Micros,
    pub end: Micros,
    /// The status and the body. `None` if no response arrived.
    pub response: Option<(u16, Value)>,
    /// The process was killed, frozen or thawed meanwhile. Without that, a response has
    /// to come in time.
    pub disturbed: bool,
}

struct Slot {
    settings: BTreeMap<String, String>,
    process: RwLock<Option<Arc<Environment>>>,
    /// When it was last killed, frozen or thawed.
    disturbed: AtomicU64,
}

pub struct Fleet {
    function: &'static str,
    slots: Vec<Slot>,
}

impl Fleet {
    pub async fn start(
        function: &'static str,
        size: usize,
        settings: &BTreeMap<String, String>,
    ) -> Self {
        let slots = (0..size).map(|number| async move {
            // Every other process is one of the previous release, if there is one.
            let mut settings = settings.clone();
            if number % 2 == 0 {
                settings.remove(PREVIOUS);
            }
            let process = Environment::start(function, &settings).await;
            Slot {
                settings,
                process: RwLock::new(Some(Arc::new(process))),
                disturbed: AtomicU64::new(0),
            }
        });
        Self { function, slots: join_all(slots).await }
    }

    fn ready(&self) -> Vec<(usize, Arc<Environment>)> {
        let process = |slot: &Slot| slot.process.read().unwrap().clone();
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(number, slot)| Some((number, process(slot)?)))
            .collect()
    }

    /// Hands an event to a running process, and waits for the response until the
    /// event's time is over.
    pub async fn call(&self, event: &Event, budget: Duration, rng: &mut impl Rng) -> CallResult {
        let (slot, process) = loop {
            match self.ready().choose(rng) {
                Some(chosen) => break chosen.clone(),
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        };
        let start = now();
        let response = process.invoke(event, budget).gateway_response(SLACK).await;
        let disturbed = self.slots[slot].disturbed.load(Ordering::Relaxed) >= start;
        CallResult { start, end: now(), response, disturbed }
    }

    /// A running process, if there is one.
    pub fn any(&self, rng: &mut impl Rng) -> Option<usize> {
        self.ready().choose(rng).map(|(number, _)| *number)
    }

    pub fn all(&self) -> impl Iterator<Item = usize> + use<> {
        0..self.slots.len()
    }

    /// Takes a process out of service.
    fn take(&self, number: usize) -> Option<Arc<Environment>> {
        let slot = &self.slots[number];
        let process = slot.process.write().unwrap().take();
        slot.disturbed.store(now(), Ordering::Relaxed);
        process
    }

    fn put(&self, number: usize, process: Arc<Environment>) {
        let slot = &self.slots[number];
        slot.disturbed.store(now(), Ordering::Relaxed);
        *slot.process.write().unwrap() = Some(process);
    }

    /// Kills a process in the middle of its work, and starts another once the servers allow it.
    pub async fn replace(&self, number: usize) {
        let Some(process) = self.take(number) else { return };
        process.kill_shared();
        loop {
            let settings = &self.slots[number].settings;
            if let Some(process) = Environment::try_start(self.function, settings).await {
                return self.put(number, Arc::new(process));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Freezes a process for this long.
    pub async fn freeze(&self, number: usize, time: Duration) {
        let Some(process) = self.take(number) else { return };
        process.freeze();
        tokio::time::sleep(time).await;
        process.thaw();
        self.put(number, process);
    }
}
