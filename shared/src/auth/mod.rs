//! Who may call us. A request is [`Unverified`] until a scheme vouches for it; only a [`Verified`] body can be read.
//!
//! - [`scheme`]: which schemes there are, as configuration;
//! - [`signature`]: HMAC signatures over the raw bytes; [`credential`]: static headers, bearer, Basic;
//! - [`keyring`]: the live keys of every scheme;
//! - [`signer`]: what we send to others is signed in the same way;
//! - [`api_keys`]: keys with scopes, for every HTTP function but the webhook; [`scope`]: which scopes there are;
//! - [`link`]: links that open a page for a while, for browsers.

pub mod api_keys;
pub mod credential;
mod headers;
pub mod keyring;
pub mod link;
pub mod scheme;
pub mod scope;
pub mod signature;
pub mod signer;
mod template;

use std::sync::Arc;

use jiff::Timestamp;

pub use crate::error::Reason;
pub use api_keys::{ApiKeys, Caller};
pub use headers::Headers;
pub use keyring::Keyring;
pub use link::LinkKey;
pub use scope::Scope;
pub use signer::Signer;

/// A key shorter than this can be guessed; Standard Webhooks asks for 24 and more.
pub const SHORTEST_KEY: usize = 16;

/// A request as it came in. Its body cannot be read, only verified.
pub struct Unverified {
    headers: Headers,
    body: Arc<Vec<u8>>,
}

/// A body that a live key vouches for.
///
/// ```
/// let request = shared::auth::Unverified::new(shared::auth::Headers::default(), Vec::new());
/// ```
///
/// The same request cannot be read unchecked:
///
/// ```compile_fail,E0599
/// let request = shared::auth::Unverified::new(shared::auth::Headers::default(), Vec::new());
/// request.body();
/// ```
pub struct Verified {
    body: Arc<Vec<u8>>,
    scheme: String,
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
        let body = Arc::new(body);
        Self { headers, body }
    }

    /// Tries every scheme of the keyring; the first that vouches for the request decides. The reason is that of the scheme that came nearest.
    pub fn verify(&self, keyring: &Keyring, now: Timestamp) -> Result<Verified, Reason> {
        let mut reason = Reason::NoCredentials;
        for ring in keyring.rings() {
            match ring.check(&self.headers, &self.body, now) {
                Ok(()) => {
                    return Ok(Verified {
                        body: Arc::clone(&self.body),
                        scheme: ring.name().to_owned(),
                    });
                }
                Err(why) => reason = reason.max(why),
            }
        }
        Err(reason)
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
