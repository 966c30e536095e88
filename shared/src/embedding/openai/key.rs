//! The key of a provider, out of the text of a secret.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::error::Error;

#[derive(Deserialize)]
struct Written {
    api_key: SecretString,
}

/// The secret is the key itself or `{"api_key": "…"}`. What is wrong with it is said without it.
pub fn parse(secret: &SecretString) -> Result<SecretString, Error> {
    let text = secret.expose_secret().trim();
    if !text.starts_with('{') {
        return checked(text);
    }
    let written = serde_json::from_str::<Written>(text).map_err(|_| {
        Error::misconfigured(
            "the embedding key secret must be the key itself, or JSON with an api_key",
        )
    })?;
    checked(written.api_key.expose_secret().trim())
}

/// It has to fit into a header.
fn checked(key: &str) -> Result<SecretString, Error> {
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::misconfigured(
            "the embedding key must be visible ASCII characters without spaces",
        ));
    }
    Ok(SecretString::from(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        for text in [
            "sk-1",
            " sk-1\n",
            r#"{"api_key": "sk-1"}"#,
            r#"{"api_key":" sk-1 ","x":1}"#,
        ] {
            let key = parse(&SecretString::from(text)).unwrap();
            assert_eq!(key.expose_secret(), "sk-1", "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_key_is_a_setting_to_change_and_is_not_quoted() {
        for text in [
            "",
            "  ",
            "{}",
            r#"{"api_key": ""}"#,
            r#"{"key": "sk-1"}"#,
            "{sk-1",
            "sk-1\nsk-1",
            "sk-1é",
        ] {
            let error = parse(&SecretString::from(text)).unwrap_err();
            assert!(matches!(error, Error::Misconfigured { .. }), "{text:?}");
            assert!(!error.chain().contains("sk-1"), "{error}");
        }
    }
}
