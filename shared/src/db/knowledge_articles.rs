//! The table `knowledge_articles`: every article that CXone ever told us of, and what the sync remembers of it.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::Database;
use super::connect::failed;
use super::stored;
use crate::domain::{ArticleId, ArticleState, TextHash};
use crate::error::Error;

/// An article as it is stored, without its texts.
#[derive(Debug, Clone)]
pub struct NewArticle {
    /// When CXone changed it last.
    pub modified: Timestamp,
    /// Its version in CXone, which fits a `bigint`.
    pub version: Option<u64>,
    /// The region it is for.
    pub territory: Option<String>,
    /// The category it stands in.
    pub category: Option<String>,
    /// `published`, `draft`, or what else the tenant says.
    pub status: Option<String>,
    /// Of everything that CXone said of it.
    pub content_hash: TextHash,
    /// Under which settings it was rendered.
    pub rendered_as: String,
    /// The conflict that it is marked with, as JSON.
    pub conflict: Option<Box<RawValue>>,
}

/// What the sync compares CXone's side with.
#[derive(Debug, Clone)]
pub struct KnownArticle {
    /// What it is here.
    pub state: ArticleState,
    /// When CXone had changed it last.
    pub modified: Timestamp,
    /// Its version in CXone.
    pub version: Option<u64>,
    /// Of everything that CXone had said of it.
    pub content_hash: TextHash,
    /// Under which settings it was rendered.
    pub rendered_as: String,
    /// The conflict that it is marked with.
    pub conflict: Option<Box<RawValue>>,
}

/// What is known of these articles, by their place in the question.
pub async fn fetch_known(
    database: &Database,
    articles: &[ArticleId],
) -> Result<Vec<Option<KnownArticle>>, Error> {
    let known = "SELECT a.state, a.modified_at, a.version, a.content_hash, a.rendered_as, a.conflict::text AS conflict
        FROM unnest($1::text[]) WITH ORDINALITY AS asked (id, position)
        LEFT JOIN LATERAL (SELECT * FROM knowledge_articles WHERE id = asked.id LIMIT 1) a ON true ORDER BY asked.position";
    let ids: Vec<_> = articles.iter().map(ArticleId::as_str).collect();
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(known, &[(&ids, Type::TEXT_ARRAY)])
        .await;
    let rows = rows.map_err(failed)?;
    let is_known = |row: &Row| row.get::<_, Option<&str>>(0).is_some();
    rows.iter()
        .map(|row| is_known(row).then(|| read(row)).transpose())
        .collect()
}

/// The articles that are not gone and are not among these, by name.
pub async fn fetch_others(
    database: &Database,
    articles: &[ArticleId],
) -> Result<Vec<(ArticleId, ArticleState)>, Error> {
    let others = "SELECT a.id, a.state FROM knowledge_articles a LEFT JOIN unnest($1::text[]) AS named (id) USING (id)
        WHERE a.state <> 'gone' AND named.id IS NULL ORDER BY a.id";
    let ids: Vec<_> = articles.iter().map(ArticleId::as_str).collect();
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(others, &[(&ids, Type::TEXT_ARRAY)])
        .await;
    let rows = rows.map_err(failed)?;
    let other = |row: &Row| {
        let state = stored::word(row, 1, ArticleState::parse)?;
        Ok((stored::article(row, 0)?, state))
    };
    rows.iter().map(other).collect()
}

/// How many articles search finds.
pub async fn count_live(database: &Database) -> Result<i64, Error> {
    let count = "SELECT count(*) FROM knowledge_articles WHERE state = 'live'";
    let connection = database.connection().await?;
    let row = connection.query_typed_one(count, &[]).await;
    row.map(|row| row.get(0)).map_err(failed)
}

fn read(row: &Row) -> Result<KnownArticle, Error> {
    let version: Option<i64> = row.get(2);
    Ok(KnownArticle {
        state: stored::word(row, 0, ArticleState::parse)?,
        modified: row.get(1),
        version: version.map(i64::unsigned_abs),
        content_hash: stored::hash(row, 3)?,
        rendered_as: row.get(4),
        conflict: stored::document(row, 5)?,
    })
}

/// An article with its name and what it is from now on.
pub(super) type Named<'a> = (&'a ArticleId, ArticleState, &'a NewArticle);

/// Inserts articles, or lets them take the place of what was known of them.
pub(super) async fn upsert(
    transaction: &Transaction<'_>,
    articles: &[Named<'_>],
) -> Result<(), Error> {
    if articles.is_empty() {
        return Ok(());
    }
    let upsert = "
        INSERT INTO knowledge_articles
            (id, state, modified_at, version, territory, category, status, content_hash, rendered_as, conflict)
        SELECT id, state, modified, version, territory, category, status, hash, rendered, conflict::json
        FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::int8[], $5::text[], $6::text[], $7::text[], $8::bytea[],
            $9::text[], $10::text[])
            AS n (id, state, modified, version, territory, category, status, hash, rendered, conflict)
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, modified_at = excluded.modified_at, version = excluded.version,
            territory = excluded.territory, category = excluded.category, status = excluded.status,
            content_hash = excluded.content_hash, rendered_as = excluded.rendered_as, conflict = excluded.conflict,
            changed_at = now()";
    let ids = column(articles, |(id, ..)| id.as_str());
    let states = column(articles, |(_, state, _)| state.as_str());
    let modified = column(articles, |(.., one)| one.modified);
    let versions = column(articles, |(.., one)| one.version.map(as_bigint));
    let territories = column(articles, |(.., one)| one.territory.as_deref());
    let categories = column(articles, |(.., one)| one.category.as_deref());
    let statuses = column(articles, |(.., one)| one.status.as_deref());
    let hashes = column(articles, |(.., one)| one.content_hash.as_bytes());
    let rendered = column(articles, |(.., one)| one.rendered_as.as_str());
    let conflicts = column(articles, |(.., one)| {
        one.conflict.as_deref().map(RawValue::get)
    });
    let values: [(&(dyn ToSql + Sync), Type); 10] = [
        (&ids, Type::TEXT_ARRAY),
        (&states, Type::TEXT_ARRAY),
        (&modified, Type::TIMESTAMPTZ_ARRAY),
        (&versions, Type::INT8_ARRAY),
        (&territories, Type::TEXT_ARRAY),
        (&categories, Type::TEXT_ARRAY),
        (&statuses, Type::TEXT_ARRAY),
        (&hashes, Type::BYTEA_ARRAY),
        (&rendered, Type::TEXT_ARRAY),
        (&conflicts, Type::TEXT_ARRAY),
    ];
    let stored = transaction.execute_typed(upsert, &values).await;
    stored.map(drop).map_err(failed)
}

fn as_bigint(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

fn column<'a, T>(articles: &[Named<'a>], field: impl Fn(Named<'a>) -> T) -> Vec<T> {
    articles.iter().map(|article| field(*article)).collect()
}

/// Says as what these articles are rendered from now on.
pub(super) async fn renew(
    transaction: &Transaction<'_>,
    articles: &[(&str, &str)],
) -> Result<(), Error> {
    if articles.is_empty() {
        return Ok(());
    }
    let renew = "UPDATE knowledge_articles a SET rendered_as = n.rendered_as, changed_at = now()
        FROM unnest($1::text[], $2::text[]) AS n (id, rendered_as) WHERE a.id = n.id";
    let (ids, rendered): (Vec<_>, Vec<_>) = articles.iter().copied().unzip();
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&ids, Type::TEXT_ARRAY), (&rendered, Type::TEXT_ARRAY)];
    let renewed = transaction.execute_typed(renew, &values).await;
    renewed.map(drop).map_err(failed)
}

/// Leaves tombstones of these articles.
pub(super) async fn bury(transaction: &Transaction<'_>, articles: &[&str]) -> Result<(), Error> {
    if articles.is_empty() {
        return Ok(());
    }
    let bury = "UPDATE knowledge_articles SET state = 'gone', conflict = NULL, changed_at = now()
        WHERE id = ANY($1) AND state <> 'gone'";
    let buried = transaction
        .execute_typed(bury, &[(&articles, Type::TEXT_ARRAY)])
        .await;
    buried.map(drop).map_err(failed)
}

/// Marks articles with a conflict, or takes the mark away.
pub(super) async fn mark(
    transaction: &Transaction<'_>,
    marks: &[(&str, Option<&str>)],
) -> Result<(), Error> {
    if marks.is_empty() {
        return Ok(());
    }
    let mark = "UPDATE knowledge_articles a SET conflict = n.conflict::json, changed_at = now()
        FROM unnest($1::text[], $2::text[]) AS n (id, conflict) WHERE a.id = n.id";
    let (articles, conflicts): (Vec<_>, Vec<_>) = marks.iter().copied().unzip();
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&articles, Type::TEXT_ARRAY),
        (&conflicts, Type::TEXT_ARRAY),
    ];
    let marked = transaction.execute_typed(mark, &values).await;
    marked.map(drop).map_err(failed)
}
