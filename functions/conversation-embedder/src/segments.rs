//! A full segment of vectors gives way to the next one, after what filled it is stored. Nothing waits for it, and nothing fails for it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use shared::db::conversations::{Kept, Stored};
use shared::db::embedding_models::ModelId;
use shared::db::vector_segments::{self, Fill};
use shared::domain::CorrelationId;
use shared::error::Error;
use shared::fail_point;
use shared::queue::SegmentsMessage;
use tokio::time::{Instant, timeout_at};

use crate::app::App;

/// How full the segments are that a batch was stored into, of each model the last one.
#[derive(Default)]
pub(crate) struct Fills(Mutex<HashMap<ModelId, Fill>>);

impl Fills {
    /// Remembers how full the segments are; gives what was stored.
    pub(crate) fn note(&self, kept: Kept) -> Vec<Stored> {
        let mut fills = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        fills.extend(kept.fills.into_iter().map(|fill| (fill.model, fill)));
        kept.stored
    }

    /// Lets the next segments take the place of those that are full, and tells the keeper.
    pub(crate) async fn roll_over(self, app: &App, until: Instant) {
        let fills = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let full = |fill: &Fill| fill.values >= app.segment_values;
        for fill in fills.into_values().filter(full) {
            let outcome = timeout_at(until, roll_over(app, &fill)).await;
            let outcome = outcome.unwrap_or_else(|late| Err(Error::transient("the work", late)));
            if let Err(error) = outcome {
                tracing::warn!(
                    segment.id = fill.segment.number(),
                    error.kind = error.kind().as_str(),
                    error = error.chain(),
                    "a full segment did not give way, or nobody was told; another batch does it, or the keeper finds it"
                );
            }
        }
    }
}

/// Where there was no next segment there is one now: another batch lets it take the full one's place.
async fn roll_over(app: &App, full: &Fill) -> Result<(), Error> {
    let is_closed = vector_segments::roll_over(&app.database, full).await?;
    fail_point::reach("roll_over.closed");
    let prepared = vector_segments::prepare_next(&app.database, full.model).await;
    fail_point::reach("roll_over.prepared");
    if is_closed {
        let message = SegmentsMessage::new(full.model.number());
        let id = CorrelationId::generate();
        let message_id = app.keeper.send(message.to_text()?, &id).await?;
        tracing::info!(segment.id = full.segment.number(), queue.message_id = %message_id, correlation.id = %id, "a full segment was closed");
    }
    prepared.map(drop)
}
