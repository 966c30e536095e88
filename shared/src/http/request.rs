//! A request of API Gateway's HTTP API (payload format 2.0), which Lambda function URLs speak too.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::Headers;
use crate::domain::CorrelationId;
use crate::error::Error;

/// The event as the gateway hands it over. Whatever is missing or null is empty, so that an odd event is answered with a status.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpEvent {
    headers: Option<BTreeMap<String, String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
    request_context: Option<Context>,
    raw_path: Option<String>,
    raw_query_string: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context {
    http: Option<Http>,
    request_id: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Http {
    method: Option<String>,
    path: Option<String>,
}

/// A request with its raw bytes.
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

impl HttpEvent {
    /// The id under which the answer, the logs and the message can be found again.
    pub fn correlation_id(&self) -> CorrelationId {
        let gateways = self
            .request_context
            .as_ref()
            .and_then(|context| context.request_id.as_deref());
        let sound = |id: &str| CorrelationId::parse(id).ok();
        self.header("x-correlation-id")
            .and_then(sound)
            .or_else(|| gateways.and_then(sound))
            .unwrap_or_else(CorrelationId::generate)
    }

    /// The value of a header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter().flatten();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The request, its body decoded.
    pub fn into_request(self) -> Result<Request, Error> {
        let correlation_id = self.correlation_id();
        let body = self.body.unwrap_or_default();
        let body = if self.is_base64_encoded.unwrap_or_default() {
            STANDARD
                .decode(body)
                .map_err(|_| Error::invalid("", "is not base64, though marked so"))?
        } else {
            body.into_bytes()
        };
        let http = self
            .request_context
            .and_then(|context| context.http)
            .unwrap_or_default();
        Ok(Request {
            method: http.method.unwrap_or_default(),
            path: self.raw_path.or(http.path).unwrap_or_default(),
            query: self.raw_query_string.unwrap_or_default(),
            headers: Headers::from_pairs(self.headers.unwrap_or_default()),
            body,
            correlation_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_null_is_empty() {
        let names = [
            "headers",
            "body",
            "isBase64Encoded",
            "requestContext",
            "rawPath",
            "rawQueryString",
        ];
        let nulls: serde_json::Value = names
            .iter()
            .map(|name| (*name, serde_json::Value::Null))
            .collect();
        for event in [
            "{}",
            &nulls.to_string(),
            r#"{"requestContext": {"http": null, "requestId": null}}"#,
        ] {
            let request = serde_json::from_str::<HttpEvent>(event)
                .unwrap()
                .into_request()
                .unwrap();
            assert_eq!(
                (
                    request.method.as_str(),
                    request.path.as_str(),
                    request.body.len()
                ),
                ("", "", 0)
            );
        }
    }

    #[test]
    fn no_value_of_a_header_is_in_its_debug_form() {
        let headers = Headers::from_pairs([("Authorization", "Bearer canary")]);
        assert_eq!(format!("{headers:?}"), "{\"authorization\"}");
    }
}
