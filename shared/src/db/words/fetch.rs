//! What there is for a query.

use std::collections::{BTreeSet, HashMap};

use deadpool_postgres::Transaction;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::{WordSpace, Words};
use crate::db::connect::failed;
use crate::error::Error;
use crate::search::bm25::Statistics;
use crate::search::words::{AnalysisHits, Doc, TermHits, bucket};
use crate::text::terms::Analysis;

/// What [`score`](crate::search::words::score) needs.
#[derive(Debug, Clone)]
pub struct WordHits {
    /// For each question, in order. None of its analysis means that it finds nothing.
    pub hits: Vec<AnalysisHits<Vec<u8>>>,
    /// Documents that stand in blocks and are gone.
    pub dead: BTreeSet<Doc>,
}

/// Everything that the words of a query say of a space: one question for each analysis, whose texts it is compared with. In a transaction
/// that is `REPEATABLE READ` all of it is of one moment; in another, it may contradict itself.
pub async fn fetch_words(
    transaction: &Transaction<'_>,
    space: WordSpace,
    questions: &[Words],
) -> Result<WordHits, Error> {
    let analyses: Vec<_> = questions.iter().map(|one| one.analysis.name()).collect();
    let (statistics, dead, mut buckets) = tokio::try_join!(
        fetch_statistics(transaction, space, &analyses),
        fetch_dead(transaction, space, &analyses),
        fetch_buckets(transaction, space, questions),
    )?;
    let mut hits = Vec::with_capacity(questions.len());
    for (question, words) in (0..).zip(questions) {
        let name = words.analysis.name();
        let term = |(number, (term, repeats)): (i32, &(Box<str>, u32))| TermHits {
            term: String::from(&**term),
            repeats: *repeats,
            buckets: buckets.remove(&(question, number)).unwrap_or_default(),
        };
        let terms = (0..).zip(&words.terms.counts).map(term).collect();
        let (documents, length) = statistics.get(name).copied().unwrap_or_default();
        let gone = dead.iter().filter(|(analysis, ..)| analysis == name);
        let (gone, missing) = gone.fold((0, 0), |(gone, missing), (.., length)| {
            (gone + 1, missing + i64::from(*length))
        });
        let statistics = Statistics {
            documents: u64::try_from(documents - gone).unwrap_or_default(),
            length: u64::try_from(length - missing).unwrap_or_default(),
        };
        hits.push(AnalysisHits { statistics, terms });
    }
    let dead = dead.into_iter().map(|(_, doc, _)| doc).collect();
    Ok(WordHits { hits, dead })
}

/// In which ways the texts of a space were read.
pub async fn fetch_analyses(
    transaction: &Transaction<'_>,
    space: WordSpace,
) -> Result<Vec<Analysis>, Error> {
    let ways = "SELECT DISTINCT analysis FROM word_blocks WHERE space = $1 AND version = $2 ORDER BY analysis";
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&space.name(), Type::TEXT),
        (&Analysis::VERSION, Type::INT2),
    ];
    let rows = transaction.query_typed(ways, &values).await;
    let analysis = |row: &Row| Analysis::parse(row.get(0)).ok();
    Ok(rows.map_err(failed)?.iter().filter_map(analysis).collect())
}

/// Chunks and terms in the blocks, by analysis; the dead are among them.
async fn fetch_statistics(
    transaction: &Transaction<'_>,
    space: WordSpace,
    analyses: &[&str],
) -> Result<HashMap<String, (i64, i64)>, Error> {
    let statistics = "SELECT analysis, sum(chunks)::int8, sum(length)::int8 FROM word_blocks
        WHERE space = $1 AND analysis = ANY($2) AND version = $3 GROUP BY analysis";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&space.name(), Type::TEXT),
        (&analyses, Type::TEXT_ARRAY),
        (&Analysis::VERSION, Type::INT2),
    ];
    let rows = transaction.query_typed(statistics, &values).await;
    let row = |row: &Row| (row.get(0), (row.get(1), row.get(2)));
    Ok(rows.map_err(failed)?.iter().map(row).collect())
}

/// The dead, with their analysis and length.
async fn fetch_dead(
    transaction: &Transaction<'_>,
    space: WordSpace,
    analyses: &[&str],
) -> Result<Vec<(String, Doc, i32)>, Error> {
    let dead = "SELECT analysis, doc, length FROM word_dead WHERE space = $1 AND analysis = ANY($2) AND version = $3";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&space.name(), Type::TEXT),
        (&analyses, Type::TEXT_ARRAY),
        (&Analysis::VERSION, Type::INT2),
    ];
    let rows = transaction.query_typed(dead, &values).await;
    let row = |row: &Row| (row.get(0), Doc(row.get(1)), row.get(2));
    Ok(rows.map_err(failed)?.iter().map(row).collect())
}

/// By question and term, the buckets in which the term may stand.
type Buckets = HashMap<(i32, i32), Vec<Vec<u8>>>;

async fn fetch_buckets(
    transaction: &Transaction<'_>,
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
    let rows = transaction.query_typed(buckets, &values).await;
    let mut found = Buckets::new();
    for row in &rows.map_err(failed)? {
        let term = (row.get(0), row.get(1));
        found.entry(term).or_default().push(row.get(2));
    }
    Ok(found)
}
