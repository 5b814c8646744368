//! A client. As its seed decides, it lists, holds, pays, cancels, releases, gives up, comes late
//! and repeats calls. It notes the outcome of every call.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rand::{Rng, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use serde_json::{Value, json};

use super::{
    fleet::{CallResult, Fleet},
    notes::{Changed, NoUsableResponse, Notes},
    spec::{Micros, Token},
    world::{Show, TTL, World},
};
use crate::support::{payment, people::User, runtime_api::Event, unique};

/// The time of a call. Hasty calls get hardly more than the function reserves for its response.
const BUDGET: Duration = Duration::from_secs(3);
const HASTY_BUDGET: Duration = Duration::from_millis(800);
/// How often a call without a response is repeated.
pub(super) const REPEATS: usize = 8;

/// A hold, as a response described it.
#[derive(Clone, Debug)]
pub struct Held {
    pub token: String,
    pub number: Token,
    pub seats: Vec<String>,
    pub expires: Micros,
}

/// An event that is sent until a response arrives.
pub(super) struct Call {
    event: Event,
    /// Whether it carries an idempotency key.
    keyed: bool,
    /// When it was first sent.
    first: Option<Micros>,
}

impl Call {
    pub(super) fn once(event: Event) -> Self {
        Self { event, keyed: false, first: None }
    }
}

pub struct Shopper {
    pub(super) world: Arc<World>,
    house: usize,
    number: usize,
    pub(super) rng: StdRng,
}

impl Shopper {
    pub fn new(world: &Arc<World>, house: usize, number: usize, seed: u64) -> Self {
        Self { world: Arc::clone(world), house, number, rng: StdRng::seed_from_u64(seed) }
    }

    pub(super) fn user(&self) -> &User {
        &self.world.houses[self.house].users[self.number]
    }

    pub(super) fn notes(&self) -> Notes<'_> {
        // Users of different tenants are different users.
        Notes { world: &self.world, user: self.user(), number: self.house * 1_000 + self.number }
    }

    /// Shops until the run is closing.
    pub async fn shop(mut self) {
        let world = Arc::clone(&self.world);
        while !world.is_closing() {
            let show = world.houses[self.house].visit();
            if self.rng.random_ratio(1, 12) {
                self.list_seats(show).await;
            } else {
                let held = if self.rng.random_ratio(1, 8) {
                    self.reserve_best(show).await
                } else {
                    let seats = self.basket(show);
                    self.reserve(&seats).await
                };
                match held {
                    Some(held) if world.houses[self.house].by_card => {
                        self.decide_by_card(show, held).await;
                    }
                    Some(held) => self.decide(show, held).await,
                    None => {}
                }
            }
        }
    }

    /// One to four seats; some are wanted more than others.
    fn basket(&mut self, show: &Show) -> Vec<String> {
        let size = [1, 1, 1, 1, 2, 2, 3, 4][self.rng.random_range(0..8)];
        let mut seats: Vec<usize> = Vec::new();
        while seats.len() < size {
            let place: f64 = self.rng.random();
            let seat = (place * place * show.seats.len() as f64) as usize;
            if !seats.contains(&seat) {
                seats.push(seat);
            }
        }
        seats.into_iter().map(|seat| show.seats[seat].clone()).collect()
    }

    async fn decide(&mut self, show: &Show, held: Held) {
        match self.rng.random_range(0..100) {
            0..35 => {
                self.pay(&held, &payment()).await;
                self.cancel_at_times(&held).await;
            }
            35..45 => self.pay(&held, &unique("pay_fail")).await,
            45..70 => self.give_back(&held).await,
            70..74 => {}
            74..78 => {
                tokio::time::sleep(TTL + Duration::from_millis(self.rng.random_range(0..200)))
                    .await;
                self.pay(&held, &payment()).await;
            }
            78..80 => {
                // At the very end of the hold.
                let early = Duration::from_millis(self.rng.random_range(0..60));
                tokio::time::sleep(TTL.saturating_sub(early)).await;
                self.pay(&held, &payment()).await;
            }
            80..86 => self.use_two_windows(&held, true).await,
            86..92 => self.use_two_windows(&held, false).await,
            92..94 => {
                self.strangers(&held).await;
                self.give_back(&held).await;
            }
            94..98 => {
                let wanted = self.other_basket(show, &held);
                if let Some(changed) = self.change(&held, &wanted).await {
                    if self.rng.random_ratio(1, 2) {
                        self.pay(&changed, &payment()).await;
                    } else {
                        self.give_back(&changed).await;
                    }
                }
            }
            _ => {
                self.reserve(&held.seats).await;
                self.pay(&held, &payment()).await;
            }
        }
    }

    /// The same user in another window.
    pub(super) fn other_window(&mut self) -> Self {
        Self::new(&self.world, self.house, self.number, self.rng.random())
    }

    /// Some of the held seats, and others beside them.
    pub(super) fn other_basket(&mut self, show: &Show, held: &Held) -> Vec<String> {
        let kept = self.rng.random_range(0..held.seats.len());
        let mut seats = held.seats[..kept].to_vec();
        for seat in self.basket(show) {
            if !seats.contains(&seat) {
                seats.push(seat);
            }
        }
        seats
    }

    pub(super) fn call(&mut self, event: Event) -> Call {
        let keyed = self.rng.random_ratio(1, 10);
        Call { event: if keyed { event.key(&unique("key")) } else { event }, keyed, first: None }
    }

    fn budget(&mut self) -> Duration {
        let hasty = self.world.hasty.load(Ordering::Relaxed) && self.rng.random_ratio(1, 2);
        if hasty { HASTY_BUDGET } else { BUDGET }
    }

    /// Makes a call, at times in two processes at once.
    pub(super) async fn deliver(
        &mut self,
        fleet: impl Fn(&World) -> &Fleet,
        call: &mut Call,
    ) -> Vec<CallResult> {
        let budget = self.budget();
        let world = Arc::clone(&self.world);
        let mut results = Vec::new();
        if world.twice.load(Ordering::Relaxed) && self.rng.random_ratio(1, 2) {
            let mut other = StdRng::seed_from_u64(self.rng.random());
            let (one, two) = tokio::join!(
                fleet(&world).call(&call.event, budget, &mut self.rng),
                fleet(&world).call(&call.event, budget, &mut other)
            );
            results.extend([one, two]);
        } else {
            results.push(fleet(&world).call(&call.event, budget, &mut self.rng).await);
        }
        for result in &mut results {
            self.notes().timing(result, budget);
            if call.keyed {
                // It may be the stored response of an earlier call with the key, which describes
                // the state at that time.
                result.start = *call.first.get_or_insert(result.start);
            }
        }
        results
    }

    /// The pause before a call is repeated.
    pub(super) async fn pause(&mut self) {
        tokio::time::sleep(Duration::from_millis(self.rng.random_range(20..300))).await;
    }

    async fn list_seats(&mut self, show: &Show) {
        let target = format!("/seats?entityId={}", show.entity);
        let mut call = Call::once(Event::of(self.user(), "GET", &target, &Value::Null));
        for result in self.deliver(|world| &world.fleets.list, &mut call).await {
            let sample = self.rng.random_range(0..show.seats.len());
            self.notes().listed(show, sample, &result);
        }
    }

    pub(super) async fn reserve(&mut self, seats: &[String]) -> Option<Held> {
        let event = Event::of(self.user(), "POST", "/reserve-seat", &json!({"seatIds": seats}));
        let call = self.call(event);
        self.repeat_reserve(call, |_| seats.to_vec()).await
    }

    /// Lets the service choose one to four seats.
    async fn reserve_best(&mut self, show: &Show) -> Option<Held> {
        let best = json!({"entityId": show.entity, "quantity": self.rng.random_range(1..=4)});
        let body = json!({"bestAvailable": best});
        let call = self.call(Event::of(self.user(), "POST", "/reserve-seat", &body));
        self.repeat_reserve(call, |result| Notes::chosen(show, result)).await
    }

    /// Makes the call until its outcome is known. `seats` says which seats a response is about.
    async fn repeat_reserve(
        &mut self,
        mut call: Call,
        seats: impl Fn(&CallResult) -> Vec<String>,
    ) -> Option<Held> {
        for _ in 0..REPEATS {
            let results = self.deliver(|world| &world.fleets.reserve, &mut call).await;
            let outcomes: Vec<_> = results
                .iter()
                .map(|result| self.notes().reserved(&seats(result), result))
                .collect();
            if let Some(held) = outcomes.iter().find_map(|outcome| outcome.clone().ok().flatten()) {
                return Some(held);
            }
            if outcomes.iter().all(Result::is_ok)
                || self.world.is_closing()
                || self.rng.random_ratio(1, 5)
            {
                return None;
            }
            self.pause().await;
        }
        None
    }

    /// Changes a hold to other seats. `None` if it is over, or if nobody knows which seats it has.
    pub(super) async fn change(&mut self, held: &Held, wanted: &[String]) -> Option<Held> {
        let body = json!({"reservationToken": held.token, "seatIds": wanted});
        let mut call = self.call(Event::of(self.user(), "POST", "/reserve-seat", &body));
        let mut first = None;
        for _ in 0..REPEATS {
            let results = self.deliver(|world| &world.fleets.reserve, &mut call).await;
            let begun = results.iter().map(|result| result.start).min().expect("a call");
            let first = *first.get_or_insert(begun);
            let mut is_unknown = false;
            let mut over = false;
            for result in &results {
                match self.notes().changed(held, wanted, first, result) {
                    Ok(Changed::To(changed)) => return Some(changed),
                    Ok(Changed::Refused) => {}
                    Ok(Changed::Over) => over = true,
                    Err(NoUsableResponse) => is_unknown = true,
                }
            }
            if over {
                return None;
            }
            if !is_unknown {
                // An earlier attempt without a response may still be under way.
                return (first == begun).then(|| held.clone());
            }
            self.pause().await;
        }
        None
    }

    pub(super) async fn pay(&mut self, held: &Held, payment: &str) {
        let body = json!({"reservationToken": held.token, "paymentId": payment});
        let event = Event::of(self.user(), "POST", "/confirm-booking", &body);
        let mut call = self.call(event);
        let mut again = self.rng.random_ratio(1, 10);
        for _ in 0..REPEATS {
            let results = self.deliver(|world| &world.fleets.confirm, &mut call).await;
            let known: Vec<bool> = results
                .iter()
                .map(|result| self.notes().confirmed(held, payment, result))
                .collect();
            if known.contains(&true) && !std::mem::take(&mut again) {
                return;
            }
            self.pause().await;
        }
    }

    /// Cancels some or all seats of one sale in four, if the hold was sold.
    pub(super) async fn cancel_at_times(&mut self, held: &Held) {
        if !self.rng.random_ratio(1, 4) {
            return;
        }
        let sale = self.world.ledger.entries().sales.get(&held.token).cloned();
        let Some(sale) = sale else { return };
        let some = self.rng.random_range(1..=held.seats.len());
        let seats = &held.seats[..some];
        let mut body = json!({"bookingId": sale.booking_id});
        if some < held.seats.len() {
            body["seatIds"] = json!(seats);
        }
        let mut call = self.call(Event::of(self.user(), "POST", "/cancel-booking", &body));
        self.notes().cancels(&held.token, seats);
        for _ in 0..REPEATS {
            let results = self.deliver(|world| &world.fleets.cancel, &mut call).await;
            let known: Vec<bool> =
                results.iter().map(|result| self.notes().cancelled(held, seats, result)).collect();
            if known.contains(&true) {
                return;
            }
            self.pause().await;
        }
    }

    pub(super) async fn give_back(&mut self, held: &Held) {
        let event = Event::of(
            self.user(),
            "POST",
            "/release-seat",
            &json!({"reservationToken": held.token}),
        );
        let mut call = self.call(event);
        let mut again = self.rng.random_ratio(1, 10);
        for _ in 0..REPEATS {
            let results = self.deliver(|world| &world.fleets.release, &mut call).await;
            let known: Vec<bool> =
                results.iter().map(|result| self.notes().released(held, result)).collect();
            if known.contains(&true) && !std::mem::take(&mut again) {
                return;
            }
            self.pause().await;
        }
    }

    /// Two windows of the same user at once: one pays, the other releases or pays too.
    async fn use_two_windows(&mut self, held: &Held, gives_back: bool) {
        let mut other = self.other_window();
        let (one, two) = (payment(), payment());
        if gives_back {
            tokio::join!(self.pay(held, &one), other.give_back(held));
        } else {
            tokio::join!(self.pay(held, &one), other.pay(held, &two));
        }
    }

    /// Another user or another tenant knows the token. The hold does not exist for them.
    async fn strangers(&mut self, held: &Held) {
        let world = Arc::clone(&self.world);
        let mut others: Vec<&User> = world.houses.iter().flat_map(|house| &house.users).collect();
        others.retain(|other| other.user_id != self.user().user_id);
        others.shuffle(&mut self.rng);
        let body = json!({"reservationToken": held.token, "paymentId": payment()});
        let mut call = Call::once(Event::of(others[0], "POST", "/confirm-booking", &body));
        for result in self.deliver(|world| &world.fleets.confirm, &mut call).await {
            self.notes().refused_to_a_stranger(&result);
        }
    }
}
