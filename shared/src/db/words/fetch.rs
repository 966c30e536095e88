//! What there is for a query.

use std::collections::{BTreeSet, HashMap};

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
    pub statistics: Vec<(Analysis, Statistics)>,
    /// Documents that stand in blocks and are gone.
    pub dead: BTreeSet<Doc>,
}

/// Counts what there is. In a transaction that is `REPEATABLE READ` it is of the same moment as [`fetch_words`]; in another, both may
/// contradict each other.
pub async fn fetch_counts(
    client: &impl GenericClient,
    space: WordSpace,
) -> Result<WordCounts, Error> {
    let (standing, dead) =
        tokio::try_join!(biased; fetch_standing(client, space), fetch_dead(client, space))?;
    let counted = |(name, documents, length): (String, i64, i64)| {
        let gone = dead.iter().filter(|(analysis, ..)| *analysis == name);
        let (gone, missing) = gone.fold((0, 0), |(gone, missing), (.., length)| {
            (gone + 1, missing + i64::from(*length))
        });
        let statistics = Statistics {
            documents: u64::try_from(documents - gone).unwrap_or_default(),
            length: u64::try_from(length - missing).unwrap_or_default(),
        };
        Some((Analysis::parse(&name).ok()?, statistics))
    };
    Ok(WordCounts {
        statistics: standing.into_iter().filter_map(counted).collect(),
        dead: dead.iter().map(|(_, doc, _)| *doc).collect(),
    })
}

/// What the words of a query find: one question for each analysis, whose texts it is compared with. None of its analysis means that it
/// finds nothing.
pub async fn fetch_words(
    client: &impl GenericClient,
    space: WordSpace,
    counts: &WordCounts,
    questions: &[Words],
) -> Result<Vec<AnalysisHits<Vec<u8>>>, Error> {
    let mut buckets = fetch_buckets(client, space, questions).await?;
    let hits = (0..).zip(questions).map(|(question, words)| {
        let term = |(number, (term, repeats)): (i32, &(Box<str>, u32))| TermHits {
            term: String::from(&**term),
            repeats: *repeats,
            buckets: buckets.remove(&(question, number)).unwrap_or_default(),
        };
        let own = counts.statistics.iter();
        let own = own.filter(|(analysis, _)| *analysis == words.analysis);
        AnalysisHits {
            terms: (0..).zip(&words.terms.counts).map(term).collect(),
            statistics: own
                .map(|(_, statistics)| *statistics)
                .next()
                .unwrap_or_default(),
        }
    });
    Ok(hits.collect())
}

/// Chunks and terms in the blocks, by analysis; the dead are among them.
async fn fetch_standing(
    client: &impl GenericClient,
    space: WordSpace,
) -> Result<Vec<(String, i64, i64)>, Error> {
    let standing = "SELECT analysis, sum(chunks)::int8, sum(length)::int8 FROM word_blocks
        WHERE space = $1 AND version = $2 GROUP BY analysis ORDER BY analysis";
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&space.name(), Type::TEXT),
        (&Analysis::VERSION, Type::INT2),
    ];
    let rows = client.query_typed(standing, &values).await;
    let row = |row: &Row| (row.get(0), row.get(1), row.get(2));
    Ok(rows.map_err(failed)?.iter().map(row).collect())
}

/// The dead, with their analysis and length.
async fn fetch_dead(
    client: &impl GenericClient,
    space: WordSpace,
) -> Result<Vec<(String, Doc, i32)>, Error> {
    let dead = "SELECT analysis, doc, length FROM word_dead WHERE space = $1 AND version = $2";
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&space.name(), Type::TEXT),
        (&Analysis::VERSION, Type::INT2),
    ];
    let rows = client.query_typed(dead, &values).await;
    let row = |row: &Row| (row.get(0), Doc(row.get(1)), row.get(2));
    Ok(rows.map_err(failed)?.iter().map(row).collect())
}

/// By question and term, the buckets in which the term may stand.
type Buckets = HashMap<(i32, i32), Vec<Vec<u8>>>;

async fn fetch_buckets(
    client: &impl GenericClient,
    space: WordSpace,
    questions: &[Words],
) -> Result<Buckets, Error> {
    let buckets = "SELECT t.question, t.term, p.postings
        FROM unnest($2::int4[], $3::int4[], $4::text[], $5::int4[]) AS t (question, term, analysis, hash)
        JOIN word_blocks b ON b.space = $1 AND b.analysis = t.analysis AND b.version = $6
        JOIN word_postings p ON p.block = b.id AND p.bucket = t.hash & b.mask";
    let terms = (0_i32..).zip(questions).flat_map(|(question, words)| {
        let name = words.analysis.name();
        let term = move |(number, (term, _)): (i32, &(Box<str>, u32))| {
            (question, number, name, bucket(term))
        };
        (0..).zip(&words.terms.counts).map(term)
    });
    let terms: Vec<_> = terms.collect();
    let of = |field: fn(&(i32, i32, &'static str, i32)) -> i32| terms.iter().map(field).collect();
    let (questions, numbers, hashes): (Vec<_>, Vec<_>, Vec<_>) =
        (of(|term| term.0), of(|term| term.1), of(|term| term.3));
    let names: Vec<_> = terms.iter().map(|term| term.2).collect();
    let values: [(&(dyn ToSql + Sync), Type); 6] = [
        (&space.name(), Type::TEXT),
        (&questions, Type::INT4_ARRAY),
        (&numbers, Type::INT4_ARRAY),
        (&names, Type::TEXT_ARRAY),
        (&hashes, Type::INT4_ARRAY),
        (&Analysis::VERSION, Type::INT2),
    ];
    let rows = client.query_typed(buckets, &values).await;
    let mut found = Buckets::new();
    for row in &rows.map_err(failed)? {
        let term = (row.get(0), row.get(1));
        found.entry(term).or_default().push(row.get(2));
    }
    Ok(found)
}
