//! Who we are at CXone, out of the text of a secret.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::profile::Style;
use crate::error::Error;

/// A name and its secret.
pub(super) struct Pair {
    pub(super) id: SecretString,
    pub(super) secret: SecretString,
}

/// All that one style of asking for a token needs.
pub(super) enum Credentials {
    Client(Pair),
    Password { client: Pair, key: Pair },
    AccessKey(Pair),
}

#[derive(Deserialize)]
struct Written {
    client_id: Option<SecretString>,
    client_secret: Option<SecretString>,
    access_key_id: Option<SecretString>,
    access_key_secret: Option<SecretString>,
}

impl Credentials {
    /// Reads the JSON of the secret. What is wrong with it is said without it.
    pub(super) fn parse(style: Style, secret: &SecretString) -> Result<Self, Error> {
        let written = serde_json::from_str(secret.expose_secret());
        let written: Written = written.map_err(|_| {
            Error::misconfigured(
                "the secret of CXONE_SECRET_ID must be JSON with client_id and client_secret, or access_key_id and access_key_secret",
            )
        })?;
        let client = || -> Result<Pair, Error> {
            Ok(Pair {
                id: there("client_id", written.client_id.as_ref())?,
                secret: there("client_secret", written.client_secret.as_ref())?,
            })
        };
        let key = || -> Result<Pair, Error> {
            Ok(Pair {
                id: there("access_key_id", written.access_key_id.as_ref())?,
                secret: there("access_key_secret", written.access_key_secret.as_ref())?,
            })
        };
        Ok(match style {
            Style::ClientCredentials => Self::Client(client()?),
            Style::Password => Self::Password {
                client: client()?,
                key: key()?,
            },
            Style::AccessKey => Self::AccessKey(key()?),
        })
    }

    /// Whether they say the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Client(one), Self::Client(two))
            | (Self::AccessKey(one), Self::AccessKey(two)) => one.is_same(two),
            (
                Self::Password { client, key },
                Self::Password {
                    client: other_client,
                    key: other_key,
                },
            ) => client.is_same(other_client) && key.is_same(other_key),
            _ => false,
        }
    }
}

impl Pair {
    fn is_same(&self, other: &Self) -> bool {
        self.id.expose_secret() == other.id.expose_secret()
            && self.secret.expose_secret() == other.secret.expose_secret()
    }
}

fn there(name: &str, value: Option<&SecretString>) -> Result<SecretString, Error> {
    let text = value.map(|value| value.expose_secret().trim());
    match text {
        Some(text) if !text.is_empty() => Ok(SecretString::from(text)),
        _ => Err(Error::misconfigured(format!(
            "the secret of CXONE_SECRET_ID has no {name}, which the token style of CXONE_PROFILE needs"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_style_says_what_it_needs_and_quotes_nothing() {
        let client = r#""client_id": "c-id", "client_secret": "hush""#;
        let key = r#""access_key_id": "k-id", "access_key_secret": "hush""#;
        for (style, text, lack) in [
            (Style::ClientCredentials, format!("{{{client}}}"), None),
            (
                Style::ClientCredentials,
                format!("{{{client}, {key}, \"x\": 1}}"),
                None,
            ),
            (Style::Password, format!("{{{client}, {key}}}"), None),
            (Style::AccessKey, format!("{{{key}}}"), None),
            (
                Style::ClientCredentials,
                format!("{{{key}}}"),
                Some("no client_id"),
            ),
            (
                Style::Password,
                format!("{{{client}}}"),
                Some("no access_key_id"),
            ),
            (
                Style::AccessKey,
                format!("{{{client}}}"),
                Some("no access_key_id"),
            ),
            (
                Style::AccessKey,
                r#"{"access_key_id": "hush", "access_key_secret": " "}"#.to_owned(),
                Some("no access_key_secret"),
            ),
            (Style::AccessKey, "hush".to_owned(), Some("must be JSON")),
            (
                Style::AccessKey,
                r#"{"access_key_id": ["hush"]}"#.to_owned(),
                Some("must be JSON"),
            ),
        ] {
            let parsed = Credentials::parse(style, &SecretString::from(text.clone()));
            let error = parsed.err().map(|error| error.chain());
            assert_eq!(error.is_some(), lack.is_some(), "{style:?} {text}");
            let error = error.unwrap_or_default();
            assert!(
                error.contains(lack.unwrap_or_default()) && !error.contains("hush"),
                "{error}"
            );
        }
    }
}
