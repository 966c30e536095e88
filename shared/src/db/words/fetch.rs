//! What there is for a query.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, Row};

use super::{WordSpace, Words};
use crate::db::connect::failed;
use crate::error::Error;
use crate::search::bm25::Statistics;
use crate::search::words::{AnalysisHits, Doc, TermHits, bucket};
use crate::text::terms::Analysis;

/// What there is in a space, whatever is asked of it.
#[derive(Debug, Clone, Default)]
pub struct WordCounts {
    /// For each way in which its texts were read, what is known of those that stand.
    pub statistics: BTreeMap<Analysis, Statistics>,
    /// Documents that stand in blocks and are gone.
    pub dead: BTreeSet<Doc>,
    blocks: Vec<Block>,
}

/// A block, and what is counted of it.
#[derive(Debug, Clone, Copy)]
struct Block {
    id: i64,
    analysis: Analysis,
    mask: i32,
    chunks: i64,
    length: i64,
}

/// Counts what there is. In a transaction that is `REPEATABLE READ` it is of the same moment as [`fetch_words`]; in another, both may
/// contradict each other.
pub async fn fetch_counts(
    client: &impl GenericClient,
    space: WordSpace,
) -> Result<WordCounts, Error> {
    let (blocks, dead) =
        tokio::try_join!(biased; fetch_blocks(client, space), fetch_dead(client, space))?;
    let standing = blocks
        .iter()
        .map(|one| (one.analysis, one.chunks, one.length));
    let gone = dead
        .iter()
        .map(|(analysis, _, length)| (*analysis, -1, -length));
    let mut counted = BTreeMap::<_, (i64, i64)>::new();
    for (analysis, chunks, length) in standing.chain(gone) {
        let sums = counted.entry(analysis).or_default();
        *sums = (sums.0 + chunks, sums.1 + length);
    }
    let statistics = |(analysis, (documents, length))| {
        let statistics = Statistics {
            documents: u64::try_from(documents).unwrap_or_default(),
            length: u64::try_from(length).unwrap_or_default(),
        };
        (analysis, statistics)
    };
    Ok(WordCounts {
        statistics: counted.into_iter().map(statistics).collect(),
        dead: dead.iter().map(|(_, doc, _)| *doc).collect(),
        blocks,
    })
}

/// What the words of a query find: one question for each analysis, whose texts it is compared with. None of its analysis means that it
/// finds nothing.
pub async fn fetch_words(
    client: &impl GenericClient,
    counts: &WordCounts,
    questions: &[Words],
) -> Result<Vec<AnalysisHits<Vec<u8>>>, Error> {
    let hits = |words: &Words| AnalysisHits {
        terms: words.terms.counts.iter().map(term).collect(),
        statistics: counts
            .statistics
            .get(&words.analysis)
            .copied()
            .unwrap_or_default(),
    };
    let mut hits: Vec<_> = questions.iter().map(hits).collect();
    let places = places(counts, questions);
    for (at, postings) in fetch_buckets(client, &places).await? {
        let place = usize::try_from(at - 1).ok().and_then(|at| places.get(at));
        let hit = place.and_then(|place| hits.get_mut(place.question)?.terms.get_mut(place.term));
        if let Some(hit) = hit {
            hit.buckets.push(postings);
        }
    }
    Ok(hits)
}

fn term((term, repeats): &(Box<str>, u32)) -> TermHits<Vec<u8>> {
    TermHits {
        term: String::from(&**term),
        repeats: *repeats,
        buckets: Vec::new(),
    }
}

/// Where a term of a question may stand.
struct Place {
    block: i64,
    bucket: i32,
    question: usize,
    term: usize,
}

/// All places, block by block.
fn places(counts: &WordCounts, questions: &[Words]) -> Vec<Place> {
    let of_block = |block: &Block| {
        let Block {
            id, mask, analysis, ..
        } = *block;
        let questions = questions.iter().enumerate();
        let questions = questions.filter(move |(_, words)| words.analysis == analysis);
        questions.flat_map(move |(question, words)| {
            let terms = words.terms.counts.iter().enumerate();
            terms.map(move |(at, (term, _))| Place {
                block: id,
                bucket: bucket(term) & mask,
                question,
                term: at,
            })
        })
    };
    counts.blocks.iter().flat_map(of_block).collect()
}

/// The blocks of a space whose terms are comparable with today's, the oldest first.
async fn fetch_blocks(client: &impl GenericClient, space: WordSpace) -> Result<Vec<Block>, Error> {
    let blocks = "SELECT id, analysis, mask, chunks::int8, length FROM word_blocks WHERE space = $1 AND version = $2";
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&space.name(), Type::TEXT),
        (&Analysis::VERSION, Type::INT2),
    ];
    let rows = client.query_typed(blocks, &values).await;
    let block = |row: &Row| {
        Some(Block {
            id: row.get(0),
            analysis: Analysis::parse(row.get(1)).ok()?,
            mask: row.get(2),
            chunks: row.get(3),
            length: row.get(4),
        })
    };
    let mut blocks: Vec<_> = rows.map_err(failed)?.iter().filter_map(block).collect();
    blocks.sort_unstable_by_key(|block| block.id);
    Ok(blocks)
}

/// The dead, with their analysis and length.
async fn fetch_dead(
    client: &impl GenericClient,
    space: WordSpace,
) -> Result<Vec<(Analysis, Doc, i64)>, Error> {
    let dead =
        "SELECT analysis, doc, length::int8 FROM word_dead WHERE space = $1 AND version = $2";
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&space.name(), Type::TEXT),
        (&Analysis::VERSION, Type::INT2),
    ];
    let rows = client.query_typed(dead, &values).await;
    let row = |row: &Row| {
        Some((
            Analysis::parse(row.get(0)).ok()?,
            Doc(row.get(1)),
            row.get(2),
        ))
    };
    Ok(rows.map_err(failed)?.iter().filter_map(row).collect())
}

/// What stands in each of these places that has anything, with its number from 1.
async fn fetch_buckets(
    client: &impl GenericClient,
    places: &[Place],
) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let buckets = "SELECT t.place, p.postings FROM unnest($1::int8[], $2::int4[]) WITH ORDINALITY AS t (block, bucket, place)
        JOIN word_postings p ON p.block = t.block AND p.bucket = t.bucket";
    let blocks: Vec<_> = places.iter().map(|place| place.block).collect();
    let numbers: Vec<_> = places.iter().map(|place| place.bucket).collect();
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&blocks, Type::INT8_ARRAY), (&numbers, Type::INT4_ARRAY)];
    let rows = client.query_typed(buckets, &values).await;
    let bucket = |row: &Row| (row.get(0), row.get(1));
    Ok(rows.map_err(failed)?.iter().map(bucket).collect())
}
