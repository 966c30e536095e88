//! The embedding services: one word is embedded, with the settings and the keys of the deployed functions.

use std::time::Duration;

use shared::embedding::{Embedder, Failure, Settings};
use tokio::time::Instant;

use super::super::finding::{Finding, fail, fine, warn};
use super::Deployment;
use super::secrets::Texts;

/// Longer than this nobody at a terminal waits for one word.
const PATIENCE: Duration = Duration::from_secs(20);
/// Which function is asked for its settings; the others that embed are given the same.
const EMBEDS: &str = "conversation-embedder";
const MEANS: &str = "no text gets a vector: conversations end among the dead letters, and search finds by words only";

/// Nothing where no function embeds.
pub(super) async fn check(deployment: &Deployment, secrets: &Texts) -> Vec<Finding> {
    let Some(function) = deployment.functions.get(EMBEDS) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if function.variable("EMBEDDING_PROVIDER") == Some("local") {
        found.push(local(function.has_layers));
    } else if function.variable("EMBEDDING_KEY_SECRET_ID").is_some()
        && !secrets.contains_key("EMBEDDING_KEY_SECRET_ID")
    {
        let what = "the embedding service was not tried: its key could not be read";
        return vec![
            warn(what, "see the secret of EMBEDDING_KEY_SECRET_ID above")
                .meaning("nobody knows whether it takes the key"),
        ];
    }
    let env = function.env();
    let mut read = env.reader();
    let settings = Settings::read(&mut read);
    let settings = match read.build(|| settings) {
        Ok(settings) => settings.services(),
        Err(error) => {
            found.push(
                fail(
                    error.to_string(),
                    "correct the parameters and deploy: docs/settings.md",
                )
                .meaning("no function that embeds starts"),
            );
            return found;
        }
    };
    match settings.build(&deployment.sdk) {
        Ok(embedders) => {
            for embedder in &embedders {
                found.push(try_out(embedder).await);
            }
        }
        Err(error) => found.push(fail(error.chain(), "report this").meaning(MEANS)),
    }
    found
}

fn local(has_layers: bool) -> Finding {
    if has_layers {
        return fine("the functions have the layer of their own model");
    }
    let next = "deploy the layer and name it: docs/deploy.md, step 4, the local model";
    fail("the model is local, and its layer is missing", next)
        .meaning("no function that embeds starts")
}

async fn try_out(embedder: &Embedder) -> Finding {
    let space = embedder.space();
    let name = format!("{} of {} numbers", space.name, space.dimensions);
    let text = [embedder.counted("hello")];
    let outcome = embedder.embed(&text, Instant::now() + PATIENCE).await;
    match outcome.into_iter().next() {
        Some(Ok(_)) => fine(format!("{name}: one word was embedded")),
        Some(Err(Failure::Refused(word))) => fail(
            format!("{name}: one word was answered, and is of no use ({word})"),
            "check EmbeddingModel and EmbeddingDimensions: docs/settings.md",
        )
        .meaning(MEANS),
        Some(Err(Failure::Failed(error))) => fail(
            format!("{name}: {}", error.chain()),
            "check the key, its quota, EmbeddingBaseUrl and EmbeddingModel: docs/runbooks.md#a-person-must-change-something",
        )
        .meaning(MEANS),
        None => fail(format!("{name}: there was no answer"), "report this").meaning(MEANS),
    }
}
