//! The ends of the chains, as they are kept outside of Postgres. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::entry::{Hash, Position};
use super::verify::Head;
use crate::domain::{hex, unhex};

/// The ends of all chains at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// When.
    pub at: Timestamp,
    /// For every chain its last entry: which one, and its hash.
    pub heads: BTreeMap<i16, (i64, Hash)>,
    /// Up to which entry old ones were looked at again, if not to the end.
    pub seen: Option<Seen>,
    /// Chains in which one of those was not the one that was written.
    pub faulty: Vec<i16>,
}

/// An entry, and its hash as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Which one; 0 before the first of a chain.
    pub position: Position,
    /// Its hash.
    pub hash: Hash,
}

#[derive(Serialize, Deserialize)]
struct Written {
    at: Option<Timestamp>,
    #[serde(default)]
    heads: BTreeMap<i16, (i64, String)>,
    // Releases that know nothing of these leave them out, and what is old is looked at from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<(i16, i64, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    faulty: Vec<i16>,
}

impl Anchor {
    /// The ends that Postgres names. None of a head that cannot be one.
    pub fn of(at: Timestamp, heads: &[Head]) -> Option<Self> {
        let end = |head: &Head| {
            let hash: Hash = head.hash.as_slice().try_into().ok()?;
            Some((head.shard, (head.entries, hash)))
        };
        let heads = heads.iter().map(end).collect::<Option<_>>()?;
        Some(Self {
            at,
            heads,
            seen: None,
            faulty: Vec::new(),
        })
    }

    /// Reads `{"at": "…", "heads": {"0": [12, "<hexadecimal>"], …}}`, with `"seen": [0, 7, "<hexadecimal>"]` and `"faulty": [0]` where there
    /// are such; `{}` is none.
    pub fn parse(text: &str) -> Result<Option<Self>, &'static str> {
        let wrong = "is no anchor of the audit, and not {}";
        let written: Written = serde_json::from_str(text).map_err(|_| wrong)?;
        let Some(at) = written.at else {
            return Ok(None);
        };
        let heads = written.heads.into_iter();
        let heads = heads.map(|(shard, (position, hash))| Some((shard, (position, read(&hash)?))));
        let seen = written.seen.map(|(shard, number, hash)| {
            let position = Position { shard, number };
            read(&hash).map(|hash| Seen { position, hash }).ok_or(wrong)
        });
        Ok(Some(Self {
            at,
            heads: heads.collect::<Option<_>>().ok_or(wrong)?,
            seen: seen.transpose()?,
            faulty: written.faulty,
        }))
    }

    /// What [`Anchor::parse`] reads.
    pub fn write(&self) -> String {
        let heads = self.heads.iter();
        let written = Written {
            at: Some(self.at),
            heads: heads
                .map(|(shard, (position, hash))| (*shard, (*position, hex(hash))))
                .collect(),
            seen: self
                .seen
                .map(|seen| (seen.position.shard, seen.position.number, hex(&seen.hash))),
            faulty: self.faulty.clone(),
        };
        serde_json::to_string(&written).unwrap_or_default()
    }
}

fn read(hash: &str) -> Option<Hash> {
    unhex(hash)?.try_into().ok()
}
