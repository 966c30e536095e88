//! How several blocks become one.

use std::collections::{BTreeMap, BTreeSet};

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
    for bucket in buckets {
        for entry in Entries::open(bucket.as_ref())? {
            let (term, postings) = entry?;
            for posting in postings {
                let posting = posting?;
                if !dead.contains(&posting.doc) {
                    entries.entry(term).or_default().push(posting);
                }
            }
        }
    }
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
