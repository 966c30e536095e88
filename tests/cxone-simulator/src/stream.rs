//! `/api/v2/interactions/events`: the stream of interactions, a WebSocket. Every frame holds all that was said in an interaction. `notices` is
//! the same conversations by NICE's own notification socket.

mod control;
mod hand;
mod notices;
mod play;
mod saying;
mod store;
mod trouble;

use axum::{
    Router,
    extract::{State, WebSocketUpgrade},
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::world::Shared;
pub(crate) use control::router as control_router;
pub use hand::Stream;
pub(crate) use notices::PATH as NOTICES_PATH;
pub(crate) use store::Store;
pub use trouble::StreamTrouble;

/// Where it is.
pub(crate) const PATH: &str = "/api/v2/interactions/events";
/// What a token needs.
const SCOPE: &str = "interactions:read";

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route(PATH, get(open))
        .route(NOTICES_PATH, get(notices::open))
}

async fn open(
    State(world): State<Shared>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if let Err(refusal) = world.authorise(&headers, SCOPE) {
        return refusal.into_response();
    }
    // From here on it hears everything, also what is said before the connection is a WebSocket.
    let frames = world.stream.listen();
    upgrade.on_upgrade(|socket| play::play(socket, frames, world))
}
