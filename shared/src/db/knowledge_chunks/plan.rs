//! Which chunks of a document stay when it changes. Pure.

use std::collections::{HashMap, VecDeque};

use super::ChunkId;
use crate::domain::TextHash;

/// How a document comes to its new chunks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChunkPlan {
    /// Chunks that stay, each with its new place.
    pub kept: Vec<(ChunkId, i32)>,
    /// Chunks that go.
    pub removed: Vec<ChunkId>,
    /// Places that a new chunk takes.
    pub added: Vec<i32>,
}

/// Pairs old chunks with new ones of the same text, as many as there are on both sides, the earlier with the earlier.
pub fn plan_chunks(old: &[(ChunkId, i32, TextHash)], new: &[TextHash]) -> ChunkPlan {
    let mut old = old.to_vec();
    old.sort_by_key(|(_, number, _)| *number);
    let mut standing: HashMap<TextHash, VecDeque<ChunkId>> = HashMap::new();
    for (id, _, hash) in &old {
        standing.entry(*hash).or_default().push_back(*id);
    }
    let mut plan = ChunkPlan::default();
    for (number, hash) in (0..).zip(new) {
        match standing.get_mut(hash).and_then(VecDeque::pop_front) {
            Some(id) => plan.kept.push((id, number)),
            None => plan.added.push(number),
        }
    }
    plan.removed = standing.into_values().flatten().collect();
    plan.removed.sort();
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn old(texts: &str) -> Vec<(ChunkId, i32, TextHash)> {
        let chunk = |(number, letter)| (ChunkId(100 + i64::from(number)), number, of(letter));
        (0..).zip(texts.chars()).map(chunk).collect()
    }

    fn new(texts: &str) -> Vec<TextHash> {
        texts.chars().map(of).collect()
    }

    fn of(letter: char) -> TextHash {
        TextHash::of(&letter.to_string())
    }

    #[test]
    fn what_stays_what_goes_and_what_comes() {
        for (before, after, kept, removed, added) in [
            ("", "ab", &[][..], &[][..], &[0, 1][..]),
            ("ab", "", &[], &[100, 101], &[]),
            ("abc", "abc", &[(100, 0), (101, 1), (102, 2)], &[], &[]),
            ("abc", "xabc", &[(100, 1), (101, 2), (102, 3)], &[], &[0]),
            ("abc", "cba", &[(102, 0), (101, 1), (100, 2)], &[], &[]),
            ("aab", "ba", &[(102, 0), (100, 1)], &[101], &[]),
            ("ab", "aab", &[(100, 0), (101, 2)], &[], &[1]),
        ] {
            let plan = plan_chunks(&old(before), &new(after));
            let expected = ChunkPlan {
                kept: kept.iter().map(|(id, at)| (ChunkId(*id), *at)).collect(),
                removed: removed.iter().copied().map(ChunkId).collect(),
                added: added.to_vec(),
            };
            assert_eq!(plan, expected, "{before} to {after}");
        }
    }

    proptest! {
        #[test]
        fn a_plan_leads_from_the_old_to_the_new(before in "[a-d]{0,12}", after in "[a-d]{0,12}", turn in 0..12_usize) {
            let (mut old, new) = (old(&before), new(&after));
            // The order of the rows says nothing: their numbers do.
            let turn = turn % old.len().max(1);
            old.rotate_left(turn);
            let plan = plan_chunks(&old, &new);
            let hash = |id: &ChunkId| old.iter().find(|(known, ..)| known == id).map(|(.., hash)| *hash);
            let mut places: Vec<_> = plan.kept.iter().map(|(_, at)| *at).chain(plan.added.clone()).collect();
            places.sort_unstable();
            prop_assert_eq!(places, (0..i32::try_from(new.len()).unwrap()).collect::<Vec<_>>());
            let mut ids: Vec<_> = plan.kept.iter().map(|(id, _)| *id).chain(plan.removed.clone()).collect();
            ids.sort();
            let mut all: Vec<_> = old.iter().map(|(id, ..)| *id).collect();
            all.sort();
            prop_assert_eq!(ids, all, "each old chunk once");
            for (id, at) in &plan.kept {
                prop_assert_eq!(hash(id), new.get(usize::try_from(*at).unwrap()).copied());
            }
            let common: usize = "abcd".chars().map(|letter| {
                let count = |text: &str| text.chars().filter(|one| *one == letter).count();
                count(&before).min(count(&after))
            }).sum();
            prop_assert_eq!(plan.kept.len(), common, "as many as there are on both sides");
        }
    }
}
