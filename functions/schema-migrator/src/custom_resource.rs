//! CloudFormation's side of a custom resource: one answer, put to a pre-signed URL.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::db::migrate::Report;
use shared::error::Error;

/// Fixed, so that an update never looks like a replacement.
const PHYSICAL_ID: &str = "cxone-memory-schema";

/// What CloudFormation asks.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    request_type: String,
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
    #[serde(default)]
    resource_properties: Properties,
    #[serde(default)]
    old_resource_properties: Properties,
}

/// The part of the resource's properties that is read: the version of the migrator, which ends in a number that grows.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    schema_version: Option<String>,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Migrate,
    /// Nothing, and why.
    Leave(&'static str),
}

/// What was done.
pub(crate) enum Outcome {
    Migrated(Report),
    Left(&'static str),
}

impl Request {
    /// Deleting the resource leaves the schema. So does rolling a stack back, whatever the older code would find: a failure here would
    /// leave the stack stuck for want of anything to undo. Older code that is deployed again has a higher number, and looks.
    pub(crate) fn task(&self) -> Task {
        match self.request_type.as_str() {
            "Delete" => Task::Leave("the schema and its data stay"),
            "Update" if self.goes_back() => {
                Task::Leave("the stack rolls back; the newer schema stays")
            }
            _ => Task::Migrate,
        }
    }

    fn goes_back(&self) -> bool {
        match (
            self.old_resource_properties.number(),
            self.resource_properties.number(),
        ) {
            (Some(old), Some(new)) => new < old,
            _ => false,
        }
    }

    /// The answer for this outcome.
    pub(crate) fn answer(&self, outcome: &Result<Outcome, Error>) -> Value {
        let (status, reason, data) = match outcome {
            Ok(Outcome::Migrated(report)) => (
                "SUCCESS",
                report.note.unwrap_or("the schema is up"),
                json!({ "SchemaVersion": report.to }),
            ),
            Ok(Outcome::Left(why)) => ("SUCCESS", *why, json!({})),
            Err(error) => (
                "FAILED",
                &*format!("{error}; see the log of schema-migrator"),
                json!({}),
            ),
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

impl Properties {
    fn number(&self) -> Option<u64> {
        self.schema_version
            .as_ref()?
            .rsplit(':')
            .next()?
            .parse()
            .ok()
    }
}

/// Puts the answer, three times if need be.
pub(crate) async fn send(request: &Request, answer: &Value) -> Result<(), Error> {
    // Built here and not at the start: on a system without authorities it fails, and only an answer needs it.
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(2))
        .build();
    let client = client.map_err(|error| Error::transient("CloudFormation", error))?;
    let mut outcome = put(&client, request, answer).await;
    for pause in [200, 1_000] {
        if outcome.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        outcome = put(&client, request, answer).await;
    }
    outcome.map_err(|error| Error::transient("CloudFormation", error.without_url()))
}

/// The pre-signed URL is signed for an empty content type.
async fn put(
    client: &reqwest::Client,
    request: &Request,
    answer: &Value,
) -> Result<(), reqwest::Error> {
    let put = client
        .put(&request.response_url)
        .header("content-type", "")
        .body(answer.to_string());
    put.send().await?.error_for_status().map(drop)
}
