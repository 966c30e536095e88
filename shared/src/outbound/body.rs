//! The bytes of an answer, which are counted before they are believed.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::RETRY_AFTER;

use super::Setback;

/// The body as it came; nothing if it is larger than `most` bytes.
pub(crate) async fn read(mut response: Response, most: usize) -> Result<Option<Vec<u8>>, Setback> {
    let told = response.content_length().unwrap_or_default();
    let mut body = Vec::with_capacity(usize::try_from(told).unwrap_or(most).min(most));
    while let Some(chunk) = response.chunk().await.map_err(Setback::broken)? {
        if body.len() + chunk.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// How long the answer asks to wait.
pub(crate) fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    crate::retry::retry_after(value, Timestamp::now())
}
