//! An entry and its hash. Pure.
//!
//! The hash is the SHA-256 of these bytes, numbers in two's complement with the highest byte first:
//!
//! | bytes | what |
//! |---|---|
//! | 32 | the hash of the entry before, zeros for the first |
//! | 2 | the chain |
//! | 8 | the position, from 1 |
//! | 8 | when, in microseconds since 1970 |
//! | 4 | how many bytes the kind has |
//! | as many | the kind |
//! | 32 | the subject's pseudonym |
//! | the rest | the content |
//!
//! Postgres computes the same when an entry is appended.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What ties an entry to the one before.
pub type Hash = [u8; 32];

/// What the first entry of a chain is tied to.
pub const GENESIS: Hash = [0; 32];

/// What is to be written down.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// What happened.
    pub kind: EntryKind,
    /// Whom it is about, by the name that CXone gave: a session, an interaction or a conversation. It is kept as a pseudonym.
    pub subject: &'a str,
    /// What is to be known of it. It is kept for good: no personal text, and no name of a person or conversation. Digests in it are
    /// written under the subject's key.
    pub content: Value,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// An order of snippets was posted, or could not be.
    Ranking,
    /// A transcript was taken in, was injected, or could not be.
    Transcript,
    /// Something was erased. Whose it was is not said.
    Erasure,
}

impl EntryKind {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ranking => "ranking",
            Self::Transcript => "transcript",
            Self::Erasure => "erasure",
        }
    }
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Position {
    /// The chain.
    pub shard: i16,
    /// From 1, without gaps.
    pub number: i64,
}

/// An entry as it was found. Any of it may have been forged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it stands.
    pub position: Position,
    /// When it was appended, in microseconds since 1970; none for what is no instant.
    pub at: Option<i64>,
    /// What happened.
    pub kind: String,
    /// The pseudonym.
    pub subject: Vec<u8>,
    /// Canonical JSON.
    pub content: String,
    /// The hash of the entry before.
    pub previous: Vec<u8>,
    /// Its own.
    pub hash: Vec<u8>,
}

impl Link {
    /// The hash that it should have; none where a part has not the length that it has in every entry of ours.
    pub fn hash(&self) -> Option<Hash> {
        let (previous, subject) = (whole(&self.previous)?, whole(&self.subject)?);
        let length = i32::try_from(self.kind.len()).ok()?;
        let digest = Sha256::new()
            .chain_update(previous)
            .chain_update(self.position.shard.to_be_bytes())
            .chain_update(self.position.number.to_be_bytes())
            .chain_update(self.at?.to_be_bytes())
            .chain_update(length.to_be_bytes())
            .chain_update(&self.kind)
            .chain_update(subject)
            .chain_update(&self.content);
        Some(digest.finalize().into())
    }
}

fn whole(bytes: &[u8]) -> Option<&Hash> {
    bytes.try_into().ok()
}
