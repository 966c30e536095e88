//! What clicks teach: a bounded boost for each snippet.
//!
//! A snippet that stands first is clicked more because it stands first. So a view counts for as much as its place is looked at, and a
//! snippet is judged by its clicks per look, not per view. What was seen little is drawn towards the usual rate: every snippet begins with
//! some looks of the usual rate, so many that the usual rate makes some clicks of them. Where one look in a hundred is clicked, twenty looks
//! would be a fifth of a click, and the first click would decide alone. Its boost is its rate beside the usual one, within bounds.

mod counts;
#[cfg(test)]
mod tests;
mod tuning;

use serde::{Deserialize, Serialize};

use crate::domain::{SnippetId, words};

pub use counts::{ByPlace, Clicks, SnippetCounts};
pub use tuning::{Learning, Tuning, Values};

words!(
    /// What is done with boosts that were learned.
    LearningMode {
        /// None are learned.
        Off = "off",
        /// They are learned and shown, and change nothing.
        Shadow = "shadow",
        /// They count.
        On = "on",
    }
);

impl std::str::FromStr for LearningMode {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::parse(word).ok_or("must be off, shadow or on")
    }
}

/// A snippet's boost, and how it came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Learned {
    /// The snippet.
    pub snippet_id: SnippetId,
    /// What its score is multiplied by.
    pub boost: f64,
    /// How the boost came about.
    pub explanation: Explanation,
}

/// How a boost came about: `(worth + prior_views × prior) / (examined + prior_views)` is the rate, and its ratio to the prior, kept
/// within the bound, is the boost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// How often it was shown, first place first; places behind the last one at which it was shown are left out.
    pub impressions_by_position: Vec<u32>,
    /// What was done with it.
    pub clicks: Clicks,
    /// What all that was done with it is worth, in clicks.
    pub worth: f64,
    /// How often it was looked at, as far as its places tell.
    pub examined: f64,
    /// Its worth per look, drawn towards the prior.
    pub rate: f64,
    /// The rate that every snippet begins with.
    pub prior: f64,
    /// For how many looks the prior counts: the rarer a click is usually, the more.
    pub prior_views: f64,
    /// The worth per look of all snippets together.
    pub mean: f64,
    /// How far a boost may be from 1, as a factor.
    pub bound: f64,
}

impl Learning {
    /// Learns a boost for each of these snippets. Where nothing was clicked at all there is nothing to learn: every boost is 1.
    pub fn learn(&self, counts: &[SnippetCounts]) -> Vec<Learned> {
        let seen = counts.iter().map(|one| self.seen(one));
        let seen: Vec<Seen> = seen.collect();
        let worth: f64 = seen.iter().map(|one| one.worth).sum();
        let examined: f64 = seen.iter().map(|one| one.examined).sum();
        let mean = if examined > 0.0 {
            worth / examined
        } else {
            0.0
        };
        let prior = self.tuning().prior_rate.unwrap_or(mean);
        let boosts = counts.iter().zip(seen);
        boosts
            .map(|(counts, seen)| self.judge(counts, seen, prior, mean))
            .collect()
    }

    fn seen(&self, counts: &SnippetCounts) -> Seen {
        let views = counts.impressions_by_position.iter();
        let looks = views.zip(self.tuning().positions);
        Seen {
            worth: self.tuning().values.of(&counts.clicks),
            examined: looks.map(|(views, look)| f64::from(*views) * look).sum(),
        }
    }

    fn judge(&self, counts: &SnippetCounts, seen: Seen, prior: f64, mean: f64) -> Learned {
        let bound = self.tuning().bound;
        let prior_views = self.tuning().views_of(prior);
        let looks = seen.examined + prior_views;
        // The prior is taken out of both sides of the ratio, so that of no data exactly 1 is left.
        let ratio = if prior > 0.0 {
            (seen.worth / prior + prior_views) / looks
        } else {
            1.0
        };
        Learned {
            snippet_id: counts.snippet_id.clone(),
            boost: ratio.clamp(bound.recip(), bound),
            explanation: Explanation {
                impressions_by_position: counts.shown_places().to_vec(),
                clicks: counts.clicks,
                worth: seen.worth,
                examined: seen.examined,
                rate: (seen.worth + prior_views * prior) / looks,
                prior,
                prior_views,
                mean,
                bound,
            },
        }
    }
}

/// What is known of a snippet.
#[derive(Clone, Copy)]
struct Seen {
    worth: f64,
    examined: f64,
}
