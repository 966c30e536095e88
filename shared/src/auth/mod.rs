//! Who may call us. A request is [`Unverified`] until a scheme vouches for it; only a [`Verified`] body can be read.
//!
//! - [`scheme`]: which schemes there are, as configuration;
//! - [`signature`]: HMAC signatures over the raw bytes; [`credential`]: static headers, bearer, Basic;
//! - [`keyring`]: the live keys of every scheme;
//! - [`signer`]: what we send to others is signed in the same way;
//! - [`api_keys`]: keys with scopes, for every HTTP function but the webhook;
//! - [`link`]: links that open a page for a while, for browsers.

pub mod api_keys;
pub mod credential;
pub mod keyring;
pub mod link;
pub mod scheme;
pub mod signature;
pub mod signer;
mod template;

use jiff::Timestamp;

pub use api_keys::{ApiKeys, Caller, Scope};
pub use keyring::Keyring;
pub use link::LinkKey;
pub use signer::Signer;

use crate::http::Headers;

/// A key shorter than this can be guessed; Standard Webhooks asks for 24 and more.
pub const SHORTEST_KEY: usize = 16;

/// A request as it came in. Its body cannot be read, only verified.
pub struct Unverified {
    headers: Headers,
    body: Vec<u8>,
}

/// A body that a live key vouches for.
///
/// ```
/// let request = shared::auth::Unverified::new(shared::http::Headers::default(), Vec::new());
/// ```
///
/// The same request cannot be read unchecked:
///
/// ```compile_fail,E0599
/// let request = shared::auth::Unverified::new(shared::http::Headers::default(), Vec::new());
/// request.body();
/// ```
pub struct Verified {
    body: Vec<u8>,
    scheme: String,
}

/// A request that no scheme vouches for, given back so that it can be tried against refreshed keys.
#[derive(Debug)]
pub struct Rejected {
    /// The request, still unverified.
    pub request: Unverified,
    /// Why the scheme that came nearest refused it; for the log.
    pub reason: Reason,
}

/// Why a request was refused, nearest miss last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No scheme found the headers that it reads.
    NoCredentials,
    /// A header is there and cannot be what it should be.
    Malformed,
    /// The signed time is too far from now.
    Stale,
    /// Everything is in place, but no live key made it.
    WrongKey,
    /// Everything is in place, but the scheme has no live key to compare with: nobody can know.
    NoKeys,
}

impl Reason {
    /// Whether the caller may hold a key that is newer than ours.
    pub fn may_be_a_new_key(self) -> bool {
        matches!(self, Self::WrongKey | Self::NoKeys)
    }

    /// One stable word for the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoCredentials => "no_credentials",
            Self::Malformed => "malformed_credentials",
            Self::Stale => "stale_timestamp",
            Self::WrongKey => "wrong_key",
            Self::NoKeys => "no_keys",
        }
    }
}

impl std::fmt::Debug for Unverified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Unverified({:?}, {} bytes)",
            self.headers,
            self.body.len()
        )
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verified({}, {} bytes)", self.scheme, self.body.len())
    }
}

impl Unverified {
    /// A request that was just received.
    pub fn new(headers: Headers, body: Vec<u8>) -> Self {
        Self { headers, body }
    }

    /// Tries every scheme of the keyring; the first that vouches for the request decides.
    pub fn verify(self, keyring: &Keyring, now: Timestamp) -> Result<Verified, Rejected> {
        let mut reason = Reason::NoCredentials;
        for ring in keyring.rings() {
            match ring.check(&self.headers, &self.body, now) {
                Ok(()) => {
                    return Ok(Verified {
                        body: self.body,
                        scheme: ring.name().to_owned(),
                    });
                }
                Err(why) => reason = reason.max(why),
            }
        }
        Err(Rejected {
            request: self,
            reason,
        })
    }
}

impl Verified {
    /// The raw bytes that were vouched for.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The name of the scheme that vouched.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }
}

#[cfg(test)]
mod tests;
