//! The table `knowledge_documents`: articles by language, with the metadata that search filters by.
//!
//! `conflict` and `broken_links` in the metadata are the sync's own marks: they follow from other tables, and whoever writes
//! metadata leaves them out.

mod standing;

use std::collections::{BTreeMap, HashMap};

use deadpool_postgres::Transaction;
use serde_json::value::RawValue;
use tokio_postgres::types::{ToSql, Type};

pub use self::standing::{Piece, StandingDocument, fetch_standing};
use super::connect::failed;
use super::knowledge_chunks::{self, NewChunk};
use crate::domain::{ArticleId, Locale};
use crate::error::Error;

/// The names of the marks.
const MARKS: &str = "'{conflict,broken_links}'::text[]";

/// The marks of the article that `name` names in a statement. As a scalar it is looked up article by article: joined, it would be
/// computed for all there are.
fn marks_of(name: &str) -> String {
    format!(
        "(SELECT CASE WHEN a.conflict IS NULL THEN '{{}}' ELSE jsonb_build_object('conflict', a.conflict::jsonb) END
            || CASE WHEN b.urls IS NULL THEN '{{}}' ELSE jsonb_build_object('broken_links', b.urls) END
        FROM knowledge_articles a, LATERAL (
            SELECT jsonb_agg(k.url ORDER BY k.url) AS urls FROM knowledge_article_links l JOIN knowledge_links k USING (url_hash)
            WHERE l.article_id = a.id AND k.state = 'broken') b
        WHERE a.id = {name})"
    )
}

/// A document's number in this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentId(pub(super) i64);

/// An article in one language.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// The title as plain text.
    pub title: String,
    /// What search filters by and shows: a JSON object without the marks.
    pub metadata: Box<RawValue>,
    /// The pieces, in order.
    pub chunks: Vec<NewChunk>,
}

/// All languages of an article.
pub(super) type Translated<'a> = (&'a ArticleId, &'a BTreeMap<Locale, NewDocument>);

/// Lets these articles have these documents and no others; says how many rows changed for it.
pub(super) async fn replace(
    transaction: &Transaction<'_>,
    rewritten: &[&str],
    articles: &[Translated<'_>],
) -> Result<u64, Error> {
    if rewritten.is_empty() {
        return Ok(0);
    }
    let all = articles.iter().flat_map(|(article, documents)| {
        let row = |(locale, document)| (article.as_str(), locale, document);
        documents.iter().map(row)
    });
    let all: Vec<(&str, &Locale, &NewDocument)> = all.collect();
    let articles: Vec<_> = all.iter().map(|(article, ..)| *article).collect();
    let locales: Vec<_> = all.iter().map(|(_, locale, _)| locale.as_str()).collect();
    let removed = delete_others(transaction, rewritten, &articles, &locales).await?;
    if all.is_empty() {
        return Ok(removed);
    }
    let upsert = format!(
        "INSERT INTO knowledge_documents AS d (article_id, locale, title, metadata)
        SELECT n.article, n.locale, n.title, n.metadata::jsonb || {}
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS n (article, locale, title, metadata)
        ON CONFLICT (article_id, locale) DO UPDATE SET title = excluded.title, metadata = excluded.metadata
            WHERE (d.title, d.metadata) IS DISTINCT FROM (excluded.title, excluded.metadata)",
        marks_of("n.article")
    );
    let titles: Vec<_> = all.iter().map(|(.., one)| one.title.as_str()).collect();
    let metadata: Vec<_> = all.iter().map(|(.., one)| one.metadata.get()).collect();
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&articles, Type::TEXT_ARRAY),
        (&locales, Type::TEXT_ARRAY),
        (&titles, Type::TEXT_ARRAY),
        (&metadata, Type::TEXT_ARRAY),
    ];
    let changed = transaction.execute_typed(&upsert, &values).await;
    Ok(removed + changed.map_err(failed)?)
}

async fn delete_others(
    transaction: &Transaction<'_>,
    rewritten: &[&str],
    articles: &[&str],
    locales: &[&str],
) -> Result<u64, Error> {
    // The chunks go with their documents when the statement ends; until then it sees them.
    let delete = format!(
        "WITH gone_documents AS (DELETE FROM knowledge_documents d WHERE d.article_id = ANY($1)
            AND (d.article_id, d.locale) NOT IN (SELECT * FROM unnest($2::text[], $3::text[])) RETURNING d.id),
        dead AS ({})
        SELECT count(*) FROM gone_documents",
        knowledge_chunks::name_dead_of("SELECT id FROM gone_documents")
    );
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&rewritten, Type::TEXT_ARRAY),
        (&articles, Type::TEXT_ARRAY),
        (&locales, Type::TEXT_ARRAY),
    ];
    let deleted = transaction.query_typed_one(&delete, &values).await;
    let count: i64 = deleted.map_err(failed)?.get(0);
    Ok(count.unsigned_abs())
}

/// The numbers of these articles' documents, by article and language.
pub(super) async fn number(
    transaction: &Transaction<'_>,
    articles: &[&str],
) -> Result<HashMap<(String, String), DocumentId>, Error> {
    if articles.is_empty() {
        return Ok(HashMap::new());
    }
    let numbers =
        "SELECT article_id, locale, id FROM knowledge_documents WHERE article_id = ANY($1)";
    let rows = transaction
        .query_typed(numbers, &[(&articles, Type::TEXT_ARRAY)])
        .await;
    let number = |row: &tokio_postgres::Row| ((row.get(0), row.get(1)), DocumentId(row.get(2)));
    Ok(rows.map_err(failed)?.iter().map(number).collect())
}

/// Brings the marks of these articles into their documents; says how many changed.
pub(super) async fn mark(transaction: &Transaction<'_>, articles: &[&str]) -> Result<u64, Error> {
    if articles.is_empty() {
        return Ok(0);
    }
    let marks = marks_of("d.article_id");
    let mark = format!(
        "UPDATE knowledge_documents d SET metadata = (d.metadata - {MARKS}) || {marks}
        WHERE d.article_id = ANY($1) AND d.metadata <> (d.metadata - {MARKS}) || {marks}"
    );
    let marked = transaction
        .execute_typed(&mark, &[(&articles, Type::TEXT_ARRAY)])
        .await;
    marked.map_err(failed)
}
