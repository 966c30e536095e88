//! What we send to others is signed as Standard Webhooks, by every key that is in force.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::signature::{Signature, SigningKey};
use crate::error::Error;

/// Signs what we send.
pub struct Signer {
    signature: Signature,
    keys: Vec<SigningKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    keys: Vec<String>,
}

impl Signer {
    /// Reads `{"keys": ["whsec_<new>", "whsec_<old>"]}`. While receivers change to a new key both sign; later the new one stands alone.
    /// What is wrong is said without the keys.
    pub fn parse(secret: &SecretString) -> Result<Self, Error> {
        let wrong =
            |what: &str| Error::misconfigured(format!("the secret of callback keys {what}"));
        let written: Result<Written, _> = serde_json::from_str(secret.expose_secret());
        let form = "must be {\"keys\": [\"whsec_…\"]}, each key base64 of at least 16 bytes";
        let written = written.map_err(|_| wrong(form))?;
        let signature = Signature::standard().map_err(|what| wrong(&what))?;
        let keys = written.keys.iter().map(|key| signature.read_key(key));
        let keys: Vec<_> = keys.collect::<Result<_, _>>().map_err(|_| wrong(form))?;
        if keys.is_empty() {
            return Err(wrong("holds no key: callbacks wait until it does"));
        }
        Ok(Self { signature, keys })
    }

    /// The headers of a request with this id and body: the id, the time, and a signature by each key.
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> Vec<(String, String)> {
        self.signature.sign(&self.keys, id, at, body)
    }
}
