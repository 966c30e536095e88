//! Drafts become what is stored: for every model the pieces, their vectors and tags.

use std::sync::Arc;

use shared::db::conversation_embeddings::NewChunk;
use shared::db::conversations::Rendition;
use shared::db::embedding_models::ModelId;
use shared::db::words::Words;
use shared::error::Error;
use shared::text::intent::Intent;
use shared::text::language;
use shared::text::tags::Tags;
use shared::text::terms::Analysis;

use crate::active::fetch_active;
use crate::app::{App, Model};
use crate::intents::{intent, prototypes_for};
use crate::prepare::Draft;
use crate::time::Time;
use crate::vectors::{Found, Pieces, embed};

/// What there is to store of each draft, in order. A draft fails if the first model fails it, or the one that search reads; what
/// another model lacks is filled by `reembed`. Every model has its part of the time.
pub(crate) async fn render(
    app: &App,
    drafts: &[Draft],
    time: Time,
) -> Result<Vec<Result<Vec<Rendition>, Arc<Error>>>, Arc<Error>> {
    let Some((first, others)) = app.models.split_first() else {
        return Ok(drafts.iter().map(|_| Ok(Vec::new())).collect());
    };
    let firsts = time.part_of(app.models.len());
    let prototypes = prototypes_for(app, first, drafts.iter(), firsts.until).await?;
    let pieces = embed(app, first, drafts, firsts).await?.pieces;
    let id = first.id.get().await?;
    let mut rendered = Vec::with_capacity(drafts.len());
    for (draft, pieces) in drafts.iter().zip(pieces) {
        rendered.push(match pieces {
            Ok(pieces) => {
                let intent = intent(app, prototypes, draft, &pieces);
                let renditions = vec![rendition(pieces, id, draft, &intent)];
                // The words of long texts take a while; in between the end may have come.
                tokio::task::yield_now().await;
                Ok(Rendered { intent, renditions })
            }
            Err(error) => Err(error),
        });
    }
    let mut beside = Vec::with_capacity(others.len());
    for (nth, model) in others.iter().enumerate() {
        let its = time.part_of(others.len() - nth);
        let failures = render_beside(app, model, drafts, &mut rendered, its).await;
        let failures = failures.unwrap_or_else(|error| vec![Some(error); drafts.len()]);
        beside.push((model, failures));
    }
    // Last: a model may have become the active one while it was asked, and what it failed would be found by nobody.
    let active = fetch_active(app).await?;
    for (model, failures) in beside {
        if active.is(model) {
            fail(&mut rendered, failures);
        } else if let Some(error) = failures.into_iter().flatten().next() {
            tracing::warn!(
                error = error.chain(),
                "the second model has no answer; reembed fills it"
            );
        }
    }
    let renditions = |one: Result<Rendered, _>| one.map(|one| one.renditions);
    Ok(rendered.into_iter().map(renditions).collect())
}

struct Rendered {
    intent: Intent,
    renditions: Vec<Rendition>,
}

/// Adds what a further model has of each draft; says, in order, why it has nothing of some.
async fn render_beside(
    app: &App,
    model: &Model,
    drafts: &[Draft],
    rendered: &mut [Result<Rendered, Arc<Error>>],
    time: Time,
) -> Result<Vec<Option<Arc<Error>>>, Arc<Error>> {
    let pieces = embed(app, model, drafts, time).await?.pieces;
    let id = model.id.get().await?;
    let mut failures = Vec::with_capacity(drafts.len());
    for ((pieces, draft), rendered) in pieces.into_iter().zip(drafts).zip(rendered) {
        let pieces = pieces.map(|pieces| {
            if let Ok(rendered) = rendered {
                let rendition = rendition(pieces, id, draft, &rendered.intent);
                rendered.renditions.push(rendition);
            }
        });
        failures.push(pieces.err());
        tokio::task::yield_now().await;
    }
    Ok(failures)
}

fn fail(rendered: &mut [Result<Rendered, Arc<Error>>], failures: Vec<Option<Arc<Error>>>) {
    for (rendered, failure) in rendered.iter_mut().zip(failures) {
        if let Some(error) = failure {
            *rendered = Err(error);
        }
    }
}

/// The pieces as they are stored.
pub(crate) fn rendition(
    pieces: Pieces,
    model: ModelId,
    draft: &Draft,
    intent: &Intent,
) -> Rendition {
    let tags = Tags {
        conversation: draft.conversation(),
        reading: &draft.reading,
        intent,
    };
    let is_finished = pieces.is_finished();
    let analysis = Analysis::of(language::code(draft.reading.language));
    let chunks = pieces.chunks.into_iter().map(|(chunk, hash, found)| {
        let (embedding, why) = match found {
            Found::Vector(vector) => (Some(vector), None),
            Found::Withheld => (None, Some("withheld")),
            Found::Refused => (None, Some("refused")),
            Found::Unfinished => (None, Some("unfinished")),
            Found::Failed(_) => (None, None),
        };
        let metadata = tags.of(&chunk, why).to_string();
        NewChunk {
            words: Words::count(&chunk.text, analysis),
            text: chunk.text,
            hash,
            embedding,
            metadata,
        }
    });
    Rendition {
        model,
        map: draft.reading.map.clone(),
        chunks: chunks.collect(),
        is_finished,
    }
}
