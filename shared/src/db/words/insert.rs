//! Blocks are written.

use std::collections::BTreeMap;

use deadpool_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

use super::{Home, WordSpace, Words};
use crate::db::connect::failed;
use crate::error::Error;
use crate::search::words::{Block, Doc, build_block};
use crate::text::terms::{Analysis, Terms};

/// The words of a chunk that the transaction writes.
pub(in crate::db) struct NewWords<'a> {
    pub(in crate::db) space: WordSpace,
    pub(in crate::db) segment: Option<i32>,
    pub(in crate::db) doc: Doc,
    pub(in crate::db) words: &'a Words,
}

/// Writes the words of all these chunks: a block for each space, segment and analysis.
pub(in crate::db) async fn insert(
    transaction: &Transaction<'_>,
    chunks: &[NewWords<'_>],
) -> Result<(), Error> {
    let mut homes: BTreeMap<Home, Vec<(Doc, &Terms)>> = BTreeMap::new();
    for chunk in chunks {
        let home = Home {
            space: chunk.space,
            segment: chunk.segment,
            analysis: chunk.words.analysis.name().to_owned(),
            version: Analysis::VERSION,
        };
        let docs = homes.entry(home).or_default();
        docs.push((chunk.doc, &chunk.words.terms));
    }
    let blocks = homes
        .into_iter()
        .filter_map(|(home, docs)| Some((home, build_block(&docs)?)));
    insert_blocks(transaction, &blocks.collect::<Vec<_>>()).await
}

/// In one statement, which finds a block's number by its first document: that stands in no other block.
pub(super) async fn insert_blocks(
    transaction: &Transaction<'_>,
    blocks: &[(Home, Block)],
) -> Result<(), Error> {
    if blocks.is_empty() {
        return Ok(());
    }
    let insert = "
        WITH new AS (
            INSERT INTO word_blocks (space, segment, analysis, version, chunks, length, mask, first_doc, last_doc, bytes)
            SELECT * FROM unnest($1::text[], $2::int4[], $3::text[], $4::int2[], $5::int4[], $6::int8[], $7::int4[], $8::int8[],
                $9::int8[], $10::int8[])
            RETURNING id, first_doc)
        INSERT INTO word_postings (block, bucket, postings)
        SELECT new.id, p.bucket, p.postings
        FROM unnest($11::int8[], $12::int4[], $13::bytea[]) AS p (first_doc, bucket, postings) JOIN new USING (first_doc)";
    let spaces = column(blocks, |home, _| home.space.name());
    let segments = column(blocks, |home, _| home.segment);
    let analyses = column(blocks, |home, _| home.analysis.as_str());
    let versions = column(blocks, |home, _| home.version);
    let chunks = column(blocks, |_, block| {
        i32::try_from(block.chunks).unwrap_or(i32::MAX)
    });
    let lengths = column(blocks, |_, block| block.length.cast_signed());
    let masks = column(blocks, |_, block| block.mask);
    let firsts = column(blocks, |_, block| block.first.0);
    let lasts = column(blocks, |_, block| block.last.0);
    let bytes = column(blocks, |_, block| size(block));
    let buckets = blocks.iter().flat_map(|(_, block)| &block.buckets);
    let (numbers, postings): (Vec<i32>, Vec<&[u8]>) = buckets
        .map(|(number, postings)| (*number, postings.as_slice()))
        .unzip();
    let of = blocks
        .iter()
        .flat_map(|(_, block)| std::iter::repeat_n(block.first.0, block.buckets.len()));
    let of: Vec<_> = of.collect();
    let values: [(&(dyn ToSql + Sync), Type); 13] = [
        (&spaces, Type::TEXT_ARRAY),
        (&segments, Type::INT4_ARRAY),
        (&analyses, Type::TEXT_ARRAY),
        (&versions, Type::INT2_ARRAY),
        (&chunks, Type::INT4_ARRAY),
        (&lengths, Type::INT8_ARRAY),
        (&masks, Type::INT4_ARRAY),
        (&firsts, Type::INT8_ARRAY),
        (&lasts, Type::INT8_ARRAY),
        (&bytes, Type::INT8_ARRAY),
        (&of, Type::INT8_ARRAY),
        (&numbers, Type::INT4_ARRAY),
        (&postings, Type::BYTEA_ARRAY),
    ];
    let inserted = transaction.execute_typed(insert, &values).await;
    inserted.map(drop).map_err(failed)
}

fn column<'b, T>(blocks: &'b [(Home, Block)], field: impl Fn(&'b Home, &'b Block) -> T) -> Vec<T> {
    blocks
        .iter()
        .map(|(home, block)| field(home, block))
        .collect()
}

fn size(block: &Block) -> i64 {
    let bytes = block.buckets.iter().map(|(_, postings)| postings.len());
    i64::try_from(bytes.sum::<usize>()).unwrap_or(i64::MAX)
}
