//! A model of its own, because it multiplies no state of the other: the events of one document's
//! changes, and the relays that copy them to deliveries and then remove them.

use stateright::{Model, Property};

/// A set of events, one bit each. A change and its event have the same number.
pub type Events = u8;

/// Every change has its event, in the document or in a delivery.
pub const NO_EVENT_LOST: &str = "at rest, each change has its event";
/// There is no event without its change.
pub const NO_EVENT_MADE_UP: &str = "each event is of a change";

/// One mistake in the protocol, which the checker must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A change writes its event with a second write.
    EventInSecondWrite,
    /// A relay removes the events first, and inserts the deliveries then.
    RemovesFirst,
    /// A relay removes all events of the document, not just those that it has copied.
    RemovesAll,
    /// A relay reads what a majority may not have yet, and a failover loses it.
    ReadsUncommitted,
}

/// The outbox and its relays as a state machine for the model checker.
#[derive(Clone, Debug)]
pub struct OutboxModel {
    /// The flaw to find, if any.
    pub flaw: Option<Flaw>,
    /// How many changes are made.
    pub changes: u8,
    /// How many processes die.
    pub crashes: u8,
    /// How many relays run at a time, two at most.
    pub relays: usize,
}

/// What a relay does next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Relay {
    /// It does not run.
    #[default]
    Idle,
    /// It has read these events.
    Read(Events),
    /// It has done the first of its two writes about these events.
    Halfway(Events),
}

/// The document and its deliveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// The changes that were made.
    pub changed: Events,
    /// Changes that no majority has yet. A failover undoes them and their events.
    pub uncommitted: Events,
    /// The events in the document.
    pub unsent: Events,
    /// The events that have deliveries.
    pub delivered: Events,
    /// A change whose event is still to be written.
    pub writing: Events,
    /// The relays, running or not.
    pub relays: [Relay; 2],
    /// How many more times a process may crash.
    pub crashes: u8,
}

/// What may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The next change of the document.
    Change,
    /// The second write of a change.
    WriteEvent,
    /// A majority has the newest change.
    Commit,
    /// A failover loses the newest change.
    Failover,
    /// The next step of a relay.
    Relay(usize),
    /// A relay ends between two of its steps.
    RelayDies(usize),
    /// The writer of a change dies.
    WriterDies,
}

impl OutboxModel {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn change(&self, state: &mut State) {
        let next = (state.changed + 1) & !state.changed;
        state.changed |= next;
        state.uncommitted = next;
        if self.has(Flaw::EventInSecondWrite) {
            state.writing = next;
        } else {
            state.unsent |= next;
        }
    }

    fn relay(&self, state: &mut State, number: usize) {
        let removes_first = self.has(Flaw::RemovesFirst);
        state.relays[number] = match state.relays[number] {
            Relay::Idle if self.has(Flaw::ReadsUncommitted) => Relay::Read(state.unsent),
            Relay::Idle => Relay::Read(state.unsent & !state.uncommitted),
            Relay::Read(events) => {
                if removes_first {
                    state.unsent &= !events;
                } else {
                    state.delivered |= events;
                }
                Relay::Halfway(events)
            }
            Relay::Halfway(events) => {
                if removes_first {
                    state.delivered |= events;
                } else if self.has(Flaw::RemovesAll) {
                    state.unsent = 0;
                } else {
                    state.unsent &= !events;
                }
                Relay::Idle
            }
        };
    }
}

impl Model for OutboxModel {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State { crashes: self.crashes, ..State::default() }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let rests = state.writing == 0 && state.uncommitted == 0;
        if rests && state.changed.count_ones() < u32::from(self.changes) {
            actions.push(Action::Change);
        }
        if state.writing != 0 {
            actions.push(Action::WriteEvent);
        }
        if state.uncommitted != 0 {
            actions.extend([Action::Commit, Action::Failover]);
        }
        for (number, relay) in state.relays.iter().enumerate().take(self.relays) {
            if *relay != Relay::Idle || state.unsent != 0 {
                actions.push(Action::Relay(number));
            }
            if *relay != Relay::Idle && state.crashes > 0 {
                actions.push(Action::RelayDies(number));
            }
        }
        if state.writing != 0 && state.crashes > 0 {
            actions.push(Action::WriterDies);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = *last;
        match action {
            Action::Change => self.change(&mut state),
            Action::WriteEvent => {
                state.unsent |= state.writing;
                state.writing = 0;
            }
            Action::Commit => state.uncommitted = 0,
            Action::Failover => {
                state.changed &= !state.uncommitted;
                state.unsent &= !state.uncommitted;
                state.writing &= !state.uncommitted;
                state.uncommitted = 0;
            }
            Action::Relay(number) => self.relay(&mut state, number),
            Action::RelayDies(number) => {
                state.relays[number] = Relay::Idle;
                state.crashes -= 1;
            }
            Action::WriterDies => {
                state.writing = 0;
                state.crashes -= 1;
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NO_EVENT_LOST, |_, state: &State| {
                let busy = state.writing != 0 || state.relays.iter().any(|r| *r != Relay::Idle);
                busy || state.changed & !(state.unsent | state.delivered) == 0
            }),
            Property::always(NO_EVENT_MADE_UP, |_, state: &State| {
                (state.unsent | state.delivered) & !state.changed == 0
            }),
            Property::sometimes(
                "every event is delivered, and none is left",
                |model: &Self, state: &State| {
                    let all = state.changed.count_ones() == u32::from(model.changes);
                    all && state.delivered == state.changed && state.unsent == 0
                },
            ),
            Property::sometimes("an event is copied twice", |_, state: &State| {
                let twice =
                    |relay: &Relay| matches!(relay, Relay::Read(e) if e & state.delivered != 0);
                state.relays.iter().any(twice)
            }),
        ]
    }
}
