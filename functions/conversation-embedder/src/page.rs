//! A page of stored events becomes what is to be stored of them under one model.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use shared::db::conversation_embeddings;
use shared::db::conversation_events::{EventId, StoredEvent};
use shared::db::conversations::Prepared;
use shared::error::{Error, Kind};
use shared::text::intent::Intent;

use crate::app::{App, Model};
use crate::intents::{intent, prototypes_for};
use crate::isolate::isolate;
use crate::prepare::{Draft, prepare};
use crate::render::rendition;
use crate::time::Time;
use crate::vectors::{Outcome, embed};

/// What became of a page.
#[derive(Default)]
pub(crate) struct Rendered {
    /// What can be stored.
    pub(crate) ready: Vec<(EventId, Prepared)>,
    /// Why the model did not answer for all of it, if not for lack of time.
    pub(crate) stopped: Option<Arc<Error>>,
}

/// What can be stored of a page. Of what is too long for a run it is what is new; without anything new it stays as it was.
pub(crate) async fn render_page(
    app: &App,
    model: &Model,
    page: Vec<StoredEvent>,
    time: Time,
) -> Result<Rendered, Error> {
    let key = app.erasure_key.get(Timestamp::now()).await?;
    let (ids, drafts) = draft(app, page);
    let mut known = fetch_intents(app, model, &ids).await?;
    let model_id = model.id.get().await?;
    let unknown = ids.iter().zip(&drafts);
    let unknown = unknown.filter(|(id, _)| !known.contains_key(id));
    let unknown = unknown.map(|(_, draft)| draft);
    let mut rendered = Rendered::default();
    let prototypes = match prototypes_for(app, model, unknown, time.until).await {
        Ok(prototypes) => prototypes,
        Err(error) => {
            rendered.stopped = Some(error);
            return Ok(rendered);
        }
    };
    let Outcome { pieces, ran_out } = embed(app, model, &drafts, time).await?;
    for ((id, draft), pieces) in ids.into_iter().zip(drafts).zip(pieces) {
        match pieces {
            Ok(pieces) if pieces.is_finished() || pieces.has_new => {
                let made = || intent(app, prototypes, &draft, &pieces);
                let intent = known.remove(&id).unwrap_or_else(made);
                let rendition = rendition(pieces, model_id, &draft, &intent);
                let prepared = Prepared {
                    mac: key.mac(draft.conversation()),
                    event: draft.event,
                    renditions: vec![rendition],
                };
                rendered.ready.push((id, prepared));
            }
            Ok(_) => {}
            Err(error) if error.kind() == Kind::Bug => log(id, &error),
            Err(error) => rendered.stopped = Some(error).filter(|_| !ran_out),
        }
        // The words of long texts take a while; in between the end may have come.
        tokio::task::yield_now().await;
    }
    Ok(rendered)
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
            let first = first.id.get().await?;
            conversation_embeddings::fetch_intents(&app.database, first, events).await
        }
        _ => Ok(HashMap::new()),
    }
}

/// Why an event is left to the next run.
pub(crate) fn log(event: EventId, error: &Error) {
    tracing::error!(event.id = %event, error.kind = error.kind().as_str(), error = error.chain(), "not re-embedded");
}
