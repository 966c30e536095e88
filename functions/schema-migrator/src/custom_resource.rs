//! CloudFormation's side of a custom resource: one answer, put to a pre-signed URL.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::db::migrate::Report;
use shared::error::Error;

use crate::app::App;

/// Fixed, so that an update never looks like a replacement.
const PHYSICAL_ID: &str = "cxone-memory-schema";

/// What CloudFormation asks.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    request_type: String,
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
}

impl Request {
    /// Whether the resource goes. The schema stays.
    pub(crate) fn is_delete(&self) -> bool {
        self.request_type == "Delete"
    }

    /// The answer for this outcome.
    pub(crate) fn answer(&self, outcome: &Result<Option<Report>, Error>) -> Value {
        let (status, reason, data) = match outcome {
            Ok(Some(report)) => (
                "SUCCESS",
                "the schema is up",
                json!({ "SchemaVersion": report.to }),
            ),
            Ok(None) => ("SUCCESS", "the schema and its data stay", json!({})),
            Err(error) => ("FAILED", &*error.to_string(), json!({})),
        };
        json!({
            "Status": status,
            "Reason": reason,
            "PhysicalResourceId": PHYSICAL_ID,
            "StackId": self.stack_id,
            "RequestId": self.request_id,
            "LogicalResourceId": self.logical_resource_id,
            "Data": data,
        })
    }
}

/// Puts the answer, three times if need be.
pub(crate) async fn send(app: &App, request: &Request, answer: &Value) -> Result<(), Error> {
    let mut outcome = put(app, request, answer).await;
    for pause in [200, 1_000] {
        if outcome.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        outcome = put(app, request, answer).await;
    }
    outcome.map_err(|error| Error::transient("CloudFormation", error.without_url()))
}

/// The pre-signed URL is signed for an empty content type.
async fn put(app: &App, request: &Request, answer: &Value) -> Result<(), reqwest::Error> {
    let put = app
        .http
        .put(&request.response_url)
        .header("content-type", "")
        .body(answer.to_string());
    put.timeout(Duration::from_secs(2))
        .send()
        .await?
        .error_for_status()
        .map(drop)
}
