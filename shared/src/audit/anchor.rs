//! The ends of the chains, as they are kept outside of Postgres. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::entry::Hash;
use super::verify::Head;
use crate::domain::{hex, unhex};

/// The ends of all chains at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// When.
    pub at: Timestamp,
    /// For every chain its last entry: which one, and its hash.
    pub heads: BTreeMap<i16, (i64, Hash)>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    at: Option<Timestamp>,
    #[serde(default)]
    heads: BTreeMap<i16, (i64, String)>,
}

impl Anchor {
    /// The ends that Postgres names. None of a head that cannot be one.
    pub fn of(at: Timestamp, heads: &[Head]) -> Option<Self> {
        let end = |head: &Head| {
            let hash: Hash = head.hash.as_slice().try_into().ok()?;
            Some((head.shard, (head.entries, hash)))
        };
        let heads = heads.iter().map(end).collect::<Option<_>>()?;
        Some(Self { at, heads })
    }

    /// Reads `{"at": "…", "heads": {"0": [12, "<hexadecimal>"], …}}`; `{}` is none.
    pub fn parse(text: &str) -> Result<Option<Self>, &'static str> {
        let wrong = "is no anchor of the audit, and not {}";
        let written: Written = serde_json::from_str(text).map_err(|_| wrong)?;
        let Some(at) = written.at else {
            return Ok(None);
        };
        let heads = written.heads.into_iter().map(|(shard, (position, hash))| {
            let hash: Hash = unhex(&hash)?.try_into().ok()?;
            Some((shard, (position, hash)))
        });
        let heads = heads.collect::<Option<_>>().ok_or(wrong)?;
        Ok(Some(Self { at, heads }))
    }

    /// What [`Anchor::parse`] reads.
    pub fn write(&self) -> String {
        let heads = self.heads.iter();
        let written = Written {
            at: Some(self.at),
            heads: heads
                .map(|(shard, (position, hash))| (*shard, (*position, hex(hash))))
                .collect(),
        };
        serde_json::to_string(&written).unwrap_or_default()
    }
}
