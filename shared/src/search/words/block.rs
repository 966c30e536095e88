//! How a block is made.

use std::collections::BTreeMap;

use super::hash::bucket_of;
use super::{Doc, Posting, varint};
use crate::text::terms::Terms;

/// About so many postings stand in a bucket: a reader wants few bytes, a table few rows.
const POSTINGS_PER_BUCKET: usize = 48;
/// The mask must fit into 31 bits.
const MOST_BUCKETS: usize = 1 << 30;

/// A term and its postings, in order.
pub(super) type Entry<'term> = (&'term [u8], Vec<Posting>);

/// What one transaction wrote, or what several were folded into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// How many documents it holds; never none.
    pub chunks: u32,
    /// How many terms they have together, repeats included.
    pub length: u64,
    /// What makes of a term's [`bucket`](super::bucket) the one in this block.
    pub mask: i32,
    /// The least of its documents.
    pub first: Doc,
    /// The greatest of them.
    pub last: Doc,
    /// The buckets that are not empty, by number.
    pub buckets: Vec<(i32, Vec<u8>)>,
}

/// The block of these documents, each given once. Documents without a term are in no block.
pub fn build_block(docs: &[(Doc, &Terms)]) -> Option<Block> {
    let mut docs: Vec<_> = docs.iter().filter(|(_, terms)| terms.length > 0).collect();
    docs.sort_unstable_by_key(|(doc, _)| *doc);
    let mut entries: BTreeMap<&[u8], Vec<Posting>> = BTreeMap::new();
    for &&(doc, terms) in &docs {
        for (term, count) in &terms.counts {
            let (count, length) = (*count, terms.length);
            let posting = Posting { doc, count, length };
            entries.entry(term.as_bytes()).or_default().push(posting);
        }
    }
    let lengths = docs.iter().map(|(doc, terms)| (*doc, terms.length));
    pack(entries.into_iter().collect(), lengths)
}

/// The block of these entries and documents, both in order.
pub(super) fn pack(
    entries: Vec<Entry<'_>>,
    lengths: impl Iterator<Item = (Doc, u32)>,
) -> Option<Block> {
    let postings = entries.iter().map(|(_, postings)| postings.len()).sum();
    let mask = mask(postings);
    let mut buckets: BTreeMap<i32, Vec<Entry<'_>>> = BTreeMap::new();
    for (term, postings) in entries {
        let bucket = buckets.entry(bucket_of(term) & mask).or_default();
        bucket.push((term, postings));
    }
    let packed = |(number, entries): (i32, Vec<_>)| (number, pack_bucket(&entries));
    let buckets = buckets.into_iter().map(packed).collect();
    let mut docs = lengths;
    let (first, length) = docs.next()?;
    let block = Block {
        chunks: 1,
        length: u64::from(length),
        mask,
        first,
        last: first,
        buckets,
    };
    Some(docs.fold(block, |block, (doc, length)| Block {
        chunks: block.chunks + 1,
        length: block.length + u64::from(length),
        last: doc,
        ..block
    }))
}

fn mask(postings: usize) -> i32 {
    let buckets = postings.div_ceil(POSTINGS_PER_BUCKET).next_power_of_two();
    i32::try_from(buckets.min(MOST_BUCKETS) - 1).unwrap_or(i32::MAX)
}

/// The number of the first document, then each term with its postings.
fn pack_bucket(entries: &[Entry<'_>]) -> Vec<u8> {
    let firsts = entries.iter().filter_map(|(_, postings)| postings.first());
    let base = firsts.map(|posting| posting.doc).min().unwrap_or(Doc(0));
    let mut bytes = Vec::new();
    varint::write(&mut bytes, base.0.cast_unsigned());
    let mut packed = Vec::new();
    for (term, postings) in entries {
        packed.clear();
        pack_postings(&mut packed, postings, base);
        varint::write(&mut bytes, term.len() as u64);
        bytes.extend_from_slice(term);
        varint::write(&mut bytes, postings.len() as u64);
        varint::write(&mut bytes, packed.len() as u64);
        bytes.extend_from_slice(&packed);
    }
    bytes
}

fn pack_postings(bytes: &mut Vec<u8>, postings: &[Posting], base: Doc) {
    let mut before = base;
    for posting in postings {
        let distance = posting.doc.0.wrapping_sub(before.0);
        varint::write(bytes, distance.cast_unsigned());
        varint::write(bytes, u64::from(posting.count));
        varint::write(bytes, u64::from(posting.length));
        before = posting.doc;
    }
}
