//! A set of small numbers, one bit each.

const WORD: usize = u64::BITS as usize;

/// A set of numbers below a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set of numbers below `limit`.
    pub(super) fn new(limit: usize) -> Self {
        Self(vec![0; limit.div_ceil(WORD)])
    }

    /// All numbers below `limit`.
    pub(super) fn all(limit: usize) -> Self {
        let mut words = vec![u64::MAX; limit.div_ceil(WORD)];
        if let (Some(last), rest @ 1..) = (words.last_mut(), limit % WORD) {
            *last = (1 << rest) - 1;
        }
        Self(words)
    }

    /// The number below which all numbers of the set are.
    pub(super) fn limit(&self) -> usize {
        self.0.len() * WORD
    }

    pub(super) fn set(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / WORD) {
            *word |= 1 << (index % WORD);
        }
    }

    pub(super) fn clear(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / WORD) {
            *word &= !(1 << (index % WORD));
        }
    }

    pub(super) fn get(&self, index: usize) -> bool {
        self.0.get(index / WORD).is_some_and(|word| word >> (index % WORD) & 1 == 1)
    }

    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    pub(super) fn and_not(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & !b).collect())
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }

    /// Every number `n` for which `n + by` is in the set.
    pub(super) fn ahead(&self, by: usize) -> Self {
        let (words, bits) = (by / WORD, by % WORD);
        let at = |index: usize| self.0.get(index).copied().unwrap_or(0);
        let word = |index: usize| match bits {
            0 => at(index + words),
            _ => at(index + words) >> bits | at(index + words + 1) << (WORD - bits),
        };
        Self((0..self.0.len()).map(word).collect())
    }

    /// Every number `n` for which `n - by` is in the set.
    pub(super) fn behind(&self, by: usize) -> Self {
        let (words, bits) = (by / WORD, by % WORD);
        let at = |index: Option<usize>| index.map_or(0, |index| self.0[index]);
        let word = |index: usize| match bits {
            0 => at(index.checked_sub(words)),
            _ => {
                let low = at(index.checked_sub(words + 1)) >> (WORD - bits);
                at(index.checked_sub(words)) << bits | low
            }
        };
        Self((0..self.0.len()).map(word).collect())
    }

    /// The numbers of the set from `start` on and below `end`, in order.
    pub(super) fn within(&self, start: usize, end: usize) -> impl Iterator<Item = usize> + '_ {
        (start / WORD..end.div_ceil(WORD).min(self.0.len())).flat_map(move |index| {
            let base = index * WORD;
            let mut word = self.0[index];
            if base < start {
                word &= u64::MAX << (start - base);
            }
            if end - base < WORD {
                word &= (1 << (end - base)) - 1;
            }
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    base + bit
                })
            })
        })
    }

    /// All numbers of the set, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.within(0, self.limit())
    }

    /// The runs of consecutive numbers: where they begin and how long they are.
    pub(super) fn runs(&self) -> Vec<(usize, usize)> {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for index in self.iter() {
            match runs.last_mut() {
                Some((start, length)) if *start + *length == index => *length += 1,
                _ => runs.push((index, 1)),
            }
        }
        runs
    }

    pub(super) fn longest_run(&self) -> usize {
        self.runs().into_iter().map(|(_, length)| length).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn bits_are_a_set(numbers in prop::collection::btree_set(0_usize..300, 0..200),
                          by in 0_usize..150, start in 0_usize..300, length in 0_usize..200) {
            let mut bits = Bits::new(320);
            numbers.iter().for_each(|number| bits.set(*number));
            prop_assert!(Bits::all(by).iter().eq(0..by));
            let all = |set: &Bits| set.iter().collect::<BTreeSet<_>>();
            prop_assert_eq!(all(&bits), numbers.clone());
            let moved: BTreeSet<_> = numbers.iter().filter_map(|n| n.checked_sub(by)).collect();
            prop_assert_eq!(all(&bits.ahead(by)), moved);
            let moved: BTreeSet<_> = numbers.iter().map(|n| n + by).filter(|n| *n < 320).collect();
            prop_assert_eq!(all(&bits.behind(by)), moved);
            let inside: Vec<_> = numbers.range(start..start + length).copied().collect();
            prop_assert_eq!(bits.within(start, start + length).collect::<Vec<_>>(), inside);
            prop_assert_eq!(bits.runs().iter().map(|run| run.1).sum::<usize>(), numbers.len());
        }
    }
}
