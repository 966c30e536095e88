//! What the routes take and give, for `docs/openapi.json`.
#![expect(
    dead_code,
    reason = "the attributes are read; nobody calls the functions"
)]

use shared::db::conversations::StoredConversation;
use shared::domain::ConversationId;
use shared::domain::query::{ConversationQuery, KnowledgeQuery};
use shared::http::openapi::{Common, body};
use shared::search::answer::{ConversationAnswer, KnowledgeAnswer};
use utoipa::OpenApi;

/// The routes of this function.
#[derive(OpenApi)]
#[openapi(paths(knowledge, conversations, conversation), modifiers(&Common))]
pub struct Document;

/// Search in articles
///
/// By meaning and by words at once. Passages are grouped to articles, each with its best one. A cursor serves until the knowledge
/// changes; then it is 409, and the question is asked anew.
#[utoipa::path(
    post,
    path = "/search/knowledge",
    tag = "search",
    operation_id = "searchKnowledge",
    request_body(content = KnowledgeQuery, example = json!(body(include_str!("../../../events/search.knowledge.json")))),
    responses((status = 200, description = "The best articles", body = KnowledgeAnswer), SearchProblems),
    security(("api_key" = ["search:read"]), ("api_key_bearer" = ["search:read"])),
)]
fn knowledge() {}

/// Search in conversations
///
/// By meaning and by words at once.
#[utoipa::path(
    post,
    path = "/search/conversations",
    tag = "search",
    operation_id = "searchConversations",
    request_body(content = ConversationQuery, example = json!(body(include_str!("../../../events/search.conversations.json")))),
    responses((status = 200, description = "The best passages", body = ConversationAnswer), SearchProblems),
    security(("api_key" = ["conversations:read"]), ("api_key_bearer" = ["conversations:read"])),
)]
fn conversations() {}

/// What is stored of a conversation
#[utoipa::path(
    get,
    path = "/conversations/{id}",
    tag = "search",
    operation_id = "tellConversation",
    params(("id" = ConversationId, Path, description = "The conversation, as CXone names it.")),
    responses((status = 200, description = "Its events and what became of them", body = StoredConversation), TellProblems),
    security(("api_key" = ["conversations:read"]), ("api_key_bearer" = ["conversations:read"])),
)]
fn conversation() {}

shared::route_problems! {
    SearchProblems: [Conflict, TooLarge];
    TellProblems: [NotFound];
}
