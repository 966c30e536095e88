//! Invokes functions through the runtime API that `cargo lambda watch` serves.

use std::time::Duration;

use crate::failure::{Failure, OrFail as _};

/// What came back from an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The function's answer, as it was.
    Answer(Vec<u8>),
    /// The function failed, crashed, or did not answer in time; why, for the log.
    Failed(String),
}

/// Invokes functions by name.
#[derive(Debug, Clone)]
pub struct Invoker {
    client: reqwest::Client,
    base: String,
}

impl Invoker {
    /// An invoker that waits at most `patience` for an answer. `base` is the URL of the runtime API.
    pub fn new(base: impl Into<String>, patience: Duration) -> Result<Self, Failure> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(patience)
            .build();
        let client = client.or_fail(
            "cannot make an HTTP client",
            "this is a bug in cargo local; report it",
        )?;
        Ok(Self {
            client,
            base: base.into(),
        })
    }

    /// Invokes and waits.
    pub async fn invoke(&self, function: &str, payload: String) -> Outcome {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.base);
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .body(payload);
        let answer = match request.send().await {
            Ok(response) => (response.status(), response.bytes().await),
            Err(error) => {
                return Outcome::Failed(format!(
                    "cannot be reached ({})",
                    if error.is_timeout() {
                        "no answer in time"
                    } else {
                        "no connection"
                    }
                ));
            }
        };
        match answer {
            (status, Ok(body)) if status.is_success() => Outcome::Answer(body.to_vec()),
            (status, Ok(_)) if status.as_u16() == 408 => {
                Outcome::Failed("crashed, or did not answer in time".to_owned())
            }
            (_, Ok(body)) => Outcome::Failed(error_type(&body)),
            (_, Err(_)) => Outcome::Failed("did not finish its answer".to_owned()),
        }
    }
}

/// The kind of a function's error. Its message may speak of data, so it stays out of the log.
fn error_type(body: &[u8]) -> String {
    let error: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    format!(
        "answered with an error: {}",
        error["errorType"].as_str().unwrap_or("unknown")
    )
}
