//! An answer as it came: counted, unpacked, and only then believed.

use std::io::Read as _;
use std::time::Duration;

use flate2::read::GzDecoder;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use reqwest::{RequestBuilder, StatusCode};

use crate::json;
use crate::outbound::{Setback, body};
use crate::retry::retry_after;

/// No answer that is no success says more.
const MOST_BYTES_OF_ERROR: usize = 64 << 10;

/// A longer text is cut.
const MOST_WORDS: usize = 200;

/// A longer word is none.
const MOST_LETTERS: usize = 64;

/// An answer that says something; what may be well again is a setback.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Nothing if there is too much of it.
    pub(super) body: Option<Vec<u8>>,
}

impl Answer {
    /// How long it asks to wait. Not at all is no time to wait: whoever believed that would ask again and again without a pause.
    pub(super) fn wait(&self) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?;
        retry_after(value, Timestamp::now()).filter(|wait| !wait.is_zero())
    }

    /// Whether it is a page for people, as somebody in between makes one. Such an answer says nothing of CXone, whatever its status.
    pub(super) fn is_page(&self) -> bool {
        let media_type = self.headers.get(CONTENT_TYPE);
        let is_html = media_type.is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
        let body = self.body.as_deref().unwrap_or_default();
        is_html || body.trim_ascii_start().starts_with(b"<")
    }

    /// An instant in a header.
    pub(super) fn date(&self, name: HeaderName) -> Option<Timestamp> {
        let value = self.headers.get(name)?.to_str().ok()?;
        DateTimeParser::new().parse_timestamp(value).ok()
    }
}

/// The first of these fields that holds text, and not too much of it.
pub(super) fn word(answer: &Answer, names: &[&str]) -> Option<String> {
    let document = json::parse(answer.body.as_deref()?).ok()?;
    let fields = json::fields(document)?;
    let said = names
        .iter()
        .find_map(|name| json::text(fields.get(*name)?))?;
    let plain = said.chars().filter(|letter| !letter.is_control());
    Some(plain.take(MOST_WORDS).collect())
}

/// The word for what is wrong. Sentences may quote what CXone was sent, and go into answers, rows and logs; a word does not.
pub(super) fn why(answer: &Answer) -> Option<String> {
    let is_word = |said: &String| {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        said.len() <= MOST_LETTERS
            && said.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && said.bytes().all(is_plain)
    };
    let names = ["code", "error", "type"].iter();
    names.filter_map(|name| word(answer, &[name])).find(is_word)
}

/// Sends, and reads at most `most` bytes, packed or unpacked.
pub(super) async fn fetch(request: RequestBuilder, most: usize) -> Result<Answer, Setback> {
    fetch_judging(request, most, &[]).await
}

/// The same; failures with these statuses are answers too.
pub(super) async fn fetch_judging(
    request: RequestBuilder,
    most: usize,
    judged: &[StatusCode],
) -> Result<Answer, Setback> {
    let mut response = request.send().await.map_err(Setback::broken)?;
    let status = response.status();
    let wait = body::retry_after(&response);
    if let Some(setback) = setback(status, wait).filter(|_| !judged.contains(&status)) {
        return Err(setback);
    }
    let headers = std::mem::take(response.headers_mut());
    let body = if status.is_success() {
        let packed = body::read(response, most).await?;
        unpack(&headers, packed, most)?
    } else {
        // The status says enough if its body does not come.
        let packed = body::read(response, MOST_BYTES_OF_ERROR).await;
        let unpacked = |packed| unpack(&headers, packed, MOST_BYTES_OF_ERROR);
        packed.and_then(unpacked).unwrap_or_default()
    };
    Ok(Answer {
        status,
        headers,
        body,
    })
}

fn setback(status: StatusCode, wait: Option<Duration>) -> Option<Setback> {
    let is_busy = status == StatusCode::TOO_MANY_REQUESTS;
    let is_unwell = status.is_server_error() || matches!(status.as_u16(), 408 | 425);
    (is_busy || is_unwell).then(|| Setback::Again {
        cause: format!("HTTP {}", status.as_u16()).into(),
        wait,
        is_outage: !is_busy,
    })
}

/// Only gzip was asked for.
fn unpack(
    headers: &HeaderMap,
    body: Option<Vec<u8>>,
    most: usize,
) -> Result<Option<Vec<u8>>, Setback> {
    let Some(body) = body else {
        return Ok(None);
    };
    let encoding = headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
    match encoding.unwrap_or_default() {
        b"" | b"identity" => return Ok(Some(body)),
        b"gzip" | b"x-gzip" => {}
        _ => return Err(Setback::unwell("the answer is packed in an unknown way")),
    }
    let mut unpacked = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = GzDecoder::new(&body[..])
        .take(limit)
        .read_to_end(&mut unpacked);
    read.map_err(Setback::unwell)?;
    Ok((unpacked.len() <= most).then_some(unpacked))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(encoding: &'static str, body: Vec<u8>) -> Result<Option<Vec<u8>>, ()> {
        let encoding = (CONTENT_ENCODING, HeaderValue::from_static(encoding));
        unpack(&HeaderMap::from_iter([encoding]), Some(body), 1_000).map_err(drop)
    }

    #[test]
    fn the_limit_is_for_what_was_unpacked_and_exact() {
        for (size, fits) in [
            (0, true),
            (1_000, true),
            (1_001, false),
            (10_000_000, false),
        ] {
            let bytes = vec![b' '; size];
            let expected = fits.then(|| bytes.clone());
            assert_eq!(unpacked("gzip", packed(&bytes)), Ok(expected), "{size}");
        }
        assert_eq!(
            unpacked("identity", b"{}".to_vec()),
            Ok(Some(b"{}".to_vec()))
        );
        assert_eq!(unpacked("br", b"{}".to_vec()), Err(()));
        assert_eq!(unpacked("gzip", b"no gzip".to_vec()), Err(()));
        let cut = packed(&[7; 900])[..12].to_vec();
        assert_eq!(unpacked("gzip", cut), Err(()));
    }
}
