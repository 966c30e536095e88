//! What makes two texts the same.

use sha2::{Digest as _, Sha256};

/// SHA-256 of a text: the same text has the same vector, and is not embedded twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextHash([u8; 32]);

impl TextHash {
    /// The hash of this text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The bytes of such a hash.
impl From<[u8; 32]> for TextHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hex;

    /// The digest of `abc` is that of the standard. What is stored is compared with it for ever.
    #[test]
    fn a_hash_is_the_sha_256_of_the_text() {
        let hash = TextHash::of("abc");
        assert_eq!(
            hex(hash.as_bytes()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let bytes: [u8; 32] = hash.as_bytes().try_into().unwrap();
        assert_eq!(TextHash::from(bytes), hash);
        assert_ne!(TextHash::of("abd"), hash);
    }
}
