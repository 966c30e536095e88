//! Cuts a list of texts into requests. Pure.

use std::ops::Range;

/// The most that one request may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Texts.
    pub texts: usize,
    /// Tokens of all texts together.
    pub tokens: usize,
}

/// The batches for texts of these token counts, in order. Only a text that is over the limit by itself goes over it, alone.
pub fn plan(counts: &[usize], limits: Limits) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let (mut start, mut tokens) = (0, 0_usize);
    for (index, count) in counts.iter().enumerate() {
        let is_full =
            index - start >= limits.texts || tokens.saturating_add(*count) > limits.tokens;
        if is_full && index > start {
            batches.push(start..index);
            (start, tokens) = (index, 0);
        }
        tokens = tokens.saturating_add(*count);
    }
    if start < counts.len() {
        batches.push(start..counts.len());
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn batches_are_as_full_as_the_limits_allow() {
        let limits = Limits {
            texts: 3,
            tokens: 10,
        };
        for (counts, batches) in [
            (vec![], vec![]),
            (vec![1, 1, 1, 1], vec![0..3, 3..4]),
            (vec![5, 5, 1], vec![0..2, 2..3]),
            (vec![5, 6], vec![0..1, 1..2]),
            (vec![1, 11, 1], vec![0..1, 1..2, 2..3]),
            (vec![usize::MAX, usize::MAX], vec![0..1, 1..2]),
            (vec![0, 0, 0, 0], vec![0..3, 3..4]),
        ] {
            assert_eq!(plan(&counts, limits), batches, "{counts:?}");
        }
    }

    proptest! {
        #[test]
        fn every_text_once_in_order_and_within_the_limits(
            counts in proptest::collection::vec(0_usize..40, 0..300),
            texts in 0_usize..20,
            tokens in 0_usize..60,
        ) {
            let batches = plan(&counts, Limits { texts, tokens });
            let indexes: Vec<usize> = batches.iter().cloned().flatten().collect();
            prop_assert_eq!(indexes, (0..counts.len()).collect::<Vec<_>>());
            let sum = |batch: &Range<usize>| counts[batch.clone()].iter().sum::<usize>();
            for batch in &batches {
                prop_assert!(batch.len() == 1 || batch.len() <= texts && sum(batch) <= tokens);
            }
            // No batch has room for the next one's first text.
            for pair in batches.windows(2) {
                let next = pair[0].start..pair[1].start + 1;
                prop_assert!(next.len() > texts || sum(&next) > tokens);
            }
        }
    }
}
