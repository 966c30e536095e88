//! The table `snippet_boosts`: what clicks taught about snippets.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, Row};

use super::Database;
use super::connect::failed;
use super::stored::strange;
use super::transaction::begin;
use crate::domain::SnippetId;
use crate::error::Error;
use crate::ranking::{Action, RankPosition};
use crate::ranking::{Learned, Learning, SnippetCounts};

/// Any fixed number: one learner at a time.
const LOCK: i64 = 0x0043_586f_6e65_4c72;

/// What was learned of one snippet.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredBoost {
    /// The boost, and how it came about.
    pub learned: Learned,
    /// When it was learned.
    pub computed_at: Timestamp,
}

/// The boosts of these snippets; those of which nothing was learned are left out.
pub async fn fetch_boosts(
    database: &Database,
    snippets: &[&str],
) -> Result<HashMap<String, f64>, Error> {
    let boosts = "SELECT snippet_id, boost FROM snippet_boosts WHERE snippet_id = ANY($1)";
    let connection = database.connection().await?;
    let values: [(&(dyn ToSql + Sync), Type); 1] = [(&snippets, Type::TEXT_ARRAY)];
    let rows = connection.query_typed(boosts, &values).await;
    let rows = rows.map_err(failed)?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// What was learned of this snippet.
pub async fn fetch(database: &Database, snippet: &SnippetId) -> Result<Option<StoredBoost>, Error> {
    let boost =
        "SELECT boost, explanation::text, computed_at FROM snippet_boosts WHERE snippet_id = $1";
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(boost, &[(&snippet.as_str(), Type::TEXT)])
        .await
        .map_err(failed)?;
    let read = |row: &Row| {
        let explanation = serde_json::from_str(row.get(1));
        Ok(StoredBoost {
            learned: Learned {
                snippet_id: snippet.clone(),
                boost: row.get(0),
                explanation: explanation.map_err(|_| strange(row, 1))?,
            },
            computed_at: row.get(2),
        })
    };
    rows.first().map(read).transpose()
}

/// What came of learning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lesson {
    /// So many boosts there are.
    Learned(usize),
    /// It was done a short while ago, or somebody is at it.
    NotDue,
    /// It takes too long; what was learned before stands.
    Late,
}

/// Learns anew from what was shown and done since `since`, unless that was done less than `pause` ago or somebody is at it. No statement
/// takes longer than `most`.
pub async fn learn(
    database: &Database,
    learning: &Learning,
    since: Timestamp,
    pause: Duration,
    most: Duration,
) -> Result<Lesson, Error> {
    match learn_in(database, learning, since, pause, most).await {
        Err(error) if took_too_long(&error) => Ok(Lesson::Late),
        outcome => outcome,
    }
}

/// Whether a statement was ended because it took too long, or because it waited for a lock for too long.
fn took_too_long(error: &Error) -> bool {
    let Error::Transient { source, .. } = error else {
        return false;
    };
    let postgres = source.downcast_ref::<tokio_postgres::Error>();
    let code = postgres.and_then(tokio_postgres::Error::code);
    code.is_some_and(|code| [SqlState::QUERY_CANCELED, SqlState::LOCK_NOT_AVAILABLE].contains(code))
}

async fn learn_in(
    database: &Database,
    learning: &Learning,
    since: Timestamp,
    pause: Duration,
    most: Duration,
) -> Result<Lesson, Error> {
    let is_due = "SELECT pg_try_advisory_xact_lock($1)
        AND coalesce((SELECT max(computed_at) FROM snippet_boosts) < now() - $2::float8 * interval '1 second', true)";
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    let limit = format!("SET LOCAL statement_timeout = {}", most.as_millis());
    transaction.batch_execute(&limit).await.map_err(failed)?;
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&LOCK, Type::INT8), (&pause.as_secs_f64(), Type::FLOAT8)];
    let row = transaction.query_typed_one(is_due, &values).await;
    if !row.map_err(failed)?.get::<_, bool>(0) {
        return Ok(Lesson::NotDue);
    }
    let learned = learning.learn(&count(&*transaction, since).await?);
    store(&*transaction, &learned).await?;
    transaction.commit().await.map_err(failed)?;
    Ok(Lesson::Learned(learned.len()))
}

/// What was shown, and what was done with it where it was shown.
async fn count(client: &impl GenericClient, since: Timestamp) -> Result<Vec<SnippetCounts>, Error> {
    let views = "SELECT snippet_id, position, count(*) FROM assist_impressions
        WHERE source = 'ranking' AND state = 'shown' AND shown_at >= $1 GROUP BY snippet_id, position";
    let clicks = "SELECT i.snippet_id, c.action, count(*) FROM assist_impressions i JOIN assist_clicks c USING (session_id, snippet_id, position)
        WHERE source = 'ranking' AND state = 'shown' AND shown_at >= $1 GROUP BY i.snippet_id, c.action";
    let since = [(&since as &(dyn ToSql + Sync), Type::TIMESTAMPTZ)];
    let mut counts = HashMap::new();
    for row in client.query_typed(views, &since).await.map_err(failed)? {
        let position: i16 = row.get(1);
        let position = u64::try_from(position).ok();
        let position = position.and_then(|position| RankPosition::parse(position).ok());
        let position = position.ok_or_else(|| strange(&row, 1))?;
        of(&mut counts, &row)?.add_views(position, number(&row));
    }
    for row in client.query_typed(clicks, &since).await.map_err(failed)? {
        let action = Action::parse(row.get(1)).ok_or_else(|| strange(&row, 1))?;
        of(&mut counts, &row)?.add_clicks(action, number(&row));
    }
    Ok(counts.into_values().collect())
}

/// The counts of the snippet that a row is about.
fn of<'a>(
    counts: &'a mut HashMap<SnippetId, SnippetCounts>,
    row: &Row,
) -> Result<&'a mut SnippetCounts, Error> {
    let snippet = SnippetId::parse(row.get::<_, String>(0)).map_err(|_| strange(row, 0))?;
    let new = SnippetCounts::new(snippet.clone());
    Ok(counts.entry(snippet).or_insert(new))
}

fn number(row: &Row) -> u32 {
    u32::try_from(row.get::<_, i64>(2)).unwrap_or(u32::MAX)
}

/// Puts these in the place of all that was learned before.
async fn store(client: &impl GenericClient, learned: &[Learned]) -> Result<(), Error> {
    let forget = "DELETE FROM snippet_boosts WHERE snippet_id <> ALL($1)";
    let store = "INSERT INTO snippet_boosts (snippet_id, boost, explanation)
        SELECT snippet, boost, explanation::json FROM unnest($1::text[], $2::float8[], $3::text[]) AS l (snippet, boost, explanation)
        ON CONFLICT (snippet_id) DO UPDATE SET boost = excluded.boost, explanation = excluded.explanation, computed_at = now()";
    let snippets: Vec<_> = learned.iter().map(|one| one.snippet_id.as_str()).collect();
    let boosts: Vec<_> = learned.iter().map(|one| one.boost).collect();
    let explanations = learned
        .iter()
        .map(|one| serde_json::to_string(&one.explanation).unwrap_or_default());
    let explanations: Vec<_> = explanations.collect();
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&snippets, Type::TEXT_ARRAY),
        (&boosts, Type::FLOAT8_ARRAY),
        (&explanations, Type::TEXT_ARRAY),
    ];
    let forgotten = client.execute_typed(forget, &values[..1]).await;
    forgotten.map_err(failed)?;
    client.execute_typed(store, &values).await.map_err(failed)?;
    Ok(())
}
