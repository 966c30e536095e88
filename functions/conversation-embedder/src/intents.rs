//! What a conversation is about.

use std::sync::Arc;

use shared::db::intent_examples;
use shared::domain::{Embedding, TextHash};
use shared::embedding::Failure;
use shared::error::Error;
use shared::text::intent::{Intent, Prototypes};
use tokio::time::Instant;

use crate::app::{App, Model};
use crate::prepare::Draft;
use crate::vectors::{Pieces, is_withheld};

/// What is known of the model's examples, if any of these drafts may need them. They come before the drafts: what takes all the time
/// must not fail what is complete.
pub(crate) async fn prototypes_for<'m>(
    app: &App,
    model: &'m Model,
    mut drafts: impl Iterator<Item = &Draft>,
    until: Instant,
) -> Result<Option<&'m Prototypes>, Arc<Error>> {
    let may_have_vectors =
        |draft: &Draft| !draft.reading.turns.is_empty() && !is_withheld(app, model, draft);
    if !drafts.any(may_have_vectors) {
        return Ok(None);
    }
    let load = || load_prototypes(app, model, until);
    model.prototypes.get_or_try_init(load).await.map(Some)
}

/// By its place among labelled examples; without a vector, by its words.
pub(crate) fn intent(
    app: &App,
    prototypes: Option<&Prototypes>,
    draft: &Draft,
    pieces: &Pieces,
) -> Intent {
    match prototypes.zip(pieces.mean()) {
        Some((prototypes, vector)) => prototypes.classify(&vector),
        None => app.rules.intents.by_keywords(&draft.reading.text()),
    }
}

/// The examples' vectors: kept in the database, so that only the first of all starts asks the model.
async fn load_prototypes(
    app: &App,
    model: &Model,
    until: Instant,
) -> Result<Prototypes, Arc<Error>> {
    let id = model.id.get().await?;
    let dimensions = model.embedder.space().dimensions;
    let (categories, texts): (Vec<_>, Vec<&str>) = app.rules.intents.examples().unzip();
    let hashes: Vec<_> = texts.iter().map(|text| TextHash::of(text)).collect();
    let mut vectors = intent_examples::fetch(&app.database, id, &hashes, dimensions).await?;
    let new = ask_missing(model, &texts, &mut vectors, until).await?;
    let pair = |position: usize| Some((hashes[position], vectors[position].as_ref()?));
    let new: Vec<_> = new.into_iter().filter_map(pair).collect();
    if !new.is_empty() {
        intent_examples::keep(&app.database, id, &new).await?;
    }
    let labelled = categories.into_iter().zip(vectors);
    let labelled: Vec<_> = labelled
        .filter_map(|(category, vector)| Some((category.clone(), vector?)))
        .collect();
    let flaw = |flaw| Error::Bug {
        what: "the examples of intents do not lie in one space",
        source: Some(Box::new(flaw)),
    };
    Ok(app.rules.intents.prototypes(&labelled).map_err(flaw)?)
}

/// Fills the gaps among the vectors of these texts; says which were filled. What the model refuses stays a gap.
async fn ask_missing(
    model: &Model,
    texts: &[&str],
    vectors: &mut [Option<Embedding>],
    until: Instant,
) -> Result<Vec<usize>, Arc<Error>> {
    let is_missing = |position: &usize| vectors[*position].is_none();
    let missing: Vec<usize> = (0..texts.len()).filter(is_missing).collect();
    let asked = missing.iter().map(|position| texts[*position]);
    let asked: Vec<_> = asked.map(|text| model.embedder.counted(text)).collect();
    let answers = model.embedder.embed(&asked, until).await;
    let mut new = Vec::new();
    for (position, answer) in missing.into_iter().zip(answers) {
        match answer {
            Ok(vector) => {
                vectors[position] = Some(vector);
                new.push(position);
            }
            Err(Failure::Refused(why)) => {
                tracing::warn!(why, "the model refuses an example of an intent");
            }
            Err(Failure::Failed(error)) => return Err(error),
        }
    }
    Ok(new)
}
