//! Documents for properties: written in some blocks, some of them deleted, some blocks folded.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// Words of all lengths, and few, so that documents share them.
const WORDS: [&str; 8] = ["a", "b", "refund", "parcel", "設定", "ü", "zz", "e1234"];

/// All documents there ever were, and what happened to them.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) docs: BTreeMap<Doc, Terms>,
    /// The block that each was written in, in the same order.
    homes: Vec<usize>,
    /// Which were deleted, in the same order.
    deleted: Vec<bool>,
    /// Two blocks that become one, one fold after the other.
    folds: Vec<(prop::sample::Index, prop::sample::Index)>,
}

pub(super) fn world() -> impl Strategy<Value = World> {
    let counts = prop::collection::btree_map(prop::sample::select(&WORDS), 1..300_u32, 0..6);
    let texts = counts.prop_map(|counts| terms(&counts.into_iter().collect::<Vec<_>>()));
    let number = prop_oneof![0..400_i64, any::<i64>()].prop_map(Doc);
    let docs = prop::collection::btree_map(number, texts, 0..40);
    docs.prop_flat_map(|docs| {
        let homes = prop::collection::vec(0..6_usize, docs.len());
        let deleted = prop::collection::vec(prop::bool::weighted(0.2), docs.len());
        let folds =
            prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..6);
        (Just(docs), homes, deleted, folds).prop_map(|(docs, homes, deleted, folds)| World {
            docs,
            homes,
            deleted,
            folds,
        })
    })
}

/// What the database would hold.
pub(super) struct Stored {
    pub(super) blocks: Vec<Block>,
    /// Deleted, and still in a block.
    pub(super) dead: BTreeSet<Doc>,
}

impl World {
    /// One block of all.
    pub(super) fn block(&self) -> Option<Block> {
        build_block(
            &self
                .docs
                .iter()
                .map(|(doc, terms)| (*doc, terms))
                .collect::<Vec<_>>(),
        )
    }

    /// Those that were not deleted.
    pub(super) fn live(&self) -> BTreeMap<Doc, Terms> {
        let docs = self.docs.clone().into_iter().zip(&self.deleted);
        let live = docs.filter(|(_, is_deleted)| !**is_deleted);
        live.map(|(doc, _)| doc).collect()
    }

    pub(super) fn stored(&self) -> Stored {
        let mut blocks: Vec<_> = (0..6).filter_map(|home| self.written_in(home)).collect();
        let deleted = self.docs.keys().zip(&self.deleted);
        let deleted = deleted.filter(|(_, is_deleted)| **is_deleted);
        let mut dead: BTreeSet<_> = deleted.map(|(doc, _)| *doc).collect();
        for (one, other) in &self.folds {
            if blocks.is_empty() {
                break;
            }
            let one = blocks.remove(one.index(blocks.len()));
            let mut chosen = vec![one];
            if !blocks.is_empty() {
                chosen.push(blocks.remove(other.index(blocks.len())));
            }
            let buckets = buckets_of(&chosen);
            let dropped = docs_of(&buckets).unwrap();
            blocks.extend(fold(&buckets, &dead).unwrap());
            dead.retain(|doc| !dropped.contains(doc));
        }
        Stored { blocks, dead }
    }

    fn written_in(&self, home: usize) -> Option<Block> {
        let docs = self.docs.iter().zip(&self.homes);
        let own = docs.filter(|(_, own)| **own == home);
        build_block(
            &own.map(|((doc, terms), _)| (*doc, terms))
                .collect::<Vec<_>>(),
        )
    }
}

/// Words of a query, how often each; some stand nowhere.
pub(super) fn query() -> impl Strategy<Value = BTreeMap<&'static str, u32>> {
    let words = WORDS.into_iter().chain(["nowhere"]).collect::<Vec<_>>();
    prop::collection::btree_map(prop::sample::select(words), 1..4_u32, 0..5)
}

proptest! {
    #[test]
    fn every_posting_is_read_as_it_was_written(world in world()) {
        let block = world.block();
        for word in WORDS {
            let stands = |(doc, terms): (&Doc, &Terms)| {
                let (_, count) = terms.counts.iter().find(|(term, _)| &**term == word)?;
                Some((doc.0, *count, terms.length))
            };
            let written: Vec<_> = world.docs.iter().filter_map(stands).collect();
            let read = block.as_ref().map(|block| postings_of(block, word));
            prop_assert_eq!(read.unwrap_or_default(), written);
        }
    }

    /// Folding everything in any order leaves the block that would have been written of the documents that are left.
    #[test]
    fn what_was_folded_equals_what_is_written_at_once(world in world()) {
        let stored = world.stored();
        let folded = fold(&buckets_of(&stored.blocks), &stored.dead).unwrap();
        let live = world.live();
        let at_once = build_block(&live.iter().map(|(doc, terms)| (*doc, terms)).collect::<Vec<_>>());
        prop_assert_eq!(folded, at_once);
    }

    #[test]
    fn a_block_is_counted_right(world in world()) {
        let with_terms: BTreeMap<_, _> = world.docs.iter().filter(|(_, terms)| terms.length > 0).collect();
        let Some(block) = world.block() else {
            prop_assert!(with_terms.is_empty());
            return Ok(());
        };
        prop_assert_eq!(block.chunks as usize, with_terms.len());
        prop_assert_eq!(block.length, with_terms.values().map(|terms| u64::from(terms.length)).sum::<u64>());
        let docs: BTreeSet<_> = with_terms.keys().map(|doc| **doc).collect();
        prop_assert_eq!((Some(&block.first), Some(&block.last)), (docs.first(), docs.last()));
        prop_assert_eq!(docs_of(&buckets_of(&[block])).unwrap(), docs);
    }
}
