//! How the chat channel behaves when no fault is set.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug)]
pub struct TranscriptSettings {
    /// How long an injection takes.
    pub delay: Duration,
    /// Up to so much longer an injection takes, at random.
    pub jitter: Duration,
    /// Whether a repeat, known by the interaction and the ids of its messages, is the conversation that it was. Otherwise it is another.
    pub is_idempotent: bool,
    /// How fast the tenant may be; too fast is 429.
    pub pace: Option<ChatPace>,
}

/// So many posts at once, and then so many a minute. Every post counts, whatever its answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChatPace {
    /// How many at once.
    pub burst: f64,
    /// How many a minute.
    pub per_minute: f64,
}

impl ChatPace {
    /// What real tenants may do.
    pub const REAL: Self = Self {
        burst: 250.0,
        per_minute: 17.0,
    };
}

impl Default for TranscriptSettings {
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            is_idempotent: true,
            pace: Some(ChatPace::REAL),
        }
    }
}

/// A change of the running [`TranscriptSettings`]: what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TranscriptUpdate {
    /// See [`TranscriptSettings::delay`], in milliseconds.
    pub delay_ms: Option<u64>,
    /// See [`TranscriptSettings::jitter`], in milliseconds.
    pub jitter_ms: Option<u64>,
    /// See [`TranscriptSettings::is_idempotent`].
    pub is_idempotent: Option<bool>,
    /// See [`ChatPace::burst`].
    pub burst: Option<f64>,
    /// See [`ChatPace::per_minute`]; 0 takes the limit away.
    pub per_minute: Option<f64>,
}

impl TranscriptSettings {
    pub(crate) fn apply(&mut self, update: &TranscriptUpdate) {
        if let Some(millis) = update.delay_ms {
            self.delay = Duration::from_millis(millis);
        }
        if let Some(millis) = update.jitter_ms {
            self.jitter = Duration::from_millis(millis);
        }
        if let Some(is_idempotent) = update.is_idempotent {
            self.is_idempotent = is_idempotent;
        }
        let mut pace = self.pace.unwrap_or(ChatPace::REAL);
        pace.burst = update.burst.unwrap_or(pace.burst);
        pace.per_minute = update.per_minute.unwrap_or(pace.per_minute);
        if update.burst.is_some() || update.per_minute.is_some() {
            self.pace = (pace.per_minute > 0.0).then_some(pace);
        }
    }
}
