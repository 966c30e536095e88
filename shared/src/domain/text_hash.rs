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
