//! The blocks of words are kept few where there is time for it; nobody waits for it, and nothing fails for it.

use std::time::Duration;

use shared::db::words::{self, WordSpace};
use shared::deadline::{earlier, in_time};
use tokio::time::Instant;

use crate::app::{App, Model};

/// Kept back from the end: a fold that was begun takes less.
const FOLD: Duration = Duration::from_secs(3);

/// Tends the words of every configured model.
pub(crate) async fn tend(app: &App, until: Instant) {
    for model in &app.models {
        tend_model(app, model, until).await;
    }
}

/// Tends the words of a model.
pub(crate) async fn tend_model(app: &App, model: &Model, until: Instant) {
    let work = async {
        let space = WordSpace::Conversations(model.id.get().await?);
        words::tend(&app.database, space, earlier(until, FOLD)).await
    };
    if let Err(error) = in_time(until, work).await {
        tracing::warn!(
            error.kind = error.kind().as_str(),
            error = error.chain(),
            "words were not folded; another invocation does it"
        );
    }
}
