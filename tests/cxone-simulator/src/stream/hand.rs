//! The test's hand on the stream.

use super::trouble::StreamTrouble;
use crate::world::World;

/// The stream of a running simulator.
#[derive(Clone, Copy)]
pub struct Stream<'a>(pub(crate) &'a World);

impl Stream<'_> {
    /// From now on, frames tell who speaks in a channel, as `speaker`. `v2` does not, but tenants do.
    pub fn name(&self, interaction: &str, channel: usize, speaker: &str) {
        self.0.stream.name(interaction, channel, speaker);
    }

    /// Somebody says something, which everybody who listens is told at once.
    pub fn say(&self, interaction: &str, channel: usize, text: &str) {
        self.0.stream.change(interaction, channel, |transcript| {
            if !transcript.is_empty() {
                transcript.push(' ');
            }
            transcript.push_str(text);
        });
    }

    /// Somebody says something word by word, with a frame for each.
    pub fn speak(&self, interaction: &str, channel: usize, text: &str) {
        for word in text.split_whitespace() {
            self.say(interaction, channel, word);
        }
    }

    /// The recogniser thinks better of some words.
    pub fn correct(&self, interaction: &str, channel: usize, from: &str, to: &str) {
        self.0.stream.change(interaction, channel, |transcript| {
            *transcript = transcript.replacen(from, to, 1);
        });
    }

    /// Tells again how an interaction stands.
    pub fn repeat(&self, interaction: &str) {
        self.0.stream.repeat(interaction, "active");
    }

    /// An interaction is over.
    pub fn end(&self, interaction: &str) {
        self.0.stream.repeat(interaction, "ended");
    }

    /// An interaction is over, and whoever is told so is told nothing that was said in it.
    pub fn hang_up(&self, interaction: &str) {
        self.0.stream.hang_up(interaction);
    }

    /// All that was said, by channel.
    pub fn transcripts(&self, interaction: &str) -> Vec<String> {
        self.0.stream.transcripts(interaction)
    }

    /// From now on, this goes wrong.
    pub fn set_trouble(&self, trouble: StreamTrouble) {
        self.0.stream.set_trouble(trouble);
    }

    /// How many topics are subscribed to on the notification socket, all connections together.
    pub fn subscriptions(&self) -> usize {
        self.0.stream.subscriptions()
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.0.stream.connections()
    }
}
