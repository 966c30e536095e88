//! The only file that knows Lambda's events: a gateway event in, a gateway answer out; or a task.

use std::time::Duration;

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use shared::auth::Scope;
use shared::deadline::until;
use shared::domain::{SessionId, SnippetId};
use shared::error::Error;
use shared::http::{Request, Response, admit, answer, idempotency_key, path_segment, reply};
use shared::task::{RouteAnswer, RouteEvent};
use tokio::time::Instant;

use crate::app::App;
use crate::boost::boost;
use crate::click::click;
use crate::metrics::metrics;
use crate::rank::{Clock, rank};
use crate::tick::{Report, tick};

/// A caller waits for no longer: the gateway gives up after 30 s.
const LONGEST: Duration = Duration::from_secs(25);
/// Kept back from the deadline, so that what became of an order is written down, and an answer still goes out.
const SPARE: Duration = Duration::from_secs(2);

/// What this function answers.
pub type Answer = RouteAnswer<Report>;

/// Answers one event. A request never fails: every failure is an answer.
pub async fn handle(app: &App, event: LambdaEvent<RouteEvent>) -> Result<Answer, Diagnostic> {
    let deadline = event.context.deadline;
    let until = until(deadline, SPARE);
    match event.payload {
        RouteEvent::Http(event) => {
            let until = until.min(Instant::now() + LONGEST);
            let work = async |request, now| route(app, request, now, until).await;
            let answer = answer(*event, deadline, work).await;
            Ok(Answer::Http(answer))
        }
        RouteEvent::Direct(task) => {
            task.must_be("tick")?;
            // Boxed, because the type of this future is too deep for the compiler otherwise.
            let ticked = Box::pin(tick(app, until)).await;
            ticked.map(Answer::Direct).map_err(Diagnostic::from)
        }
    }
}

/// A route. A custom domain or a stage may put a prefix before it.
enum Route<'a> {
    Ranking { session: &'a str },
    Clicks { session: &'a str },
    Boost { snippet: &'a str },
    Metrics,
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Option<Self> {
        if path.ends_with("/assist/metrics") {
            return Some(Self::Metrics);
        }
        let (rest, last) = path.rsplit_once('/')?;
        let (rest, name) = rest.rsplit_once('/')?;
        let is_of = |parent: &str| rest.ends_with(parent) && !name.is_empty();
        match last {
            "ranking" if is_of("/assist/sessions") => Some(Self::Ranking { session: name }),
            "clicks" if is_of("/assist/sessions") => Some(Self::Clicks { session: name }),
            "boost" if is_of("/assist/snippets") => Some(Self::Boost { snippet: name }),
            _ => None,
        }
    }

    fn method(&self) -> &'static str {
        match self {
            Self::Ranking { .. } | Self::Clicks { .. } => "POST",
            Self::Boost { .. } | Self::Metrics => "GET",
        }
    }

    fn scope(&self) -> Scope {
        match self {
            Self::Ranking { .. } | Self::Clicks { .. } => Scope::AssistWrite,
            Self::Boost { .. } | Self::Metrics => Scope::AssistRead,
        }
    }
}

async fn route(
    app: &App,
    request: Request,
    now: Timestamp,
    until: Instant,
) -> Result<Response, Error> {
    let clock = Clock::until(until);
    let route = Route::of(&request.path).ok_or(Error::NotFound)?;
    if request.method != route.method() {
        return Err(Error::MethodNotAllowed(route.method()));
    }
    admit(&app.keys, route.scope(), &request.headers, now).await?;
    let (body, id) = (&request.body, &request.correlation_id);
    match route {
        Route::Ranking { session } => {
            let session = path_segment(session, "/path/session_id", SessionId::parse)?;
            let key = idempotency_key(&request.headers)?;
            let ranked = rank(app, &session, key, body, clock).await?;
            Ok(reply(200, &ranked, id))
        }
        Route::Clicks { session } => {
            let session = path_segment(session, "/path/session_id", SessionId::parse)?;
            let (is_new, noted) = click(app, &session, body).await?;
            Ok(reply(if is_new { 201 } else { 200 }, &noted, id))
        }
        Route::Boost { snippet } => {
            let snippet = path_segment(snippet, "/path/snippet_id", SnippetId::parse)?;
            Ok(reply(200, &boost(app, snippet).await?, id))
        }
        Route::Metrics => Ok(reply(200, &metrics(app, &request.query, now).await?, id)),
    }
}
