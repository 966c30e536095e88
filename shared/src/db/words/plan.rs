//! Which blocks are rewritten next. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::Home;
use super::rewrite::Chosen;

/// So many blocks of one tier are folded, and a tier's blocks are up to so many times as large as the last one's. A word is read from some
/// more blocks than with eight, and what is written is written again half as often.
const TIER: usize = 16;
/// No block grows beyond so many chunks: it must be read, folded and written within one short transaction.
const MOST_CHUNKS: i32 = 16_384;
/// A block of more is as good as full: no two of them become one.
const FULL: i32 = MOST_CHUNKS / 2;

/// A block, as the plan knows it.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) id: i64,
    pub(super) home: Home,
    pub(super) chunks: i32,
    pub(super) first: i64,
    pub(super) last: i64,
    /// The dead that may be in it.
    pub(super) dead: i64,
}

/// The blocks to fold next, oldest first: those of a tier that has enough of them.
pub(super) fn plan_fold(blocks: &[Standing]) -> Option<Chosen> {
    let mut tiers: BTreeMap<(&Home, u32), Vec<&Standing>> = BTreeMap::new();
    for block in blocks.iter().filter(|block| block.chunks <= FULL) {
        let tier = block.chunks.max(1).ilog2() / TIER.ilog2();
        tiers.entry((&block.home, tier)).or_default().push(block);
    }
    let ((home, _), mut tier) = tiers.into_iter().find(|(_, tier)| tier.len() >= TIER)?;
    tier.sort_by_key(|block| block.first);
    let mut chunks = 0;
    tier.retain(|block| {
        chunks += block.chunks;
        chunks <= MOST_CHUNKS
    });
    Chosen::of(home, &tier)
}

/// The block to rewrite next for the sake of its dead: the one that gives most for its size. Those in `seen` hold none of the dead, whatever
/// their bounds say.
pub(super) fn plan_purge(blocks: &[Standing], seen: &BTreeSet<i64>) -> Option<Chosen> {
    let worth = blocks
        .iter()
        .filter(|block| block.dead > 0 && !seen.contains(&block.id));
    let order = |one: &&Standing, other: &&Standing| {
        let share = |these: &Standing, those: &Standing| these.dead * i64::from(those.chunks);
        share(one, other).cmp(&share(other, one))
    };
    let block = worth.max_by(order)?;
    Chosen::of(&block.home, &[block])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::words::WordSpace;
    use proptest::prelude::*;

    fn home(analysis: &str) -> Home {
        Home {
            space: WordSpace::Knowledge,
            segment: None,
            analysis: analysis.to_owned(),
            version: 1,
        }
    }

    fn block(id: i64, analysis: &str, chunks: i32, dead: i64) -> Standing {
        Standing {
            id,
            home: home(analysis),
            chunks,
            first: id * 100_000,
            last: id * 100_000 + i64::from(chunks) - 1,
            dead,
        }
    }

    fn folded(blocks: &[Standing]) -> Option<Vec<i64>> {
        plan_fold(blocks).map(|chosen| chosen.blocks)
    }

    #[test]
    fn a_tier_is_folded_when_it_has_enough_of_one_home() {
        let mut blocks: Vec<_> = (0..15).map(|id| block(id, "english", 100, 0)).collect();
        blocks.push(block(15, "german", 100, 0));
        blocks.push(block(16, "english", 700, 0));
        assert_eq!(folded(&blocks), None);
        blocks.push(block(17, "english", 64, 0));
        let wanted = (0..15).chain([17]).collect();
        assert_eq!(folded(&blocks), Some(wanted));
    }

    #[test]
    fn what_is_full_is_left_alone_and_nothing_grows_beyond_the_most() {
        let full: Vec<_> = (0..20)
            .map(|id| block(id, "english", FULL + 1, 0))
            .collect();
        assert_eq!(folded(&full), None);
        let half: Vec<_> = (0..20).map(|id| block(id, "english", FULL, 0)).collect();
        assert_eq!(folded(&half), Some(vec![0, 1]));
    }

    #[test]
    fn the_dead_go_where_they_are_thickest_and_what_was_seen_is_not_looked_at_again() {
        let blocks = [
            block(1, "english", 1_000, 90),
            block(2, "english", 100, 10),
            block(3, "english", 100, 0),
        ];
        let purged = |seen: &[i64]| {
            let chosen = plan_purge(&blocks, &seen.iter().copied().collect());
            chosen.map(|chosen| chosen.blocks)
        };
        assert_eq!(purged(&[]), Some(vec![2]));
        assert_eq!(purged(&[2]), Some(vec![1]));
        assert_eq!(purged(&[1, 2]), None);
    }

    proptest! {
        #[test]
        fn folding_comes_to_an_end_with_few_blocks(sizes in proptest::collection::vec(1_i32..600, 1..400)) {
            let mut blocks: Vec<_> = (0..).zip(&sizes).map(|(id, chunks)| block(id, "english", *chunks, 0)).collect();
            let mut next = 1_000;
            while let Some(chosen) = plan_fold(&blocks) {
                prop_assert!(chosen.blocks.len() >= 2);
                let chunks = blocks.iter().filter(|one| chosen.blocks.contains(&one.id)).map(|one| one.chunks).sum();
                prop_assert!(chunks <= MOST_CHUNKS);
                blocks.retain(|one| !chosen.blocks.contains(&one.id));
                blocks.push(block(next, "english", chunks, 0));
                next += 1;
            }
            let full = usize::try_from(sizes.iter().sum::<i32>() / FULL).unwrap();
            prop_assert!(blocks.len() <= full + 5 * (TIER - 1), "{} blocks", blocks.len());
        }
    }
}
