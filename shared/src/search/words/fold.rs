//! How several blocks become one.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::block::pack;
use super::postings::Entries;
use super::{Block, Damaged, Doc, Posting};

/// One block of all these buckets, which are those of whole blocks, without the documents in `dead`; `None` if no document is left.
///
/// It equals the block that [`build_block`](super::build_block) makes of the documents that are left.
pub fn fold<Bytes: AsRef<[u8]>>(
    buckets: &[Bytes],
    dead: &BTreeSet<Doc>,
) -> Result<Option<Block>, Damaged> {
    let mut entries: BTreeMap<&[u8], Vec<Posting>> = BTreeMap::new();
    read_all(buckets, |term, posting| {
        if !dead.contains(&posting.doc) {
            entries.entry(term).or_default().push(posting);
        }
    })?;
    let mut lengths = BTreeMap::new();
    for postings in entries.values_mut() {
        postings.sort_unstable_by_key(|posting| posting.doc);
        if !postings.is_sorted_by(|one, next| one.doc < next.doc) {
            return Err(Damaged("a document stands in two blocks"));
        }
        for posting in postings {
            let length = lengths.entry(posting.doc).or_insert(posting.length);
            if *length != posting.length {
                return Err(Damaged("a document has two lengths"));
            }
        }
    }
    Ok(pack(entries.into_iter().collect(), lengths.into_iter()))
}

/// The documents of all these buckets.
pub fn docs_of<Bytes: AsRef<[u8]>>(buckets: &[Bytes]) -> Result<BTreeSet<Doc>, Damaged> {
    let mut docs = FxHashSet::default();
    read_all(buckets, |_, posting| {
        docs.insert(posting.doc);
    })?;
    Ok(docs.into_iter().collect())
}

fn read_all<'bytes, Bytes: AsRef<[u8]>>(
    buckets: &'bytes [Bytes],
    mut take: impl FnMut(&'bytes [u8], Posting),
) -> Result<(), Damaged> {
    for bucket in buckets {
        for entry in Entries::open(bucket.as_ref())? {
            let (term, postings) = entry?;
            for posting in postings {
                take(term, posting?);
            }
        }
    }
    Ok(())
}
