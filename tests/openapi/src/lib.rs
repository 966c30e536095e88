//! What the HTTP functions promise, generated from their types: `docs/openapi.json`.

use utoipa::OpenApi as _;
use utoipa::openapi::{InfoBuilder, OpenApi, PathsBuilder};

/// Where the document stands in the repository.
pub const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

const ABOUT: &str = "A contact centre as searchable memory. Every failure is problem+json; a body that breaks rules is told all of them \
     at once. An unknown path is 404, an unknown method 405. `x-correlation-id` may be sent, and comes back with every answer.";

/// The document, as it is committed.
pub fn document() -> serde_json::Result<String> {
    let info = InfoBuilder::new()
        .title("CXone Memory")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT));
    let mut whole = OpenApi::new(info.build(), PathsBuilder::new());
    whole.merge(data_action_webhook::Document::openapi());
    whole.merge(knowledge_refresh::Document::openapi());
    whole.merge(ops_console::Document::openapi());
    whole.merge(search::Document::openapi());
    whole.merge(snippet_ranker::Document::openapi());
    whole.merge(transcript_intake::Document::openapi());
    Ok(whole.to_pretty_json()? + "\n")
}
