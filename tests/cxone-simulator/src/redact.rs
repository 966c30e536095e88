//! What of a request may be remembered: everything but its secrets.

use std::{collections::BTreeMap, fmt::Write as _};

use axum::http::HeaderMap;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::capability;

const MASK: &str = "***";
const SECRET_FIELDS: [&str; 5] = [
    "client_secret",
    "password",
    "accessKeySecret",
    "access_token",
    "refresh_token",
];
const SECRET_HEADERS: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "api-key",
    "x-api-key",
];

/// All headers by lower-case name; several of one name are joined by commas.
pub(crate) fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut kept = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = if SECRET_HEADERS.contains(&name.as_str()) {
            credential(&value)
        } else {
            value.into_owned()
        };
        kept.entry(name.to_string())
            .and_modify(|known| {
                known.push_str(", ");
                known.push_str(&value);
            })
            .or_insert(value);
    }
    kept
}

/// `Bearer abc` becomes `Bearer #<fingerprint>`.
fn credential(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme, secret)) => format!("{scheme} {}", fingerprint(secret)),
        None => fingerprint(value),
    }
}

fn fingerprint(secret: &str) -> String {
    let digest = Sha256::digest(secret.as_bytes());
    digest
        .iter()
        .take(4)
        .fold("#".to_owned(), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The body as text; on the token paths the secret fields are masked, and what cannot be read is masked whole.
pub(crate) fn body(path: &str, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if capability::of_path(path) != Some(capability::TOKENS) {
        return text.into_owned();
    }
    match serde_json::from_str::<Value>(&text) {
        Ok(mut json) => {
            mask(&mut json);
            json.to_string()
        }
        Err(_) if text.contains('{') => MASK.to_owned(),
        Err(_) => pairs(&text),
    }
}

fn mask(json: &mut Value) {
    let Value::Object(fields) = json else { return };
    for (name, value) in fields {
        if SECRET_FIELDS.contains(&name.as_str()) {
            *value = MASK.into();
        }
    }
}

/// `name=value` pairs joined by `&`, secret values masked.
pub(crate) fn pairs(text: &str) -> String {
    let masked = text.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if SECRET_FIELDS.contains(&name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    masked.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_lose_their_secrets_on_token_paths_only() {
        for (path, before, after) in [
            (
                "/oauth/token",
                "client_id=a&client_secret=b",
                "client_id=a&client_secret=***",
            ),
            (
                "/auth/token",
                "password=b%3D&username=u",
                "password=***&username=u",
            ),
            (
                "/authentication/v1/token/access-key",
                r#"{"accessKeySecret":"b"}"#,
                r#"{"accessKeySecret":"***"}"#,
            ),
            (
                "/authentication/v1/token/access-key",
                r#"{"accessKeySecret":"b"#,
                "***",
            ),
            ("/v1/embeddings", "password=b", "password=b"),
        ] {
            assert_eq!(body(path, before.as_bytes()), after, "{path} {before}");
        }
    }

    #[test]
    fn a_credential_keeps_its_scheme_and_can_be_compared() {
        assert_eq!(credential("Bearer abc"), credential("Bearer abc"));
        assert_ne!(credential("Bearer abc"), credential("Bearer abd"));
        assert!(credential("Bearer abc").starts_with("Bearer #"));
        assert!(!credential("abc").contains("abc"));
    }
}
