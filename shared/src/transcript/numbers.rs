//! Which numbers were heard, as ranges: a call without gaps is one.

use serde::{Deserialize, Serialize};

/// Numbers, each of them once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Numbers(Vec<(u64, u64)>);

impl Numbers {
    /// Adds a number; says whether it is new.
    pub(super) fn add(&mut self, number: u64) -> bool {
        let place = self.0.partition_point(|(_, last)| *last < number);
        if self.0.get(place).is_some_and(|(first, _)| *first <= number) {
            return false;
        }
        let follows = place > 0 && self.0[place - 1].1.checked_add(1) == Some(number);
        let next = self.0.get(place);
        let precedes = next.is_some_and(|(first, _)| number.checked_add(1) == Some(*first));
        match (follows, precedes) {
            (true, true) => self.0[place - 1].1 = self.0.remove(place).1,
            (true, false) => self.0[place - 1].1 = number,
            (false, true) => self.0[place].0 = number,
            (false, false) => self.0.insert(place, (number, number)),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_call_without_gaps_is_one_range() {
        let mut numbers = Numbers::default();
        for number in [2, 1, 4, 3, 7, u64::MAX] {
            assert!(numbers.add(number));
        }
        assert_eq!(numbers.0, [(1, 4), (7, 7), (u64::MAX, u64::MAX)]);
    }

    proptest! {
        #[test]
        fn a_number_is_new_once(told in proptest::collection::vec(0_u64..40, 0..200)) {
            let (mut numbers, mut set) = (Numbers::default(), BTreeSet::new());
            for number in told {
                prop_assert_eq!(numbers.add(number), set.insert(number));
            }
            let count: u64 = numbers.0.iter().map(|(first, last)| last - first + 1).sum();
            prop_assert_eq!(count, set.len() as u64);
            prop_assert!(numbers.0.windows(2).all(|two| two[0].1 + 1 < two[1].0));
        }
    }
}
