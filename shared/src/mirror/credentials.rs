//! Who we are at Elasticsearch, out of the text of a secret.

use reqwest::RequestBuilder;
use reqwest::header::AUTHORIZATION;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::error::Error;

/// A key, or a name and its password.
pub(super) enum Credentials {
    Key(SecretString),
    Basic {
        username: String,
        password: SecretString,
    },
}

#[derive(Deserialize)]
struct Written {
    api_key: Option<SecretString>,
    username: Option<String>,
    password: Option<SecretString>,
}

impl Credentials {
    /// Reads `{"api_key": "…"}` (the encoded form) or `{"username": "…", "password": "…"}`. What is wrong with it is said without it.
    pub(super) fn parse(secret: &SecretString) -> Result<Self, Error> {
        let unfit = || {
            Error::misconfigured(
                "the secret of ELASTICSEARCH_SECRET_ID must be JSON with api_key, or with username and password",
            )
        };
        let written: Written = serde_json::from_str(secret.expose_secret()).map_err(|_| unfit())?;
        let is_visible = |key: &SecretString| {
            let key = key.expose_secret();
            !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match written {
            Written {
                api_key: Some(key), ..
            } if is_visible(&key) => Ok(Self::Key(key)),
            Written {
                api_key: None,
                username: Some(username),
                password: Some(password),
            } => Ok(Self::Basic { username, password }),
            _ => Err(unfit()),
        }
    }

    pub(super) fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Key(key) => {
                let key = format!("ApiKey {}", key.expose_secret());
                let value = reqwest::header::HeaderValue::try_from(key);
                match value {
                    Ok(mut value) => {
                        value.set_sensitive(true);
                        request.header(AUTHORIZATION, value)
                    }
                    // It was checked when it was read.
                    Err(_) => request,
                }
            }
            Self::Basic { username, password } => {
                request.basic_auth(username, Some(password.expose_secret()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_or_a_password_and_nothing_else() {
        for (text, is_good) in [
            (r#"{"api_key": "a2V5"}"#, true),
            (r#"{"username": "u", "password": "p"}"#, true),
            (r#"{"api_key": ""}"#, false),
            (r#"{"api_key": "a b"}"#, false),
            (r#"{"username": "u"}"#, false),
            ("a2V5", false),
        ] {
            let read = Credentials::parse(&SecretString::from(text));
            assert_eq!(read.is_ok(), is_good, "{text}");
        }
    }
}
