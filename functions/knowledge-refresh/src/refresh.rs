//! The use case: a run that somebody asks for.

use std::time::Duration;

use serde::Serialize;
use shared::db::knowledge_runs;
use shared::domain::{CorrelationId, RunId, RunKind, RunState};
use shared::error::Error;
use shared::http::Query;
use shared::queue::KnowledgeMessage;

use crate::app::App;

/// The queue may not keep the caller waiting: the run is durable before the message is sent.
const QUEUE: Duration = Duration::from_secs(3);

/// What somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    kind: RunKind,
    accept_removals: bool,
}

/// What the caller holds to follow the run.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AcceptedRun))]
pub(crate) struct Accepted {
    run_id: RunId,
    kind: RunKind,
    state: RunState,
    status_url: String,
}

impl Wish {
    /// Reads the query.
    pub(crate) fn parse(query: &str) -> Result<Self, Error> {
        let mut query = Query::read(query);
        let mut flag = |name| query.take(name, "must be true or false").unwrap_or(false);
        let (is_full, accept_removals) = (flag("full_sync"), flag("accept_removals"));
        if accept_removals && !is_full {
            query.note(
                "accept_removals",
                "needs full_sync=true: other runs remove nothing",
            );
        }
        query.end()?;
        Ok(Self {
            kind: if is_full {
                RunKind::Full
            } else {
                RunKind::Incremental
            },
            accept_removals,
        })
    }
}

/// Queues the run, then wakes whoever works on runs. `base` is what stands before the routes in an address.
pub(crate) async fn refresh(
    app: &App,
    wish: Wish,
    base: &str,
    correlation_id: &CorrelationId,
) -> Result<Accepted, Error> {
    let run = RunId::generate();
    knowledge_runs::request(&app.database, run, wish.kind, wish.accept_removals).await?;
    if let Err(error) = wake(app, run, correlation_id).await {
        tracing::warn!(
            run.id = %run,
            error.kind = error.kind().as_str(),
            error = error.chain(),
            "nobody was woken for the run; the schedule finds it"
        );
    }
    Ok(Accepted {
        run_id: run,
        kind: wish.kind,
        state: RunState::Queued,
        status_url: format!("{base}/knowledge/runs/{run}"),
    })
}

async fn wake(app: &App, run: RunId, correlation_id: &CorrelationId) -> Result<(), Error> {
    let text = KnowledgeMessage::new(run).to_text()?;
    let sent = tokio::time::timeout(QUEUE, app.queue.send(text, correlation_id)).await;
    let message_id = sent.map_err(|late| Error::transient("SQS", late))??;
    tracing::info!(run.id = %run, queue.message_id = %message_id, "enqueued");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_read_or_refused() {
        let wish = |kind, accept_removals| Wish {
            kind,
            accept_removals,
        };
        for (query, expected) in [
            ("", Some(wish(RunKind::Incremental, false))),
            ("full_sync=false", Some(wish(RunKind::Incremental, false))),
            ("full_sync=true", Some(wish(RunKind::Full, false))),
            (
                "accept_removals=false",
                Some(wish(RunKind::Incremental, false)),
            ),
            ("accept_removals=true", None),
            ("full_sync=false&accept_removals=true", None),
            (
                "full_sync=true&accept_removals=true",
                Some(wish(RunKind::Full, true)),
            ),
            ("full_sync=1", None),
            ("fullSync=true", None),
        ] {
            assert_eq!(Wish::parse(query).ok(), expected, "{query}");
        }
    }
}
