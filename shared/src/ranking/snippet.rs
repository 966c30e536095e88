//! What is ranked.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::domain::body::{Flaws, Object, place_of, value};
use crate::domain::{Score, SnippetId};

/// A snippet has no more entries of metadata.
const MOST_ENTRIES: usize = 50;
/// All keys and values of a snippet together have no more bytes.
const MOST_BYTES: usize = 4_096;

/// A factor of a score, from 0 to 10.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Boost(f64);

impl Boost {
    /// The one that changes nothing.
    pub const NONE: Self = Self(1.0);
    /// The strongest one.
    pub const MOST: Self = Self(10.0);

    /// Takes a number from 0 to 10.
    pub fn parse(number: f64) -> Result<Self, &'static str> {
        if (0.0..=Self::MOST.0).contains(&number) {
            Ok(Self::saturating(number))
        } else {
            Err("must be a number from 0 to 10")
        }
    }

    /// The nearest boost to a number. What is no number changes nothing.
    pub fn saturating(number: f64) -> Self {
        if number.is_nan() {
            return Self::NONE;
        }
        // The sum makes one zero of two.
        Self(number.clamp(0.0, Self::MOST.0) + 0.0)
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// A snippet as it is handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Snippet {
    /// Which snippet it is.
    pub snippet_id: SnippetId,
    /// How well it fits.
    pub relevance_score: Score,
    /// How much whoever asks wants it higher or lower.
    pub boost_factor: Boost,
    /// What CXone is told beside, and does not rank by.
    pub metadata: BTreeMap<String, String>,
}

impl Snippet {
    /// Reads a snippet. `is_new` says whether its id was seen for the first time, even if something else is wrong with it.
    pub(super) fn read(
        written: &RawValue,
        is_new: impl FnOnce(&SnippetId) -> bool,
    ) -> Result<Self, Flaws> {
        let mut object = Object::read(written)?;
        let snippet_id = object.require("snippet_id", |one| {
            value::parsed(one, |text| SnippetId::parse(text))
        });
        if snippet_id.as_ref().is_some_and(|id| !is_new(id)) {
            object.note("snippet_id", "is the id of an earlier snippet");
        }
        let score = |one| Ok(Score::parse(value::number(one)?)?);
        let relevance_score = object.require("relevance_score", score);
        let boost = |one| Ok(Boost::parse(value::number(one)?)?);
        let boost_factor = object.take("boost_factor", boost).unwrap_or(Boost::NONE);
        let metadata = object.take("metadata", metadata).unwrap_or_default();
        let both = snippet_id.zip(relevance_score);
        let snippet = both.map(|(snippet_id, relevance_score)| Self {
            snippet_id,
            relevance_score,
            boost_factor,
            metadata,
        });
        object.end(snippet)
    }
}

fn metadata(written: &RawValue) -> Result<BTreeMap<String, String>, Flaws> {
    let mut object = Object::read(written)?;
    let rest = object.rest();
    if rest.len() > MOST_ENTRIES {
        object.add("", "must hold at most 50 entries");
    }
    if rest.keys().any(|key| key.contains('\0')) {
        object.add("", "holds a key with a NUL character");
    }
    let mut entries = BTreeMap::new();
    for (key, value) in rest {
        let text = value::text(value).map_err(|flaws| object.add(&place_of(&key), flaws));
        entries.extend(text.ok().map(|text| (key, text)));
    }
    let size = entries.iter().map(|(key, text)| key.len() + text.len());
    if size.sum::<usize>() > MOST_BYTES {
        object.add("", "must hold at most 4096 bytes in all");
    }
    object.end(Some(entries))
}
