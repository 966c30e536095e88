//! The name that an erased conversation keeps: a keyed hash, which tells nothing to whoever lacks the key.

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use super::ConversationId;

/// What nobody's conversation is called: its name under a key tells that key from others.
const MARK: &str = "\0the erasure key";
/// Shorter keys could be guessed.
const LEAST_KEY_BYTES: usize = 32;

/// The key of tombstones. It is never changed: with another key, what was erased could come back.
pub struct ErasureKey(Hmac<Sha256>);

/// A conversation's name under that key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConversationMac([u8; 32]);

impl ErasureKey {
    /// Takes a secret text of at least 32 bytes.
    pub fn parse(text: &SecretString) -> Result<Self, &'static str> {
        let key = text.expose_secret().as_bytes();
        let long_enough = || (key.len() >= LEAST_KEY_BYTES).then_some(key);
        long_enough()
            .and_then(|key| Hmac::new_from_slice(key).ok())
            .map(Self)
            .ok_or("must be a text of at least 32 bytes")
    }

    /// The name of this conversation.
    pub fn mac(&self, conversation: &ConversationId) -> ConversationMac {
        self.mac_of(conversation.as_str())
    }

    /// What tells this key from others, and nothing else of it.
    pub fn mark(&self) -> ConversationMac {
        self.mac_of(MARK)
    }

    /// The name of whatever CXone calls so: a session and an interaction have the name that a conversation of that id would have.
    pub fn mac_of(&self, subject: &str) -> ConversationMac {
        let mut mac = self.0.clone();
        mac.update(subject.as_bytes());
        ConversationMac(mac.finalize().into_bytes().into())
    }
}

impl ConversationMac {
    /// From the bytes of such a name.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for ConversationMac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&super::hex(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_depend_on_the_key_and_short_keys_are_refused() {
        let conversation = ConversationId::parse("conv-1").unwrap();
        let mac = |key: &str| ErasureKey::parse(&key.into()).map(|key| key.mac(&conversation));
        let (one, two) = ("1".repeat(32), "2".repeat(32));
        assert_eq!(mac(&one), mac(&one));
        assert_ne!(mac(&one), mac(&two));
        assert!(mac(&"1".repeat(31)).is_err());
    }

    #[test]
    fn a_mark_tells_keys_apart_and_is_the_name_of_no_conversation() {
        let mark = |key: &str| ErasureKey::parse(&key.repeat(32).into()).unwrap().mark();
        assert_eq!(mark("1"), mark("1"));
        assert_ne!(mark("1"), mark("2"));
        assert!(ConversationId::parse(MARK).is_err());
    }

    /// Made by `openssl dgst -sha256 -hmac`. Another name would let come back what was erased.
    #[test]
    fn a_name_is_the_hmac_of_the_id_and_stays_it() {
        let expected = "21a8136a48aac4787155b19b0a08874ea5d7f7c80b76a1d197125e2691790c00";
        let key = ErasureKey::parse(&"1".repeat(32).into()).unwrap();
        let name = key.mac(&ConversationId::parse("conv-1").unwrap());
        assert_eq!(name.to_string(), expected);
        assert_eq!(crate::domain::hex(name.as_bytes()), expected);
        assert_eq!(key.mac_of("conv-1"), name);
        assert_ne!(key.mac_of("conv-2"), name);
        let bytes = name.as_bytes().try_into().unwrap();
        assert_eq!(ConversationMac::new(bytes), name);
    }
}
