//! An order of snippets as CXone takes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::{Score, SessionId, SnippetId};

/// The order of a session, best first. It serializes to the payload for CXone, in its canonical form: the fields stand in alphabetical
/// order here, so that they do there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ranking {
    /// How many snippets were asked for at most.
    pub max_result_window: usize,
    /// The session that is ordered.
    pub session_id: SessionId,
    /// The snippets.
    pub snippets: Vec<Ranked>,
}

/// A snippet in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ranked {
    /// Always 1: the boost is in the score already, and is not to be applied twice.
    pub boost_factor: f64,
    /// What the request said of it.
    pub metadata: BTreeMap<String, String>,
    /// How well it fits, boosts included.
    pub relevance_score: Score,
    /// Which snippet it is.
    pub snippet_id: SnippetId,
}

impl Ranking {
    /// The payload for CXone, one text per ranking.
    pub fn to_json(&self) -> String {
        // Texts and numbers serialize; if one day something does not, CXone refuses the empty body.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The SHA-256 of [`Self::to_json`].
    pub fn checksum(&self) -> [u8; 32] {
        Sha256::digest(self.to_json()).into()
    }
}
