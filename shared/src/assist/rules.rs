//! How calm is calm, as configuration: `{"trigger": "customer", "cooldown_seconds": 20, "floor": 0.35, "floors": {"de": 0.4}, …}`.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::SignedDuration;
use serde::Deserialize;

use crate::domain::{Locale, Score, Speaker};

/// So many cards one post may have.
const MOST_PER_POST: usize = 3;

/// How well an article must fit. On the 84 calls of `tests/data/calls` for tuning 34 of 35 cards are right with it, 38 of 43 with 0.3, and
/// 27 of 27 with 0.36. Of the questions for tuning, each asked after small talk, 65 of 80 found an article that scored 0.3, and 50 of 53 that
/// scored 0.35 were right.
const FLOOR: f64 = 0.33;

/// By which share of its score an article must stand above the crowd, on average of the last two turns and of the last one alone. With 0.3
/// 38 of 43 cards of the same calls are right, with 0.4 24 of 25.
const PROMINENCE: f64 = 0.35;

/// Which share of the score that the turn before gives alone the last one must give alone. Without this 52 of 60 cards of the same calls
/// are right, with 0.8 37 of 41, with 1.2 32 of 33.
const BESIDE_BEFORE: f64 = 1.0;

/// So many words a turn must have. A sentence at a time, 36 of 43 cards of the same calls are right without this, and 32 of 33 with it; from
/// six to eleven words nearly the same ones come.
const TURN_WORDS: usize = 8;

/// Whose words call for cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    /// The customer's, and those of whom nobody says who speaks: the stream of `v2` does not.
    #[default]
    Customer,
    /// The agent's.
    Agent,
    /// Whoever speaks.
    Both,
}

impl Trigger {
    /// Whether this side calls for cards.
    pub fn takes(self, speaker: Speaker) -> bool {
        match self {
            Self::Customer => speaker != Speaker::Agent,
            Self::Agent => speaker == Speaker::Agent,
            Self::Both => true,
        }
    }
}

/// What a supervisor may choose. What is not chosen is as a supervisor would have it: seldom, few, good.
#[derive(Debug, Clone, PartialEq)]
pub struct CalmRules {
    trigger: Trigger,
    cooldown: SignedDuration,
    per_post: usize,
    per_minute: usize,
    new_terms: usize,
    turn_words: usize,
    beside_best: f64,
    beside_before: f64,
    prominence: f64,
    floor: Score,
    floors: BTreeMap<Locale, Score>,
}

impl Default for CalmRules {
    fn default() -> Self {
        Self {
            trigger: Trigger::default(),
            cooldown: SignedDuration::from_secs(5),
            per_post: 2,
            per_minute: 4,
            new_terms: 1,
            turn_words: TURN_WORDS,
            beside_best: 0.85,
            beside_before: BESIDE_BEFORE,
            prominence: PROMINENCE,
            floor: Score::saturating(FLOOR),
            floors: BTreeMap::new(),
        }
    }
}

impl CalmRules {
    /// Whose words call for cards.
    pub fn trigger(&self) -> Trigger {
        self.trigger
    }

    /// For how long nothing comes after cards came.
    pub fn cooldown(&self) -> SignedDuration {
        self.cooldown
    }

    /// How many cards one post may have.
    pub fn per_post(&self) -> usize {
        self.per_post
    }

    /// How many cards may come within any minute.
    pub fn per_minute(&self) -> usize {
        self.per_minute
    }

    /// How many terms there must be that the last cards were no answer to.
    pub fn new_terms(&self) -> usize {
        self.new_terms
    }

    /// How many words a turn must have so far: fewer take up what was said before, and say little of their own.
    pub fn turn_words(&self) -> usize {
        self.turn_words
    }

    /// Which share of the best one's score an article must have, whether the best one is shown or has been.
    pub fn beside_best(&self) -> f64 {
        self.beside_best
    }

    /// Which share of the score that the turn before gives an article alone the turn that goes on must give it alone: see
    /// [`super::is_called_for`]. With 0 the turn before is not looked up alone.
    pub fn beside_before(&self) -> f64 {
        self.beside_before
    }

    /// By which share of its score an article must stand above the crowd: see [`super::prominence`].
    pub fn prominence(&self) -> f64 {
        self.prominence
    }

    /// How well an article must fit that is in this language: by the nearest of its kinds that has an own floor.
    pub fn floor(&self, locale: &Locale) -> Score {
        let mut wanted = Some(locale.clone());
        while let Some(one) = wanted {
            if let Some(floor) = self.floors.get(&one) {
                return *floor;
            }
            wanted = one.parent();
        }
        self.floor
    }
}

/// What is not written stays as it is by default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    trigger: Option<Trigger>,
    cooldown_seconds: Option<f64>,
    cards_per_post: Option<u64>,
    cards_per_minute: Option<u64>,
    new_terms: Option<u64>,
    turn_words: Option<u64>,
    beside_best: Option<f64>,
    beside_before: Option<f64>,
    prominence: Option<f64>,
    floor: Option<f64>,
    floors: Option<BTreeMap<Locale, f64>>,
}

/// Reads the JSON of the configuration; an error names what to change.
impl FromStr for CalmRules {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written: Written =
            serde_json::from_str(text).map_err(|error| format!("cannot be read: {error}"))?;
        let mut rules = Self::default();
        rules.trigger = written.trigger.unwrap_or(rules.trigger);
        if let Some(seconds) = written.cooldown_seconds {
            let seconds = within("cooldown_seconds", seconds, 0.0, 3_600.0)?;
            rules.cooldown = SignedDuration::try_from_secs_f64(seconds)
                .map_err(|error| format!("has a cooldown_seconds that is none: {error}"))?;
        }
        rules.per_post = count(
            "cards_per_post",
            written.cards_per_post,
            rules.per_post,
            1,
            MOST_PER_POST,
        )?;
        rules.per_minute = count(
            "cards_per_minute",
            written.cards_per_minute,
            rules.per_minute,
            1,
            60,
        )?;
        rules.new_terms = count("new_terms", written.new_terms, rules.new_terms, 0, 20)?;
        rules.turn_words = count("turn_words", written.turn_words, rules.turn_words, 0, 50)?;
        if let Some(share) = written.beside_best {
            rules.beside_best = within("beside_best", share, 0.0, 1.0)?;
        }
        if let Some(share) = written.beside_before {
            rules.beside_before = within("beside_before", share, 0.0, 2.0)?;
        }
        if let Some(share) = written.prominence {
            rules.prominence = within("prominence", share, 0.0, 1.0)?;
        }
        if let Some(floor) = written.floor {
            rules.floor = Score::saturating(within("floor", floor, 0.0, 1.0)?);
        }
        for (locale, floor) in written.floors.unwrap_or_default() {
            let floor = within(&format!("floor for {locale}"), floor, 0.0, 1.0)?;
            rules.floors.insert(locale, Score::saturating(floor));
        }
        Ok(rules)
    }
}

fn within(name: &str, number: f64, least: f64, most: f64) -> Result<f64, String> {
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(format!("has a {name} that is not from {least} to {most}"))
    }
}

fn count(
    name: &str,
    written: Option<u64>,
    usual: usize,
    least: usize,
    most: usize,
) -> Result<usize, String> {
    let Some(number) = written else {
        return Ok(usual);
    };
    let number = usize::try_from(number)
        .ok()
        .filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("has a {name} that is not from {least} to {most}"))
}
