//! The only file that knows Lambda's events: a gateway event in, a gateway answer out; or lines.

use std::time::Duration;

use jiff::Timestamp;
use lambda_runtime::{Error as LambdaError, LambdaEvent};
use serde::Deserialize;
use shared::auth::Scope;
use shared::db::transcripts::{fetch, fetch_metrics};
use shared::deadline::until;
use shared::domain::TranscriptId;
use shared::error::Error;
use shared::http::{Request, Response, admit, answer, idempotency_key, path_segment, reply};
use shared::injection::content_key;
use shared::task::{RouteAnswer, RouteEvent};

use crate::app::App;
use crate::lines::{Settled, take_in_lines};
use crate::take_in::take_in;

/// Kept back from the deadline, so that the line in hand is settled and all are answered.
const SPARE: Duration = Duration::from_secs(3);

/// Many transcripts at once, from somebody who may invoke this function.
#[derive(Deserialize)]
pub struct Lines {
    /// A transcript in each line, as `POST /transcripts` takes it.
    lines: String,
}

/// What this function answers.
pub type Answer = RouteAnswer<Settled>;

/// Answers one event. It never fails: every failure is an answer.
pub async fn handle(
    app: &App,
    event: LambdaEvent<RouteEvent<Lines>>,
) -> Result<Answer, LambdaError> {
    let deadline = event.context.deadline;
    match event.payload {
        RouteEvent::Http(event) => {
            let work = async |request, now| route(app, request, now).await;
            Ok(Answer::Http(answer(*event, deadline, work).await))
        }
        RouteEvent::Direct(Lines { lines }) => {
            // Boxed, because the type of this future is too deep for the compiler otherwise.
            let settled = Box::pin(take_in_lines(app, &lines, until(deadline, SPARE)));
            Ok(Answer::Direct(settled.await))
        }
    }
}

/// A route. A custom domain or a stage may put a prefix before it.
enum Route<'a> {
    Transcripts,
    Metrics,
    Transcript { id: &'a str },
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Option<Self> {
        if path.ends_with("/transcripts") {
            return Some(Self::Transcripts);
        }
        let (before, last) = path.rsplit_once('/')?;
        match last {
            _ if !before.ends_with("/transcripts") => None,
            "" => None,
            "metrics" => Some(Self::Metrics),
            id => Some(Self::Transcript { id }),
        }
    }

    fn method(&self) -> &'static str {
        match self {
            Self::Transcripts => "POST",
            Self::Metrics | Self::Transcript { .. } => "GET",
        }
    }

    fn scope(&self) -> Scope {
        match self {
            Self::Transcripts => Scope::TranscriptsWrite,
            Self::Metrics | Self::Transcript { .. } => Scope::TranscriptsRead,
        }
    }
}

async fn route(app: &App, request: Request, now: Timestamp) -> Result<Response, Error> {
    let route = Route::of(&request.path).ok_or(Error::NotFound)?;
    if request.method != route.method() {
        return Err(Error::MethodNotAllowed(route.method()));
    }
    admit(&app.keys, route.scope(), &request.headers, now).await?;
    let id = &request.correlation_id;
    match route {
        Route::Transcripts => {
            let given = idempotency_key(&request.headers)?.map(str::to_owned);
            let key = given.unwrap_or_else(|| content_key(&request.body));
            let accepted = take_in(app, &key, &request.body).await?;
            Ok(reply(202, &accepted, id))
        }
        Route::Metrics => Ok(reply(200, &fetch_metrics(&app.database).await?, id)),
        Route::Transcript { id: name } => {
            let parse = |text: String| TranscriptId::parse(&text);
            let name = path_segment(name, "/path/id", parse)?;
            let found = fetch(&app.database, app.per_hour, name).await?;
            Ok(reply(200, &found.ok_or(Error::NotFound)?, id))
        }
    }
}
