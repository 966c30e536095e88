//! The live keys of every active scheme, read from one secret: `{"standard-webhooks": ["whsec_…", "whsec_…"], …}`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::credential::{Credential, KeyDigest};
use super::scheme::{Rule, Scheme, Schemes};
use super::signature::{Signature, SigningKey};
use super::{Headers, Reason};
use crate::error::Error;

/// Every scheme with its keys. At least one of them has some; one that has none can judge nobody until it has.
pub struct Keyring {
    rings: Vec<Ring>,
    problems: Vec<String>,
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
    /// Reads the secret. A bad key is left out, and so is a scheme without a good one, while another has one. What is said names the scheme
    /// and the place of the key, never the key.
    pub fn parse(schemes: &Schemes, secret: &SecretString) -> Result<Self, Error> {
        let written = serde_json::from_str::<BTreeMap<String, Value>>(secret.expose_secret());
        let mut written = written.map_err(|_| {
            Error::misconfigured(
                "the webhook key secret must be JSON: scheme names, each with an array of keys",
            )
        })?;
        let mut problems = Vec::new();
        let mut rings = Vec::new();
        for scheme in schemes.as_slice() {
            let keys = written.remove(&scheme.name).unwrap_or_default();
            let keys = keys.as_array().map(Vec::as_slice).unwrap_or_default();
            rings.push(Ring::read(scheme, keys, &mut problems));
        }
        if rings.iter().all(|ring| ring.keys.is_empty()) {
            return Err(Error::misconfigured(problems.join("; ")));
        }
        Ok(Self { rings, problems })
    }

    /// The keys that were left out, and the schemes that have none, and why.
    pub fn problems(&self) -> &[String] {
        &self.problems
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
            Keys::Signature(signature, keys) => Some(signature.sign(keys.get(..1)?, id, at, body)),
            Keys::Credential(..) => None,
        }
    }

    pub(super) fn rings(&self) -> impl Iterator<Item = &Ring> {
        self.rings.iter()
    }
}

impl Ring {
    fn read(scheme: &Scheme, written: &[Value], problems: &mut Vec<String>) -> Self {
        let name = &scheme.name;
        let mut note = |index: usize, what: &str| {
            problems.push(format!(
                "key {index} of the scheme {name} in the webhook key secret {what}"
            ));
        };
        let keys = match &scheme.rule {
            Rule::Signature(signature) => {
                let keys = read_all(written, |text| signature.read_key(text), &mut note);
                Keys::Signature(signature.clone(), keys)
            }
            Rule::Credential(credential) => {
                let keys = read_all(written, |text| credential.read_key(text), &mut note);
                Keys::Credential(credential.clone(), keys)
            }
        };
        if keys.is_empty() {
            problems.push(format!(
                "the webhook key secret has no usable key for the scheme {name}"
            ));
        }
        Self {
            name: name.clone(),
            keys,
        }
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
        let checked = match &self.keys {
            Keys::Signature(signature, keys) => signature.check(keys, headers, body, now),
            Keys::Credential(credential, keys) => credential.check(keys, headers),
        };
        checked.map_err(|reason| match reason {
            // There was nothing to compare with: it may be one who was let in until somebody damaged the secret.
            Reason::WrongKey if self.keys.is_empty() => Reason::NoKeys,
            reason => reason,
        })
    }
}

impl Keys {
    fn is_empty(&self) -> bool {
        match self {
            Self::Signature(_, keys) => keys.is_empty(),
            Self::Credential(_, keys) => keys.is_empty(),
        }
    }
}

fn read_all<K>(
    written: &[Value],
    read: impl Fn(&str) -> Result<K, &'static str>,
    note: &mut impl FnMut(usize, &str),
) -> Vec<K> {
    let mut keys = Vec::new();
    for (index, text) in written.iter().enumerate() {
        match text.as_str().ok_or("is no text").and_then(&read) {
            Ok(key) => keys.push(key),
            Err(what) => note(index, what),
        }
    }
    keys
}
