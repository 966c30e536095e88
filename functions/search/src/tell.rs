//! The use case: what is stored of a conversation.

use shared::auth::Caller;
use shared::db::conversations::{self, StoredConversation};
use shared::domain::ConversationId;
use shared::error::Error;
use shared::http::path_segment;

use crate::app::App;

/// Tells it, and the log by whom it was read. Nothing is stored of a conversation that was erased.
pub(crate) async fn tell(
    app: &App,
    caller: &Caller,
    name: &str,
) -> Result<StoredConversation, Error> {
    let conversation = path_segment(name, "/path/id", ConversationId::parse)?;
    let stored = conversations::fetch(app.retriever.database(), &conversation).await?;
    let stored = stored.ok_or(Error::NotFound)?;
    tracing::info!(key.id = caller.key_id(), conversation.id = %conversation, "told a conversation");
    Ok(stored)
}
