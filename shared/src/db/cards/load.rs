//! What is known of an interaction.

use std::collections::BTreeSet;

use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::domain::{ArticleId, ErasureKey, InteractionId};
use crate::error::Error;

/// What is known of an interaction. Of one that was never heard of, nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The last utterance that was worked on; 0 before the first.
    pub sequence: i64,
    /// What is remembered, as JSON.
    pub state: Option<String>,
    /// Whether there are no more cards: CXone takes none, or the interaction was erased.
    pub is_over: bool,
    /// The articles that have a card, whether or not it is known to be on the screen.
    pub shown: BTreeSet<ArticleId>,
    /// The articles that the agent sent away.
    pub dismissed: BTreeSet<ArticleId>,
}

const LOAD: &str = "
    SELECT i.sequence, i.state::text,
        i.ended_at IS NOT NULL OR EXISTS (SELECT FROM erased_conversations WHERE conversation_mac = $2),
        ARRAY(SELECT DISTINCT snippet_id FROM assist_impressions WHERE session_id = $1 AND source = 'card'),
        ARRAY(SELECT DISTINCT snippet_id FROM assist_clicks WHERE session_id = $1 AND action = 'dismiss')
    FROM (SELECT) AS one LEFT JOIN assist_interactions i ON i.interaction_id = $1";

/// Reads all of it in one state.
pub async fn load(
    database: &Database,
    key: &ErasureKey,
    interaction: &InteractionId,
) -> Result<Known, Error> {
    let mac = key.mac_of(interaction.as_str());
    let connection = database.connection().await?;
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&interaction.as_str(), Type::TEXT),
        (&mac.as_bytes(), Type::BYTEA),
    ];
    let row = connection.query_typed_one(LOAD, &values).await;
    let row = row.map_err(failed)?;
    Ok(Known {
        sequence: row.get::<_, Option<i64>>(0).unwrap_or_default(),
        state: row.get(1),
        is_over: row.get(2),
        shown: articles(&row, 3),
        dismissed: articles(&row, 4),
    })
}

/// What agents dismiss is named by whoever calls; what is no name of an article is none of ours.
fn articles(row: &Row, column: usize) -> BTreeSet<ArticleId> {
    let names: Vec<String> = row.get(column);
    let names = names.into_iter().map(ArticleId::parse);
    names.filter_map(Result::ok).collect()
}
