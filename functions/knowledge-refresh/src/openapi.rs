//! What the routes take and give, for `docs/openapi.json`.
#![expect(
    dead_code,
    reason = "the attributes are read; nobody calls the functions"
)]

use shared::domain::RunId;
use shared::http::openapi::Common;
use utoipa::OpenApi;

use crate::follow::Report;
use crate::refresh::Accepted;

/// The routes of this function.
#[derive(OpenApi)]
#[openapi(paths(refresh, follow), modifiers(&Common))]
pub struct Document;

/// Ask for a run of the knowledge sync
///
/// The run is durable before the answer. One too many finds nothing to do.
#[utoipa::path(
    post,
    path = "/knowledge/refresh",
    tag = "knowledge",
    operation_id = "refreshKnowledge",
    params(
        ("full_sync" = Option<bool>, Query, description = "Make every article anew, without a gap in search."),
        ("accept_removals" = Option<bool>, Query, description = "Remove even more articles than the guard lets go. Only with `full_sync=true`: other runs remove nothing."),
    ),
    responses(
        (status = 202, description = "The run waits", body = Accepted, links(
            ("run" = (operation_id = "followRun", parameters(("id" = "$response.body#/run_id")))),
        )),
        RefreshProblems,
    ),
    security(("api_key" = ["knowledge:refresh"]), ("api_key_bearer" = ["knowledge:refresh"])),
)]
fn refresh() {}

/// Follow a run
///
/// Its state, what it did article by article, the conflicts that are open and the links that are broken now.
#[utoipa::path(
    get,
    path = "/knowledge/runs/{id}",
    tag = "knowledge",
    operation_id = "followRun",
    params(
        ("id" = RunId, Path, description = "The run, as the refresh named it."),
        ("after" = Option<i64>, Query, description = "Changes after this one, as `next` says."),
        ("conflicts_after" = Option<i64>, Query, description = "Conflicts after this one, as `next` says."),
    ),
    responses((status = 200, description = "A page of the run's report", body = Report), FollowProblems),
    security(("api_key" = ["knowledge:refresh"]), ("api_key_bearer" = ["knowledge:refresh"])),
)]
fn follow() {}

shared::route_problems! {
    RefreshProblems: [];
    FollowProblems: [NotFound];
}
