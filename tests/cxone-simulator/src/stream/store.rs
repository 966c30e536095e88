//! What was said in which interaction, and who listens.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tokio::sync::broadcast;

use super::notices::CONTACTS;
use super::saying::{Notice, Saying, Voice};
use super::trouble::StreamTrouble;
use crate::world::lock;

/// Whoever falls further behind misses frames, as with every stream.
const BACKLOG: usize = 65_536;

/// The interactions, behind their lock.
pub(crate) struct Store {
    state: Mutex<State>,
    frames: broadcast::Sender<Told>,
}

/// Something that is told: as the stream of `v2` tells it, and as the notification socket does.
#[derive(Clone)]
pub(super) struct Told {
    pub(super) frame: Arc<str>,
    pub(super) notices: Arc<[Notice]>,
}

#[derive(Default)]
struct State {
    channels: BTreeMap<String, Vec<Channel>>,
    sayings: BTreeMap<String, Saying>,
    trouble: StreamTrouble,
    connections: usize,
    subscriptions: usize,
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
        let voices = channels.clone();
        let saying = state.sayings.entry(interaction.to_owned()).or_default();
        let notices = saying.say(interaction, channel, &voices[channel].voice(), false);
        self.tell(interaction, "active", &voices, notices);
    }

    /// From now on it is told who speaks in a channel. `v2` does not.
    pub(super) fn name(&self, interaction: &str, channel: usize, speaker: &str) {
        let mut state = lock(&self.state);
        let channels = state.channels(interaction, channel);
        channels[channel].speaker = Some(speaker.to_owned());
    }

    /// Tells everybody how an interaction stands: again, or that it is over.
    pub(super) fn repeat(&self, interaction: &str, word: &str) {
        let mut state = lock(&self.state);
        let Some(channels) = state.channels.get(interaction).cloned() else {
            return;
        };
        let saying = state.sayings.entry(interaction.to_owned()).or_default();
        let mut notices = Vec::new();
        if word != "active" {
            for (place, channel) in channels.iter().enumerate() {
                notices.extend(saying.say(interaction, place, &channel.voice(), true));
            }
            saying.end();
        }
        notices.push(saying.announce(interaction));
        self.tell(interaction, word, &channels, notices);
    }

    /// Tells everybody that an interaction is over, without its channels.
    pub(super) fn hang_up(&self, interaction: &str) {
        let mut state = lock(&self.state);
        let saying = state.sayings.entry(interaction.to_owned()).or_default();
        saying.end();
        let notices = vec![saying.announce(interaction)];
        self.tell(interaction, "ended", &[], notices);
    }

    /// What the notification socket tells first to whoever subscribes: what goes on.
    pub(super) fn so_far(&self, topic: &str) -> Vec<Notice> {
        let state = lock(&self.state);
        let going_on = |saying: &&Saying| !saying.is_over();
        if topic == CONTACTS {
            let contacts = state.sayings.iter();
            let contacts = contacts.filter(|(_, saying)| going_on(saying));
            return contacts.map(|(id, saying)| saying.announce(id)).collect();
        }
        let contact = topic.strip_suffix("_transcript");
        let saying = contact.and_then(|contact| state.sayings.get(contact));
        let saying = saying.filter(going_on);
        saying.map_or_else(Vec::new, |saying| saying.so_far().to_vec())
    }

    fn tell(&self, interaction: &str, word: &str, channels: &[Channel], notices: Vec<Notice>) {
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
        let _ = self.frames.send(Told {
            frame: frame.into(),
            notices: notices.into(),
        });
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

    pub(super) fn subscriptions(&self) -> usize {
        lock(&self.state).subscriptions
    }

    pub(super) fn subscribe(&self) {
        lock(&self.state).subscriptions += 1;
    }

    pub(super) fn unsubscribe(&self, topics: usize) {
        lock(&self.state).subscriptions -= topics;
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<Told> {
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
        state.sayings.clear();
        state.trouble = StreamTrouble::default();
    }
}

impl Channel {
    fn voice(&self) -> Voice<'_> {
        Voice {
            transcript: &self.transcript,
            speaker: self.speaker.as_deref(),
        }
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
