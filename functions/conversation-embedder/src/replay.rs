//! Stored events are to go once more through map, tags, chunks and vectors, whatever is known of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::db::embedded::{self, Chosen};
use shared::domain::ConversationId;
use shared::error::Error;

use crate::app::App;

/// Which events. What is not said does not matter.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Those of this conversation.
    conversation_id: Option<ConversationId>,
    /// Those that happened then or later, by CXone's clock.
    from: Option<Timestamp>,
    /// Those that happened before.
    to: Option<Timestamp>,
}

/// How many events wait for `reembed` now.
#[derive(Debug, Serialize)]
pub(crate) struct Replayed {
    events: u64,
}

/// Lets the task `reembed` take these events for new. Until it has come to one, search finds what was there before.
pub(crate) async fn replay(app: &App, wanted: Wanted) -> Result<Replayed, Error> {
    let chosen = Chosen {
        conversation: wanted.conversation_id,
        from: wanted.from,
        to: wanted.to,
    };
    let events = embedded::let_wait(&app.database, &chosen).await?;
    tracing::info!(events, "these events are to be embedded again");
    Ok(Replayed { events })
}
