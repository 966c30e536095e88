//! What was said in which interaction, and who listens.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tokio::sync::broadcast;

use super::trouble::StreamTrouble;
use crate::world::lock;

/// Whoever falls further behind misses frames, as with every stream.
const BACKLOG: usize = 65_536;

/// The interactions, behind their lock.
pub(crate) struct Store {
    state: Mutex<State>,
    frames: broadcast::Sender<Arc<str>>,
}

#[derive(Default)]
struct State {
    channels: BTreeMap<String, Vec<Channel>>,
    trouble: StreamTrouble,
    connections: usize,
}

/// What was said in a channel, and by whom, if that is told.
#[derive(Clone, Default)]
struct Channel {
    transcript: String,
    speaker: Option<String>,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            frames: broadcast::channel(BACKLOG).0,
        }
    }
}

impl Store {
    /// Changes what was said in a channel, and tells everybody how the interaction stands.
    pub(super) fn change(
        &self,
        interaction: &str,
        channel: usize,
        change: impl FnOnce(&mut String),
    ) {
        let mut state = lock(&self.state);
        let channels = state.channels(interaction, channel);
        change(&mut channels[channel].transcript);
        self.tell(interaction, "active", channels);
    }

    /// From now on it is told who speaks in a channel. `v2` does not.
    pub(super) fn name(&self, interaction: &str, channel: usize, speaker: &str) {
        let mut state = lock(&self.state);
        let channels = state.channels(interaction, channel);
        channels[channel].speaker = Some(speaker.to_owned());
    }

    /// Tells everybody how an interaction stands: again, or that it is over.
    pub(super) fn repeat(&self, interaction: &str, word: &str) {
        let state = lock(&self.state);
        if let Some(channels) = state.channels.get(interaction) {
            self.tell(interaction, word, channels);
        }
    }

    fn tell(&self, interaction: &str, word: &str, channels: &[Channel]) {
        let channel = |it: &Channel| {
            let mut told = json!({ "transcript": it.transcript });
            if let Some(speaker) = &it.speaker {
                told["speaker"] = json!(speaker);
            }
            told
        };
        let channels: Vec<_> = channels.iter().map(channel).collect();
        let data = json!({ "id": interaction, "state": word, "channels": channels });
        let frame = json!({ "type": "interaction", "data": data }).to_string();
        // Nobody may be listening.
        let _ = self.frames.send(frame.into());
    }

    pub(super) fn transcripts(&self, interaction: &str) -> Vec<String> {
        let state = lock(&self.state);
        let channels = state.channels.get(interaction).into_iter().flatten();
        channels.map(|it| it.transcript.clone()).collect()
    }

    pub(super) fn set_trouble(&self, trouble: StreamTrouble) {
        lock(&self.state).trouble = trouble;
    }

    pub(super) fn trouble(&self) -> StreamTrouble {
        lock(&self.state).trouble.clone()
    }

    pub(super) fn connections(&self) -> usize {
        lock(&self.state).connections
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<Arc<str>> {
        self.frames.subscribe()
    }

    pub(super) fn enter(&self) {
        lock(&self.state).connections += 1;
    }

    pub(super) fn leave(&self) {
        let mut state = lock(&self.state);
        state.connections = state.connections.saturating_sub(1);
    }

    /// Connections stay.
    pub(crate) fn clear(&self) {
        let mut state = lock(&self.state);
        state.channels.clear();
        state.trouble = StreamTrouble::default();
    }
}

impl State {
    /// The channels of an interaction, at least as many as this one's number.
    fn channels(&mut self, interaction: &str, channel: usize) -> &mut Vec<Channel> {
        let channels = self.channels.entry(interaction.to_owned()).or_default();
        let length = channels.len().max(channel + 1);
        channels.resize(length, Channel::default());
        channels
    }
}
