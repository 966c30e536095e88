//! What is heard: of each interaction the newest frame, which holds all that was said, and what nobody read of the one before it. So whoever
//! comes late misses nothing.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::cxone::stream::News;
use shared::domain::InteractionId;
use shared::transcript::frame::{FrameFlaw, Heard};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::gone;
use crate::hearing::Hearing;

/// So many bytes of transcripts are kept at most. Beyond, the interaction goes that was silent for longest: if it is not over, its
/// next frame brings it back.
const MOST_BYTES: usize = 96 << 20;
/// So long the end of an interaction is remembered, should the one who forwards be gone.
const ENDED: SignedDuration = SignedDuration::from_mins(30);
/// So long an interaction is, in which nobody says anything.
const SILENT: SignedDuration = SignedDuration::from_hours(12);

/// The newest frame of every interaction.
#[derive(Default)]
pub(crate) struct Ears {
    state: Mutex<State>,
    heard: Notify,
}

#[derive(Default)]
struct State {
    newest: HashMap<InteractionId, (Arc<Heard>, Timestamp)>,
    fresh: HashSet<InteractionId>,
    bytes: usize,
    hearing: Hearing,
    counts: Counts,
}

/// What came of the stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Frames about interactions.
    pub frames: u64,
    /// Frames that could not be read.
    pub flawed: u64,
    /// Those among them that are larger than is read: nothing more is heard of their interactions.
    pub too_large: u64,
    /// How often the connection was lost, or could not be opened.
    pub lost: u64,
    /// Interactions that were dropped for want of room.
    pub dropped: u64,
}

impl Ears {
    /// Takes what the stream tells.
    pub(crate) fn take(&self, news: News) {
        let mut state = self.state();
        match news {
            News::Open => state.hearing = state.hearing.open(Instant::now()),
            News::Heard(heard) => {
                state.hearing = Hearing::Open;
                state.put(heard, Timestamp::now());
            }
            News::Flawed(flaw) => {
                state.counts.flawed += 1;
                state.counts.too_large += u64::from(flaw == FrameFlaw::TooLarge);
                tracing::debug!(%flaw, "a frame cannot be read");
            }
            News::Lost(why) => {
                state.hearing = state.hearing.close(Instant::now());
                state.counts.lost += 1;
                tracing::warn!(error = %why, "the stream was lost");
            }
        }
        self.heard.notify_one();
    }

    /// Waits until there is something new.
    pub(crate) async fn wait(&self) {
        self.heard.notified().await;
    }

    /// The interactions of which there is something new.
    pub(crate) fn fresh_ids(&self) -> Vec<InteractionId> {
        self.state().fresh.iter().cloned().collect()
    }

    /// What is new since the last time, of these interactions. Of the others it stays new, and what follows is added to it.
    pub(crate) fn fresh(
        &self,
        is_asked: impl Fn(&InteractionId) -> bool,
    ) -> Vec<(Arc<Heard>, Timestamp)> {
        let mut state = self.state();
        let fresh: Vec<_> = state.fresh.extract_if(is_asked).collect();
        let newest = fresh.iter().filter_map(|id| state.newest.get(id));
        newest.cloned().collect()
    }

    /// Whether there is something new.
    pub(crate) fn has_fresh(&self) -> bool {
        !self.state().fresh.is_empty()
    }

    /// Everything is new to whoever begins to forward.
    pub(crate) fn refresh(&self) {
        let state = &mut *self.state();
        state.fresh = state.newest.keys().cloned().collect();
        self.heard.notify_one();
    }

    /// An interaction is over and forwarded.
    pub(crate) fn forget(&self, over: &Arc<Heard>) {
        let mut state = self.state();
        // Unless something was said meanwhile.
        let newest = state.newest.get(&over.id);
        if newest.is_some_and(|(newest, _)| Arc::ptr_eq(newest, over)) {
            state.remove(&over.id);
        }
    }

    /// Drops what is of no use any more.
    pub(crate) fn tidy(&self, now: Timestamp) {
        let mut state = self.state();
        let is_old = |(heard, at): &(Arc<Heard>, Timestamp)| {
            let most = if heard.has_ended { ENDED } else { SILENT };
            now.duration_since(*at) > most
        };
        let old = state.newest.iter().filter(|(_, newest)| is_old(newest));
        let old: Vec<_> = old.map(|(id, _)| id.clone()).collect();
        for id in old {
            state.remove(&id);
        }
    }

    /// Whether this interaction may still be heard of.
    pub(crate) fn knows(&self, id: &InteractionId) -> bool {
        self.state().newest.contains_key(id)
    }

    /// Whether the stream is open.
    pub(crate) fn is_open(&self) -> bool {
        self.state().hearing.is_open()
    }

    /// Whether something came of it, or it lasts.
    pub(crate) fn hears(&self) -> bool {
        self.state().hearing.hears(Instant::now())
    }

    /// Whether it is not, and has not been for longer than this.
    pub(crate) fn is_deaf_for(&self, span: Duration) -> bool {
        self.state().hearing.is_deaf_for(span, Instant::now())
    }

    /// What came so far.
    pub(crate) fn counts(&self) -> Counts {
        self.state().counts
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn put(&mut self, mut heard: Heard, now: Timestamp) {
        let id = heard.id.clone();
        if self.fresh.contains(&id)
            && let Some((unread, _)) = self.newest.get(&id)
        {
            gone::keep(&mut heard, unread);
        }
        self.remove(&id);
        self.counts.frames += 1;
        self.bytes += bytes(&heard);
        self.newest.insert(id.clone(), (Arc::new(heard), now));
        self.fresh.insert(id);
        while self.bytes > MOST_BYTES {
            let silent = self.newest.iter().min_by_key(|(_, (_, at))| *at);
            let Some(silent) = silent.map(|(id, _)| id.clone()) else {
                break;
            };
            self.remove(&silent);
            self.counts.dropped += 1;
        }
    }

    fn remove(&mut self, id: &InteractionId) {
        if let Some((heard, _)) = self.newest.remove(id) {
            self.bytes -= bytes(&heard);
            self.fresh.remove(id);
        }
    }
}

/// About what a frame takes.
fn bytes(heard: &Heard) -> usize {
    let lines = heard.lines.iter().map(|line| 64 + line.transcript.len());
    256 + lines.sum::<usize>()
}

#[cfg(test)]
mod tests;
