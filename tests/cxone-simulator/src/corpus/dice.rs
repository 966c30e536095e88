//! Numbers that look random and follow from a seed, the same on every machine and for ever.

use crate::fault::mix;

/// See the module.
pub(super) struct Dice(u64);

impl Dice {
    /// The dice for one purpose: `nth` of `seed`.
    pub(super) fn new(seed: u64, nth: u64) -> Self {
        Self(mix(mix(seed) ^ nth))
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 = mix(self.0);
        self.0
    }

    /// A number below `end`, which is not zero.
    pub(super) fn below(&mut self, end: usize) -> usize {
        // The remainder is below a usize.
        usize::try_from(self.roll() % end as u64).unwrap_or(0)
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Whether something happens that happens in so many cases of a hundred.
    pub(super) fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }
}
