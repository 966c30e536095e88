//! What a verification found. Pure.

use jiff::Timestamp;
use serde::Serialize;

/// What was found of all chains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// When the ends of the chains were last kept outside of Postgres.
    pub anchored_at: Option<Timestamp>,
    /// Chain by chain.
    pub chains: Vec<ChainReport>,
}

/// What was found of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainReport {
    /// Which one.
    pub shard: i16,
    /// How many entries stand there.
    pub entries: i64,
    /// Up to which entry it is anchored; 0 without an anchor.
    pub anchored: i64,
    /// The first thing that is wrong.
    pub fault: Option<Fault>,
}

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// An entry has not the hash of what it says.
    #[error("entry {position} was changed")]
    Changed {
        /// Which one.
        position: i64,
    },
    /// Entries are not there, and later ones are.
    #[error("the entries {from} to {to} are missing")]
    Missing {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// An entry was not appended to the one that stands before it.
    #[error(
        "entry {position} does not follow from the one before, which is not the one that was written"
    )]
    Unlinked {
        /// Which one.
        position: i64,
    },
    /// An entry stands where none can stand.
    #[error("entry {position} stands where none can stand")]
    Stray {
        /// Which one.
        position: i64,
    },
    /// The end is missing.
    #[error("the chain was cut: the entries {from} to {to} are missing at its end")]
    Cut {
        /// The first that is missing.
        from: i64,
        /// The last that is known to have been there.
        to: i64,
    },
    /// What is said to be the newest entry is not.
    #[error("the head was replaced: it is not the hash of the last entry, {position}")]
    HeadReplaced {
        /// The last entry.
        position: i64,
    },
    /// The chain has no head.
    #[error("the head is missing")]
    HeadMissing,
    /// The chain is whole, and another one than the one that was anchored.
    #[error("the chain was made anew: entry {position} is not the one that was anchored")]
    Rewritten {
        /// The entry that was anchored.
        position: i64,
    },
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.chains.iter().all(|chain| chain.fault.is_none())
    }

    /// How many entries stand in all chains.
    pub fn entries(&self) -> i64 {
        self.chains.iter().map(|chain| chain.entries).sum()
    }
}
