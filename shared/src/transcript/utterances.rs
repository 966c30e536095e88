//! An interaction as it is listened to: transcripts go in, utterances come out, each of them once.
//!
//! What is remembered survives the process, so that the next one goes on: as numbers, beside the words of a sentence that is not
//! complete yet.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::frame::Line;
use super::growth::Said;
use super::numbers::Numbers;
use super::sentences::has_mark;
use super::words::says_something;
use crate::domain::{Locale, Speaker};

/// Something that somebody said.
#[derive(Clone, PartialEq, Eq)]
pub struct Utterance {
    /// Counts from 1 within its interaction.
    pub sequence: u64,
    /// How many characters were said before it in its interaction. No two utterances share one.
    pub offset: u64,
    /// By whom.
    pub speaker: Speaker,
    /// What.
    pub text: String,
    /// In which language, where the stream says it.
    pub language: Option<Locale>,
    /// When it was heard, or when it had been quiet for long enough.
    pub at: Timestamp,
    /// Whether its sentence is over; quiet alone may cut one.
    pub is_complete: bool,
}

/// What is known of an interaction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    sequence: u64,
    offset: u64,
    channels: Vec<Channel>,
    /// Which utterances were forwarded of those that have numbers, by who spoke.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    numbers: BTreeMap<Speaker, Numbers>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Channel {
    said: Said,
    speaker: Speaker,
    language: Option<Locale>,
    /// What follows the last complete sentence, and since when it is as it is.
    rest: Option<(String, Timestamp)>,
}

impl Interaction {
    /// Listens to how the channels stand now, or to the utterances that have numbers.
    pub fn hear(&mut self, lines: &[Line], now: Timestamp) -> Vec<Utterance> {
        let (numbered, lines): (Vec<_>, Vec<_>) =
            lines.iter().partition(|line| line.number.is_some());
        let mut heard = self.hear_numbered(&numbered, now);
        let missing = lines.len().saturating_sub(self.channels.len());
        let new = std::iter::repeat_n(Channel::default(), missing);
        self.channels.extend(new);
        for (channel, line) in self.channels.iter_mut().zip(lines) {
            channel.speaker = line.speaker;
            channel.language.clone_from(&line.language);
            let growth = channel.said.grow(&line.transcript);
            for sentence in growth.sentences {
                let text = one_line(sentence);
                heard.push(channel.utterance(text, now, true));
            }
            channel.wait(growth.rest, now);
        }
        self.count(heard)
    }

    /// Of utterances that have numbers, those that are new.
    fn hear_numbered(&mut self, lines: &[&Line], now: Timestamp) -> Vec<Utterance> {
        let mut heard = Vec::new();
        for line in lines {
            let numbers = self.numbers.entry(line.speaker).or_default();
            let text = one_line(&line.transcript);
            let is_new = line.number.is_some_and(|number| numbers.add(number));
            if is_new && text.contains(says_something) {
                let language = line.language.clone();
                heard.push(utterance(line.speaker, language, text, now, true));
            }
        }
        heard
    }

    /// Takes for said what nobody added to for this long.
    pub fn pause(&mut self, quiet: SignedDuration, now: Timestamp) -> Vec<Utterance> {
        let is_over = |since: Timestamp| now.duration_since(since) >= quiet;
        let rests = self.channels.iter_mut().filter_map(|channel| {
            let text = channel.take_rest(is_over)?;
            let is_complete = has_mark(&text);
            Some(channel.utterance(text, now, is_complete))
        });
        let heard = rests.collect();
        self.count(heard)
    }

    /// Takes for said whatever there is: nothing follows.
    pub fn end(&mut self, now: Timestamp) -> Vec<Utterance> {
        let rests = self.channels.iter_mut().filter_map(|channel| {
            let text = channel.take_rest(|_| true)?;
            Some(channel.utterance(text, now, true))
        });
        let heard = rests.collect();
        self.count(heard)
    }

    /// Since when the oldest words wait for the end of their sentence, if any do.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let rests = self
            .channels
            .iter()
            .filter_map(|channel| channel.rest.as_ref());
        rests.map(|(_, since)| *since).min()
    }

    /// Gives the utterances their numbers.
    fn count(&mut self, mut heard: Vec<Utterance>) -> Vec<Utterance> {
        for utterance in &mut heard {
            self.sequence += 1;
            utterance.sequence = self.sequence;
            utterance.offset = self.offset;
            // One more for the blank, so that one channel's offsets are those of its transcript.
            let length = utterance.text.chars().count() + 1;
            self.offset += u64::try_from(length).unwrap_or(u64::MAX);
        }
        heard
    }
}

impl Channel {
    fn utterance(&self, text: String, at: Timestamp, is_complete: bool) -> Utterance {
        utterance(self.speaker, self.language.clone(), text, at, is_complete)
    }

    /// Keeps what is not complete yet. It waits since it last changed.
    fn wait(&mut self, rest: &str, now: Timestamp) {
        let text = one_line(rest);
        if !text.contains(says_something) {
            self.rest = None;
        } else if self.rest.as_ref().is_none_or(|(before, _)| *before != text) {
            self.rest = Some((text, now));
        }
    }

    fn take_rest(&mut self, is_over: impl Fn(Timestamp) -> bool) -> Option<String> {
        let (text, _) = self.rest.take_if(|(_, since)| is_over(*since))?;
        self.said.remember_rest(&text);
        Some(text)
    }
}

/// Numbers follow.
fn utterance(
    speaker: Speaker,
    language: Option<Locale>,
    text: String,
    at: Timestamp,
    is_complete: bool,
) -> Utterance {
    Utterance {
        sequence: 0,
        offset: 0,
        speaker,
        text,
        language,
        at,
        is_complete,
    }
}

/// The words with one blank between them.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
