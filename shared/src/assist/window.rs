//! What was said last: the turn that goes on, and the one before it, which it often answers.
//!
//! On the half of `tests/data/calls` for tuning this finds more than a number of words does: 16 cards are right at a precision of 0.9 with
//! two turns, and none with the last 40 or 60 words, in which matters live on that are settled.

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::Speaker;

/// So many turns are remembered: with more, what was settled already is found again and again.
const TURNS: usize = 2;
/// No more characters of a turn are, its last ones: two turns then fit into any model.
const MOST_CHARACTERS: usize = 400;

/// The last turns. What callers say is personal: whoever stores a window removes it with the interaction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Window(Vec<Turn>);

/// What somebody says before another one does.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Turn {
    speaker: Speaker,
    /// Where nobody says who speaks, another one does in another channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<u8>,
    text: String,
}

/// Words of people are for no log.
impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Turn({})", self.text.chars().count())
    }
}

impl Window {
    /// Adds an utterance, with its channel if it has one.
    pub fn hear(&mut self, speaker: Speaker, channel: Option<u8>, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let channel = channel.filter(|_| speaker == Speaker::Unknown);
        let goes_on = |last: &&mut Turn| (last.speaker, last.channel) == (speaker, channel);
        match self.0.last_mut().filter(goes_on) {
            Some(last) => last.text = ending(&format!("{} {text}", last.text)),
            None => self.0.push(Turn {
                speaker,
                channel,
                text: ending(text),
            }),
        }
        let old = self.0.len().saturating_sub(TURNS);
        self.0.drain(..old);
    }

    /// The turn that goes on.
    pub fn latest(&self) -> &str {
        self.0.last().map_or("", |turn| turn.text.as_str())
    }

    /// How many words the turn that goes on has so far.
    pub fn words(&self) -> usize {
        self.latest().unicode_words().count()
    }

    /// The turn before it, of somebody else, if it is remembered.
    pub fn before(&self) -> Option<&str> {
        let place = self.0.len().checked_sub(2)?;
        self.0.get(place).map(|turn| turn.text.as_str())
    }

    /// All of it, the oldest first.
    pub fn text(&self) -> String {
        let turns: Vec<_> = self.0.iter().map(|turn| turn.text.as_str()).collect();
        turns.join(" ")
    }
}

/// The last characters of a text, from the beginning of a word on if there is one.
fn ending(text: &str) -> String {
    let count = text.chars().count();
    let Some(skipped) = count.checked_sub(MOST_CHARACTERS).filter(|it| *it > 0) else {
        return text.to_owned();
    };
    let rest: String = text.chars().skip(skipped).collect();
    match rest.split_once(char::is_whitespace) {
        Some((_, words)) if !words.trim().is_empty() => words.trim().to_owned(),
        _ => rest,
    }
}
