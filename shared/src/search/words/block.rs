//! How a block is made.

use super::hash::bucket_of;
use super::shelves::{Index, Shelves};
use super::{Doc, Posting, varint};
use crate::text::terms::Terms;

/// About so many postings stand in a bucket: a reader wants few bytes, a table few rows.
const POSTINGS_PER_BUCKET: usize = 48;
/// The mask must fit into 31 bits.
const MOST_BUCKETS: usize = 1 << 30;

/// The bucket of a term, the term, and its postings, in order.
type Entry<'term> = (i32, &'term [u8], &'term [Posting]);

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
    let mut index = Index::default();
    let terms = docs.iter().flat_map(|(_, terms)| &terms.counts);
    let numbers = terms.map(|(term, _)| index.reserve(term.as_bytes(), 1));
    let numbers: Vec<_> = numbers.collect();
    let mut shelves = Shelves::new(index);
    let mut numbers = numbers.into_iter();
    for &&(doc, terms) in &docs {
        let length = terms.length;
        for ((_, count), number) in terms.counts.iter().zip(&mut numbers) {
            let count = *count;
            shelves.put(number, Posting { doc, count, length });
        }
    }
    let lengths = docs.iter().map(|(doc, terms)| (*doc, terms.length));
    pack(&shelves, lengths)
}

/// The block of these terms, whose postings are in order, and of these documents, which are too.
pub(super) fn pack(
    shelves: &Shelves<'_>,
    lengths: impl Iterator<Item = (Doc, u32)>,
) -> Option<Block> {
    let mask = mask(shelves.len());
    let entry = |(term, postings)| (bucket_of(term) & mask, term, postings);
    let mut entries: Vec<Entry<'_>> = shelves.iter().map(entry).collect();
    entries.sort_unstable_by_key(|(bucket, term, _)| (*bucket, *term));
    let buckets = entries.chunk_by(|one, next| one.0 == next.0);
    let packed = |entries: &[Entry<'_>]| Some((entries.first()?.0, pack_bucket(entries)));
    let buckets = buckets.filter_map(packed).collect();
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
    let firsts = entries.iter().filter_map(|(.., postings)| postings.first());
    let base = firsts.map(|posting| posting.doc).min().unwrap_or(Doc(0));
    let mut bytes = Vec::new();
    varint::write(&mut bytes, base.0.cast_unsigned());
    let mut packed = Vec::new();
    for (_, term, postings) in entries {
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
