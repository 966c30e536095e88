//! The only file that knows Lambda's events: a gateway event in, a gateway answer out.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lambda_runtime::{Error as LambdaError, LambdaEvent};
use shared::deadline::time_left;
use shared::error::{Error, Kind};
use shared::http::{HttpEvent, Request, Response, problem, reply};

use crate::admit::admit;
use crate::app::App;
use crate::follow::{Page, follow};
use crate::refresh::{Wish, refresh};

/// Kept back from the deadline, so that the caller gets an answer and not a timeout.
const SPARE: Duration = Duration::from_millis(500);

/// Answers one event. It never fails: every failure is an answer.
pub async fn handle(app: &App, event: LambdaEvent<HttpEvent>) -> Result<Response, LambdaError> {
    let started = Timestamp::now();
    let correlation_id = event.payload.correlation_id();
    let time_left = time_left(event.context.deadline, SystemTime::now());
    let work = answer(app, event.payload, started);
    let outcome = tokio::time::timeout(time_left.saturating_sub(SPARE), work)
        .await
        .unwrap_or_else(|late| Err(Error::transient("the work", late)));
    let response = outcome.unwrap_or_else(|error| {
        log(&error);
        problem(&error, &correlation_id)
    });
    let duration_ms = started.duration_until(Timestamp::now()).as_millis_f64();
    tracing::info!(correlation.id = %correlation_id, http.status = response.status_code, duration_ms, "answered");
    Ok(response)
}

/// A route, and what stands before it in the address: a custom domain or a stage may put a prefix there.
enum Route<'a> {
    Refresh { base: &'a str },
    Run { base: &'a str, id: &'a str },
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Option<Self> {
        if let Some(base) = path.strip_suffix("/knowledge/refresh") {
            return Some(Self::Refresh { base });
        }
        let (base, id) = path.rsplit_once("/knowledge/runs/")?;
        (!id.is_empty() && !id.contains('/')).then_some(Self::Run { base, id })
    }
}

async fn answer(app: &App, event: HttpEvent, now: Timestamp) -> Result<Response, Error> {
    let request = event.into_request()?;
    let Request {
        method,
        path,
        query,
        headers,
        correlation_id,
        ..
    } = &request;
    let route = Route::of(path).ok_or(Error::NotFound)?;
    match (&route, method.as_str()) {
        (Route::Refresh { .. }, "POST") | (Route::Run { .. }, "GET") => {}
        (Route::Refresh { .. }, _) => return Err(Error::MethodNotAllowed("POST")),
        (Route::Run { .. }, _) => return Err(Error::MethodNotAllowed("GET")),
    }
    let caller = admit(&app.keys, headers, now).await?;
    tracing::info!(key.id = caller.key_id(), "admitted");
    match route {
        Route::Refresh { base } => {
            let wish = Wish::parse(query)?;
            let accepted = refresh(app, wish, base, correlation_id).await?;
            Ok(reply(202, &accepted, correlation_id))
        }
        Route::Run { base, id } => {
            let page = Page::parse(id, query)?;
            let report = follow(app, page, base).await?;
            Ok(reply(200, &report, correlation_id))
        }
    }
}

/// What a person should mend is an error; what a caller should mend is a fact.
fn log(error: &Error) {
    let kind = error.kind().as_str();
    match error.kind() {
        Kind::Transient | Kind::Misconfigured | Kind::Bug => {
            tracing::error!(
                error.kind = kind,
                error = error.chain(),
                "could not be answered"
            );
        }
        _ => {
            let rules = error.violations().iter();
            let pointers: Vec<_> = rules.map(|rule| rule.pointer.as_str()).collect();
            tracing::info!(error.kind = kind, error = %error, ?pointers, "refused");
        }
    }
}
