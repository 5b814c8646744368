//! A model of how a seat is held, sold and cancelled, for the `stateright` checker. `docs/MODEL.md`
//! says what it explores and what it leaves out.
//!
//! | module | contains |
//! |---|---|
//! | this one | [`BookingModel`], and what may happen next |
//! | `design` | designs, flaws, and how much may happen |
//! | `state` | the world between two steps |
//! | `clients` | which calls users make, and what a response tells them |
//! | `steps` | the steps of each call, with the names of `shared::booking` |
//! | `first_design` | the steps of the design that this project began with |
//! | `organiser` | cancelling the entity, removing a seat |
//! | [`outbox`] | a small model of its own: the events of changes, and their relay |
//! | [`properties`] | what must hold in every state, and what must be reached |
//! | [`counterexample`] | a path of the checker in words |
//! | `fingerprint` | states packed for hashing, and symmetry |

mod clients;
pub mod counterexample;
mod design;
mod fingerprint;
mod first_design;
mod organiser;
pub mod outbox;
pub mod properties;
mod state;
mod steps;

pub use design::{Bounds, Design, Flaw};

use clients::{broken_off, hear};
use state::{Call, Entity, Response, Seats, State, Status, Step, Tx, USERS, User, Verdict};
use stateright::{Model, Property};

/// Calls that each user may make; [`Bounds::extra_calls`] come on top. Changes, payment starts and
/// cancellations are not counted: bounds of their own limit them.
const FREE_CALLS: u8 = 2;

/// The booking protocol as a state machine for the model checker.
#[derive(Clone, Debug)]
pub struct BookingModel {
    /// The variant of the protocol that is checked.
    pub design: Design,
    /// The flaw to find, if any.
    pub flaw: Option<Flaw>,
    /// How often users, time and faults may act.
    pub bounds: Bounds,
}

/// A request of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Hold these seats, under this token.
    Reserve(Seats, u8),
    /// Change the hold to these seats.
    Change(Seats),
    /// Start a payment for the hold.
    Pay,
    /// Confirm the hold with this payment.
    Confirm(u8),
    /// Give the hold back before it is paid.
    Release,
    /// Cancel these seats of the booking.
    Cancel(Seats),
}

/// What becomes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The step has succeeded.
    Done,
    /// The provider declines the payment.
    Declined,
    /// The provider takes another amount.
    OtherAmount,
    /// It is done, the reply is lost, and the driver repeats it.
    ReplyLost,
}

/// What may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A user makes a call, and its first step is done.
    Call(usize, Request),
    /// The next step of a user's call, or (`true`) of the background call.
    Step(usize, bool, Outcome),
    /// A user stops waiting for a response. The call continues in the background.
    GiveUp(usize),
    /// The provider sends an event about a payment. It runs a confirm in the background.
    Event(usize, usize),
    /// The process of a call dies.
    Crash(usize, bool),
    /// The server aborts the transaction that a dead process left open on a hold.
    Abort(usize, usize),
    /// A hold's time comes, by the database's clock.
    TimeComes(usize, usize),
    /// The locks of a hold that is not live run out.
    LocksRunOut(usize, usize),
    /// The sweep marks an overdue hold.
    Sweep(usize, usize),
    /// Redis loses every lock.
    Wipe,
    /// The organiser sets the entity to CANCELLED.
    CancelEntity,
    /// The entity's cancel deals with a hold or its booking.
    EndClaim(usize, usize),
    /// The entity's cancel ends.
    FinishCancel,
    /// The organiser finds a seat free and not held.
    CheckSeat(Seats),
    /// The organiser removes a seat that was found free.
    RemoveSeat(Seats),
}

/// What a step leads to.
enum Next {
    Step(Step),
    Respond(Response),
    /// Another transaction has written to the document, so this step waits.
    Blocked,
}

impl BookingModel {
    /// The protocol as the code has it.
    pub fn current(bounds: Bounds) -> Self {
        Self { design: Design::Current, flaw: None, bounds }
    }

    /// The current design with one flaw.
    pub fn flawed(flaw: Flaw, bounds: Bounds) -> Self {
        Self { design: Design::Current, flaw: Some(flaw), bounds }
    }

    /// The protocol of the first version, in which the checker finds flaws.
    pub fn first(bounds: Bounds) -> Self {
        Self { design: Design::First, flaw: None, bounds }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// Whether a user without a call will make no more calls.
    fn finished(&self, state: &State, user: &User) -> bool {
        user.calls >= FREE_CALLS && state.extra_calls == 0 && !self.may_cancel(user)
    }

    /// Calls the provider at once, with nothing else in between. Only the calling request sees the
    /// verdict, and no other action changes it. So this leaves out no order that matters. (A crash
    /// before the provider is called equals a crash after it, with a verdict at the repeat.)
    fn ask_provider(&self, state: &State, actions: &mut Vec<Action>) -> bool {
        let asks = |call: &Call| matches!(call.step, Step::Verify(_));
        let asking = state
            .users
            .iter()
            .enumerate()
            .find(|(_, user)| asks(&user.call) || asks(&user.background));
        let Some((u, user)) = asking.filter(|_| self.design == Design::Current) else {
            return false;
        };
        self.verdicts(state, u, !asks(&user.call), actions);
        true
    }

    /// The verdicts that the provider may give to a call.
    fn verdicts(&self, state: &State, u: usize, background: bool, actions: &mut Vec<Action>) {
        let user = &state.users[u];
        let call = if background { &user.background } else { &user.call };
        actions.push(Action::Step(u, background, Outcome::Done));
        if user.payments[usize::from(call.payment)].verdict == Verdict::Unknown {
            actions.push(Action::Step(u, background, Outcome::Declined));
            if self.bounds.other_amounts {
                actions.push(Action::Step(u, background, Outcome::OtherAmount));
            }
        }
    }

    fn call_actions(&self, state: &State, u: usize, background: bool, actions: &mut Vec<Action>) {
        let user = &state.users[u];
        let call = if background { &user.background } else { &user.call };
        if !call.step.runs() {
            return;
        }
        if matches!(call.step, Step::Verify(_)) {
            self.verdicts(state, u, background, actions);
        } else {
            actions.push(Action::Step(u, background, Outcome::Done));
        }
        if call.step == Step::WriteHold && state.lost_replies > 0 {
            actions.push(Action::Step(u, background, Outcome::ReplyLost));
        }
        if !background && state.lost_replies > 0 && user.background.step == Step::Idle {
            actions.push(Action::GiveUp(u));
        }
        if state.crashes > 0 {
            actions.push(Action::Crash(u, background));
        }
    }

    fn hold_actions(&self, state: &State, u: usize, actions: &mut Vec<Action>) {
        let user = &state.users[u];
        for (t, hold) in user.holds.iter().enumerate() {
            if hold.status == Status::Live {
                actions.push(Action::TimeComes(u, t));
            }
            if hold.status == Status::Overdue && hold.tx == Tx::Closed {
                actions.push(Action::Sweep(u, t));
            }
            if hold.locks != 0 && hold.status != Status::Live {
                actions.push(Action::LocksRunOut(u, t));
            }
            let owner = |call: &Call| call.step.in_transaction() && usize::from(call.token) == t;
            if hold.tx != Tx::Closed && !user.both_calls().into_iter().any(owner) {
                actions.push(Action::Abort(u, t));
            }
        }
    }

    /// Does the next step of a call. `false` if it has to wait.
    fn step(&self, state: &mut State, u: usize, background: bool, outcome: Outcome) -> bool {
        let user = &state.users[u];
        let mut call = if background { user.background } else { user.call };
        let next = match self.design {
            Design::First => first_design::step(state, u, &mut call, outcome),
            Design::Current => steps::step(self, state, u, &mut call, outcome, background),
        };
        match next {
            Next::Blocked => return false,
            Next::Step(step @ (Step::GiveBack(_) | Step::Unlock(_))) => {
                call = steps::last_step(step, &call);
            }
            Next::Step(step) => call.step = step,
            Next::Respond(response) => {
                hear(self, state, u, &call, response, background);
                call = Call::default();
            }
        }
        let user = &mut state.users[u];
        if background {
            user.background = call
        } else {
            user.call = call
        }
        true
    }
}

impl Model for BookingModel {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let Bounds { wipes, crashes, lost_replies, extra_calls, .. } = self.bounds;
        let Bounds { changes, events, removals, .. } = self.bounds;
        vec![State {
            wipes,
            crashes,
            lost_replies,
            extra_calls,
            changes,
            events,
            removals,
            ..State::default()
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if self.ask_provider(state, actions) {
            return;
        }
        for u in 0..self.bounds.users.min(USERS) {
            self.requests(state, u, actions);
            self.events(state, u, actions);
            self.call_actions(state, u, false, actions);
            self.call_actions(state, u, true, actions);
            self.hold_actions(state, u, actions);
        }
        self.organiser_actions(state, actions);
        if state.wipes > 0 && state.holds().any(|(.., hold)| hold.locks != 0) {
            actions.push(Action::Wipe);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = *last;
        let done = match action {
            Action::Call(u, request) => self.call(&mut state, u, request),
            Action::Step(u, background, outcome) => self.step(&mut state, u, background, outcome),
            Action::GiveUp(u) => {
                let user = &mut state.users[u];
                (user.background, user.call) = (user.call, broken_off(user, &user.call));
                state.lost_replies -= 1;
                true
            }
            Action::Event(u, payment) => self.event(&mut state, u, payment),
            Action::Crash(u, background) => {
                let user = &mut state.users[u];
                if background {
                    user.background = Call::default();
                } else {
                    user.call = broken_off(user, &user.call);
                }
                state.crashes -= 1;
                true
            }
            Action::Abort(u, t) => {
                state.users[u].holds[t].tx = Tx::Closed;
                true
            }
            Action::TimeComes(u, t) => {
                state.users[u].holds[t].status = Status::Overdue;
                true
            }
            Action::LocksRunOut(u, t) => {
                state.users[u].holds[t].locks = 0;
                true
            }
            Action::Sweep(u, t) => {
                state.end(None, u, t, Status::Expired);
                true
            }
            Action::Wipe => {
                state
                    .users
                    .iter_mut()
                    .flat_map(|user| &mut user.holds)
                    .for_each(|hold| hold.locks = 0);
                state.wipes -= 1;
                state.wiped = true;
                true
            }
            Action::CancelEntity => {
                self.cancel_entity(&mut state);
                true
            }
            Action::EndClaim(u, t) => {
                self.end_claim(&mut state, u, t);
                true
            }
            Action::FinishCancel => {
                state.entity = Entity::Done;
                true
            }
            Action::CheckSeat(seat) => {
                state.removing |= seat;
                state.removals -= 1;
                true
            }
            Action::RemoveSeat(seat) => {
                self.remove_seat(&mut state, seat);
                true
            }
        };
        state.forget(|state, user| self.finished(state, user));
        done.then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        match self.design {
            Design::First => properties::of_first_design(),
            Design::Current => properties::all(&self.bounds),
        }
    }
}
