//! What the answer to a question for a token means. Pure: the time is an argument.

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderValue;

use super::{SPARE, Token};
use crate::cxone::answer::Answer;
use crate::cxone::profile::Names;
use crate::error::Error;
use crate::json::{self, Fields};
use crate::outbound::Setback;

/// The token, unless it is worth looking for newer credentials.
pub(super) enum Grant {
    Token(Token),
    BadCredentials,
}

/// What a person has to change.
pub(super) enum Refused {
    Credentials,
    Scopes,
    Question(u16),
}

impl Refused {
    pub(super) fn error(&self, scopes: &str) -> Error {
        Error::misconfigured(match self {
            Self::Credentials => "CXone does not know the credentials; put good ones into the secret of CXONE_SECRET_ID, or correct the token's url and style in CXONE_PROFILE".to_owned(),
            Self::Scopes => format!(
                "CXone does not grant these credentials the scopes it was asked for ({scopes}); give them to the client in CXone, or change the scopes in CXONE_PROFILE"
            ),
            Self::Question(status) => format!(
                "CXone's token URL does not take the question (HTTP {status}); check the token's url, style and names in CXONE_PROFILE"
            ),
        })
    }
}

/// OAuth's own words for it may come with status 400.
pub(super) fn read(
    answer: &Answer,
    names: &Names,
    scopes: &str,
    now: Timestamp,
) -> Result<Grant, Setback> {
    let document = answer
        .body
        .as_deref()
        .and_then(|body| json::parse(body).ok());
    let fields = document.and_then(json::fields).unwrap_or_default();
    let word = fields.get("error").and_then(|word| json::text(word));
    let refused = match (answer.status.as_u16(), word.as_deref()) {
        (200..300, _) => {
            let token = token(&fields, names, now);
            let token = token.ok_or_else(|| Setback::unwell("the answer holds no token"));
            return token.map(Grant::Token);
        }
        (403, _) | (400, Some("invalid_scope" | "insufficient_scope")) => Refused::Scopes,
        (401, _) | (400, Some("invalid_client" | "invalid_grant" | "unauthorized_client")) => {
            return Ok(Grant::BadCredentials);
        }
        (status, _) => Refused::Question(status),
    };
    Err(Setback::Halt(refused.error(scopes)))
}

fn token(fields: &Fields<'_>, names: &Names, now: Timestamp) -> Option<Token> {
    let text = json::text(fields.get(&names.access_token)?)?;
    let mut shown = HeaderValue::try_from(format!("{} {text}", names.scheme).trim()).ok()?;
    shown.set_sensitive(true);
    let lifetime = fields.get(&names.expires_in).and_then(|written| {
        let text = json::text(written).unwrap_or_else(|| written.get().to_owned());
        text.trim().parse::<u32>().ok()
    });
    let lifetime = SignedDuration::from_secs(lifetime.unwrap_or(names.lifetime_s).into());
    let spare = SPARE.min(lifetime / 2);
    let good_until = now.saturating_add(lifetime - spare).ok()?;
    let scope = fields.get(&names.scope).and_then(|scope| json::text(scope));
    let is_token = !text.trim().is_empty();
    is_token.then_some(Token {
        shown,
        scope,
        good_until,
    })
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;
    use serde_json::{Value, json};

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn read_as(status: u16, body: &Value) -> Result<Grant, Setback> {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Some(body.to_string().into_bytes()),
        };
        read(&answer, &Names::default(), "a:read b:write", NOW)
    }

    #[test]
    fn a_token_is_good_until_60_s_before_its_end() {
        for (written, good_for) in [
            (json!(3_600), 3_540),
            (json!("3600"), 3_540),
            (json!(121), 61),
            (json!(120), 60),
            (json!(30), 15),
            (json!(0), 0),
            (json!(null), 3_540),
            (json!(-5), 3_540),
            (json!("soon"), 3_540),
        ] {
            let body = json!({"access_token": "t-1", "expires_in": written});
            let Ok(Grant::Token(token)) = read_as(200, &body) else {
                panic!("{written}")
            };
            let expected = NOW + SignedDuration::from_secs(good_for);
            assert_eq!(token.good_until, expected, "{written}");
            assert_eq!(token.shown, "Bearer t-1");
            assert!(token.shown.is_sensitive());
        }
    }

    #[test]
    fn a_token_tells_its_scopes_where_the_answer_does() {
        for (scope, told) in [
            (json!("a:read"), Some("a:read")),
            (json!(""), Some("")),
            (json!(["a:read"]), None),
            (json!(null), None),
        ] {
            let body = json!({"access_token": "t-1", "scope": scope});
            let Ok(Grant::Token(token)) = read_as(200, &body) else {
                panic!("{scope}")
            };
            assert_eq!(token.scope.as_deref(), told, "{scope}");
        }
    }

    #[test]
    fn refusals_say_what_to_change() {
        for (status, error, says) in [
            (403, "access_denied", Some("(a:read b:write)")),
            (400, "invalid_scope", Some("(a:read b:write)")),
            (400, "unsupported_grant_type", Some("HTTP 400")),
            (404, "", Some("HTTP 404")),
            (302, "", Some("HTTP 302")),
            (401, "", None),
            (400, "invalid_client", None),
        ] {
            match (read_as(status, &json!({"error": error})), says) {
                (Err(Setback::Halt(error)), Some(says)) => {
                    assert!(error.to_string().contains(says), "{error}");
                }
                (Ok(Grant::BadCredentials), None) => {}
                _ => panic!("{status} {error}"),
            }
        }
    }

    #[test]
    fn an_answer_without_a_token_is_no_answer() {
        for body in [
            json!({}),
            json!([]),
            json!({"access_token": ""}),
            json!({"access_token": 5}),
            json!({"access_token": "a\nb"}),
        ] {
            let read = read_as(200, &body);
            assert!(matches!(read, Err(Setback::Again { .. })), "{body}");
        }
    }
}
