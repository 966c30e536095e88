//! The only file that knows Lambda's events: a gateway event in, a gateway answer out.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lambda_runtime::{Error as LambdaError, LambdaEvent};
use shared::deadline::time_left;
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
    let time_left = time_left(event.context.deadline, SystemTime::now());
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
    // A custom domain or a stage may put a prefix before the path.
    let route = if request.path.ends_with("/webhooks/data-action") {
        Route::Webhook
    } else if request.path.ends_with("/webhooks/data-action/health") {
        Route::Health
    } else {
        return Err(Error::NotFound);
    };
    match (route, request.method.as_str()) {
        (Route::Webhook, "POST") => accept(app, request, now).await,
        (Route::Webhook, _) => Err(Error::MethodNotAllowed("POST")),
        (Route::Health, "GET") => {
            let health = health::check(app, now).await;
            Ok(reply(
                if health.is_ok() { 200 } else { 503 },
                &health,
                &request.correlation_id,
            ))
        }
        (Route::Health, _) => Err(Error::MethodNotAllowed("GET")),
    }
}

enum Route {
    Webhook,
    Health,
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
        kind => {
            let pointers: Vec<_> = error
                .violations()
                .iter()
                .map(|violation| violation.pointer.as_str())
                .collect();
            tracing::info!(error.kind = kind.as_str(), error = %error, ?pointers, "refused");
        }
    }
}
