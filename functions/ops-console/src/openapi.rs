//! What the route takes and gives, for `docs/openapi.json`.
#![expect(
    dead_code,
    reason = "the attributes are read; nobody calls the function"
)]

use shared::http::openapi::Common;
use utoipa::OpenApi;

/// The routes of this function.
#[derive(OpenApi)]
#[openapi(paths(console), modifiers(&Common))]
pub struct Document;

/// The page that says what happened
///
/// For people: figures of the last hour and of the last 24 hours, pictures with their tables, failures with what to do. A browser, which
/// sends no key, opens it by a link that `cargo local console` makes: it carries `expires` and `signature`, and lives for an hour at most.
/// Where a key is sent, the key decides. Who asks for `text/html`, as browsers do, is told a problem as a page too.
#[utoipa::path(
    get,
    path = "/console",
    tag = "console",
    operation_id = "openConsole",
    params(
        ("expires" = Option<i64>, Query, description = "Of a link: the second since 1970 at which it ends."),
        ("signature" = Option<String>, Query, pattern = "^([0-9a-f]{64})?$", description = "Of a link: HMAC-SHA256 over the path and that second."),
    ),
    responses((status = 200, description = "The page", body = String, content_type = "text/html; charset=utf-8"), Problems),
    security(("api_key" = ["ops:read"]), ("api_key_bearer" = ["ops:read"])),
)]
fn console() {}

shared::route_problems! {
    Problems: [];
}
