//! The only file that knows Lambda's events: `{}` by hand, or CloudFormation's request.

use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::db::migrate::Report;
use shared::error::Error;

use crate::app::App;
use crate::custom_resource::{self, Request};
use crate::migrate::migrate;

/// What may come in.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// CloudFormation creates, updates or deletes the resource.
    CustomResource(Request),
    /// A person, or `cargo local`.
    ByHand(serde_json::Map<String, Value>),
}

/// Migrates. By hand, a failure is the function's failure; CloudFormation is told at its URL.
pub async fn handle(app: &App, event: LambdaEvent<Event>) -> Result<Value, Diagnostic> {
    let time_left = event
        .context
        .deadline()
        .duration_since(std::time::SystemTime::now())
        .unwrap_or_default();
    let request = match event.payload {
        Event::ByHand(_) => {
            return migrate(app, time_left)
                .await
                .map(|report| json!(report))
                .map_err(|e| diagnose(&e));
        }
        Event::CustomResource(request) => request,
    };
    let outcome: Result<Option<Report>, Error> = if request.is_delete() {
        Ok(None)
    } else {
        migrate(app, time_left).await.map(Some)
    };
    if let Err(error) = &outcome {
        log_failure(error);
    }
    let answer = request.answer(&outcome);
    custom_resource::send(app, &request, &answer)
        .await
        .map_err(|error| diagnose(&error))?;
    Ok(answer)
}

fn diagnose(error: &Error) -> Diagnostic {
    log_failure(error);
    Diagnostic {
        error_type: error.kind().as_str().to_owned(),
        error_message: error.to_string(),
    }
}

fn log_failure(error: &Error) {
    tracing::error!(
        error.kind = error.kind().as_str(),
        error = error.chain(),
        "the schema could not be brought up"
    );
}
