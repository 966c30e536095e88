//! What became of cards that were posted.

use tokio_postgres::types::Type;

use crate::db::Database;
use crate::db::connect::failed;
use crate::domain::InteractionId;
use crate::error::Error;

/// What became of cards that were pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They are on the screen.
    Shown,
    /// They surely are not, and may be shown later.
    Withdrawn,
    /// Nobody knows; they are not posted again.
    Unknown,
}

/// Which cards: those of one post. Of what another left pending, because it died after it had posted, only time tells.
const POSTED: &str =
    "WHERE session_id = $1 AND source = 'card' AND state = 'pending' AND snippet_id = ANY($2)";

/// Settles the cards of a post, by their articles.
pub async fn settle(
    database: &Database,
    interaction: &InteractionId,
    articles: &[String],
    fate: Fate,
) -> Result<(), Error> {
    let settle = match fate {
        Fate::Shown => {
            format!("UPDATE assist_impressions SET state = 'shown', shown_at = now() {POSTED}")
        }
        Fate::Unknown => format!("UPDATE assist_impressions SET state = 'unknown' {POSTED}"),
        Fate::Withdrawn => format!("DELETE FROM assist_impressions {POSTED}"),
    };
    run(database, &settle, interaction, articles).await
}

/// The interaction is over: the cards of this post are nowhere, and there will be no others.
pub async fn end(
    database: &Database,
    interaction: &InteractionId,
    articles: &[String],
) -> Result<(), Error> {
    let end = format!(
        "WITH over AS (UPDATE assist_interactions SET ended_at = coalesce(ended_at, now()) WHERE interaction_id = $1)
        DELETE FROM assist_impressions {POSTED}"
    );
    run(database, &end, interaction, articles).await
}

async fn run(
    database: &Database,
    statement: &str,
    interaction: &InteractionId,
    articles: &[String],
) -> Result<(), Error> {
    let connection = database.connection().await?;
    let values = [
        (&interaction.as_str() as _, Type::TEXT),
        (&articles as _, Type::TEXT_ARRAY),
    ];
    let done = connection.execute_typed(statement, &values).await;
    done.map(drop).map_err(failed)
}
