//! A page of stored events becomes what is to be stored of them under one model.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use shared::db::conversation_embeddings;
use shared::db::conversation_events::{EventId, StoredEvent};
use shared::db::conversations::Prepared;
use shared::error::{Error, Kind};
use shared::text::intent::Intent;
use tokio::time::Instant;

use crate::app::{App, Model};
use crate::intents::intent;
use crate::isolate::isolate;
use crate::prepare::{Draft, prepare};
use crate::render::rendition;
use crate::vectors::embed;

/// What can be stored of a page, and why the model did not answer for all of it, if so.
pub(crate) async fn render_page(
    app: &App,
    model: &Model,
    page: Vec<StoredEvent>,
    until: Instant,
) -> Result<(Vec<(EventId, Prepared)>, Option<Arc<Error>>), Error> {
    let key = app.erasure_key.get(Timestamp::now()).await?;
    let (ids, drafts) = draft(app, page);
    let mut known = fetch_intents(app, model, &ids).await?;
    let model_id = model.id(&app.database).await?;
    let pieces = embed(app, model, &drafts, until).await?;
    let (mut ready, mut stopped) = (Vec::new(), None);
    for ((id, draft), pieces) in ids.into_iter().zip(drafts).zip(pieces) {
        let outcome = match (pieces, known.remove(&id)) {
            (Ok(pieces), Some(known)) => Ok((pieces, known)),
            (Ok(pieces), None) => {
                let intent = intent(app, model, &draft, &pieces, until).await;
                intent.map(|intent| (pieces, intent))
            }
            (Err(error), _) => Err(error),
        };
        let outcome = outcome.map(|(pieces, intent)| rendition(pieces, model_id, &draft, &intent));
        match outcome {
            Ok(rendition) => {
                let prepared = Prepared {
                    mac: key.mac(draft.conversation()),
                    event: draft.event,
                    renditions: vec![rendition],
                };
                ready.push((id, prepared));
            }
            Err(error) if error.kind() == Kind::Bug => log(id, &error),
            Err(error) => stopped = Some(error),
        }
        // The words of long texts take a while; in between the end may have come.
        tokio::task::yield_now().await;
    }
    Ok((ready, stopped))
}

fn draft(app: &App, page: Vec<StoredEvent>) -> (Vec<EventId>, Vec<Draft>) {
    let drafted = page.into_iter().filter_map(|stored| {
        let draft = isolate("preparing an event", || prepare(&app.rules, stored.event));
        let draft = draft.inspect_err(|error| log(stored.id, error)).ok()?;
        Some((stored.id, draft))
    });
    drafted.unzip()
}

/// What the first model found out about events, which holds for the others too, whichever way an event came to them.
async fn fetch_intents(
    app: &App,
    model: &Model,
    events: &[EventId],
) -> Result<HashMap<EventId, Intent>, Error> {
    match app.models.first() {
        Some(first) if first.embedder.space() != model.embedder.space() => {
            let first = first.id(&app.database).await?;
            conversation_embeddings::fetch_intents(&app.database, first, events).await
        }
        _ => Ok(HashMap::new()),
    }
}

/// Why an event is left to the next run.
pub(crate) fn log(event: EventId, error: &Error) {
    tracing::error!(event.id = %event, error.kind = error.kind().as_str(), error = error.chain(), "not re-embedded");
}
