//! Stored events are to go once more through map, tags, chunks and vectors, whatever is known of them.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::db::conversation_events::EventId;
use shared::db::embedded::{self, Chosen};
use shared::domain::ConversationId;
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;

/// Events that are looked at, and marked, at once: a transaction takes a moment, however many there are.
const STEP: i64 = 5_000;
/// With less time than this before the end no further step is begun.
const STEP_TIME: Duration = Duration::from_secs(8);

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
    /// Those behind this one: what the answer of an earlier run named.
    after: Option<EventId>,
}

/// How many events wait for `reembed` now.
#[derive(Debug, Serialize)]
pub(crate) struct Replayed {
    events: u64,
    /// Where the time ended: what is behind it is for another run.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<EventId>,
}

/// Lets the task `reembed` take these events for new, step by step. Until it has come to one, search finds what was there before.
pub(crate) async fn replay(app: &App, wanted: Wanted, until: Instant) -> Result<Replayed, Error> {
    let chosen = Chosen {
        conversation: wanted.conversation_id,
        from: wanted.from,
        to: wanted.to,
    };
    let (mut events, mut after) = (0, wanted.after);
    loop {
        let step = embedded::let_wait(&app.database, &chosen, after, STEP).await?;
        events += step.events;
        after = step.last;
        if after.is_none() || Instant::now() + STEP_TIME >= until {
            break;
        }
    }
    tracing::info!(events, "these events are to be embedded again");
    Ok(Replayed { events, after })
}
