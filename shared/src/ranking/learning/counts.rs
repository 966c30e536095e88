//! What was seen of a snippet.

use serde::{Deserialize, Serialize};

use crate::domain::SnippetId;
use crate::ranking::{Action, RankPosition};

/// Something of each place that an order can have, first place first. A test holds the number to [`RankPosition::LAST`].
pub type ByPlace<T> = [T; 50];

/// How often a snippet was shown, and what was done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnippetCounts {
    /// The snippet.
    pub snippet_id: SnippetId,
    /// How often it was shown at each place, first place first.
    pub impressions_by_position: ByPlace<u32>,
    /// What was done with it where it was shown.
    pub clicks: Clicks,
}

/// How often something was done with a snippet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Clicks {
    /// It was opened.
    pub click: u32,
    /// Its text was copied.
    pub copy: u32,
    /// Its text was put into an answer.
    pub insert: u32,
    /// It was waved away.
    pub dismiss: u32,
}

impl SnippetCounts {
    /// A snippet of which nothing is known.
    pub fn new(snippet_id: SnippetId) -> Self {
        Self {
            snippet_id,
            impressions_by_position: [0; 50],
            clicks: Clicks::default(),
        }
    }

    /// Adds views at a place.
    pub fn add_views(&mut self, place: RankPosition, count: u32) {
        if let Some(views) = self.impressions_by_position.get_mut(place.index()) {
            *views = views.saturating_add(count);
        }
    }

    /// Adds what was done with it so often.
    pub fn add_clicks(&mut self, action: Action, count: u32) {
        let clicks = match action {
            Action::Click => &mut self.clicks.click,
            Action::Copy => &mut self.clicks.copy,
            Action::Insert => &mut self.clicks.insert,
            Action::Dismiss => &mut self.clicks.dismiss,
        };
        *clicks = clicks.saturating_add(count);
    }

    /// The places up to the last one at which it was shown.
    pub(super) fn shown_places(&self) -> &[u32] {
        let views = &self.impressions_by_position;
        let last = views.iter().rposition(|views| *views > 0);
        last.and_then(|last| views.get(..=last)).unwrap_or_default()
    }
}
