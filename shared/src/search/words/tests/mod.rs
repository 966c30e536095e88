//! Blocks against what was put into them, and scores against the formula.

mod blocks;
mod bytes;
mod scores;
mod worlds;

use super::*;
use crate::text::terms::Terms;

/// Terms as they are counted in a text that consists of these.
fn terms(words: &[(&str, u32)]) -> Terms {
    let mut counts: Vec<_> = words
        .iter()
        .map(|(word, count)| (Box::from(*word), *count))
        .collect();
    counts.sort();
    let length = counts.iter().map(|(_, count)| count).sum();
    Terms { counts, length }
}

/// Where a reader would look for a term in a block.
fn bytes_of<'block>(block: &'block Block, term: &str) -> Option<&'block [u8]> {
    let number = bucket(term) & block.mask;
    let mut buckets = block.buckets.iter();
    let found = buckets.find(|(own, _)| *own == number);
    found.map(|(_, bytes)| bytes.as_slice())
}

fn postings_of(block: &Block, term: &str) -> Vec<(i64, u32, u32)> {
    let postings = bytes_of(block, term).and_then(|bytes| read_postings(bytes, term).unwrap());
    let row = |posting: Posting| (posting.doc.0, posting.count, posting.length);
    let postings = postings.into_iter().flatten();
    postings.map(|posting| row(posting.unwrap())).collect()
}

fn buckets_of(blocks: &[Block]) -> Vec<&[u8]> {
    let buckets = blocks.iter().flat_map(|block| &block.buckets);
    buckets.map(|(_, bytes)| bytes.as_slice()).collect()
}
