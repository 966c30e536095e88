//! What the simulator can play. A new capability is a module with a `router()` and one line in [`CAPABILITIES`].

use axum::Router;

use crate::{
    assist, discovery, elasticsearch, embeddings, knowledge, ranking, stream, token_routes,
    transcripts, world::Shared,
};

/// The name of the capability that hands out tokens; its request bodies carry secrets.
pub(crate) const TOKENS: &str = "tokens";
/// The name of the embedding provider, whose errors have a shape of their own.
pub(crate) const EMBEDDINGS: &str = "embeddings";

/// One part of CXone (or the embedding provider): the name that fault rules may use, its path prefixes, its routes.
pub(crate) struct Capability {
    /// The name a fault rule may give instead of a path.
    pub(crate) name: &'static str,
    /// The path prefixes that belong to it.
    prefixes: &'static [&'static str],
    router: fn() -> Router<Shared>,
}

/// Every capability, in the order in which a path is looked up.
pub(crate) const CAPABILITIES: &[Capability] = &[
    Capability {
        name: TOKENS,
        prefixes: token_routes::PREFIXES,
        router: token_routes::router,
    },
    Capability {
        name: "discovery",
        prefixes: &["/.well-known/"],
        router: discovery::router,
    },
    Capability {
        name: EMBEDDINGS,
        prefixes: &["/v1/embeddings"],
        router: embeddings::router,
    },
    Capability {
        name: "knowledge",
        prefixes: &["/api/v2/knowledge/"],
        router: knowledge::router,
    },
    Capability {
        name: "assist",
        prefixes: &[assist::PREFIX],
        router: assist::router,
    },
    Capability {
        name: "ranking",
        prefixes: &[ranking::PREFIX],
        router: ranking::router,
    },
    Capability {
        name: "transcripts",
        prefixes: &[transcripts::PATH],
        router: transcripts::router,
    },
    Capability {
        name: "stream",
        prefixes: &[stream::PATH, stream::NOTICES_PATH],
        router: stream::router,
    },
    Capability {
        name: "elasticsearch",
        prefixes: &[elasticsearch::PREFIX],
        router: elasticsearch::router,
    },
];

/// The routes of all capabilities.
pub(crate) fn router() -> Router<Shared> {
    CAPABILITIES.iter().fold(Router::new(), |all, capability| {
        all.merge((capability.router)())
    })
}

/// The capability that a path belongs to.
pub(crate) fn of_path(path: &str) -> Option<&'static str> {
    CAPABILITIES
        .iter()
        .find(|it| it.prefixes.iter().any(|prefix| path.starts_with(prefix)))
        .map(|it| it.name)
}
