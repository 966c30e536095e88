//! The table `assist_impressions`: what agents were shown, and where it stood.

use deadpool_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

use super::connect::failed;
use crate::domain::{Score, SnippetId};
use crate::error::Error;

/// A snippet in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Impression {
    /// What is shown.
    pub snippet: SnippetId,
    /// Where, from 1.
    pub position: u8,
    /// How well it fits.
    pub score: Score,
}

/// An agent sees an order. What stood in the same place before counts once.
pub(super) async fn show(
    transaction: &Transaction<'_>,
    session: &str,
    shown: &[Impression],
) -> Result<(), Error> {
    if shown.is_empty() {
        return Ok(());
    }
    let show = "INSERT INTO assist_impressions (session_id, snippet_id, position, source, score)
        SELECT $1, snippet, position, 'ranking', score FROM unnest($2::text[], $3::int2[], $4::float8[]) AS s (snippet, position, score)
        ON CONFLICT DO NOTHING";
    let snippets: Vec<_> = shown.iter().map(|one| one.snippet.as_str()).collect();
    let positions: Vec<_> = shown.iter().map(|one| i16::from(one.position)).collect();
    let scores: Vec<_> = shown.iter().map(|one| one.score.get()).collect();
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&session, Type::TEXT),
        (&snippets, Type::TEXT_ARRAY),
        (&positions, Type::INT2_ARRAY),
        (&scores, Type::FLOAT8_ARRAY),
    ];
    let shown = transaction.execute_typed(show, &values).await;
    shown.map(drop).map_err(failed)
}
