//! BM25 by the book over the rows that stand, beside what the blocks say in the same snapshot.

use std::collections::BTreeMap;

use shared::db::Database;
use shared::db::words::{WordSpace, Words, fetch_counts, fetch_words};
use shared::search::bm25::{Parameters, Statistics};
use shared::search::words::{Doc, score};
use shared::text::terms::{Analysis, Terms, count_terms};
use tokio_postgres::IsolationLevel;

/// The chunks that stand, as `SELECT doc, analysis, text` has them.
type Corpus = BTreeMap<Analysis, Vec<(Doc, Terms)>>;

/// Asks the query in every analysis, and compares every score, document by document; says how many documents were found.
pub(crate) async fn assert_right(
    database: &Database,
    space: WordSpace,
    rows: &str,
    query: &str,
) -> usize {
    let mut connection = database.connection().await.unwrap();
    let transaction = connection
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await
        .unwrap();
    let analyses = [Analysis::English, Analysis::German, Analysis::Plain];
    let questions = analyses.map(|analysis| Words::count(query, analysis));
    let counts = fetch_counts(&*transaction, space).await.unwrap();
    let words = fetch_words(&*transaction, &counts, &questions)
        .await
        .unwrap();
    let rows = transaction.query_typed(rows, &[]).await.unwrap();
    transaction.commit().await.unwrap();
    let mut corpus = Corpus::new();
    for row in rows {
        let own = Analysis::parse(row.get(1)).unwrap();
        let terms = count_terms(row.get(2), own);
        let docs = corpus.entry(own).or_default();
        docs.push((Doc(row.get(0)), terms));
    }
    let mut expected = BTreeMap::new();
    for (analysis, hits) in analyses.into_iter().zip(&words) {
        let docs = corpus.remove(&analysis).unwrap_or_default();
        assert_eq!(hits.statistics, statistics(&docs), "{analysis:?}");
        expected.extend(scores(&docs, &count_terms(query, analysis)));
    }
    let found = score(&words, &counts.dead, Parameters::default()).unwrap();
    for (doc, (name, expected)) in &expected {
        let found = found.get(*doc).score.get();
        assert!(
            (found - expected).abs() < 1e-9,
            "{doc:?} {name}: {found}, not {expected}"
        );
    }
    assert_eq!(found.count(), expected.len(), "{query}");
    expected.len()
}

fn statistics(docs: &[(Doc, Terms)]) -> Statistics {
    let spoken = docs.iter().filter(|(_, terms)| terms.length > 0);
    Statistics {
        documents: spoken.clone().count() as u64,
        length: spoken.map(|(_, terms)| u64::from(terms.length)).sum(),
    }
}

fn count(terms: &Terms, term: &str) -> f64 {
    let mut counts = terms.counts.iter();
    counts
        .find(|(own, _)| &**own == term)
        .map_or(0.0, |(_, count)| f64::from(*count))
}

/// The documents in which a term of the query stands.
fn scores(docs: &[(Doc, Terms)], query: &Terms) -> BTreeMap<Doc, (String, f64)> {
    let Statistics { documents, length } = statistics(docs);
    let number = |number: u64| f64::from(u32::try_from(number).unwrap());
    let average = number(length) / number(documents.max(1));
    let (k1, b) = (1.2, 0.75);
    let mut scores = BTreeMap::new();
    for (doc, terms) in docs {
        let mut sum = 0.0;
        for (term, repeats) in &query.counts {
            let tf = count(terms, term);
            let df = docs.iter().filter(|(_, other)| count(other, term) > 0.0);
            let df = number(df.count() as u64);
            let idf = ((number(documents) - df + 0.5) / (df + 0.5)).ln_1p();
            let held = k1 * (1.0 - b + b * f64::from(terms.length) / average);
            sum += f64::from(*repeats) * idf * tf * (k1 + 1.0) / (tf + held);
        }
        if sum > 0.0 {
            scores.insert(*doc, (format!("{terms:?}"), sum));
        }
    }
    scores
}
