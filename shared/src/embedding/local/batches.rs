//! Which texts go through the model together. A batch is filled up to its longest text, and what fills it up costs as much as text.

/// More texts at once are no faster, and their intermediate numbers leave the processor's cache.
const LARGEST: usize = 8;
/// Texts whose lengths fall into the same span of so many tokens may share a batch.
const SPAN: usize = 16;

/// The places of the texts, batch by batch; texts of a batch are of like length.
pub(super) fn plan(tokens: &[Vec<i32>]) -> Vec<Vec<usize>> {
    let length = |place: &usize| tokens[*place].len();
    let mut places: Vec<usize> = (0..tokens.len()).collect();
    places.sort_by_key(length);
    let alike = places.chunk_by(|a, b| length(a).div_ceil(SPAN) == length(b).div_ceil(SPAN));
    alike
        .flat_map(|span| span.chunks(LARGEST))
        .map(<[usize]>::to_vec)
        .collect()
}

/// The tokens of a batch in rows of the same length, and which of them are text.
pub(super) fn fill(batch: &[usize], tokens: &[Vec<i32>]) -> (Vec<i32>, Vec<i32>) {
    let rows = batch.iter().map(|place| tokens[*place].as_slice());
    let width = rows.clone().map(<[i32]>::len).max().unwrap_or_default();
    let (mut ids, mut mask) = (Vec::new(), Vec::new());
    for row in rows {
        let end = ids.len() + width;
        ids.extend_from_slice(row);
        mask.resize(ids.len(), 1);
        ids.resize(end, 0);
        mask.resize(end, 0);
    }
    (ids, mask)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_are_filled_up_to_the_longest() {
        let tokens = [vec![101, 102], vec![], vec![101, 7, 102]];
        let (ids, mask) = fill(&[2, 0], &tokens);
        assert_eq!(ids, [101, 7, 102, 101, 102, 0]);
        assert_eq!(mask, [1, 1, 1, 1, 1, 0]);
    }

    proptest! {
        #[test]
        fn every_text_is_in_one_small_batch_of_its_like(lengths in vec(1..=256_usize, 0..60)) {
            let tokens: Vec<_> = lengths.iter().map(|length| vec![1; *length]).collect();
            let batches = plan(&tokens);
            for batch in &batches {
                let lengths = batch.iter().map(|place| lengths[*place]);
                let (least, most) = (lengths.clone().min().unwrap(), lengths.max().unwrap());
                prop_assert!(batch.len() <= LARGEST && most - least < SPAN);
            }
            let mut places: Vec<_> = batches.concat();
            places.sort_unstable();
            prop_assert_eq!(places, (0..tokens.len()).collect::<Vec<_>>());
        }
    }
}
