//! The best run of adjacent seats.

use super::{Hall, Tier, bits::Bits};
use rand::{Rng, RngCore};

/// Where windows of `quantity` eligible seats begin.
pub(super) fn starts(eligible: &Bits, quantity: usize) -> Bits {
    (1..quantity).fold(eligible.clone(), |starts, by| starts.and(&eligible.ahead(by)))
}

/// How many free seats these slots leave alone: free, beside one of the slots, and
/// without a free neighbour.
pub(super) fn lonely(free: &Bits, slots: &[usize]) -> u32 {
    let left = |slot: usize| free.get(slot) && !slots.contains(&slot);
    let alone = |slot: usize| left(slot) && !left(slot - 1) && !left(slot + 1);
    let mut all: Vec<usize> = slots
        .iter()
        .flat_map(|slot| [slot - 1, slot + 1])
        .filter(|slot| *slot > 0 && alone(*slot))
        .collect();
    all.sort_unstable();
    all.dedup();
    all.len() as u32
}

impl Hall {
    /// Slots of the best window of adjacent seats.
    pub(super) fn window(
        &self,
        free: &Bits,
        tier: &Tier,
        quantity: usize,
        shuffle: &mut Option<&mut dyn RngCore>,
    ) -> Option<Vec<usize>> {
        let mut starts = starts(&tier.eligible, quantity);
        if let Some(needed) = &tier.needed {
            let reach = (1..quantity).fold(needed.clone(), |all, by| all.or(&needed.ahead(by)));
            starts = starts.and(&reach);
        }
        if starts.is_empty() {
            return None;
        }
        // A free seat beside the window whose other neighbour is not free.
        let before = free.behind(1).and_not(&free.behind(2));
        let after = free.ahead(quantity).and_not(&free.ahead(quantity + 1));
        let (both, either) = (before.and(&after), before.or(&after));
        [starts.and_not(&either), starts.and(&either).and_not(&both), starts.and(&both)]
            .iter()
            .find_map(|starts| self.nearest(starts, quantity, shuffle))
            .map(|start| (start..start + quantity).collect())
    }

    /// The start with the lowest score. Of several equal starts, it is the one whose seat comes
    /// first in the list. With `shuffle`, it is a random one of them.
    fn nearest(
        &self,
        starts: &Bits,
        quantity: usize,
        shuffle: &mut Option<&mut dyn RngCore>,
    ) -> Option<usize> {
        let mut best: Option<(u64, usize)> = None;
        let mut equal: u32 = 1;
        for segment in self.segments() {
            if best.is_some_and(|(score, _)| self.lowest_score(segment, quantity) > score) {
                break;
            }
            for start in starts.within(segment.start, segment.end) {
                let score = self.score(segment, start, quantity);
                match best {
                    Some((lowest, _)) if score > lowest => {}
                    Some((lowest, other)) if score == lowest => {
                        equal += 1;
                        let first = self.seat_at(start) < self.seat_at(other);
                        // Each of n equal starts is chosen with a probability of 1/n.
                        let replace = match shuffle {
                            Some(rng) => rng.random_ratio(1, equal),
                            None => first,
                        };
                        if replace {
                            best = Some((score, start));
                        }
                    }
                    _ => (best, equal) = (Some((score, start)), 1),
                }
            }
        }
        best.map(|(_, start)| start)
    }
}
