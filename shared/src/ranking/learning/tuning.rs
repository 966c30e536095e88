//! What learning assumes.

use super::Clicks;
use super::counts::ByPlace;

/// How fast places are looked at less: the exponent of the usual assumption.
const DECAY: f64 = 0.7;

/// What learning assumes, as somebody wishes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuning {
    /// How far a boost may be from 1, as a factor: at least 1.
    pub bound: f64,
    /// For how many looks the prior counts at least: 1 or more,
    pub prior_views: f64,
    /// and for so many that it makes so many clicks of them: 0 or more.
    pub prior_clicks: f64,
    /// The rate that every snippet begins with, above 0; without, the mean over all snippets.
    pub prior_rate: Option<f64>,
    /// How often each place is looked at when it is shown: above 0, at most 1.
    pub positions: ByPlace<f64>,
    /// What each action is worth.
    pub values: Values,
}

/// What each action is worth, in clicks: 0 or more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Values {
    /// Opening it.
    pub click: f64,
    /// Copying its text.
    pub copy: f64,
    /// Putting its text into an answer.
    pub insert: f64,
    /// Waving it away: it was looked at, and was of no use.
    pub dismiss: f64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            bound: 1.5,
            prior_views: 20.0,
            prior_clicks: 5.0,
            prior_rate: None,
            positions: usual_positions(),
            values: Values {
                click: 1.0,
                copy: 1.0,
                insert: 1.0,
                dismiss: 0.0,
            },
        }
    }
}

impl Tuning {
    /// For how many looks a prior counts: so that one click more or less is a part of several, however rare a click is.
    pub(super) fn views_of(&self, prior: f64) -> f64 {
        let views = self.prior_clicks / prior;
        if prior > 0.0 && views > self.prior_views {
            views.min(MOST_VIEWS)
        } else {
            self.prior_views
        }
    }
}

/// The first place is always looked at, the second in 62 of 100 cases, the tenth in 20, the fiftieth in 6.
fn usual_positions() -> ByPlace<f64> {
    let mut place = 0.0_f64;
    [(); 50].map(|()| {
        place += 1.0;
        place.powf(-DECAY)
    })
}

impl Values {
    pub(super) fn of(&self, clicks: &Clicks) -> f64 {
        self.click * f64::from(clicks.click)
            + self.copy * f64::from(clicks.copy)
            + self.insert * f64::from(clicks.insert)
            + self.dismiss * f64::from(clicks.dismiss)
    }

    fn is_sound(self) -> bool {
        let all = [self.click, self.copy, self.insert, self.dismiss];
        all.into_iter()
            .all(|value| (0.0..=MOST_VALUE).contains(&value))
    }
}

/// A boost of more than this, or of a part of it, is no hint but a verdict.
const MOST_BOUND: f64 = 10.0;
/// Nothing is worth more clicks.
const MOST_VALUE: f64 = 100.0;
/// The prior counts for no more looks.
const MOST_VIEWS: f64 = 1e6;
/// The prior makes no more clicks.
const MOST_CLICKS: f64 = 1e3;
/// No rate that somebody begins with is lower.
const LEAST_RATE: f64 = 1e-6;

/// Assumptions that boosts can be learned by: whatever was counted, every boost is a number within the bound.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Learning(Tuning);

impl Learning {
    /// Takes assumptions, if they are sound.
    pub fn new(tuning: Tuning) -> Result<Self, &'static str> {
        let is_look = |look: &f64| *look > 0.0 && *look <= 1.0;
        if !(1.0..=MOST_BOUND).contains(&tuning.bound) {
            Err("the bound must be from 1 to 10")
        } else if !(1.0..=MOST_VIEWS).contains(&tuning.prior_views) {
            Err("the prior must count for 1 to 1,000,000 looks")
        } else if !(0.0..=MOST_CLICKS).contains(&tuning.prior_clicks) {
            Err("the prior must make 0 to 1,000 clicks")
        } else if !tuning
            .prior_rate
            .is_none_or(|rate| (LEAST_RATE..=MOST_VALUE).contains(&rate))
        {
            Err("the prior rate must be from 0.000001 to 100")
        } else if !tuning.positions.iter().all(is_look) {
            Err("how often a place is looked at must be above 0 and at most 1")
        } else if !tuning.values.is_sound() {
            Err("an action must be worth 0 to 100 clicks")
        } else {
            Ok(Self(tuning))
        }
    }

    /// The assumptions.
    pub fn tuning(&self) -> &Tuning {
        &self.0
    }
}
