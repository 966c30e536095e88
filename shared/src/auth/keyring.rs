//! The live keys of every active scheme, read from one secret: `{"standard-webhooks": ["whsec_…", "whsec_…"], …}`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::Reason;
use super::credential::{Credential, KeyDigest};
use super::scheme::{Rule, Scheme, Schemes};
use super::signature::{Signature, SigningKey};
use crate::error::Error;
use crate::http::Headers;

/// Every scheme with its keys. Each has at least one.
pub struct Keyring {
    rings: Vec<Ring>,
}

/// One scheme with its keys.
pub(super) struct Ring {
    name: String,
    keys: Keys,
}

enum Keys {
    Signature(Signature, Vec<SigningKey>),
    Credential(Credential, Vec<KeyDigest>),
}

impl Keyring {
    /// Reads the secret. An error names the scheme and the place of the bad key, never the key.
    pub fn parse(schemes: &Schemes, secret: &SecretString) -> Result<Self, Error> {
        let mut written: BTreeMap<String, Vec<String>> =
            serde_json::from_str(secret.expose_secret()).map_err(|_| {
                Error::misconfigured(
                    "the webhook key secret must be JSON: scheme names, each with an array of keys",
                )
            })?;
        let rings = schemes
            .as_slice()
            .iter()
            .map(|scheme| Ring::read(scheme, &written.remove(&scheme.name).unwrap_or_default()));
        Ok(Self {
            rings: rings.collect::<Result<_, _>>()?,
        })
    }

    /// The headers of a request as the holder of the first key of `scheme` would send it; `None` for static schemes.
    pub fn sign(
        &self,
        scheme: &str,
        id: &str,
        at: Timestamp,
        body: &[u8],
    ) -> Option<Vec<(String, String)>> {
        let ring = self.rings.iter().find(|ring| ring.name == scheme)?;
        match &ring.keys {
            Keys::Signature(signature, keys) => Some(signature.sign(keys.first()?, id, at, body)),
            Keys::Credential(..) => None,
        }
    }

    pub(super) fn rings(&self) -> impl Iterator<Item = &Ring> {
        self.rings.iter()
    }
}

impl Ring {
    fn read(scheme: &Scheme, written: &[String]) -> Result<Self, Error> {
        let name = &scheme.name;
        if written.is_empty() {
            return Err(Error::misconfigured(format!(
                "the webhook key secret has no key for the scheme {name}"
            )));
        }
        let wrong = |(index, what): (usize, &str)| {
            Error::misconfigured(format!(
                "key {index} of the scheme {name} in the webhook key secret {what}"
            ))
        };
        let keys = match &scheme.rule {
            Rule::Signature(signature) => {
                let keys = read_all(written, |text| signature.read_key(text)).map_err(wrong)?;
                Keys::Signature(signature.clone(), keys)
            }
            Rule::Credential(credential) => {
                let keys = read_all(written, |text| credential.read_key(text)).map_err(wrong)?;
                Keys::Credential(credential.clone(), keys)
            }
        };
        Ok(Self {
            name: name.clone(),
            keys,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn check(
        &self,
        headers: &Headers,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Reason> {
        match &self.keys {
            Keys::Signature(signature, keys) => signature.check(keys, headers, body, now),
            Keys::Credential(credential, keys) => credential.check(keys, headers),
        }
    }
}

fn read_all<K>(
    written: &[String],
    read: impl Fn(&str) -> Result<K, &'static str>,
) -> Result<Vec<K>, (usize, &'static str)> {
    written
        .iter()
        .enumerate()
        .map(|(index, text)| read(text).map_err(|what| (index, what)))
        .collect()
}
