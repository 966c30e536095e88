//! The bytes of a request and of its answer, which are counted before they are believed.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::Client;
use super::exchange::Setback;
use crate::error::Source;
use crate::retry::retry_after as retry_after_of;

/// No answer is larger.
const MOST_BYTES: usize = 64 << 20;
/// No error says more.
const MOST_BYTES_OF_ERROR: usize = 64 << 10;
/// JSON writes no `f32` longer, comma and spaces included.
const BYTES_OF_NUMBER: usize = 32;
/// What stands around a vector, and around all of them.
const BYTES_AROUND: usize = 1 << 10;

#[derive(Serialize)]
struct Question<'a> {
    model: &'a str,
    input: &'a [&'a str],
    encoding_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u16>,
}

/// An answer as it came.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

impl Client {
    /// Sends the texts, and reads the answer as far as it can be one.
    pub(super) async fn send(
        &self,
        texts: &[&str],
        key: Option<&SecretString>,
    ) -> Result<Answer, Setback> {
        let model = &self.options.model;
        let question = Question {
            model: &model.name,
            input: texts,
            encoding_format: "base64",
            dimensions: model.is_shortened.then_some(model.dimensions),
        };
        let mut request = self.http.post(self.options.address.url());
        if let Some(key) = key {
            request = request.bearer_auth(key.expose_secret());
        }
        let request = request.header(ACCEPT, "application/json").json(&question);
        let response = request.send().await.map_err(broken)?;
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after =
            retry_after.and_then(|value| retry_after_of(value.to_str().ok()?, Timestamp::now()));
        let body = if status == StatusCode::OK {
            read_body(response, self.most_bytes(texts.len())).await?
        } else {
            // The status says enough if its body does not come.
            let body = read_body(response, MOST_BYTES_OF_ERROR).await;
            body.unwrap_or_default()
        };
        Ok(Answer {
            status,
            retry_after,
            body,
        })
    }

    fn most_bytes(&self, texts: usize) -> usize {
        let vector = usize::from(self.space.dimensions) * BYTES_OF_NUMBER + BYTES_AROUND;
        vector
            .saturating_mul(texts)
            .saturating_add(BYTES_AROUND)
            .min(MOST_BYTES)
    }
}

async fn read_body(mut response: Response, most: usize) -> Result<Vec<u8>, Setback> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > most {
            return Err(unwell(format!("the answer is larger than {most} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A connection that had died unnoticed while it was idle is worth another try at once. Embedding twice does no harm.
fn broken(error: reqwest::Error) -> Setback {
    let is_lost = error.is_request() && !error.is_connect() && !error.is_timeout();
    Setback::Again {
        cause: error.without_url().into(),
        wait: is_lost.then_some(Duration::ZERO),
        is_outage: true,
    }
}

pub(super) fn unwell(cause: impl Into<Source>) -> Setback {
    Setback::Again {
        cause: cause.into(),
        wait: None,
        is_outage: true,
    }
}
