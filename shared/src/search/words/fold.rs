//! How several blocks become one.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::block::pack;
use super::postings::Entries;
use super::shelves::{Index, Shelves};
use super::{Block, Damaged, Doc, Posting};

/// One block of all these buckets, which are those of whole blocks, without the documents in `dead`; `None` if no document is left.
///
/// It equals the block that [`build_block`](super::build_block) makes of the documents that are left.
pub fn fold<Bytes: AsRef<[u8]>>(
    buckets: &[Bytes],
    dead: &BTreeSet<Doc>,
) -> Result<Option<Block>, Damaged> {
    let shelves = sort(buckets, dead)?;
    let mut lengths = FxHashMap::default();
    for (_, postings) in shelves.iter() {
        for posting in postings {
            let length = lengths.entry(posting.doc).or_insert(posting.length);
            if *length != posting.length {
                return Err(Damaged("a document has two lengths"));
            }
        }
    }
    let mut lengths: Vec<_> = lengths.into_iter().collect();
    lengths.sort_unstable();
    Ok(pack(&shelves, lengths.into_iter()))
}

/// All postings that are left, by term and document.
fn sort<'bytes, Bytes: AsRef<[u8]>>(
    buckets: &'bytes [Bytes],
    dead: &BTreeSet<Doc>,
) -> Result<Shelves<'bytes>, Damaged> {
    let dead: FxHashSet<_> = dead.iter().copied().collect();
    let (mut index, mut numbers) = (Index::default(), Vec::new());
    for bucket in buckets {
        for entry in Entries::open(bucket.as_ref())? {
            let (term, postings) = entry?;
            numbers.push(index.reserve(term, postings.most()));
        }
    }
    let (mut shelves, mut numbers) = (Shelves::new(index), numbers.into_iter());
    for bucket in buckets {
        for (entry, number) in Entries::open(bucket.as_ref())?.zip(&mut numbers) {
            for posting in entry?.1 {
                let posting = posting?;
                if !dead.contains(&posting.doc) {
                    shelves.put(number, posting);
                }
            }
        }
    }
    if shelves.sort() {
        Ok(shelves)
    } else {
        Err(Damaged("a document stands in two blocks"))
    }
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
