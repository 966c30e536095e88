//! What the routes take and give, for `docs/openapi.json`.
#![expect(
    dead_code,
    reason = "the attributes are read; nobody calls the functions"
)]

use shared::domain::{SessionId, SnippetId};
use shared::http::openapi::{Common, body};
use shared::ranking::{Click, RankingRequest};
use utoipa::OpenApi;

use crate::answer::Answer;
use crate::boost::Boost;
use crate::click::Noted;
use crate::metrics::Metrics;

/// The routes of this function.
#[derive(OpenApi)]
#[openapi(paths(ranking, clicks, boost, metrics), modifiers(&Common))]
pub struct Document;

/// Order the snippets of a session
///
/// The newest order is what the agent sees: one that still waits gives way to it and is 409. A session that is locked is waited for; if it
/// stays locked, 503. A score times its boost stays within 0 and 1, because all are divided by the largest product.
#[utoipa::path(
    post,
    path = "/assist/sessions/{session_id}/ranking",
    tag = "assist",
    operation_id = "rankSnippets",
    params(
        ("session_id" = SessionId, Path, description = "The session, as CXone names it."),
        ("idempotency-key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
            description = "A repeat under the same key gets the same answer; another body under it is 409."),
    ),
    request_body(content = RankingRequest, example = json!(body(include_str!("../../../events/snippet-ranker.ranking.json")))),
    responses((status = 200, description = "The agent sees it", body = Answer), RankingProblems),
    security(("api_key" = ["assist:write"]), ("api_key_bearer" = ["assist:write"])),
)]
fn ranking() {}

/// Say what an agent did with a snippet
///
/// Once for each session, snippet, place and action. A snippet that is not known to have been shown there is taken, and marked.
#[utoipa::path(
    post,
    path = "/assist/sessions/{session_id}/clicks",
    tag = "assist",
    operation_id = "recordClick",
    params(("session_id" = SessionId, Path, description = "The session, as CXone names it.")),
    request_body(content = Click, example = json!(body(include_str!("../../../events/snippet-ranker.click.json")))),
    responses(
        (status = 201, description = "It is recorded", body = Noted),
        (status = 200, description = "It was known", body = Noted),
        ClickProblems,
    ),
    security(("api_key" = ["assist:write"]), ("api_key_bearer" = ["assist:write"])),
)]
fn clicks() {}

/// What clicks taught about a snippet
#[utoipa::path(
    get,
    path = "/assist/snippets/{snippet_id}/boost",
    tag = "assist",
    operation_id = "explainBoost",
    params(("snippet_id" = SnippetId, Path, description = "The snippet, as it was ranked.")),
    responses((status = 200, description = "Its boost, 1 if nothing was learned", body = Boost), Problems),
    security(("api_key" = ["assist:read"]), ("api_key_bearer" = ["assist:read"])),
)]
fn boost() {}

/// How ranking did
///
/// In the last 24 hours, or in another span: either `window`, or `from` and `to`.
#[utoipa::path(
    get,
    path = "/assist/metrics",
    tag = "assist",
    operation_id = "tellAssistMetrics",
    params(
        ("window" = Option<String>, Query, pattern = "^(1h|24h|7d|30d)?$", description = "A span that ends now."),
        ("from" = Option<Timestamp>, Query, description = "The first instant of a span, which is no longer than 90 days."),
        ("to" = Option<Timestamp>, Query, description = "The first instant after it; without, now."),
    ),
    responses((status = 200, description = "What happened", body = Metrics), Problems),
    security(("api_key" = ["assist:read"]), ("api_key_bearer" = ["assist:read"])),
)]
fn metrics() {}

shared::route_problems! {
    RankingProblems: [Conflict, NotFound, Refused, TooLarge];
    ClickProblems: [Conflict, TooLarge];
    Problems: [];
}
