//! What became of cards that were posted.

use tokio_postgres::types::Type;

use crate::db::Database;
use crate::db::connect::failed;
use crate::domain::InteractionId;
use crate::error::Error;

/// What became of the pending cards of an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They are on the screen.
    Shown,
    /// They surely are not, and may be shown later.
    Withdrawn,
    /// Nobody knows; they are not posted again.
    Unknown,
}

/// Settles what is pending. An interaction is worked on by one at a time, so that these are the cards that were posted last.
pub async fn settle(
    database: &Database,
    interaction: &InteractionId,
    fate: Fate,
) -> Result<(), Error> {
    let pending = "WHERE session_id = $1 AND source = 'card' AND state = 'pending'";
    let settle = match fate {
        Fate::Shown => {
            format!("UPDATE assist_impressions SET state = 'shown', shown_at = now() {pending}")
        }
        Fate::Unknown => format!("UPDATE assist_impressions SET state = 'unknown' {pending}"),
        Fate::Withdrawn => format!("DELETE FROM assist_impressions {pending}"),
    };
    run(database, &settle, interaction).await
}

/// The interaction is over: its pending cards are nowhere, and there will be no others.
pub async fn end(database: &Database, interaction: &InteractionId) -> Result<(), Error> {
    let end = "
        WITH over AS (UPDATE assist_interactions SET ended_at = coalesce(ended_at, now()) WHERE interaction_id = $1)
        DELETE FROM assist_impressions WHERE session_id = $1 AND source = 'card' AND state = 'pending'";
    run(database, end, interaction).await
}

async fn run(
    database: &Database,
    statement: &str,
    interaction: &InteractionId,
) -> Result<(), Error> {
    let connection = database.connection().await?;
    let id = [(&interaction.as_str() as _, Type::TEXT)];
    let done = connection.execute_typed(statement, &id).await;
    done.map(drop).map_err(failed)
}
