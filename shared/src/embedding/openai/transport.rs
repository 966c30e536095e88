//! The bytes of a request and of its answer.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::ACCEPT;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::Client;
use crate::outbound::{Setback, body};

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
        // Embedding twice does no harm, so what may have been lost is sent again.
        let response = request.send().await.map_err(Setback::broken)?;
        let status = response.status();
        let retry_after = body::retry_after(&response);
        let body = if status == StatusCode::OK {
            let most = self.most_bytes(texts.len());
            let too_large = || Setback::unwell(format!("the answer is larger than {most} bytes"));
            body::read(response, most).await?.ok_or_else(too_large)?
        } else {
            // The status says enough if its body does not come.
            let body = body::read(response, MOST_BYTES_OF_ERROR).await;
            body.ok().flatten().unwrap_or_default()
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
