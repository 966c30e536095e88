//! The table `knowledge_seen`: what the listings of a run named. What none of them named may be gone.

use deadpool_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

use super::Database;
use super::connect::failed;
use super::stored;
use crate::domain::{ArticleId, RunId};
use crate::error::Error;

/// How many articles would go, and of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Census {
    /// Articles that search finds.
    pub live: i64,
    /// Those of them that no listing of the run named.
    pub missing: i64,
    /// Articles that search does not find anyway, and that no listing of the run named either.
    pub missing_left_out: i64,
}

/// Notes what a page of one listing named.
pub(super) async fn note(
    transaction: &Transaction<'_>,
    run: RunId,
    pass: i16,
    articles: &[ArticleId],
) -> Result<(), Error> {
    if articles.is_empty() {
        return Ok(());
    }
    let note = "INSERT INTO knowledge_seen (run_id, article_id, pass) SELECT $1, article, $2 FROM unnest($3::text[]) AS a (article)
        ON CONFLICT DO NOTHING";
    let articles: Vec<_> = articles.iter().map(ArticleId::as_str).collect();
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&run.as_uuid(), Type::UUID),
        (&pass, Type::INT2),
        (&articles, Type::TEXT_ARRAY),
    ];
    let noted = transaction.execute_typed(note, &values).await;
    noted.map(drop).map_err(failed)
}

/// The first articles after `after`, by name, that are not gone and that no listing of this run named.
pub async fn fetch_missing(
    database: &Database,
    run: RunId,
    after: Option<&ArticleId>,
    most: i64,
) -> Result<Vec<ArticleId>, Error> {
    let missing = "SELECT id FROM knowledge_articles a WHERE state <> 'gone' AND id > $2
        AND NOT EXISTS (SELECT FROM knowledge_seen s WHERE s.run_id = $1 AND s.article_id = a.id)
        ORDER BY id LIMIT $3";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&run.as_uuid(), Type::UUID),
        (&after.map_or("", ArticleId::as_str), Type::TEXT),
        (&most, Type::INT8),
    ];
    let connection = database.connection().await?;
    let rows = connection.query_typed(missing, &values).await;
    let rows = rows.map_err(failed)?;
    rows.iter().map(|row| stored::article(row, 0)).collect()
}

/// How many would go if all that is missing went.
pub async fn count_missing(database: &Database, run: RunId) -> Result<Census, Error> {
    let count = "SELECT count(*) FILTER (WHERE a.state = 'live'), count(*) FILTER (WHERE a.state = 'live' AND s.article_id IS NULL),
            count(*) FILTER (WHERE a.state = 'left_out' AND s.article_id IS NULL)
        FROM knowledge_articles a
        LEFT JOIN (SELECT DISTINCT article_id FROM knowledge_seen WHERE run_id = $1) s ON s.article_id = a.id
        WHERE a.state <> 'gone'";
    let connection = database.connection().await?;
    let row = connection
        .query_typed_one(count, &[(&run.as_uuid(), Type::UUID)])
        .await;
    let row = row.map_err(failed)?;
    Ok(Census {
        live: row.get(0),
        missing: row.get(1),
        missing_left_out: row.get(2),
    })
}

/// Forgets what this run's listings named.
pub(super) async fn forget(transaction: &Transaction<'_>, run: RunId) -> Result<(), Error> {
    let forget = "DELETE FROM knowledge_seen WHERE run_id = $1";
    let forgotten = transaction
        .execute_typed(forget, &[(&run.as_uuid(), Type::UUID)])
        .await;
    forgotten.map(drop).map_err(failed)
}
