//! Where an answer ended, as a text that the next question hands back.
//!
//! The text is opaque, and not authenticated: it grants nothing that the question itself does not ask for. Whoever forges one reads
//! another part of the results that are theirs to read anyway.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::domain::Score;
use crate::error::Error;

/// All pages of a question together have no more results.
pub const MOST_RESULTS: usize = 200;
/// Cursors of another version are refused.
const VERSION: u8 = 1;
/// What those are told whose cursor is none.
const RULE: &str = "must be the next_cursor of an answer";

/// What a question ranks by and filters by, hashed: a cursor of another question means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryDigest([u8; 16]);

impl QueryDigest {
    /// The digest of a question of this kind.
    pub(super) fn of(kind: &str, question: &impl Serialize) -> Self {
        // Our own structs serialize; if one day one does not, its cursors fit each other, and that is all.
        let text = serde_json::to_string(question).unwrap_or_default();
        let hash = Sha256::digest(format!("{kind}\n{text}"));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self(bytes)
    }
}

/// How far the pages have come. The number of results given so far is below [`MOST_RESULTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// So many results of a ranking that stays as it is within one generation.
    Offset(u16),
    /// A place in a ranking that others join meanwhile.
    After {
        /// How many results were given.
        given: u16,
        /// The score of the last one.
        score: Score,
        /// The number of the last one.
        doc: i64,
    },
}

impl Position {
    /// How many results were given.
    pub fn given(self) -> usize {
        match self {
            Self::Offset(given) | Self::After { given, .. } => usize::from(given),
        }
    }
}

/// A place in the results of one question, in one generation of what is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    generation: i64,
    question: QueryDigest,
    position: Position,
}

impl Cursor {
    /// A place in the results of a question.
    pub fn new(generation: i64, question: QueryDigest, position: Position) -> Self {
        Self {
            generation,
            question,
            position,
        }
    }

    /// The text for the next question: letters, digits, `-` and `_`.
    pub fn to_text(&self) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend(self.question.0);
        match self.position {
            Position::Offset(given) => bytes.extend(given.to_be_bytes()),
            Position::After { given, score, doc } => {
                bytes.extend(given.to_be_bytes());
                bytes.extend(score.get().to_be_bytes());
                bytes.extend(doc.to_be_bytes());
            }
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads the text back.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| RULE)?;
        read(&bytes).ok_or(RULE)
    }

    /// Where to go on, if this question was asked and nothing has changed since.
    pub fn resume(&self, generation: i64, question: QueryDigest) -> Result<Position, Error> {
        if self.question != question {
            return Err(Error::invalid("/cursor", "belongs to another question"));
        }
        if self.generation != generation {
            let what = "what is searched has changed since that page; ask again without a cursor";
            return Err(Error::Conflict(what.to_owned()));
        }
        Ok(self.position)
    }
}

fn read(bytes: &[u8]) -> Option<Cursor> {
    let (version, rest) = bytes.split_first_chunk::<1>()?;
    let (generation, rest) = rest.split_first_chunk()?;
    let (question, rest) = rest.split_first_chunk()?;
    let (given, rest) = rest.split_first_chunk()?;
    let given = u16::from_be_bytes(*given);
    let position = if rest.is_empty() {
        Position::Offset(given)
    } else {
        let (score, rest) = rest.split_first_chunk()?;
        let score = Score::parse(f64::from_be_bytes(*score)).ok()?;
        let doc = i64::from_be_bytes(rest.try_into().ok()?);
        Position::After { given, score, doc }
    };
    let is_sound = version == &[VERSION] && (1..MOST_RESULTS).contains(&position.given());
    is_sound.then(|| {
        Cursor::new(
            i64::from_be_bytes(*generation),
            QueryDigest(*question),
            position,
        )
    })
}
