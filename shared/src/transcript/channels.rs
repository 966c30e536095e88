//! Which channel a text of a frame is of. A frame lists channels without a name; where one in front ends, comes late or comes back, all
//! others move. What was said in a channel tells it from the others.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::frame::Line;
use super::growth::{MANY, Said};
use super::words::{Word, says_something, words};
use crate::domain::{Locale, Speaker};

/// So many characters of a text are compared with what was said before.
const BEGINNING: usize = 400;
/// With so many channels, whoever comes takes that of somebody who is gone, where nothing waits: what is remembered would grow for ever.
const MOST: usize = super::frame::MOST_CHANNELS;

/// A channel, as far as it was heard.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Channel {
    pub(super) said: Said,
    pub(super) speaker: Speaker,
    pub(super) language: Option<Locale>,
    /// What follows the last complete sentence, and since when it is as it is.
    pub(super) rest: Option<(String, Timestamp)>,
    /// Where it stands in the list, if not at its own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<usize>,
    /// In how many others something had been said before, when something first was here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) heard_after: Option<usize>,
}

/// Where a text belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// The channel.
    pub(super) number: usize,
    /// Whether the text begins as what was said there, beyond all doubt.
    pub(super) goes_on: bool,
}

/// Finds the channel of each text. New ones are added.
pub(super) fn find(channels: &mut Vec<Channel>, lines: &[&Line]) -> Vec<Found> {
    let own: Vec<_> = (0..lines.len()).map(|at| own(channels, at)).collect();
    let mut found = begun(channels, lines, &own);
    let new = |number| Found {
        number,
        goes_on: false,
    };
    // What is like nothing that was said is a text that changed, or somebody new.
    for (place, own) in own.iter().enumerate() {
        let own = own.filter(|own| !is_taken(&found, *own));
        found[place] = found[place].or(own.map(new));
    }
    for place in 0..lines.len() {
        if found[place].is_none() {
            let mut numbers = 0..channels.len();
            let free = numbers.find(|one| channels[*one].is_silent() && !is_taken(&found, *one));
            let free = free.or_else(|| give_up(channels, &found));
            let number = free.unwrap_or(channels.len());
            if free.is_none() {
                channels.push(Channel::default());
            }
            found[place] = Some(new(number));
        }
    }
    let found: Vec<_> = found.into_iter().flatten().collect();
    for channel in channels.iter_mut() {
        channel.place = channel.place.filter(|place| *place >= lines.len());
    }
    for (place, one) in found.iter().enumerate() {
        channels[one.number].place = (place != one.number).then_some(place);
    }
    found
}

/// The channel that stood at this place.
fn own(channels: &[Channel], place: usize) -> Option<usize> {
    let moved = channels.iter().position(|one| one.place == Some(place));
    let home = channels.get(place).filter(|one| one.place.is_none());
    moved.or(home.map(|_| place))
}

/// Forgets what was said in a channel, if there are too many.
fn give_up(channels: &mut [Channel], found: &[Option<Found>]) -> Option<usize> {
    if channels.len() < MOST {
        return None;
    }
    let mut numbers = 0..channels.len();
    let gone = numbers.find(|one| channels[*one].rest.is_none() && !is_taken(found, *one))?;
    channels[gone] = Channel::default();
    Some(gone)
}

fn is_taken(found: &[Option<Found>], number: usize) -> bool {
    found.iter().flatten().any(|one| one.number == number)
}

/// Of each text the channel that began like it: first those that are said to be of the same speaker, then the longest beginnings. Where two are
/// as long, nobody moves.
fn begun(channels: &[Channel], lines: &[&Line], own: &[Option<usize>]) -> Vec<Option<Found>> {
    let mut pairs = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let words = beginning(&line.transcript);
        let is_at_home = own[place].is_some_and(|own| channels[own].shares(&words).0 >= MANY);
        for (number, channel) in channels.iter().enumerate() {
            let (count, is_sure) = channel.shares(&words);
            let is_own = own[place] == Some(number);
            // A word or two that are all somebody said move nobody away from a place of his own, unless that place is gone.
            let has_home = own[place].is_some_and(|own| channels[own].is_silent());
            let is_gone = channel.place.unwrap_or(number) >= lines.len();
            let may_move = is_sure && (count >= MANY || !has_home || is_gone);
            if count > 0 && (is_own || may_move) {
                // Nor does a name alone move a text away from where it goes on.
                let is_same = line.is_named && line.speaker == channel.speaker;
                let is_same = is_same && (is_own || !is_at_home);
                pairs.push((Reverse((is_same, count, is_own)), place, number, is_sure));
            }
        }
    }
    pairs.sort_unstable();
    let mut found = vec![None; lines.len()];
    for (_, place, number, goes_on) in pairs {
        if found[place].is_none() && !is_taken(&found, number) {
            found[place] = Some(Found { number, goes_on });
        }
    }
    found
}

/// The first words of a text.
fn beginning(text: &str) -> Vec<Word> {
    let cut = text.char_indices().nth(BEGINNING);
    let mut first = words(cut.map_or(text, |(end, _)| &text[..end]));
    if cut.is_some() {
        // It may be half a word.
        first.pop();
    }
    first
}

impl Channel {
    /// Takes over how a text of it stands, and who speaks. Who is named once stays so while the text goes on, unless the channel itself says
    /// another: a place in a list is a weaker sign.
    pub(super) fn meet(&mut self, line: &Line, speaker: Speaker, goes_on: bool) {
        if !goes_on || line.is_named || self.speaker == Speaker::Unknown {
            self.speaker = speaker;
        }
        self.language.clone_from(&line.language);
    }

    /// How many words a text has in common with what was said here, from the beginning on; and whether that is no coincidence, because they
    /// are many, or all that was said.
    fn shares(&self, words: &[Word]) -> (usize, bool) {
        let known: Vec<_> = self.known().take(words.len().max(MANY)).collect();
        let same = known.iter().zip(words);
        let count = same.take_while(|(mark, word)| **mark == word.mark).count();
        (count, count > 0 && (count >= MANY || count == known.len()))
    }

    /// The marks of what was said, but for a last word that may grow.
    fn known(&self) -> impl Iterator<Item = u16> {
        let rest = self.rest.iter().flat_map(|(text, _)| {
            let mut rest = beginning(text);
            rest.pop();
            rest
        });
        self.said.marks().chain(rest.map(|word| word.mark))
    }

    /// Whether something was said here ever.
    pub(super) fn was_heard(&self) -> bool {
        self.heard_after.is_some() || !self.is_silent()
    }

    /// Takes it for silent, unless something of it was told; gives the place in the order that it had.
    pub(super) fn unhear(&mut self) -> Option<usize> {
        if !self.said.is_empty() {
            return None;
        }
        self.rest = None;
        self.speaker = Speaker::Unknown;
        self.heard_after.take()
    }

    fn is_silent(&self) -> bool {
        self.known().next().is_none()
    }

    /// Keeps what is not complete yet. It waits since it last changed.
    pub(super) fn wait(&mut self, rest: String, now: Timestamp) {
        if !rest.contains(says_something) {
            self.rest = None;
        } else if self.rest.as_ref().is_none_or(|(before, _)| *before != rest) {
            self.rest = Some((rest, now));
        }
    }

    pub(super) fn take_rest(&mut self, is_over: impl Fn(Timestamp) -> bool) -> Option<String> {
        let (text, _) = self.rest.take_if(|(_, since)| is_over(*since))?;
        self.said.remember_rest(&text);
        Some(text)
    }
}
