//! An interaction as it is listened to: transcripts go in, utterances come out, each of them once.
//!
//! What is remembered survives the process, so that the next one goes on: as numbers, beside the words of a sentence that is not
//! complete yet.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::channels::{Channel, Found, find};
use super::frame::Line;
use super::numbers::Numbers;
use super::order;
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
    /// In which channel, from 0, where there are any: another one speaks in each, also where nobody says who.
    pub channel: Option<u8>,
    /// What.
    pub text: String,
    /// In which language, where the stream says it.
    pub language: Option<Locale>,
    /// When it was heard, or when it had been quiet for long enough.
    pub at: Timestamp,
    /// Whether its sentence is over; quiet alone may cut one.
    pub is_complete: bool,
    /// Whether so much was said after it already that it was hardly said just now: nobody listened meanwhile.
    pub is_late: bool,
}

/// So many sentences of a channel, which take fifteen seconds or so, may be a turn that is heard at once. What precedes them is late.
const FRESH: usize = 4;

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

impl Interaction {
    /// Listens to how the channels stand now, or to the utterances that have numbers.
    pub fn hear(&mut self, lines: &[Line], now: Timestamp) -> Vec<Utterance> {
        let (numbered, lines): (Vec<_>, Vec<_>) =
            lines.iter().partition(|line| line.number.is_some());
        let mut heard = self.hear_numbered(&numbered, now);
        let found = find(&mut self.channels, &lines);
        order::note(&mut self.channels, &found, &lines);
        let have_moved = have_moved(&self.channels, &found, &lines);
        for (found, line) in found.into_iter().zip(lines) {
            let said = if line.is_named || !have_moved {
                line.speaker
            } else {
                Speaker::Unknown
            };
            let by_order = line.if_first.filter(|_| said == Speaker::Unknown);
            let speaker = by_order.map_or(said, |first| {
                order::speaker(&self.channels, found.number, first)
            });
            let channel = &mut self.channels[found.number];
            channel.meet(line, speaker, found.goes_on);
            let growth = channel.said.grow(&line.transcript);
            let first = heard.len();
            for sentence in growth.sentences {
                let text = one_line(sentence);
                heard.push(channel.utterance(found.number, text, now, true));
            }
            mark_late(&mut heard[first..]);
            channel.wait(one_line(growth.rest), now);
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
                heard.push(utterance(line.speaker, None, language, text, now, true));
            }
        }
        mark_late(&mut heard);
        heard
    }

    /// Takes for said what nobody added to for this long.
    pub fn pause(&mut self, quiet: SignedDuration, now: Timestamp) -> Vec<Utterance> {
        let is_over = |since: Timestamp| now.duration_since(since) >= quiet;
        let rests = (0..).zip(&mut self.channels);
        let rests = rests.filter_map(|(number, channel)| {
            let text = channel.take_rest(is_over)?;
            let is_complete = has_mark(&text);
            Some(channel.utterance(number, text, now, is_complete))
        });
        let heard = rests.collect();
        self.count(heard)
    }

    /// Takes for said whatever there is: nothing follows.
    pub fn end(&mut self, now: Timestamp) -> Vec<Utterance> {
        let rests = (0..).zip(&mut self.channels);
        let rests = rests.filter_map(|(number, channel)| {
            let text = channel.take_rest(|_| true)?;
            Some(channel.utterance(number, text, now, true))
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
    fn utterance(
        &self,
        number: usize,
        text: String,
        at: Timestamp,
        is_complete: bool,
    ) -> Utterance {
        let (number, language) = (u8::try_from(number).ok(), self.language.clone());
        utterance(self.speaker, number, language, text, at, is_complete)
    }
}

/// Whether somebody goes on in the place of somebody else: then no place of this frame tells who speaks there. After a transfer, the second
/// agent may be listed where the customer was.
fn have_moved(channels: &[Channel], found: &[Found], lines: &[&Line]) -> bool {
    found.iter().zip(lines).any(|(found, line)| {
        let known = channels[found.number].speaker;
        let sides = [known, line.speaker];
        found.goes_on
            && !line.is_named
            && !sides.contains(&Speaker::Unknown)
            && known != line.speaker
    })
}

/// Numbers follow.
fn utterance(
    speaker: Speaker,
    channel: Option<u8>,
    language: Option<Locale>,
    text: String,
    at: Timestamp,
    is_complete: bool,
) -> Utterance {
    Utterance {
        sequence: 0,
        offset: 0,
        speaker,
        channel,
        text,
        language,
        at,
        is_complete,
        is_late: false,
    }
}

/// Of what a channel said since it was heard last, all but the end is late.
fn mark_late(new: &mut [Utterance]) {
    let late = new.len().saturating_sub(FRESH);
    for one in &mut new[..late] {
        one.is_late = true;
    }
}

/// The words with one blank between them.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
