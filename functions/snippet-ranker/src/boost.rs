//! The use case: what clicks taught about a snippet.

use jiff::Timestamp;
use serde::Serialize;
use shared::db::snippet_boosts;
use shared::domain::SnippetId;
use shared::error::Error;
use shared::ranking::{Explanation, LearningMode};

use crate::app::App;

/// The boost of a snippet.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SnippetBoost))]
pub(crate) struct Boost {
    snippet_id: SnippetId,
    /// Whether boosts count.
    mode: LearningMode,
    /// What its score is multiplied by, where they do. It is 1 where nothing was learned.
    boost: f64,
    /// How it came about.
    explanation: Option<Explanation>,
    computed_at: Option<Timestamp>,
}

/// Tells the boost of a snippet.
pub(crate) async fn boost(app: &App, snippet: SnippetId) -> Result<Boost, Error> {
    let stored = snippet_boosts::fetch(&app.database, &snippet).await?;
    let (boost, explanation, computed_at) = match stored {
        Some(stored) => {
            let learned = stored.learned;
            let explanation = Some(learned.explanation);
            (learned.boost, explanation, Some(stored.computed_at))
        }
        None => (1.0, None, None),
    };
    Ok(Boost {
        snippet_id: snippet,
        mode: app.mode,
        boost,
        explanation,
        computed_at,
    })
}
