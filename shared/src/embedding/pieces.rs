//! How long the pieces are that are embedded, out of the environment.

use crate::config::Reader;
use crate::error::Error;
use crate::text::chunk::Limits;

/// How long a piece is, and how much of it repeats the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkSettings {
    tokens: usize,
    overlap: usize,
}

impl ChunkSettings {
    /// Reads `CHUNK_TOKENS` and `CHUNK_OVERLAP_TOKENS`.
    pub fn read(read: &mut Reader<'_>) -> Self {
        Self {
            tokens: read.or("CHUNK_TOKENS", 400),
            overlap: read.or("CHUNK_OVERLAP_TOKENS", 40),
        }
    }

    /// The same for a model that reads `most` tokens.
    pub fn within(self, most: usize) -> Result<Limits, Error> {
        Limits::within(most, self.tokens, self.overlap)
            .map_err(|why| Error::misconfigured(format!("CHUNK_TOKENS {why}")))
    }
}
