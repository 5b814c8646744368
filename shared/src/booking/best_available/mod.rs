//! Chooses seats for a buyer who names none. Pure: the caller brings the seats of an entity and
//! which of them are free, and takes the first choice that is still free.
//!
//! The rules, in their order:
//!
//! 1. Places for wheelchairs and their companions' seats are used only where the request or the
//!    entity allows it. Where the entity releases them, they are still the last to be used. Where
//!    the request asks for them, the choice has a wheelchair place if any is free.
//! 2. No single free seat is left alone beside the choice, if another choice avoids it.
//! 3. The seats nearest to the layout's focal point. Without a layout: the earliest row in natural
//!    order, nearest to the row's middle.
//!
//! Seats are adjacent if they are side by side in one row, with no gap and no aisle between.

mod bits;
mod chains;
mod hall;
mod rows;
mod runs;
mod singles;
mod split;
mod windows;

pub use hall::{Hall, HallSeat, SeatPlace};

use bits::Bits;
use rand::{RngCore, seq::SliceRandom};

/// The most seats of one request.
pub const MAX_QUANTITY: usize = 10;

/// How many choices of `quantity` seats a call tries to lock in a round. The first round is 0.
///
/// Buyers who come at the same time want the same seats. A choice of few seats is found fast, so
/// such a call gets more choices, and loses fewer rounds to the others.
pub fn choices_offered(quantity: usize, round: u32) -> usize {
    /// How many seats the choices of the first round have in total.
    const FIRST_ROUND_SEATS: usize = 16;
    const MIN_CHOICES: usize = 4;
    const MAX_CHOICES: usize = 32;
    /// Before this round, every call has reached `MAX_CHOICES`. More doublings could overflow.
    const LAST_DOUBLING: u32 = 8;
    let first = (FIRST_ROUND_SEATS / quantity.max(1)).max(MIN_CHOICES);
    // Each round offers twice as many as the one before.
    (first << round.min(LAST_DOUBLING)).min(MAX_CHOICES)
}

/// How many choices of several runs a call gets. They take longer to find, and few seats are free
/// then. A call gets only one of them before it has lost a race.
const MAX_SPLIT_CHOICES: usize = 2;

/// A set of seats. A seat is named by its index in the list that made the [`Hall`].
#[derive(Clone, Debug)]
pub struct SeatSet(Bits);

impl SeatSet {
    /// No seat of `seats` seats.
    pub fn new(seats: usize) -> Self {
        Self(Bits::new(seats))
    }

    /// All of `seats` seats.
    pub fn all(seats: usize) -> Self {
        Self(Bits::all(seats))
    }

    /// Adds the seat with this index.
    pub fn insert(&mut self, seat: usize) {
        self.0.set(seat);
    }

    /// Removes the seat with this index, if the set has it.
    pub fn remove(&mut self, seat: usize) {
        self.0.clear(seat);
    }

    /// Whether the seat is in the set.
    pub fn contains(&self, seat: usize) -> bool {
        self.0.get(seat)
    }
}

/// Whether the seats of a choice must be adjacent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Adjacency {
    /// All seats in one run, or no choice.
    Required,
    /// All in one run if possible, else in the fewest runs, nearest to each other.
    #[default]
    Preferred,
    /// The nearest seats, whether or not they are adjacent.
    No,
}

/// What a buyer asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeatRequest<'a> {
    /// How many seats, 1–10.
    pub quantity: usize,
    /// Only seats of the section with this key.
    pub section: Option<&'a str>,
    /// Only seats of the category with this key.
    pub category: Option<&'a str>,
    /// Only seats that cost at most this, in minor units.
    pub max_price: Option<i64>,
    /// Whether the buyer needs a wheelchair place.
    pub accessible: bool,
    /// Whether the entity sells wheelchair places and companions' seats to everybody.
    pub release_accessible: bool,
    /// Whether the seats must be adjacent.
    pub adjacent: Adjacency,
}

/// Seats that meet a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The seats, in the order of the list.
    pub seats: Vec<usize>,
    /// Whether they are all adjacent. One seat is.
    pub adjacent: bool,
}

/// No choice of seats meets the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotEnoughSeats {
    /// How many free seats the filters leave.
    pub available: usize,
    /// How many adjacent seats the longest run of them has.
    pub largest_adjacent: usize,
}

/// A choice as slots of the hall, and how good it is.
struct Pick {
    slots: Vec<usize>,
    lonely: u32,
    tier: usize,
    split: bool,
}

/// The seats that a request may use.
struct Tier {
    eligible: Bits,
    /// At least one of these seats must be used.
    needed: Option<Bits>,
}

impl Hall {
    /// Up to `count` choices, the best first. No two of them share a seat, and each is the best one
    /// after those before it are taken, so the caller can take the first that is still free.
    ///
    /// With `shuffle`, which is for a buyer who lost a race, choices that are as good as the first
    /// by rules 1 and 2 come in a random order.
    pub fn choose(
        &self,
        free: &SeatSet,
        request: &SeatRequest<'_>,
        count: usize,
        mut shuffle: Option<&mut dyn RngCore>,
    ) -> Result<Vec<Choice>, NotEnoughSeats> {
        let all_free = self.slots_of(&free.0);
        let allowed = self.allowed(request);
        let max_split = if shuffle.is_some() { MAX_SPLIT_CHOICES } else { 1 };
        let mut free = all_free.clone();
        let mut picks: Vec<Pick> = Vec::new();
        while picks.len() < count.max(1) {
            let Some(pick) = self.best(&free, &allowed, request, &mut shuffle) else { break };
            pick.slots.iter().for_each(|slot| free.clear(*slot));
            picks.push(pick);
            if picks.iter().filter(|pick| pick.split).count() == max_split {
                break;
            }
        }
        let Some(first) = picks.first() else {
            let eligible = all_free.and(&allowed);
            let (available, largest_adjacent) = (eligible.count(), eligible.longest_run());
            return Err(NotEnoughSeats { available, largest_adjacent });
        };
        if let Some(rng) = shuffle {
            let (tier, lonely) = (first.tier, first.lonely);
            // Keep a choice only if it is as good as the first even when the earlier choices stay
            // free.
            picks.retain(|pick| {
                pick.tier == tier && windows::lonely(&all_free, &pick.slots) <= lonely
            });
            picks.shuffle(rng);
        }
        Ok(picks.into_iter().map(|pick| self.choice(pick.slots)).collect())
    }

    fn choice(&self, mut slots: Vec<usize>) -> Choice {
        slots.sort_unstable();
        let adjacent = slots.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let mut seats: Vec<usize> = slots.into_iter().map(|slot| self.seat_at(slot)).collect();
        seats.sort_unstable();
        Choice { seats, adjacent }
    }

    fn best(
        &self,
        free: &Bits,
        allowed: &Bits,
        request: &SeatRequest<'_>,
        shuffle: &mut Option<&mut dyn RngCore>,
    ) -> Option<Pick> {
        let quantity = request.quantity.clamp(1, MAX_QUANTITY);
        let eligible = free.and(allowed);
        if eligible.count() < quantity {
            return None;
        }
        self.tiers(eligible, request).into_iter().enumerate().find_map(|(number, tier)| {
            let slots = match request.adjacent {
                Adjacency::Required => {
                    self.window(free, &tier, quantity, shuffle).map(|slots| (slots, false))
                }
                Adjacency::No if tier.needed.is_none() => {
                    self.choose_singles(free, &tier, quantity).map(|slots| (slots, false))
                }
                Adjacency::Preferred | Adjacency::No => self
                    .window(free, &tier, quantity, shuffle)
                    .map(|slots| (slots, false))
                    .or_else(|| self.split(free, &tier, quantity).map(|slots| (slots, true))),
            };
            slots.map(|(slots, split)| Pick {
                lonely: windows::lonely(free, &slots),
                tier: number,
                split,
                slots,
            })
        })
    }

    /// Rule 1: which seats to try first.
    fn tiers(&self, eligible: Bits, request: &SeatRequest<'_>) -> Vec<Tier> {
        let all = |eligible| Tier { eligible, needed: None };
        if request.accessible {
            let needed = Some(self.wheelchairs().and(&eligible));
            vec![Tier { eligible: eligible.clone(), needed }, all(eligible)]
        } else if request.release_accessible {
            vec![all(eligible.and_not(self.accessible())), all(eligible)]
        } else {
            vec![all(eligible)]
        }
    }
}

#[cfg(test)]
mod tests;
