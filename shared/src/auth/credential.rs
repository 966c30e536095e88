//! Static credentials: a Studio REST action sends whatever header it was given.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{Headers, Reason, SHORTEST_KEY};

/// Where the credential stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer KEY`
    Bearer,
    /// `Authorization: Basic base64(USER:PASSWORD)`; the key is `USER:PASSWORD`.
    Basic,
    /// A header of its own, lower-case.
    Header(String),
}

/// A key of which only the digest is kept: digests have one length, so comparing them tells nothing about the key's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyDigest([u8; 32]);

impl Credential {
    /// Vouches for a request, or says why not.
    pub(super) fn check(&self, keys: &[KeyDigest], headers: &Headers) -> Result<(), Reason> {
        let presented = self.presented(headers)?;
        let digest = Sha256::digest(&presented);
        let matches = keys.iter().fold(0, |matches, key| {
            matches | key.0.ct_eq(digest.as_slice()).unwrap_u8()
        });
        if matches == 1 {
            Ok(())
        } else {
            Err(Reason::WrongKey)
        }
    }

    /// Reads a key as it is written in the secret.
    pub(super) fn read_key(&self, text: &str) -> Result<KeyDigest, &'static str> {
        let guarded = match self {
            Self::Basic => text.split_once(':').ok_or("is not USER:PASSWORD")?.1,
            Self::Bearer | Self::Header(_) => text,
        };
        if guarded.len() < SHORTEST_KEY {
            return Err("is shorter than 16 bytes");
        }
        Ok(KeyDigest(Sha256::digest(text).into()))
    }

    /// The header by which a holder of this key says who it is.
    pub(super) fn present(&self, key: &str) -> (String, String) {
        let authorization = |value| ("authorization".to_owned(), value);
        match self {
            Self::Bearer => authorization(format!("Bearer {key}")),
            Self::Basic => authorization(format!("Basic {}", STANDARD.encode(key))),
            Self::Header(name) => (name.clone(), key.to_owned()),
        }
    }

    fn presented(&self, headers: &Headers) -> Result<Vec<u8>, Reason> {
        match self {
            Self::Header(name) => Ok(headers
                .get(name)
                .ok_or(Reason::NoCredentials)?
                .as_bytes()
                .to_vec()),
            Self::Bearer => Ok(authorization(headers, "bearer")?.as_bytes().to_vec()),
            Self::Basic => STANDARD
                .decode(authorization(headers, "basic")?)
                .map_err(|_| Reason::Malformed),
        }
    }
}

/// What follows the word `scheme` in the Authorization header.
pub(super) fn authorization<'h>(headers: &'h Headers, scheme: &str) -> Result<&'h str, Reason> {
    let (word, rest) = headers
        .get("authorization")
        .and_then(|value| value.split_once(' '))
        .ok_or(Reason::NoCredentials)?;
    if word.eq_ignore_ascii_case(scheme) {
        Ok(rest.trim())
    } else {
        Err(Reason::NoCredentials)
    }
}
