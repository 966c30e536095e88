//! Everything a running simulator knows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::{
    assist, elasticsearch,
    fault::Faults,
    journal::Journal,
    knowledge, ranking,
    settings::{Settings, SettingsUpdate},
    stream,
    token::Tokens,
    transcripts,
};

/// The state that all routes share.
pub(crate) type Shared = Arc<World>;

/// See the module.
pub(crate) struct World {
    base_url: String,
    initial: Settings,
    settings: Mutex<Settings>,
    /// The tokens handed out.
    pub(crate) tokens: Tokens,
    /// The fault plan in force.
    pub(crate) faults: Faults,
    /// What was received.
    pub(crate) journal: Journal,
    /// The knowledge base.
    pub(crate) knowledge: knowledge::Store,
    /// The screens.
    pub(crate) assist: assist::Store,
    /// The sessions.
    pub(crate) ranking: ranking::Store,
    /// The indexes.
    pub(crate) elasticsearch: elasticsearch::Store,
    /// The interactions.
    pub(crate) stream: stream::Store,
    /// The conversations that transcripts became.
    pub(crate) transcripts: transcripts::Store,
}

impl World {
    pub(crate) fn new(base_url: String, settings: Settings) -> Self {
        Self {
            base_url,
            journal: Journal::new(settings.recorded_requests, settings.recorded_bytes),
            initial: settings.clone(),
            settings: Mutex::new(settings),
            tokens: Tokens::default(),
            faults: Faults::default(),
            knowledge: knowledge::Store::default(),
            assist: assist::Store::default(),
            ranking: ranking::Store::default(),
            elasticsearch: elasticsearch::Store::default(),
            stream: stream::Store::default(),
            transcripts: transcripts::Store::default(),
        }
    }

    /// Where the simulator listens, without a trailing slash.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The settings in force; hold them briefly.
    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        lock(&self.settings)
    }

    pub(crate) fn update(&self, update: SettingsUpdate) {
        self.settings().apply(update);
    }

    /// Back to the first day: no faults, no records, no tokens, no articles, no cards, no sessions, no indexes, no interactions,
    /// no conversations, the settings of the start.
    pub(crate) fn reset(&self) {
        *self.settings() = self.initial.clone();
        self.tokens.revoke(None);
        self.faults.clear();
        self.journal.clear();
        self.knowledge.clear();
        self.assist.clear();
        self.ranking.clear();
        self.elasticsearch.clear();
        self.stream.clear();
        self.transcripts.clear();
    }

    /// What time it is in CXone, to the millisecond.
    pub(crate) fn now(&self) -> Timestamp {
        let skew = SignedDuration::from_secs(self.settings().clock_skew_s);
        let ours = Timestamp::now();
        let theirs = ours.checked_add(skew).unwrap_or(ours);
        Timestamp::from_millisecond(theirs.as_millisecond()).unwrap_or(theirs)
    }
}

/// Takes a lock even when a thread panicked with it: one broken request must not break all that follow.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
