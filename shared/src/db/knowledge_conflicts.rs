//! The table `knowledge_conflicts`: where CXone's side of an article contradicts ours, with both sides.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::Database;
use super::connect::failed;
use super::stored;
use crate::domain::{ArticleId, ConflictKind, ConflictPolicy, RunId, TextHash};
use crate::error::Error;

/// Two sides of an article that contradict each other.
#[derive(Debug, Clone)]
pub struct NewConflict {
    /// Which article.
    pub article: ArticleId,
    /// In which way.
    pub kind: ConflictKind,
    /// Who wins.
    pub policy: ConflictPolicy,
    /// Our side, as JSON.
    pub local: Box<RawValue>,
    /// CXone's side, as JSON.
    pub remote: Box<RawValue>,
    /// The content hash of our side.
    pub local_hash: TextHash,
    /// The content hash of CXone's side.
    pub remote_hash: TextHash,
}

/// A conflict as it is told.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conflict {
    /// Its number: the next page begins after it.
    pub id: i64,
    /// Which article.
    pub article: ArticleId,
    /// In which way.
    pub kind: ConflictKind,
    /// Who won.
    pub policy: ConflictPolicy,
    /// Our side.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub local: Box<RawValue>,
    /// CXone's side.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub remote: Box<RawValue>,
    /// The run that found it.
    pub run: RunId,
    /// When.
    pub found_at: Timestamp,
}

/// Records conflicts. The same two sides are recorded once, whichever run meets them.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    run: RunId,
    conflicts: &[NewConflict],
) -> Result<(), Error> {
    if conflicts.is_empty() {
        return Ok(());
    }
    let insert = "INSERT INTO knowledge_conflicts (article_id, kind, policy, local, remote, local_hash, remote_hash, run_id)
        SELECT article, kind, policy, local::json, remote::json, local_hash, remote_hash, $1
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bytea[])
            AS c (article, kind, policy, local, remote, local_hash, remote_hash)
        ON CONFLICT DO NOTHING";
    let articles = column(conflicts, |one| one.article.as_str());
    let kinds = column(conflicts, |one| one.kind.as_str());
    let policies = column(conflicts, |one| one.policy.as_str());
    let ours = column(conflicts, |one| one.local.get());
    let theirs = column(conflicts, |one| one.remote.get());
    let our_hashes = column(conflicts, |one| one.local_hash.as_bytes());
    let their_hashes = column(conflicts, |one| one.remote_hash.as_bytes());
    let values: [(&(dyn ToSql + Sync), Type); 8] = [
        (&run.as_uuid(), Type::UUID),
        (&articles, Type::TEXT_ARRAY),
        (&kinds, Type::TEXT_ARRAY),
        (&policies, Type::TEXT_ARRAY),
        (&ours, Type::TEXT_ARRAY),
        (&theirs, Type::TEXT_ARRAY),
        (&our_hashes, Type::BYTEA_ARRAY),
        (&their_hashes, Type::BYTEA_ARRAY),
    ];
    let inserted = transaction.execute_typed(insert, &values).await;
    inserted.map(drop).map_err(failed)
}

fn column<'c, T>(conflicts: &'c [NewConflict], field: impl Fn(&'c NewConflict) -> T) -> Vec<T> {
    conflicts.iter().map(field).collect()
}

/// The first open conflicts after the conflict `after`. One is open while our side stands as it was.
pub async fn fetch_open(
    database: &Database,
    after: Option<i64>,
    most: i64,
) -> Result<Vec<Conflict>, Error> {
    let open = "SELECT c.id, c.article_id, c.kind, c.policy, c.local::text AS local, c.remote::text AS remote, c.run_id, c.found_at
        FROM knowledge_conflicts c JOIN knowledge_articles a ON a.id = c.article_id
        WHERE c.id > $1 AND a.state <> 'gone' AND a.content_hash = c.local_hash ORDER BY c.id LIMIT $2";
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&after.unwrap_or_default(), Type::INT8),
        (&most, Type::INT8),
    ];
    let connection = database.connection().await?;
    let rows = connection.query_typed(open, &values).await;
    rows.map_err(failed)?.iter().map(read).collect()
}

/// Forgets up to `most` of the conflicts that were found before `before` and are over, the oldest first; says how many. One that is
/// open stays, however old it is.
pub async fn expire(database: &Database, before: Timestamp, most: i64) -> Result<u64, Error> {
    let expire = "DELETE FROM knowledge_conflicts WHERE id IN (
        SELECT c.id FROM knowledge_conflicts c LEFT JOIN knowledge_articles a ON a.id = c.article_id
        WHERE c.found_at < $1 AND (a.state = 'gone' OR a.content_hash IS DISTINCT FROM c.local_hash)
        ORDER BY c.found_at LIMIT $2)";
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&before, Type::TIMESTAMPTZ), (&most, Type::INT8)];
    let connection = database.connection().await?;
    let expired = connection.execute_typed(expire, &values).await;
    expired.map_err(failed)
}

fn read(row: &Row) -> Result<Conflict, Error> {
    let run: uuid::Uuid = row.get(6);
    Ok(Conflict {
        id: row.get(0),
        article: stored::article(row, 1)?,
        kind: stored::word(row, 2, ConflictKind::parse)?,
        policy: stored::word(row, 3, ConflictPolicy::parse)?,
        local: stored::document(row, 4)?.unwrap_or_default(),
        remote: stored::document(row, 5)?.unwrap_or_default(),
        run: run.into(),
        found_at: row.get(7),
    })
}
