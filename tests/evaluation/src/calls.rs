//! Recorded calls, turn by turn, and which articles a good supervisor would want on the agent's screen. Pure.
//!
//! The files and how they were judged: `tests/data/calls/README.md`.

use std::collections::BTreeSet;

use serde::Deserialize;
use shared::domain::{ArticleId, Locale};

/// A call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Its name.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// What it may be used for.
    pub half: Half,
    /// What is spoken.
    pub language: Locale,
    /// What is said, in order.
    pub turns: Vec<Turn>,
}

/// What a call may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Half {
    /// Thresholds are chosen by it.
    Tune,
    /// Nothing is chosen by it: what lands must do well by it.
    Gate,
}

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// Who called.
    Customer,
    /// Who answers, and sees the cards.
    Agent,
}

/// What somebody says before another one does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// When it is complete, in milliseconds since the first one.
    pub at_ms: u64,
    /// Who says it.
    pub speaker: Speaker,
    /// The words.
    pub text: String,
    /// The articles that are wanted after it. None: silence is right.
    #[serde(default)]
    pub expect: Vec<Expected>,
    /// Why, where it is not obvious.
    pub why: Option<String>,
}

/// An article that is wanted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Which one.
    pub article: ArticleId,
    /// 3: it answers; 2: it answers a part; 1: it helps a bit.
    pub grade: u8,
}

impl Turn {
    /// Whether a card of this article is right after this turn.
    pub fn wants(&self, article: &ArticleId) -> bool {
        self.expect.iter().any(|one| one.article == *article)
    }

    /// Whether a card is wanted at all.
    pub fn is_moment(&self) -> bool {
        !self.expect.is_empty()
    }
}

impl Call {
    /// The articles that may be shown at some time.
    pub fn wanted(&self) -> BTreeSet<&ArticleId> {
        let expected = self.turns.iter().flat_map(|turn| &turn.expect);
        expected.map(|one| &one.article).collect()
    }
}

/// Reads one file.
pub fn read_call(text: &str) -> Result<Call, serde_json::Error> {
    serde_json::from_str(text)
}
