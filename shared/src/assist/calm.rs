//! What one interaction has seen so far.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Card;
use super::decide::Utterance;
use crate::domain::ArticleId;

/// The span that the cap on cards is for.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// What calm rules remember of an interaction. It holds no words: of terms it keeps marks, by which they are known again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Calm {
    /// The terms that the last cards were an answer to.
    acted_on: BTreeSet<u32>,
    /// Articles that were shown, and when.
    shown: BTreeMap<ArticleId, Timestamp>,
    dismissed: BTreeSet<ArticleId>,
    last_post: Option<Timestamp>,
}

impl Calm {
    /// Notes that these cards were posted for this utterance.
    pub fn note(&mut self, cards: &[Card], utterance: &Utterance<'_>, now: Timestamp) {
        self.acted_on = utterance.terms.iter().map(|term| mark(term)).collect();
        self.shown
            .extend(cards.iter().map(|card| (card.article.clone(), now)));
        self.last_post = self.last_post.max(Some(now));
    }

    /// Forgets articles that are not among these: their cards were taken back before anybody saw them. What they were an answer to is open
    /// again.
    pub fn keep_shown(&mut self, standing: &BTreeSet<ArticleId>) {
        let before = self.shown.len();
        self.shown.retain(|article, _| standing.contains(article));
        if self.shown.len() < before {
            self.acted_on.clear();
            self.last_post = self.shown.values().max().copied();
        }
    }

    /// Notes that the agent does not want to see an article.
    pub fn dismiss(&mut self, article: ArticleId) {
        self.dismissed.insert(article);
    }

    /// Whether an article was shown.
    pub fn has_shown(&self, article: &ArticleId) -> bool {
        self.shown.contains_key(article)
    }

    /// Whether the agent does not want to see an article.
    pub fn has_dismissed(&self, article: &ArticleId) -> bool {
        self.dismissed.contains(article)
    }

    /// How many of these terms the last cards were no answer to.
    pub(super) fn new_terms(&self, terms: &BTreeSet<String>) -> usize {
        let is_new = |term: &&String| !self.acted_on.contains(&mark(term));
        terms.iter().filter(is_new).count()
    }

    /// Whether the last cards came less than this before. Clocks differ: cards of the future count as of now.
    pub(super) fn is_within(&self, span: SignedDuration, now: Timestamp) -> bool {
        self.last_post
            .is_some_and(|last| now.duration_since(last) < span)
    }

    /// How many cards were shown in the last minute.
    pub(super) fn in_the_last_minute(&self, now: Timestamp) -> usize {
        let is_late = |at: &&Timestamp| now.duration_since(**at) < MINUTE;
        self.shown.values().filter(is_late).count()
    }
}

/// By this a term is known again. Now and then two terms have the same, which makes one of them look old.
fn mark(term: &str) -> u32 {
    let hash = Sha256::digest(term);
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}
