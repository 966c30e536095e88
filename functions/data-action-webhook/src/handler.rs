//! The only file that knows Lambda's events: a gateway event in, a gateway answer out.

use jiff::Timestamp;
use lambda_runtime::{Error as LambdaError, LambdaEvent};
use shared::error::Error;
use shared::http::{HttpEvent, Request, Response, answer, reply};

use crate::app::App;
use crate::{health, receive};

/// Answers one event. It never fails: every failure is an answer.
pub async fn handle(app: &App, event: LambdaEvent<HttpEvent>) -> Result<Response, LambdaError> {
    let work = async |request, now| route(app, request, now).await;
    Ok(answer(event.payload, event.context.deadline, work).await)
}

async fn route(app: &App, request: Request, now: Timestamp) -> Result<Response, Error> {
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
