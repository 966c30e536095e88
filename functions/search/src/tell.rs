//! The use case: what is stored of a conversation.

use shared::db::conversations::{self, StoredConversation};
use shared::domain::ConversationId;
use shared::error::Error;
use shared::http::path_segment;

use crate::app::App;

/// Tells it. Nothing is stored of a conversation that was erased.
pub(crate) async fn tell(app: &App, name: &str) -> Result<StoredConversation, Error> {
    let conversation = path_segment(name, "/path/id", |id| ConversationId::parse(id))?;
    let stored = conversations::fetch(app.retriever.database(), &conversation).await?;
    stored.ok_or(Error::NotFound)
}
