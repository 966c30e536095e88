//! How ranking behaves when no fault is set.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug)]
pub struct RankingSettings {
    /// How long an order takes.
    pub delay: Duration,
    /// The engine fails (500) where the largest score is more than so many times the smallest that is not zero.
    pub most_disparity: Option<f64>,
}

impl Default for RankingSettings {
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            most_disparity: Some(1_000.0),
        }
    }
}

/// A change of the running [`RankingSettings`]: what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RankingUpdate {
    /// See [`RankingSettings::delay`], in milliseconds.
    pub delay_ms: Option<u64>,
    /// See [`RankingSettings::most_disparity`]; 0 takes the limit away.
    pub most_disparity: Option<f64>,
}

impl RankingSettings {
    pub(crate) fn apply(&mut self, update: &RankingUpdate) {
        if let Some(millis) = update.delay_ms {
            self.delay = Duration::from_millis(millis);
        }
        if let Some(limit) = update.most_disparity {
            self.most_disparity = (limit > 0.0).then_some(limit);
        }
    }
}
