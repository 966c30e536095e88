//! A request of API Gateway's HTTP API (payload format 2.0), which Lambda function URLs speak too.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::domain::CorrelationId;
use crate::error::Error;

/// The event as the gateway hands it over. Whatever is missing is empty, so that an odd event is answered with a status.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpEvent {
    headers: BTreeMap<String, String>,
    body: Option<String>,
    is_base64_encoded: bool,
    request_context: Context,
    raw_path: String,
    raw_query_string: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context {
    http: Http,
    request_id: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Http {
    method: String,
    path: String,
}

/// A request with its raw bytes.
#[derive(Debug)]
pub struct Request {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query as it was sent.
    pub query: String,
    /// All headers.
    pub headers: Headers,
    /// The raw bytes.
    pub body: Vec<u8>,
    /// Follows this piece of work; the caller's own where it sent a sound one.
    pub correlation_id: CorrelationId,
}

/// Headers by lower-case name. A header that was doubled arrives as one, joined by a comma.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(BTreeMap<String, String>);

impl Headers {
    /// Headers made of pairs; names in any case.
    pub fn from_pairs<N: AsRef<str>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.as_ref().to_ascii_lowercase(), value.into()))
                .collect(),
        )
    }

    /// The value of a header, by its lower-case name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl HttpEvent {
    /// The id under which the answer, the logs and the message can be found again.
    pub fn correlation_id(&self) -> CorrelationId {
        let sent = self
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("x-correlation-id"))
            .map(|(_, id)| id);
        sent.and_then(|id| CorrelationId::parse(id.as_str()).ok())
            .or_else(|| CorrelationId::parse(self.request_context.request_id.as_str()).ok())
            .unwrap_or_else(CorrelationId::generate)
    }

    /// The request, its body decoded.
    pub fn into_request(self) -> Result<Request, Error> {
        let correlation_id = self.correlation_id();
        let body = match (self.body, self.is_base64_encoded) {
            (None, _) => Vec::new(),
            (Some(text), false) => text.into_bytes(),
            (Some(text), true) => STANDARD
                .decode(text)
                .map_err(|_| Error::invalid("", "is not base64, though marked so"))?,
        };
        let http = self.request_context.http;
        Ok(Request {
            method: http.method,
            path: if self.raw_path.is_empty() {
                http.path
            } else {
                self.raw_path
            },
            query: self.raw_query_string,
            headers: Headers::from_pairs(self.headers),
            body,
            correlation_id,
        })
    }
}
