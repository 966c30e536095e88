//! The table `knowledge_mirror`: documents whose copy in Elasticsearch may not be what they are here.
//!
//! Rows come in the transaction of the change, and go when that very change was written. So a copy that is down costs time, never a
//! change.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::Database;
use super::connect::failed;
use super::embedding_models::ModelId;
use super::stored;
use super::transaction::begin;
use crate::error::Error;

/// A document whose turn it is.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its article.
    pub article: String,
    /// Its language.
    pub locale: String,
    /// Grows with every change of any document, also from one database to the next.
    pub change: i64,
    /// The document, unless it is gone.
    pub content: Option<Content>,
}

/// What is copied.
#[derive(Debug, Clone)]
pub struct Content {
    /// The title.
    pub title: String,
    /// What search filters by, with the marks, as JSON.
    pub metadata: Box<RawValue>,
    /// Its pieces, one after the other.
    pub body: String,
    /// The mean of where its pieces lie, if any of them has a vector.
    pub embedding: Option<Vec<f32>>,
}

/// What came of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// The copy is as it should be.
    Done,
    /// Another try may succeed.
    Later,
    /// No other try of the same would, for this reason.
    SetAside(String),
}

/// How far the copy is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Documents that wait.
    pub waiting: i64,
    /// Documents that were set aside.
    pub set_aside: i64,
    /// Since when the one waits that waits longest.
    pub oldest: Option<Timestamp>,
}

/// Numbers of changes begin above those of any earlier database over the same index, by the clock: of two numbers the index believes the
/// higher one, so whoever began anew at 1, or where a backup stood, would change nothing in it. They never fall, also if the clock does.
///
/// Whoever notes holds the lease of the sync: so nobody draws a number between the look and the lift.
const LIFT: &str = "SELECT setval('knowledge_mirror_changes', now.micros)
    FROM knowledge_mirror_changes, (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8 AS micros) now
    WHERE last_value < now.micros";

/// Notes all documents that these articles have now. Before and after a change that is every document concerned.
pub(super) async fn note(transaction: &Transaction<'_>, articles: &[&str]) -> Result<(), Error> {
    if articles.is_empty() {
        return Ok(());
    }
    let note = "INSERT INTO knowledge_mirror AS m (article_id, locale)
        SELECT article_id, locale FROM knowledge_documents WHERE article_id = ANY($1)
        ON CONFLICT (article_id, locale) DO UPDATE SET change = excluded.change, tries = 0, next_try_at = now(), set_aside = NULL,
            waiting_since = CASE WHEN m.set_aside IS NULL THEN m.waiting_since ELSE now() END";
    let lifted = transaction.query_typed(LIFT, &[]).await;
    lifted.map_err(failed)?;
    let noted = transaction
        .execute_typed(note, &[(&articles, Type::TEXT_ARRAY)])
        .await;
    noted.map(drop).map_err(failed)
}

/// Up to `most` of the documents whose turn it is, those that wait longest first, with their place in this model.
pub async fn fetch_due(
    database: &Database,
    model: ModelId,
    most: i64,
) -> Result<Vec<Waiting>, Error> {
    let due = "SELECT m.article_id, m.locale, m.change, d.title, d.metadata::text AS metadata, coalesce(c.body, ''), c.mean::real[]
        FROM knowledge_mirror m LEFT JOIN knowledge_documents d USING (article_id, locale)
        LEFT JOIN LATERAL (
            SELECT string_agg(k.text_content, E'\n\n' ORDER BY k.chunk) AS body, avg(v.embedding) AS mean
            FROM knowledge_chunks k LEFT JOIN knowledge_vectors v ON v.chunk_id = k.id AND v.model_id = $1
            WHERE k.document_id = d.id) c ON true
        WHERE m.set_aside IS NULL AND m.next_try_at <= clock_timestamp() ORDER BY m.waiting_since, m.change LIMIT $2";
    let values: [(&(dyn ToSql + Sync), Type); 2] = [(&model.0, Type::INT2), (&most, Type::INT8)];
    let connection = database.connection().await?;
    let rows = connection.query_typed(due, &values).await;
    rows.map_err(failed)?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Waiting, Error> {
    let title: Option<String> = row.get(3);
    let content = |title| {
        Ok::<_, Error>(Content {
            title,
            metadata: stored::document(row, 4)?.unwrap_or_default(),
            body: row.get(5),
            embedding: row.get(6),
        })
    };
    Ok(Waiting {
        article: row.get(0),
        locale: row.get(1),
        change: row.get(2),
        content: title.map(content).transpose()?,
    })
}

/// Keeps what came of these documents. One that changed meanwhile waits on.
pub async fn settle(database: &Database, written: &[(Waiting, Written)]) -> Result<(), Error> {
    let done = "DELETE FROM knowledge_mirror m USING unnest($1::text[], $2::text[], $3::int8[]) AS n (article, locale, change)
        WHERE m.article_id = n.article AND m.locale = n.locale AND m.change = n.change";
    let later = "UPDATE knowledge_mirror m SET tries = m.tries + 1,
            next_try_at = clock_timestamp() + least(interval '1 hour', interval '10 seconds' * 2 ^ least(m.tries, 10))
        FROM unnest($1::text[], $2::text[], $3::int8[]) AS n (article, locale, change)
        WHERE m.article_id = n.article AND m.locale = n.locale AND m.change = n.change";
    let aside = "UPDATE knowledge_mirror m SET set_aside = n.why
        FROM unnest($1::text[], $2::text[], $3::int8[], $4::text[]) AS n (article, locale, change, why)
        WHERE m.article_id = n.article AND m.locale = n.locale AND m.change = n.change";
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    let is_done = |one: &Written| *one == Written::Done;
    let is_later = |one: &Written| *one == Written::Later;
    apply(&transaction, done, &chosen(written, is_done), None).await?;
    apply(&transaction, later, &chosen(written, is_later), None).await?;
    let (mut refused, mut whys) = (Vec::new(), Vec::new());
    for (one, outcome) in written {
        if let Written::SetAside(why) = outcome {
            refused.push(one);
            whys.push(why.as_str());
        }
    }
    apply(&transaction, aside, &refused, Some(&whys)).await?;
    crate::fail_point::reach("settle_mirror.before_commit");
    transaction.commit().await.map_err(failed)
}

fn chosen(written: &[(Waiting, Written)], is: impl Fn(&Written) -> bool) -> Vec<&Waiting> {
    let chosen = written.iter().filter(|(_, outcome)| is(outcome));
    chosen.map(|(one, _)| one).collect()
}

async fn apply(
    transaction: &Transaction<'_>,
    sql: &str,
    documents: &[&Waiting],
    whys: Option<&Vec<&str>>,
) -> Result<(), Error> {
    if documents.is_empty() {
        return Ok(());
    }
    let articles: Vec<_> = documents.iter().map(|one| one.article.as_str()).collect();
    let locales: Vec<_> = documents.iter().map(|one| one.locale.as_str()).collect();
    let changes: Vec<_> = documents.iter().map(|one| one.change).collect();
    let mut values: Vec<(&(dyn ToSql + Sync), Type)> = vec![
        (&articles, Type::TEXT_ARRAY),
        (&locales, Type::TEXT_ARRAY),
        (&changes, Type::INT8_ARRAY),
    ];
    if let Some(whys) = whys {
        values.push((whys, Type::TEXT_ARRAY));
    }
    let applied = transaction.execute_typed(sql, &values).await;
    applied.map(drop).map_err(failed)
}

/// How far the copy is behind.
pub async fn fetch_backlog(database: &Database) -> Result<Backlog, Error> {
    let backlog = "SELECT count(*) FILTER (WHERE set_aside IS NULL), count(*) FILTER (WHERE set_aside IS NOT NULL),
            min(waiting_since) FILTER (WHERE set_aside IS NULL)
        FROM knowledge_mirror";
    let connection = database.connection().await?;
    let row = connection.query_typed_one(backlog, &[]).await;
    let row = row.map_err(failed)?;
    Ok(Backlog {
        waiting: row.get(0),
        set_aside: row.get(1),
        oldest: row.get(2),
    })
}
