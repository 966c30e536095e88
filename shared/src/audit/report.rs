//! What a verification found. Pure.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// An anchor that is older is not renewed any more: that is done every quarter of an hour.
const STALE: SignedDuration = SignedDuration::from_hours(1);

/// What was found of all chains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// When the ends of the chains were last kept outside of Postgres.
    pub anchored_at: Option<Timestamp>,
    /// Chain by chain.
    pub chains: Vec<ChainReport>,
    /// Keys that are gone though nothing was erased under their names: whose entries these were cannot be told any more.
    pub lost_keys: i64,
}

/// Nobody vouches for the entries, or not for those that came since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanchored {
    /// There was no anchor.
    Never,
    /// The anchor is of then, and anchors are renewed more often.
    Since(Timestamp),
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
    /// The first entry that says it was appended more than a minute before one that stands before it: the clock of the database was put
    /// back, or the time was chosen.
    pub backdated: Option<i64>,
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
    /// Whether nobody anchors the audit, or nobody does any more. Chains without entries need no anchor.
    pub fn unanchored(&self, now: Timestamp) -> Option<Unanchored> {
        if self.entries() == 0 {
            return None;
        }
        let Some(at) = self.anchored_at else {
            return Some(Unanchored::Never);
        };
        (now.duration_since(at) > STALE).then_some(Unanchored::Since(at))
    }

    /// Whether nothing else is to be told: no key was lost, and no time was chosen.
    pub fn is_clean(&self) -> bool {
        let is_clean = |chain: &ChainReport| chain.backdated.is_none();
        self.is_sound() && self.lost_keys == 0 && self.chains.iter().all(is_clean)
    }

    /// Whether nothing is wrong with the chains.
    pub fn is_sound(&self) -> bool {
        self.chains.iter().all(|chain| chain.fault.is_none())
    }

    /// How many entries stand in all chains.
    pub fn entries(&self) -> i64 {
        self.chains.iter().map(|chain| chain.entries).sum()
    }
}
