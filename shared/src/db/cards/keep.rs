//! What became of an utterance, in one statement, under the lock of its interaction: an erasure comes before it or after it.

use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::conversations::lock_statement;
use crate::db::transaction::query_locked;
use crate::domain::{ArticleId, ErasureKey, InteractionId, Score};
use crate::error::Error;

/// How far an interaction has come.
#[derive(Debug, Clone)]
pub struct Progress<'a> {
    /// How far it was when it was read.
    pub from: i64,
    /// The last utterance that was worked on.
    pub sequence: i64,
    /// What is remembered, as JSON.
    pub state: &'a str,
}

/// A card that is to be posted.
#[derive(Debug, Clone)]
pub struct NewCard {
    /// Of which article.
    pub article: ArticleId,
    /// Its place in the post, from 1.
    pub position: u8,
    /// How well it fits.
    pub score: Score,
    /// How it came about, as JSON.
    pub detail: String,
}

/// What came of keeping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is kept, and these articles are pending: post them now. One that had a card in the meantime is not among them.
    Pending(Vec<String>),
    /// Somebody else was faster: nothing is kept.
    Overtaken,
    /// The interaction was erased: nothing is kept.
    Erased,
}

const KEEP: &str = "
    WITH erased AS (SELECT FROM erased_conversations WHERE conversation_mac = $9),
    kept AS (
        INSERT INTO assist_interactions AS i (interaction_id, sequence, state) SELECT $1, $3, $4::text::json
        WHERE NOT EXISTS (SELECT FROM erased) AND ($2 = 0 OR EXISTS (SELECT FROM assist_interactions WHERE interaction_id = $1))
        ON CONFLICT (interaction_id) DO UPDATE SET sequence = excluded.sequence, state = excluded.state, updated_at = now()
            WHERE i.sequence = $2
        RETURNING interaction_id),
    pending AS (
        INSERT INTO assist_impressions (session_id, snippet_id, position, source, score, detail, state)
        SELECT $1, c.snippet, c.position, 'card', c.score, c.detail::json, 'pending'
        FROM kept, unnest($5::text[], $6::int2[], $7::float8[], $8::text[]) AS c (snippet, position, score, detail)
        WHERE NOT EXISTS (SELECT FROM assist_impressions s WHERE s.session_id = $1 AND s.snippet_id = c.snippet AND s.source = 'card')
        RETURNING snippet_id)
    SELECT EXISTS (SELECT FROM kept), ARRAY(SELECT snippet_id FROM pending), EXISTS (SELECT FROM erased)";

/// Keeps what became of an utterance together with its cards, if the interaction is where it was read. One that went in the meantime is
/// not made anew.
pub async fn keep(
    database: &Database,
    key: &ErasureKey,
    interaction: &InteractionId,
    progress: &Progress<'_>,
    cards: &[NewCard],
) -> Result<Kept, Error> {
    let articles: Vec<_> = cards.iter().map(|card| card.article.as_str()).collect();
    let positions: Vec<_> = cards.iter().map(|card| i16::from(card.position)).collect();
    let scores: Vec<_> = cards.iter().map(|card| card.score.get()).collect();
    let details: Vec<_> = cards.iter().map(|card| card.detail.as_str()).collect();
    let mac = key.mac_of(interaction.as_str());
    let values: [(&(dyn ToSql + Sync), Type); 9] = [
        (&interaction.as_str(), Type::TEXT),
        (&progress.from, Type::INT8),
        (&progress.sequence, Type::INT8),
        (&progress.state, Type::TEXT),
        (&articles, Type::TEXT_ARRAY),
        (&positions, Type::INT2_ARRAY),
        (&scores, Type::FLOAT8_ARRAY),
        (&details, Type::TEXT_ARRAY),
        (&mac.as_bytes(), Type::BYTEA),
    ];
    let connection = database.connection().await?;
    let lock = lock_statement(interaction.as_str());
    let rows = query_locked(&connection, &lock, KEEP, &values).await;
    let rows = rows.map_err(failed)?;
    Ok(match rows.first() {
        Some(row) if row.get(0) => Kept::Pending(row.get(1)),
        Some(row) if row.get(2) => Kept::Erased,
        _ => Kept::Overtaken,
    })
}
