//! What the routes take and give, for `docs/openapi.json`.
#![expect(
    dead_code,
    reason = "the attributes are read; nobody calls the functions"
)]

use shared::db::transcripts::{Metrics, Transcript};
use shared::domain::TranscriptId;
use shared::http::openapi::{Common, body};
use shared::injection::Intake;
use utoipa::OpenApi;

use crate::take_in::Accepted;

/// The routes of this function.
#[derive(OpenApi)]
#[openapi(paths(take_in, transcript, metrics), modifiers(&Common))]
pub struct Document;

/// Hand in a transcript
///
/// It is stored before the answer, byte for byte as CXone gets it, and injected at the tenant's pace: one interaction's transcripts one
/// after the other. Transcripts of an interaction that was erased are 409.
#[utoipa::path(
    post,
    path = "/transcripts",
    tag = "transcripts",
    operation_id = "injectTranscript",
    params(
        ("idempotency-key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
            description = "A repeat under the same key gets the same answer; another body under it is 409. Without a key the body's content is it: \
                sent again, it is the same transcript."),
    ),
    request_body(content = Intake, example = json!(body(include_str!("../../../events/transcript-intake.json")))),
    responses(
        (status = 202, description = "It waits", body = Accepted, links(
            ("transcript" = (operation_id = "tellTranscript", parameters(("id" = "$response.body#/id")))),
        )),
        IntakeProblems,
    ),
    security(("api_key" = ["transcripts:write"]), ("api_key_bearer" = ["transcripts:write"])),
)]
fn take_in() {}

/// What became of a transcript
#[utoipa::path(
    get,
    path = "/transcripts/{id}",
    tag = "transcripts",
    operation_id = "tellTranscript",
    params(("id" = TranscriptId, Path, description = "The transcript, as the intake named it.")),
    responses((status = 200, description = "How far each of its parts is", body = Transcript), TranscriptProblems),
    security(("api_key" = ["transcripts:read"]), ("api_key_bearer" = ["transcripts:read"])),
)]
fn transcript() {}

/// How injection did
#[utoipa::path(
    get,
    path = "/transcripts/metrics",
    tag = "transcripts",
    operation_id = "tellTranscriptMetrics",
    responses((status = 200, description = "What became of everything that is kept", body = Metrics), Problems),
    security(("api_key" = ["transcripts:read"]), ("api_key_bearer" = ["transcripts:read"])),
)]
fn metrics() {}

shared::route_problems! {
    IntakeProblems: [Conflict, TooLarge];
    TranscriptProblems: [NotFound];
    Problems: [];
}
