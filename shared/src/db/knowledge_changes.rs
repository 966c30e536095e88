//! The table `knowledge_changes`: the report of a run, article by article.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::Database;
use super::connect::failed;
use super::stored;
use crate::domain::{ArticleId, Change, RunId};
use crate::error::Error;

/// What happened to an article.
#[derive(Debug, Clone)]
pub struct NewChange {
    /// Which one, if its name could be read.
    pub article: Option<ArticleId>,
    /// What happened.
    pub change: Change,
    /// More about it, as JSON.
    pub detail: Option<Box<RawValue>>,
}

/// A line of a report.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RunLine))]
pub struct Line {
    /// Its number: the next page begins after it.
    pub id: i64,
    /// Which article, if its name could be read.
    pub article: Option<ArticleId>,
    /// What happened.
    pub change: Change,
    /// More about it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub detail: Option<Box<RawValue>>,
    /// When.
    pub at: Timestamp,
}

/// Writes lines. The same change of the same article is told once per run; one without a name is the same if its detail is.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    run: RunId,
    changes: &[NewChange],
) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let insert = "INSERT INTO knowledge_changes (run_id, article_id, change, detail)
        SELECT $1, article, change, detail::json FROM unnest($2::text[], $3::text[], $4::text[]) AS c (article, change, detail)
        WHERE article IS NOT NULL OR NOT EXISTS (SELECT FROM knowledge_changes k
            WHERE k.run_id = $1 AND k.article_id IS NULL AND k.change = c.change AND k.detail::text IS NOT DISTINCT FROM c.detail)
        ON CONFLICT DO NOTHING";
    let articles: Vec<_> = changes
        .iter()
        .map(|one| one.article.as_ref().map(ArticleId::as_str))
        .collect();
    let words: Vec<_> = changes.iter().map(|one| one.change.as_str()).collect();
    let details: Vec<_> = changes
        .iter()
        .map(|one| one.detail.as_deref().map(RawValue::get))
        .collect();
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&run.as_uuid(), Type::UUID),
        (&articles, Type::TEXT_ARRAY),
        (&words, Type::TEXT_ARRAY),
        (&details, Type::TEXT_ARRAY),
    ];
    let inserted = transaction.execute_typed(insert, &values).await;
    inserted.map(drop).map_err(failed)
}

/// The first lines of a run's report after the line `after`.
pub async fn fetch(
    database: &Database,
    run: RunId,
    after: Option<i64>,
    most: i64,
) -> Result<Vec<Line>, Error> {
    let page = "SELECT id, article_id, change, detail::text AS detail, at FROM knowledge_changes
        WHERE run_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&run.as_uuid(), Type::UUID),
        (&after.unwrap_or_default(), Type::INT8),
        (&most, Type::INT8),
    ];
    let connection = database.connection().await?;
    let rows = connection.query_typed(page, &values).await;
    rows.map_err(failed)?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Line, Error> {
    let is_named = row.get::<_, Option<&str>>(1).is_some();
    Ok(Line {
        id: row.get(0),
        article: is_named.then(|| stored::article(row, 1)).transpose()?,
        change: stored::word(row, 2, Change::parse)?,
        detail: stored::document(row, 3)?,
        at: row.get(4),
    })
}
