//! The model that the environment names, as far as it can be asked without leaving this machine.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use shared::config::Env;
use shared::domain::Embedding;
use shared::embedding::{self, Counted, Embedder};
use shared::text::chunk::Chunk;
use shared::text::intent::{Intent, Intents};
use tokio::time::Instant;

use crate::failure::{Failure, OrFail as _};
use crate::stack::model;
use crate::workspace::Workspace;

const ADVICE: &str = "`cargo local up` installs the local model; another one is named by EMBEDDING_PROVIDER and EMBEDDING_MODEL, as for the functions";
/// Longer than any payload takes on a slow machine.
const PATIENCE: Duration = Duration::from_mins(5);
/// What says which model it is.
const NAMES: [&str; 4] = [
    "EMBEDDING_PROVIDER",
    "EMBEDDING_BASE_URL",
    "EMBEDDING_MODEL",
    "EMBEDDING_DIMENSIONS",
];
/// Where a local one is, whichever it is.
const FOLDER: &str = "LOCAL_MODEL_DIR";

/// The first model of the environment; that of the local stack where the environment names none.
pub(super) fn load(workspace: &Workspace, env: &Env) -> Result<Embedder, Failure> {
    let named = NAMES.map(|name| env.get(name).map(|value| (name, value.to_owned())));
    let mut pairs: Vec<_> = named.into_iter().flatten().collect();
    let mut folder = env.get(FOLDER).map(str::to_owned);
    if pairs.is_empty() {
        pairs.push(("EMBEDDING_PROVIDER", "local".to_owned()));
        let own = || model::dir(workspace).to_string_lossy().into_owned();
        folder = Some(folder.unwrap_or_else(own));
    }
    pairs.extend(folder.map(|folder| (FOLDER, folder)));
    // Nobody is asked, so that no key is needed.
    pairs.push(("EMBEDDING_KEY_SECRET_ID", "none".to_owned()));
    let env = Env::from_pairs(pairs);
    let mut read = env.reader();
    let settings = embedding::Settings::read(&mut read);
    let settings = read.build(|| settings);
    let settings = settings.or_fail("the model is not named", ADVICE)?;
    let nobody = SdkConfig::builder().behavior_version(BehaviorVersion::latest());
    let built = settings.build(&nobody.build());
    let built = built.or_fail("the model cannot be loaded", ADVICE)?;
    let first = built.into_iter().next();
    first.ok_or_else(|| Failure::new("the model is not named", ADVICE))
}

/// What a text is about: by its place among labelled examples, if the model is here; else by its words.
pub(super) async fn intent(
    embedder: &Embedder,
    intents: &Intents,
    text: &str,
    chunks: &[Chunk],
) -> Result<Intent, Failure> {
    let by_words = || intents.by_keywords(text);
    if embedder.leaves_account() {
        return Ok(by_words());
    }
    let pieces: Vec<_> = chunks.iter().map(Counted::from).collect();
    let pieces = embed(embedder, &pieces).await;
    let Some(mean) = Embedding::mean(&pieces.iter().flatten().collect::<Vec<_>>()) else {
        return Ok(by_words());
    };
    let (categories, examples): (Vec<_>, Vec<_>) = intents.examples().unzip();
    let examples: Vec<_> = examples.iter().map(|text| embedder.counted(text)).collect();
    let vectors = embed(embedder, &examples).await;
    let labelled = categories.into_iter().cloned().zip(vectors);
    let labelled: Vec<_> = labelled
        .filter_map(|(category, vector)| Some((category, vector?)))
        .collect();
    let prototypes = intents.prototypes(&labelled);
    let prototypes = prototypes.or_fail("the examples of intents cannot be used", ADVICE)?;
    Ok(prototypes.classify(&mean))
}

/// The vector of each text that the model takes.
async fn embed(embedder: &Embedder, texts: &[Counted<'_>]) -> Vec<Option<Embedding>> {
    let answers = embedder.embed(texts, Instant::now() + PATIENCE).await;
    answers.into_iter().map(Result::ok).collect()
}
