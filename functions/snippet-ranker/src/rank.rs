//! The use case: snippets are ordered, and the agent sees them so.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::value::{RawValue, to_raw_value};
use shared::db::ranking::{Accepted, NewOrder, Order, State, accept};
use shared::db::snippet_boosts::fetch_boosts;
use shared::domain::{CallbackUrl, SessionId, SnippetId};
use shared::error::Error;
use shared::json;
use shared::ranking::{LearningMode, RankingRequest, rank as order};
use tokio::time::Instant;

use crate::answer::{Answer, Lessons, answer};
use crate::app::App;
use crate::drive::drive;
use crate::settle::{Problem, conflict};

/// Since when somebody waits for an order, and until when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) started: Instant,
    pub(crate) until: Instant,
}

impl Clock {
    pub(crate) fn until(until: Instant) -> Self {
        let started = Instant::now();
        Self { started, until }
    }

    /// Whether something that takes so long still fits.
    pub(crate) fn allows(&self, span: Duration) -> bool {
        Instant::now() + span < self.until
    }
}

/// Orders the snippets of a session.
pub(crate) async fn rank(
    app: &App,
    session: &SessionId,
    key: Option<&str>,
    body: &[u8],
    clock: Clock,
) -> Result<Answer, Error> {
    let request = RankingRequest::parse(session, body)?;
    check_callback(app, &request)?;
    if let Some(lack) = &app.lack {
        return Err(Error::misconfigured(format!("CXONE_PROFILE: {lack}")));
    }
    let lessons = learned(app, &request).await?;
    let counts = lessons.mode == LearningMode::On;
    let learned = |snippet: &SnippetId| match lessons.boosts.get(snippet.as_str()) {
        Some(boost) if counts => *boost,
        _ => 1.0,
    };
    let expected_version = request.expected_version;
    let callback_url = request.callback_url.clone();
    let ranking = written(&order(request, learned))?;
    let learning = written(&lessons)?;
    let new = NewOrder {
        session,
        idempotency_key: key,
        request_hash: json::digest(body)?,
        expected_version,
        ranking: &ranking,
        learning: &learning,
        callback_url: callback_url.as_ref().map(CallbackUrl::as_str),
    };
    let erasure_key = app.erasure_key.get(Timestamp::now()).await?;
    let (order, lease) = match accept(&app.database, &erasure_key, &new).await? {
        Accepted::New(version, lease) => (accepted(&new, version), lease),
        Accepted::Known(order) => (order, None),
        Accepted::Other => {
            return Err(conflict("the idempotency key was used for another request"));
        }
        Accepted::Moved(version) => {
            let what = format!("the session is at version {version}, not at the expected one");
            return Err(Error::Conflict(what));
        }
        Accepted::Erased => return Err(conflict("the session was erased")),
    };
    let ended = drive(app, &order, lease, clock).await?;
    match ended.state {
        State::Posted => answer(&order, &ended.audit),
        _ => Err(Problem::read(ended.problem.as_deref())),
    }
}

/// An address that we would never call is refused at once.
fn check_callback(app: &App, request: &RankingRequest) -> Result<(), Error> {
    let Some(url) = &request.callback_url else {
        return Ok(());
    };
    let checked = app.callbacks.rules.check(url.as_url());
    checked.map_err(|_| Error::invalid("/callback_url", "must lead to a public server"))
}

/// What was learned of the snippets that are to be ordered.
async fn learned(app: &App, request: &RankingRequest) -> Result<Lessons, Error> {
    let mode = app.mode;
    if mode == LearningMode::Off {
        let boosts = BTreeMap::new();
        return Ok(Lessons { mode, boosts });
    }
    let snippets = request.snippets.iter();
    let snippets: Vec<_> = snippets.map(|one| one.snippet_id.as_str()).collect();
    let boosts = fetch_boosts(&app.database, &snippets).await?;
    let boosts = boosts.into_iter().collect();
    Ok(Lessons { mode, boosts })
}

fn written(value: &impl serde::Serialize) -> Result<Box<RawValue>, Error> {
    to_raw_value(value).map_err(|error| Error::Bug {
        what: "an order cannot be written",
        source: Some(error.into()),
    })
}

fn accepted(new: &NewOrder<'_>, version: i64) -> Order {
    Order {
        session: new.session.clone(),
        version,
        ranking: new.ranking.to_owned(),
        learning: new.learning.to_owned(),
        callback_url: new.callback_url.map(str::to_owned),
    }
}
