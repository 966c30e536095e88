//! What is said in the recorded calls, utterance by utterance.

use evaluation::calls::{Call, Half, Speaker};
use evaluation::recorded;
use evaluation::utterances::by_utterance;
use jiff::{SignedDuration, Timestamp};
use shared::assist::Window;
use shared::domain;
use shared::transcript::Interaction;
use shared::transcript::frame::Line;

use crate::bench::Outcome;

/// The words for those who speak in the two channels.
pub(super) const SPEAKERS: [&str; 2] = ["customer", "agent"];

/// An utterance.
pub(super) struct Spoken {
    /// Where it is said.
    pub(super) channel: usize,
    pub(super) text: String,
    /// What is looked up after it: the last two turns.
    pub(super) window: String,
    /// Whether its end is heard at once; else quiet tells it.
    pub(super) is_prompt: bool,
}

/// The first so many calls.
pub(super) fn calls(most: usize) -> Outcome<Vec<Vec<Spoken>>> {
    let mut calls = recorded::calls(Half::Tune)?;
    calls.extend(recorded::calls(Half::Gate)?);
    Ok(calls.iter().take(most).map(spoken).collect())
}

fn spoken(call: &Call) -> Vec<Spoken> {
    let (mut interaction, mut window) = (Interaction::default(), Window::default());
    let mut lines = [Line::default(), Line::default()];
    let now = Timestamp::UNIX_EPOCH;
    let one = |turn: &evaluation::calls::Turn| {
        let (channel, speaker) = match turn.speaker {
            Speaker::Customer => (0, domain::Speaker::Customer),
            Speaker::Agent => (1, domain::Speaker::Agent),
        };
        let line = &mut lines[channel];
        line.transcript = format!("{} {}", line.transcript, turn.text);
        let is_prompt = interaction.hear(&lines, now).len() == 1;
        interaction.pause(SignedDuration::ZERO, now);
        window.hear(speaker, None, &turn.text);
        Spoken {
            channel,
            text: turn.text.clone(),
            window: window.text(),
            is_prompt,
        }
    };
    by_utterance(call).turns.iter().map(one).collect()
}
