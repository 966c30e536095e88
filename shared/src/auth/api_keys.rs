//! API keys with scopes, for every HTTP function but the webhook: `x-api-key: ID.SECRET`, or the same as a bearer token.
//!
//! Secrets Manager holds `{"keys": [{"id", "sha256", "scopes", "expires"}]}`: the digest of the secret part, never the key.

mod written;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use self::written::{Unread, Written};
use super::credential::authorization;
use super::{Headers, Reason, Scope};
use crate::domain::hex;
use crate::error::Error;

/// One key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredKey {
    /// Which key; safe to log.
    pub id: String,
    /// The digest of the secret part, hexadecimal.
    pub sha256: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// After this instant it is refused.
    pub expires: Timestamp,
}

/// All keys that are live or were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct ApiKeys {
    /// Several may be live at once, so that a client can change from one to the next.
    pub keys: Vec<StoredKey>,
    /// What stands among them and is none. It lets nobody in, and stays in the secret: a newer version may be able to read it.
    unread: Vec<Unread>,
}

/// A caller whose key was live and had the scope that the route asked for. Only [`ApiKeys::authorize`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    key_id: String,
}

impl Caller {
    /// Which key was used.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}

impl ApiKeys {
    /// Reads the secret of whoever lets callers in. What is no key is left out, unless there is nothing else.
    pub fn parse(secret: &SecretString) -> Result<Self, Error> {
        let keys = Self::read(secret)?;
        if keys.keys.is_empty() && !keys.unread.is_empty() {
            let problems = keys.problems().join("; ");
            return Err(Error::misconfigured(problems));
        }
        Ok(keys)
    }

    /// Reads the secret of whoever changes it: what cannot be read stays in it.
    pub fn read(secret: &SecretString) -> Result<Self, Error> {
        serde_json::from_str(secret.expose_secret()).map_err(|_| {
            Error::misconfigured("the API key secret must be JSON: {\"keys\": [{\"id\", \"sha256\", \"scopes\", \"expires\"}]}")
        })
    }

    /// The entries that were left out, and why. What is said names the place of an entry, and nothing that stands there.
    pub fn problems(&self) -> Vec<String> {
        let problem =
            |one: &Unread| format!("key {} of the API key secret {}", one.index, one.fault());
        self.unread.iter().map(problem).collect()
    }

    /// Lets a caller in who presents a live key with `scope`.
    pub fn authorize(
        &self,
        headers: &Headers,
        scope: Scope,
        now: Timestamp,
    ) -> Result<Caller, Error> {
        let presented = match headers.get("x-api-key") {
            Some(key) => key,
            None => authorization(headers, "bearer").map_err(Error::Unauthorized)?,
        };
        let (id, secret) = presented
            .split_once('.')
            .ok_or(Error::Unauthorized(Reason::Malformed))?;
        let digest = hex(&Sha256::digest(secret));
        let is_it = |key: &&StoredKey| {
            key.id == id && bool::from(key.sha256.as_bytes().ct_eq(digest.as_bytes()))
        };
        let key = self
            .keys
            .iter()
            .find(is_it)
            .ok_or(Error::Unauthorized(Reason::WrongKey))?;
        if now >= key.expires {
            return Err(Error::Unauthorized(Reason::Expired));
        }
        if !key.scopes.contains(&scope) {
            return Err(Error::Forbidden(scope.as_str()));
        }
        Ok(Caller {
            key_id: key.id.clone(),
        })
    }

    /// Makes a key out of 32 random bytes, keeps its digest, and gives the key itself, which is shown once.
    pub fn issue(
        &mut self,
        id: &str,
        random: [u8; 32],
        scopes: Vec<Scope>,
        expires: Timestamp,
    ) -> Result<String, Error> {
        let is_plain = !id.is_empty()
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let is_taken = self.keys.iter().any(|key| key.id == id)
            || self.unread.iter().any(|one| one.has_id(id));
        if !is_plain || is_taken {
            return Err(Error::Conflict(
                "a key's id must be new, and letters, digits, - or _".to_owned(),
            ));
        }
        let secret = URL_SAFE_NO_PAD.encode(random);
        let sha256 = hex(&Sha256::digest(&secret));
        self.keys.push(StoredKey {
            id: id.to_owned(),
            sha256,
            scopes,
            expires,
        });
        Ok(format!("{id}.{secret}"))
    }

    /// Takes a key away, whether it can be read or not; says whether there was one.
    pub fn revoke(&mut self, id: &str) -> bool {
        let before = self.keys.len() + self.unread.len();
        self.keys.retain(|key| key.id != id);
        self.unread.retain(|one| !one.has_id(id));
        self.keys.len() + self.unread.len() < before
    }
}

#[cfg(test)]
mod tests;
