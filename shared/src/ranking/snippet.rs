//! What is ranked.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Metadata;
use crate::domain::body::{Flaws, Object, value};
use crate::domain::{Score, SnippetId};

/// A factor of a score, from 0 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
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

impl Default for Boost {
    fn default() -> Self {
        Self::NONE
    }
}

impl TryFrom<f64> for Boost {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        Self::parse(number)
    }
}

/// A snippet as it is handed in. What serde takes `read` takes too; it is the one that says what is wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snippet {
    /// Which snippet it is.
    pub snippet_id: SnippetId,
    /// How well it fits.
    pub relevance_score: Score,
    /// How much whoever asks wants it higher or lower.
    #[serde(default)]
    pub boost_factor: Boost,
    /// What CXone is told beside, and does not rank by.
    #[serde(default)]
    pub metadata: Metadata,
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
        let metadata = object.take("metadata", Metadata::read).unwrap_or_default();
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
