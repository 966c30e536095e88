//! The only file that knows Lambda's events: a gateway event in, a gateway answer out.

use std::time::Duration;

use jiff::Timestamp;
use lambda_runtime::{Error as LambdaError, LambdaEvent};
use shared::error::{Error, Kind};
use shared::http::{HttpEvent, Request, Response, problem, reply};

use crate::app::{App, log_failure};
use crate::{health, receive};

/// Kept back from the deadline, so that the caller gets an answer and not a timeout.
const SPARE: Duration = Duration::from_millis(500);

/// Answers one event. It never fails: every failure is an answer.
pub async fn handle(app: &App, event: LambdaEvent<HttpEvent>) -> Result<Response, LambdaError> {
    let started = Timestamp::now();
    let correlation_id = event.payload.correlation_id();
    let time_left = event
        .context
        .deadline()
        .duration_since(std::time::SystemTime::now())
        .unwrap_or_default();
    let work = route(app, event.payload, started);
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

async fn route(app: &App, event: HttpEvent, now: Timestamp) -> Result<Response, Error> {
    let request = event.into_request()?;
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/webhooks/data-action") => accept(app, request, now).await,
        (_, "/webhooks/data-action") => Err(Error::MethodNotAllowed("POST")),
        ("GET", "/webhooks/data-action/health") => {
            let health = health::check(app, now).await;
            Ok(reply(
                if health.is_ok() { 200 } else { 503 },
                &health,
                &request.correlation_id,
            ))
        }
        (_, "/webhooks/data-action/health") => Err(Error::MethodNotAllowed("GET")),
        _ => Err(Error::NotFound),
    }
}

async fn accept(app: &App, request: Request, now: Timestamp) -> Result<Response, Error> {
    let correlation_id = request.correlation_id.clone();
    let receipt = receive::receive(app, request, now).await?;
    Ok(reply(202, &receipt, &correlation_id))
}

/// What a person should mend is an error; what a caller should mend is a fact.
fn log(error: &Error) {
    match error.kind() {
        Kind::Transient | Kind::Misconfigured | Kind::Bug => log_failure(error, "could not accept"),
        kind => tracing::info!(error.kind = kind.as_str(), error = %error, "refused"),
    }
}
