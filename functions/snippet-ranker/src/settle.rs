//! The end of an order is written down, whatever it is.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use shared::db::assist_impressions::Impression;
use shared::db::ranking::{Ended, Ending, Lease, Order, State, finish};
use shared::error::Error;
use shared::ranking::Ranking;
use shared::retry::insist;
use tokio::time::Instant;

use crate::answer::Audit;
use crate::app::App;

/// What became of an order.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The agent sees it.
    Posted,
    /// A newer one took its place.
    Superseded(i64),
    /// CXone does not take it.
    Failed { status: u16, problem: Problem },
    /// The session was locked for longer than is waited for. When it may be asked for again.
    Locked(Duration),
    /// It was not confirmed until the time was up. When it may be asked for again.
    Unknown(Duration),
}

/// The right to end an order, and how sure it is what was posted under it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grip {
    pub(crate) lease: Lease,
    /// Whether a try was made of which nobody knows what became: it may arrive late, behind a newer order.
    pub(crate) is_in_doubt: bool,
}

/// Why CXone does not take an order, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Problem {
    is_missing: bool,
    detail: String,
}

impl Outcome {
    fn state(&self) -> State {
        match self {
            Self::Posted => State::Posted,
            Self::Superseded(_) => State::Superseded,
            Self::Failed { .. } => State::Failed,
            Self::Locked(_) => State::Locked,
            Self::Unknown(_) => State::Unknown,
        }
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Posted => Some(200),
            Self::Locked(_) => Some(409),
            Self::Failed { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// What whoever waits for the order is told, unless it was posted.
    pub(crate) fn into_error(self) -> Error {
        let later = |retry_after, why: &'static str| Error::Transient {
            what: "posting the order",
            retry_after,
            source: why.into(),
        };
        match self {
            Self::Superseded(newest) => Error::Conflict(format!(
                "a newer order of this session, version {newest}, took its place"
            )),
            Self::Failed { problem, .. } => problem.into_error(),
            Self::Locked(retry_after) => later(retry_after, "the session is locked"),
            Self::Unknown(retry_after) => later(retry_after, "CXone did not confirm it"),
            Self::Posted => Error::Bug {
                what: "an order that was posted is no error",
                source: None,
            },
        }
    }
}

impl Problem {
    /// What CXone said.
    pub(crate) fn of(status: u16, why: Option<String>) -> Self {
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        Self {
            is_missing: status == 404,
            detail: format!("CXone does not take the order (HTTP {status}){why}"),
        }
    }

    /// The engine fails again and again, and the scores lie far apart.
    pub(crate) fn far() -> Self {
        Self {
            is_missing: false,
            detail: "CXone's engine fails on the order (HTTP 500), probably because its scores lie too far apart: send it with \
                     normalization min-max, or with boosts nearer to each other"
                .to_owned(),
        }
    }

    /// What was stored of it.
    pub(crate) fn read(stored: Option<&RawValue>) -> Error {
        let problem = stored.and_then(|stored| serde_json::from_str::<Self>(stored.get()).ok());
        problem.map_or_else(
            || Error::misconfigured("a stored order does not say why it failed"),
            Self::into_error,
        )
    }

    fn into_error(self) -> Error {
        if self.is_missing {
            Error::NotFound
        } else {
            Error::Refused(self.detail)
        }
    }
}

/// The state of things forbids it.
pub(crate) fn conflict(what: &str) -> Error {
    Error::Conflict(what.to_owned())
}

/// Ends an order; none if the lease was lost before that could be written down.
pub(crate) async fn settle(
    app: &App,
    order: &Order,
    grip: Option<Grip>,
    outcome: &Outcome,
    started: Instant,
) -> Result<Option<Ended>, Error> {
    let key = app.erasure_key.get(Timestamp::now()).await?;
    let latency_ms = started.elapsed().as_secs_f64() * 1_000.0;
    let is_in_doubt = grip.is_some_and(|grip| grip.is_in_doubt);
    let lease = grip.map(|grip| grip.lease);
    let ending = ending(order, outcome, latency_ms, is_in_doubt)?;
    match insist(|| finish(&app.database, &key, order, lease, &ending)).await {
        Ok(()) => {}
        // The answer to a commit may have been lost: then the lease is found to be gone.
        Err(Error::Conflict(_)) => return Ok(None),
        Err(error) => return Err(error),
    }
    let state = ending.state;
    tracing::info!(
        version = order.version,
        state = state.as_str(),
        order_ms = latency_ms,
        "an order has ended"
    );
    let raw = |value| to_raw_value(value).unwrap_or_default();
    Ok(Some(Ended {
        state,
        audit: raw(&ending.audit),
        problem: ending.problem.as_ref().map(raw),
    }))
}

fn ending<'a>(
    order: &'a Order,
    outcome: &Outcome,
    latency_ms: f64,
    is_in_doubt: bool,
) -> Result<Ending<'a>, Error> {
    let state = outcome.state();
    let audit = Audit::of(order, state, latency_ms)?;
    let is_posted = state == State::Posted;
    let url = order.callback_url.as_deref().filter(|_| is_posted);
    let problem = match outcome {
        Outcome::Failed { problem, .. } => Some(json(problem)?),
        _ => None,
    };
    Ok(Ending {
        state,
        status: outcome.status(),
        latency_ms,
        callback: url.map(|url| (url, audit.tell(order))),
        audit: json(&audit)?,
        problem,
        shown: if is_posted { shown(order) } else { Vec::new() },
        is_in_doubt,
    })
}

fn json(value: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| Error::Bug {
        what: "the end of an order cannot be written",
        source: Some(error.into()),
    })
}

fn shown(order: &Order) -> Vec<Impression> {
    let ranking = serde_json::from_str::<Ranking>(order.ranking.get());
    let snippets = ranking.map(|ranking| ranking.snippets).unwrap_or_default();
    let impression = |(snippet, position)| {
        let shared::ranking::Ranked {
            snippet_id: snippet,
            relevance_score: score,
            ..
        } = snippet;
        Impression {
            snippet,
            position,
            score,
        }
    };
    snippets.into_iter().zip(1..).map(impression).collect()
}
