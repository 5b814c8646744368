//! Which endpoint is next. Tenants take turns, and no receiver can keep the others waiting.

use super::deliver::AttemptResult;
use crate::{
    domain::{AppId, WebhookId},
    store::delivery_work::DueWebhook,
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::{Duration, Instant},
};

/// How many attempts may be in flight, not counting the slow ones.
const MAX_QUICK_IN_FLIGHT: usize = 16;
/// An attempt that lasts longer is slow. Slow receivers would otherwise use up the places of all.
const SLOW_AFTER: Duration = Duration::from_secs(1);
/// How many attempts may be in flight, slow ones included.
const MAX_IN_FLIGHT: usize = 256;
/// How many attempts one endpoint may have in flight. After a failure it has one at a time.
const PER_ENDPOINT: usize = 4;

/// The endpoints with deliveries that are due, by tenant.
#[derive(Debug, Default)]
pub(super) struct Queues {
    /// Tenants in the order of their turns, each with its endpoints in the order of theirs.
    apps: VecDeque<(AppId, VecDeque<WebhookId>)>,
    in_flight: Vec<InFlight>,
    healthy: HashSet<WebhookId>,
}

/// An attempt that has not ended.
#[derive(Clone, Copy, Debug)]
struct InFlight {
    webhook: WebhookId,
    began: Instant,
}

impl Queues {
    /// Replaces the endpoints with due deliveries. Tenants keep their turns.
    pub(super) fn update(&mut self, due: Vec<DueWebhook>) {
        let mut by_app: HashMap<AppId, VecDeque<WebhookId>> = HashMap::new();
        for DueWebhook { webhook_id, app_id } in due {
            by_app.entry(app_id).or_default().push_back(webhook_id);
        }
        let known: Vec<AppId> = self.apps.drain(..).map(|(app, _)| app).collect();
        let kept = known.into_iter().filter_map(|app| by_app.remove_entry(&app));
        self.apps = kept.collect();
        self.apps.extend(by_app);
    }

    /// Whether nothing is due.
    pub(super) fn is_empty(&self) -> bool {
        self.apps.is_empty()
    }

    /// The endpoint whose turn it is, if there is a place for an attempt.
    pub(super) fn next(&mut self) -> Option<WebhookId> {
        self.next_at(Instant::now())
    }

    fn next_at(&mut self, now: Instant) -> Option<WebhookId> {
        let is_slow = |attempt: &&InFlight| now.duration_since(attempt.began) >= SLOW_AFTER;
        let slow = self.in_flight.iter().filter(is_slow).count();
        if self.in_flight.len() - slow >= MAX_QUICK_IN_FLIGHT
            || self.in_flight.len() >= MAX_IN_FLIGHT
        {
            return None;
        }
        for _ in 0..self.apps.len() {
            let (app, mut webhooks) = self.apps.pop_front()?;
            let chosen = webhooks.iter().position(|webhook| self.has_place(*webhook));
            let chosen = chosen.and_then(|at| {
                webhooks.rotate_left(at);
                webhooks.front().copied()
            });
            if chosen.is_some() {
                webhooks.rotate_left(1);
            }
            self.apps.push_back((app, webhooks));
            if let Some(webhook) = chosen {
                self.in_flight.push(InFlight { webhook, began: now });
                return Some(webhook);
            }
        }
        None
    }

    fn has_place(&self, webhook: WebhookId) -> bool {
        let limit = if self.healthy.contains(&webhook) { PER_ENDPOINT } else { 1 };
        self.in_flight.iter().filter(|attempt| attempt.webhook == webhook).count() < limit
    }

    /// Records the end of an attempt, so that its place is free.
    pub(super) fn ended(&mut self, webhook: WebhookId, done: AttemptResult) {
        if let Some(at) = self.in_flight.iter().position(|attempt| attempt.webhook == webhook) {
            self.in_flight.remove(at);
        }
        match done {
            AttemptResult::Delivered => {
                self.healthy.insert(webhook);
            }
            AttemptResult::Failed => {
                self.healthy.remove(&webhook);
            }
            AttemptResult::Nothing => self.forget(webhook),
        }
    }

    /// Removes an endpoint that has no due delivery any more.
    fn forget(&mut self, webhook: WebhookId) {
        for (_, webhooks) in &mut self.apps {
            webhooks.retain(|known| *known != webhook);
        }
        self.apps.retain(|(_, webhooks)| !webhooks.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        queues: Queues,
        due: Vec<DueWebhook>,
        start: Instant,
    }

    impl Scene {
        /// Tenants with this many endpoints each. Every endpoint always has something due.
        fn new(endpoints: &[usize]) -> Self {
            let app = |n: usize| AppId::parse(&format!("app-{n}")).unwrap();
            let due = endpoints.iter().enumerate().flat_map(|(n, count)| {
                (0..*count)
                    .map(move |_| DueWebhook { webhook_id: WebhookId::generate(), app_id: app(n) })
            });
            let (due, mut queues): (Vec<_>, _) = (due.collect(), Queues::default());
            queues.update(due.clone());
            Self { queues, due, start: Instant::now() }
        }

        /// The tenants of the attempts that are started at this time.
        fn started(&mut self, ms: u64) -> Vec<String> {
            let now = self.start + Duration::from_millis(ms);
            let started: Vec<_> = std::iter::from_fn(|| self.queues.next_at(now)).collect();
            let app = |id: &WebhookId| {
                let due = self.due.iter().find(|due| due.webhook_id == *id).unwrap();
                due.app_id.as_str().to_owned()
            };
            started.iter().map(app).collect()
        }

        fn succeed(&mut self) {
            for due in self.due.clone() {
                self.queues.ended(due.webhook_id, AttemptResult::Delivered);
            }
        }
    }

    #[test]
    fn tenants_take_turns_whatever_they_have_to_send() {
        let mut scene = Scene::new(&[30, 1, 30]);
        let started = scene.started(0);
        assert_eq!(started.len(), MAX_QUICK_IN_FLIGHT);
        assert_eq!(started.iter().filter(|app| *app == "app-1").count(), 1);
        assert!(started[..3].contains(&"app-1".to_owned()), "{started:?}");
    }

    #[test]
    fn an_endpoint_that_has_not_succeeded_gets_one_attempt_at_a_time_and_then_four() {
        let mut scene = Scene::new(&[1]);
        assert_eq!(scene.started(0).len(), 1);
        assert_eq!(scene.started(20_000).len(), 0);
        scene.succeed();
        assert_eq!(scene.started(20_000).len(), PER_ENDPOINT);
        let webhook = scene.due[0].webhook_id;
        scene.queues.ended(webhook, AttemptResult::Failed);
        assert_eq!(scene.started(20_000).len(), 0, "three are still in flight");
    }

    #[test]
    fn receivers_that_hang_do_not_use_up_the_places_of_others() {
        let mut scene = Scene::new(&[10; 4]);
        assert_eq!(scene.started(0).len(), MAX_QUICK_IN_FLIGHT);
        assert_eq!(scene.started(500).len(), 0);
        assert_eq!(scene.started(1_000).len(), MAX_QUICK_IN_FLIGHT);
        assert_eq!(
            scene.started(2_000).len(),
            40 - 2 * MAX_QUICK_IN_FLIGHT,
            "one for each endpoint"
        );
    }

    #[test]
    fn what_has_nothing_due_loses_its_turn() {
        let mut scene = Scene::new(&[1, 1]);
        let webhook = scene.due[0].webhook_id;
        assert_eq!(scene.started(0).len(), 2);
        scene.queues.ended(webhook, AttemptResult::Nothing);
        assert!(!scene.queues.is_empty());
        scene.queues.ended(scene.due[1].webhook_id, AttemptResult::Nothing);
        assert!(scene.queues.is_empty());
    }
}
