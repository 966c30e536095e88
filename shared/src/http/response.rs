//! Answers. A client reads what to change; what failed inside stays in the log.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::CorrelationId;
use crate::error::{Error, Kind};
use crate::validation::Violation;

/// The content type of a failure.
pub(super) const PROBLEM: &str = "application/problem+json";

/// The answer as the gateway takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The HTTP status.
    pub status_code: u16,
    /// Headers by name.
    pub headers: BTreeMap<&'static str, String>,
    /// The body, always text.
    pub body: String,
    is_base64_encoded: bool,
    /// None are set, but an emulator of the gateway asks for the list.
    cookies: [&'static str; 0],
}

impl Response {
    /// The same answer, its status and what else it says, as a [`page`] for people.
    #[must_use]
    pub fn into_page(mut self, html: String, policy: String) -> Self {
        self.body = html;
        self.headers.extend([
            ("content-type", "text/html; charset=utf-8".to_owned()),
            ("content-security-policy", policy),
            ("referrer-policy", "no-referrer".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
        ]);
        self
    }
}

/// Why a request was not done, as problem+json (RFC 9457).
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct Problem<'a> {
    /// `urn:cxone-memory:problem:` and one stable word.
    r#type: String,
    /// What it is, in words; the same for every problem of the type.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Every broken rule, if rules were broken.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Violation],
    /// Under this id the logs know more.
    correlation_id: &'a CorrelationId,
}

/// A JSON answer.
pub fn reply(status: u16, body: &impl Serialize, correlation_id: &CorrelationId) -> Response {
    // Our own structs serialize; an empty body under the right status is the least harm if one day one does not.
    let body = serde_json::to_string(body).unwrap_or_default();
    build(status, "application/json", body, correlation_id)
}

/// A page for people. `policy` is its Content-Security-Policy; its address, which may open it for others, is told to nobody.
pub fn page(status: u16, html: String, policy: String, correlation_id: &CorrelationId) -> Response {
    build(status, "", String::new(), correlation_id).into_page(html, policy)
}

/// The answer to a failure: problem+json, with every broken rule, and nothing of what was sent.
pub fn problem(error: &Error, correlation_id: &CorrelationId) -> Response {
    let status = status(error.kind());
    let problem = Problem {
        r#type: format!("urn:cxone-memory:problem:{}", error.kind().as_str()),
        title: title(error.kind()),
        status,
        detail: detail(error),
        errors: error.violations(),
        correlation_id,
    };
    let body = serde_json::to_string(&problem).unwrap_or_default();
    let mut response = build(status, PROBLEM, body, correlation_id);
    match error {
        Error::Transient { retry_after, .. } => {
            response
                .headers
                .insert("retry-after", retry_after.as_secs().max(1).to_string());
        }
        Error::Misconfigured { .. } => {
            response.headers.insert("retry-after", "30".to_owned());
        }
        Error::Unauthorized(_) => {
            response
                .headers
                .insert("www-authenticate", "Bearer".to_owned());
        }
        Error::MethodNotAllowed(allowed) => {
            response.headers.insert("allow", (*allowed).to_owned());
        }
        _ => {}
    }
    response
}

fn build(
    status_code: u16,
    content_type: &str,
    body: String,
    correlation_id: &CorrelationId,
) -> Response {
    let headers = BTreeMap::from([
        ("content-type", content_type.to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("x-correlation-id", correlation_id.to_string()),
    ]);
    Response {
        status_code,
        headers,
        body,
        is_base64_encoded: false,
        cookies: [],
    }
}

/// The one match from kind to status. A broken setting is 503: a person mends it, and the caller should come back.
pub(super) fn status(kind: Kind) -> u16 {
    match kind {
        Kind::Invalid => 400,
        Kind::Unauthorized => 401,
        Kind::Forbidden => 403,
        Kind::NotFound => 404,
        Kind::MethodNotAllowed => 405,
        Kind::Conflict => 409,
        Kind::TooLarge => 413,
        Kind::Unsupported => 415,
        Kind::Bug => 500,
        Kind::Refused => 502,
        Kind::Transient | Kind::Misconfigured => 503,
    }
}

pub(super) fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "The request breaks rules",
        Kind::Unauthorized => "Authentication failed",
        Kind::Forbidden => "A scope is missing",
        Kind::NotFound => "Not found",
        Kind::MethodNotAllowed => "Method not allowed",
        Kind::Conflict => "Conflict",
        Kind::Refused => "Refused by a service behind this one",
        Kind::TooLarge => "Too large",
        Kind::Unsupported => "Unsupported representation",
        Kind::Bug => "Internal error",
        Kind::Transient | Kind::Misconfigured => "Unavailable for now",
    }
}

fn detail(error: &Error) -> Option<String> {
    match error.kind() {
        Kind::Unauthorized => Some("no active scheme accepts these credentials".to_owned()),
        Kind::Transient | Kind::Misconfigured => {
            Some("it may not have been kept: send it again after Retry-After, a repeat has its effect once".to_owned())
        }
        Kind::Bug => None,
        _ => Some(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::error::Reason;

    #[test]
    fn a_client_never_reads_what_failed_inside() {
        let id = CorrelationId::parse("c-1").unwrap();
        let secret = || std::io::Error::other("password of host db-1");
        for error in [
            Error::transient("SQS", secret()),
            Error::misconfigured("key 0 of the scheme basic"),
            Error::Bug {
                what: "password",
                source: Some(Box::new(secret())),
            },
            Error::Unauthorized(Reason::WrongKey),
        ] {
            let text = serde_json::to_string(&problem(&error, &id)).unwrap();
            for hidden in ["password", "db-1", "key 0", "wrong_key", "SQS"] {
                assert!(!text.contains(hidden), "{text}");
            }
        }
    }

    #[test]
    fn violations_are_listed_with_pointers() {
        let id = CorrelationId::parse("c-1").unwrap();
        let response = problem(&Error::invalid("/event", "is required"), &id);
        let body: Value = serde_json::from_str(&response.body).unwrap();
        assert_eq!(response.status_code, 400);
        assert_eq!(response.headers["content-type"], "application/problem+json");
        assert_eq!(
            body["errors"],
            json!([{ "pointer": "/event", "detail": "is required" }])
        );
    }
}
