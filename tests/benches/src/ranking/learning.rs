//! Whether clicks teach the better order although agents look at the first places most: our learning beside the raw click-through rate.

use std::collections::BTreeMap;

use fastrand::Rng;
use shared::domain::SnippetId;
use shared::ranking::{Action, Learning, RankPosition, SnippetCounts};

use super::tenant::{Tenant, count, ordered};
use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::report::{Goal, Row};

/// What the rows about learning show.
pub(super) const ABOUT: &str = "\
The rows about clicks are a simulation: invented tenants with 30 topics of 10 fitting snippets each, out of 100. Search knows how well a \
snippet fits, not how good it is; agents look at place p with probability p^-d, and use what they look at by its fit and quality. Boosts \
are learned again after every 500 sessions. nDCG of the final orders, means over tenants; the peer's boosts are clicks per view beside the \
mean, within the same bounds; the limit is the best order.";

const LESSON: usize = 500;
/// How much less the next place is looked at: less than learning assumes, as much, and more.
const DECAYS: [f64; 3] = [0.4, 0.7, 1.0];

type Boosts = BTreeMap<SnippetId, f64>;
type Teacher = fn(&[SnippetCounts]) -> Boosts;

/// What was learned under one way to look.
pub(super) struct Lesson {
    decay: f64,
    tenants: usize,
    ours: f64,
    raw: f64,
    untaught: f64,
    /// With how many tenants ours gave the better orders.
    better: usize,
}

/// Every tenant is taught both ways, with the same agents.
pub(super) fn compare(size: Size) -> Outcome<Vec<Lesson>> {
    let tenants = size.pick(5, 40, 200);
    let sessions = size.pick(5_000, 20_000, 20_000);
    let lessons = DECAYS
        .into_iter()
        .map(|decay| lesson(decay, tenants, sessions));
    lessons.collect()
}

fn lesson(decay: f64, tenants: usize, sessions: usize) -> Outcome<Lesson> {
    let mut lesson = Lesson {
        decay,
        tenants,
        ours: 0.0,
        raw: 0.0,
        untaught: 0.0,
        better: 0,
    };
    for seed in (1..).take(tenants) {
        let tenant = Tenant::invent(seed)?;
        let taught = |teacher| tenant.quality_of(&taught(&tenant, teacher, decay, sessions, seed));
        let (ours, raw) = (taught(by_looks), taught(by_views));
        lesson.ours += ours / count(tenants);
        lesson.raw += raw / count(tenants);
        lesson.untaught += tenant.quality_of(&Boosts::new()) / count(tenants);
        lesson.better += usize::from(ours > raw);
    }
    Ok(lesson)
}

/// The boosts after so many sessions.
fn taught(tenant: &Tenant, teacher: Teacher, decay: f64, sessions: usize, seed: u64) -> Boosts {
    let mut agents = Agents {
        tenant,
        decay,
        chance: Rng::with_seed(seed),
        counts: BTreeMap::new(),
    };
    let mut boosts = Boosts::new();
    for _ in 0..sessions / LESSON {
        for _ in 0..LESSON {
            agents.ask(&boosts);
        }
        boosts = teacher(&agents.counts.values().cloned().collect::<Vec<_>>());
    }
    boosts
}

/// Those who look at snippets and use some of them.
struct Agents<'tenant> {
    tenant: &'tenant Tenant,
    decay: f64,
    chance: Rng,
    counts: BTreeMap<SnippetId, SnippetCounts>,
}

impl Agents<'_> {
    /// One session about any topic.
    fn ask(&mut self, boosts: &Boosts) {
        let Some(topic) = self.chance.choice(&self.tenant.topics) else {
            return;
        };
        let order = ordered(topic, boosts);
        for (shown, place) in order.snippets.iter().zip(1_u8..) {
            let id = &shown.snippet_id;
            let counts = self.counts.entry(id.clone());
            let counts = counts.or_insert_with(|| SnippetCounts::new(id.clone()));
            if let Ok(position) = RankPosition::parse(place.into()) {
                counts.add_views(position, 1);
            }
            let is_looked_at = self.chance.f64() < f64::from(place).powf(-self.decay);
            if is_looked_at && self.chance.f64() < self.tenant.worth(topic, id) {
                counts.add_clicks(Action::Click, 1);
            }
        }
    }
}

fn by_looks(counts: &[SnippetCounts]) -> Boosts {
    let learned = Learning::default().learn(counts).into_iter();
    learned.map(|one| (one.snippet_id, one.boost)).collect()
}

fn by_views(counts: &[SnippetCounts]) -> Boosts {
    let bound = Learning::default().tuning().bound;
    let views = |one: &SnippetCounts| {
        one.impressions_by_position
            .iter()
            .copied()
            .map(f64::from)
            .sum::<f64>()
    };
    let clicks = |one: &SnippetCounts| f64::from(one.clicks.click);
    let mean = counts.iter().map(clicks).sum::<f64>() / counts.iter().map(views).sum::<f64>();
    let boost = |one| (clicks(one) / views(one) / mean).clamp(bound.recip(), bound);
    counts
        .iter()
        .map(|one| (one.snippet_id.clone(), boost(one)))
        .collect()
}

impl Lesson {
    /// The line of the table.
    pub(super) fn row(&self) -> Row {
        let what = format!("nDCG after clicks, d = {}", self.decay);
        let [ours, raw, best] = [self.ours, self.raw, 1.0].map(|value| Some(Figure::share(value)));
        Row::new(what, ours, raw, best).aiming_at(Goal::TimesPeer(1.0))
    }

    /// What the table does not show.
    pub(super) fn note(&self) -> String {
        format!(
            "d = {}: without clicks nDCG is {:.3}; what was learned gave better orders than the raw rate with {} of {} tenants.",
            self.decay, self.untaught, self.better, self.tenants
        )
    }
}
