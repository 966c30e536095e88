//! Whether the chains are the ones that were written. Pure.
//!
//! They are followed from their beginning, or from the entries that were anchored: those are then the first that are looked at.

use std::collections::BTreeMap;

use super::entry::{GENESIS, Hash, Link, Position};
use super::report::{ChainReport, Fault, Report};
use super::{Anchor, SHARDS, Seen};

/// So far, in microseconds, clocks that are right may lie apart.
const SKEW: i64 = 60_000_000;

/// What the table of chains says of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which one.
    pub shard: i16,
    /// How many entries it has.
    pub entries: i64,
    /// The hash of the last.
    pub hash: Vec<u8>,
}

/// Takes entries one by one, those of a chain by their position, and judges at the end.
#[derive(Debug)]
pub struct Verifier<'a> {
    anchor: Option<&'a Anchor>,
    chains: BTreeMap<i16, Chain>,
}

/// A chain as far as it was followed.
#[derive(Debug)]
struct Chain {
    head: Option<Head>,
    anchor: Option<(i64, Hash)>,
    entries: i64,
    /// The entry that the next one follows. Nobody knows the hash of the one before the first that is looked at.
    last: (i64, Option<Hash>),
    /// Whether there may be more entries than were taken.
    goes_on: bool,
    /// The latest time of an entry, and the first entry that has an earlier one by far.
    latest: i64,
    backdated: Option<i64>,
    fault: Option<Fault>,
}

impl<'a> Verifier<'a> {
    /// Begins with what is said of the ends of the chains: in Postgres, and outside of it.
    pub fn new(heads: Vec<Head>, anchor: Option<&'a Anchor>) -> Self {
        let mut verifier = Self {
            anchor,
            chains: BTreeMap::new(),
        };
        let anchored = anchor
            .iter()
            .flat_map(|anchor| anchor.heads.keys().copied());
        for shard in (0..SHARDS).chain(anchored) {
            verifier.chain(shard);
        }
        for head in heads {
            let chain = verifier.chain(head.shard);
            chain.head = Some(head);
        }
        verifier
    }

    /// The same, if what stands before the anchored entries is not looked at. Without an anchor a chain is followed from its beginning.
    pub fn since(heads: Vec<Head>, anchor: Option<&'a Anchor>) -> Self {
        let mut verifier = Self::new(heads, anchor);
        for chain in verifier.chains.values_mut() {
            if let Some((position @ 1.., _)) = chain.anchor {
                chain.last = (position - 1, None);
            }
        }
        verifier
    }

    /// Begins where old entries were looked at last, and ends with those that were anchored.
    pub fn again(anchor: &'a Anchor) -> Self {
        let mut verifier = Self::new(Vec::new(), Some(anchor));
        for (shard, chain) in &mut verifier.chains {
            let (entries, hash) = chain.anchor.unwrap_or((0, GENESIS));
            let (shard, hash) = (*shard, hash.to_vec());
            chain.head = Some(Head {
                shard,
                entries,
                hash,
            });
            let Some(seen) = anchor.seen else {
                continue;
            };
            if seen.position.shard == shard {
                chain.last = (seen.position.number, Some(seen.hash));
            } else if shard < seen.position.shard {
                chain.last = chain
                    .anchor
                    .map_or(chain.last, |(at, hash)| (at, Some(hash)));
            }
        }
        verifier
    }

    /// How many of the anchored entries of this chain were not looked at.
    pub fn rest(&mut self, shard: i16) -> i64 {
        let chain = self.chain(shard);
        let anchored = chain.anchor.map_or(0, |(position, _)| position);
        (anchored - chain.last.0).max(0)
    }

    /// Where this chain is left.
    pub fn seen(&mut self, shard: i16) -> Seen {
        let (number, hash) = self.chain(shard).last;
        Seen {
            position: Position { shard, number },
            hash: hash.unwrap_or(GENESIS),
        }
    }

    /// Behind which entry each chain is to be followed now.
    pub fn reached(&self) -> Vec<Position> {
        let reached = |(shard, chain): (&i16, &Chain)| Position {
            shard: *shard,
            number: chain.last.0,
        };
        self.chains.iter().map(reached).collect()
    }

    /// This chain is followed no further now: its end may lie behind what was taken.
    pub fn leave(&mut self, shard: i16) {
        self.chain(shard).goes_on = true;
    }

    /// How far the chains were followed, as if they ended there.
    pub fn ends(&self) -> Vec<Head> {
        let end = |(shard, chain): (&i16, &Chain)| Head {
            shard: *shard,
            entries: chain.last.0,
            hash: chain.last.1.unwrap_or(GENESIS).to_vec(),
        };
        self.chains.iter().map(end).collect()
    }

    /// Takes an entry.
    pub fn take(&mut self, link: &Link) {
        let chain = self.chain(link.position.shard);
        chain.entries += 1;
        if chain.fault.is_none() {
            chain.fault = chain.follow(link).err();
        }
    }

    /// What was found.
    pub fn finish(self) -> Report {
        let report = |(shard, chain): (i16, Chain)| ChainReport {
            shard,
            entries: chain.entries,
            anchored: chain.anchor.map_or(0, |(position, _)| position),
            backdated: chain.backdated,
            fault: chain.fault.or_else(|| chain.check_end().err()),
        };
        Report {
            anchored_at: self.anchor.map(|anchor| anchor.at),
            chains: self.chains.into_iter().map(report).collect(),
            lost_keys: 0,
        }
    }

    fn chain(&mut self, shard: i16) -> &mut Chain {
        let anchor = self.anchor.and_then(|anchor| anchor.heads.get(&shard));
        self.chains.entry(shard).or_insert_with(|| Chain {
            head: None,
            anchor: anchor.copied(),
            entries: 0,
            last: (0, Some(GENESIS)),
            goes_on: false,
            latest: i64::MIN,
            backdated: None,
            fault: None,
        })
    }
}

impl Chain {
    /// Whether this is the next entry.
    fn follow(&mut self, link: &Link) -> Result<(), Fault> {
        let (position, next) = (link.position.number, self.last.0 + 1);
        if position < next {
            return Err(Fault::Stray { position });
        }
        if position > next {
            let (from, to) = (next, position - 1);
            return Err(Fault::Missing { from, to });
        }
        let hash = link.hash().filter(|hash| link.hash == hash);
        let hash = hash.ok_or(Fault::Changed { position })?;
        if self.last.1.is_some_and(|last| link.previous != last) {
            return Err(Fault::Unlinked { position });
        }
        if self
            .anchor
            .is_some_and(|anchor| anchor.0 == position && anchor.1 != hash)
        {
            return Err(Fault::Rewritten { position });
        }
        self.last = (position, Some(hash));
        let at = link.at.unwrap_or(i64::MIN);
        if at < self.latest.saturating_sub(SKEW) {
            self.backdated.get_or_insert(position);
        }
        self.latest = self.latest.max(at);
        Ok(())
    }

    /// Whether the last entry is the newest that there ever was, as far as is known.
    fn check_end(&self) -> Result<(), Fault> {
        let (last, hash) = self.last;
        let head = self.head.as_ref().ok_or(Fault::HeadMissing)?;
        if self.goes_on && head.entries > last {
            return Ok(());
        }
        let known = self.anchor.map_or(0, |(position, _)| position);
        let to = head.entries.max(known);
        if to > last {
            return Err(Fault::Cut { from: last + 1, to });
        }
        let is_it = hash.is_some_and(|hash| head.hash == hash);
        if head.entries != last || !is_it {
            return Err(Fault::HeadReplaced { position: last });
        }
        Ok(())
    }
}
