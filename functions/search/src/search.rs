//! The use case: a question is parsed, and both legs answer it.

use std::time::Duration;

use shared::domain::query::{ConversationQuery, KnowledgeQuery};
use shared::error::Error;
use shared::search::answer::{ConversationAnswer, KnowledgeAnswer};
use tokio::time::Instant;

use crate::app::App;

/// The provider may not keep the caller waiting: without the question's vector words are searched.
const VECTOR: Duration = Duration::from_secs(4);

/// Searches in articles.
pub(crate) async fn search_knowledge(app: &App, body: &[u8]) -> Result<KnowledgeAnswer, Error> {
    let query = KnowledgeQuery::parse(body)?;
    // Boxed, because the type of this future is too deep for the compiler otherwise.
    let found = Box::pin(app.retriever.knowledge(&query, Instant::now() + VECTOR)).await?;
    let lacks_vector = found.vector_unavailable;
    log(app, query.query.as_str(), found.results.len(), lacks_vector);
    Ok(found)
}

/// Searches in conversations.
pub(crate) async fn search_conversations(
    app: &App,
    body: &[u8],
) -> Result<ConversationAnswer, Error> {
    let query = ConversationQuery::parse(body)?;
    let found = app.retriever.conversations(&query, Instant::now() + VECTOR);
    let found = Box::pin(found).await?;
    let lacks_vector = found.vector_unavailable;
    log(app, query.query.as_str(), found.results.len(), lacks_vector);
    Ok(found)
}

/// Never the question: people search for names. Where the policy keeps it from the service, nothing is wrong.
fn log(app: &App, question: &str, results: usize, lacks_vector: bool) {
    let is_withheld = lacks_vector && app.retriever.withholds(question);
    let is_without_vector = lacks_vector && !is_withheld;
    tracing::info!(results, is_withheld, is_without_vector, "searched");
}
