//! The conversations that were made, and how fast.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{hand::Conversation, payload::Payload, settings::ChatPace};
use crate::world::lock;

/// Everything behind one lock.
#[derive(Default)]
pub(crate) struct Store(Mutex<State>);

#[derive(Default)]
struct State {
    conversations: Vec<Conversation>,
    /// The places of an interaction's conversations.
    places: HashMap<String, Vec<usize>>,
    /// What is left of the bucket, and since when.
    bucket: Option<(f64, Instant)>,
    repeats: u64,
    hurries: u64,
}

/// What became of a transcript.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is this conversation, perhaps since long.
    As(String),
    /// Some of its messages are known, and not as this transcript.
    Mixed,
}

impl State {
    fn of(&self, interaction: &str) -> impl Iterator<Item = &Conversation> {
        let places = self.places.get(interaction).into_iter().flatten();
        places.filter_map(|place| self.conversations.get(*place))
    }

    /// What a transcript is, if it has messages that are known.
    fn known(&self, payload: &Payload) -> Option<Taken> {
        let has_any = |it: &&Conversation| {
            it.message_ids
                .iter()
                .any(|id| payload.message_ids.contains(id))
        };
        let known = self.of(&payload.interaction).find(has_any)?;
        Some(if known.body == payload.body {
            Taken::As(known.id.clone())
        } else {
            Taken::Mixed
        })
    }

    fn create(&mut self, payload: Payload, at: Timestamp) -> Taken {
        let place = self.conversations.len();
        let id = format!("conv-{:016x}", rand::random::<u64>());
        let places = self.places.entry(payload.interaction.clone());
        places.or_default().push(place);
        self.conversations.push(Conversation {
            id: id.clone(),
            interaction: payload.interaction,
            at,
            message_ids: payload.message_ids,
            body: payload.body,
        });
        Taken::As(id)
    }
}

impl Store {
    /// Takes one from the bucket, or says how long it takes until there is one.
    pub(super) fn keep_pace(&self, pace: Option<ChatPace>) -> Result<(), Duration> {
        let Some(pace) = pace else {
            return Ok(());
        };
        let mut state = lock(&self.0);
        let now = Instant::now();
        let per_second = pace.per_minute / 60.0;
        let (left, since) = state.bucket.unwrap_or((pace.burst, now));
        let left = (left + (now - since).as_secs_f64() * per_second).min(pace.burst);
        let is_enough = left >= 1.0;
        state.bucket = Some((if is_enough { left - 1.0 } else { left }, now));
        if is_enough {
            return Ok(());
        }
        state.hurries += 1;
        Err(Duration::from_secs_f64((1.0 - left) / per_second))
    }

    /// Makes a conversation of a transcript, unless it is one already.
    pub(super) fn take(&self, payload: Payload, at: Timestamp, is_idempotent: bool) -> Taken {
        let mut state = lock(&self.0);
        match state.known(&payload).filter(|_| is_idempotent) {
            Some(Taken::As(id)) => {
                state.repeats += 1;
                Taken::As(id)
            }
            Some(Taken::Mixed) => Taken::Mixed,
            None => state.create(payload, at),
        }
    }

    pub(super) fn of(&self, interaction: &str) -> Vec<Conversation> {
        lock(&self.0).of(interaction).cloned().collect()
    }

    pub(super) fn all(&self) -> Vec<Conversation> {
        lock(&self.0).conversations.clone()
    }

    pub(super) fn repeats(&self) -> u64 {
        lock(&self.0).repeats
    }

    pub(super) fn hurries(&self) -> u64 {
        lock(&self.0).hurries
    }

    /// No conversations, and a full bucket.
    pub(crate) fn clear(&self) {
        *lock(&self.0) = State::default();
    }
}
