//! Whether a moment is one for cards, and which.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Calm, CalmRules, Candidate, Card};
use crate::domain::Speaker;

/// What was said now.
#[derive(Debug, Clone)]
pub struct Utterance<'a> {
    /// Who said it.
    pub speaker: Speaker,
    /// Whether it is all that was to be said: a sentence came to its end, or quiet fell.
    pub is_complete: bool,
    /// How many words its turn has so far: see [`super::Window::words`].
    pub words: usize,
    /// The terms of what is talked about, with what was said before: those of its key phrases.
    pub terms: &'a BTreeSet<String>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Post these, the best first; there is at least one.
    Show(Vec<Card>),
    /// Leave the agent alone.
    Silent(Silence),
}

/// Why nothing is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Silence {
    /// Somebody is still speaking.
    Incomplete,
    /// This side is not listened to.
    Speaker,
    /// Hardly anything is said yet.
    TooShort,
    /// The last cards came just now.
    Cooldown,
    /// There were enough cards in the last minute.
    Enough,
    /// Nothing is talked about that the last cards were no answer to.
    NothingNew,
    /// Nothing was found.
    NothingFound,
    /// What was found fits too little.
    BelowFloor,
    /// What fits was shown before, or is not wanted.
    Known,
}

impl Silence {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Speaker => "speaker",
            Self::TooShort => "too_short",
            Self::Cooldown => "cooldown",
            Self::Enough => "enough",
            Self::NothingNew => "nothing_new",
            Self::NothingFound => "nothing_found",
            Self::BelowFloor => "below_floor",
            Self::Known => "known",
        }
    }
}

/// How many cards may be shown now, at least one, as far as can be said before anything is searched for.
pub fn may_speak(
    rules: &CalmRules,
    calm: &Calm,
    utterance: &Utterance<'_>,
    now: Timestamp,
) -> Result<usize, Silence> {
    if !utterance.is_complete {
        return Err(Silence::Incomplete);
    }
    if !rules.trigger().takes(utterance.speaker) {
        return Err(Silence::Speaker);
    }
    if utterance.words < rules.turn_words() {
        return Err(Silence::TooShort);
    }
    if calm.is_within(rules.cooldown(), now) {
        return Err(Silence::Cooldown);
    }
    let room = rules
        .per_minute()
        .saturating_sub(calm.in_the_last_minute(now));
    match room.min(rules.per_post()) {
        0 => Err(Silence::Enough),
        room => Ok(room),
    }
}

/// What to do about an utterance for which these were found. The same arguments always give the same answer.
pub fn decide(
    rules: &CalmRules,
    calm: &Calm,
    utterance: &Utterance<'_>,
    candidates: &[Candidate],
    now: Timestamp,
) -> Decision {
    let room = may_speak(rules, calm, utterance, now);
    match room.and_then(|room| choose(rules, calm, utterance, candidates, room)) {
        Ok(chosen) => Decision::Show(
            (1..)
                .zip(chosen)
                .map(|(place, one)| Card::new(place, one))
                .collect(),
        ),
        Err(silence) => Decision::Silent(silence),
    }
}

fn choose<'a>(
    rules: &CalmRules,
    calm: &Calm,
    utterance: &Utterance<'_>,
    candidates: &'a [Candidate],
    room: usize,
) -> Result<Vec<&'a Candidate>, Silence> {
    if calm.new_terms(utterance.terms) < rules.new_terms() {
        return Err(Silence::NothingNew);
    }
    // What is on the screen already is a measure too: what comes far behind it is not worth another look.
    let best = candidates
        .iter()
        .map(|one| one.score)
        .max()
        .ok_or(Silence::NothingFound)?;
    let least = best.get() * rules.beside_best();
    let fits = |one: &&Candidate| one.score >= rules.floor(&one.locale) && one.score.get() >= least;
    let mut fitting: Vec<_> = candidates.iter().filter(fits).collect();
    if fitting.is_empty() {
        return Err(Silence::BelowFloor);
    }
    fitting.retain(|one| !calm.has_shown(&one.article) && !calm.has_dismissed(&one.article));
    fitting.sort_by(|one, other| {
        other
            .score
            .cmp(&one.score)
            .then_with(|| one.article.cmp(&other.article))
    });
    let mut articles = BTreeSet::new();
    fitting.retain(|one| articles.insert(&one.article));
    fitting.truncate(room);
    if fitting.is_empty() {
        Err(Silence::Known)
    } else {
        Ok(fitting)
    }
}
