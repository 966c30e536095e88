//! An invented tenant whose snippets have a worth that only clicks can tell.

use std::collections::BTreeMap;

use fastrand::Rng;
use shared::domain::query::Limit;
use shared::domain::{Score, SessionId, SnippetId};
use shared::ranking::{Boost, Metadata, Normalization, Ranking, RankingRequest, Snippet, rank};

use crate::bench::Outcome;

const SNIPPETS: usize = 100;
const TOPICS: usize = 30;
/// How many snippets fit a topic.
const FITTING: usize = 10;

/// What agents ask, and what snippets are worth.
pub(super) struct Tenant {
    /// What search says of each topic: which snippets fit, and how well. It does not know how good they are.
    pub(super) topics: Vec<RankingRequest>,
    qualities: BTreeMap<SnippetId, f64>,
}

impl Tenant {
    /// A tenant of its own for every seed.
    pub(super) fn invent(seed: u64) -> Outcome<Self> {
        let mut rng = Rng::with_seed(seed);
        let ids = (0..SNIPPETS).map(|number| SnippetId::parse(format!("kb-{number}")));
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        let qualities = ids.iter().map(|id| (id.clone(), 0.2 + 0.6 * rng.f64()));
        let qualities = qualities.collect();
        let topics = (0..TOPICS).map(|_| topic(&mut rng, &ids));
        Ok(Self {
            topics: topics.collect::<Outcome<_>>()?,
            qualities,
        })
    }

    /// How often somebody who looks at a snippet uses it: it must fit, and be good.
    pub(super) fn worth(&self, topic: &RankingRequest, id: &SnippetId) -> f64 {
        let fits = topic.snippets.iter().find(|one| &one.snippet_id == id);
        let fit = fits.map_or(0.0, |one| one.relevance_score.get());
        fit * self.qualities.get(id).copied().unwrap_or_default()
    }

    /// How near the orders that these boosts give are to the best ones: the mean nDCG of all topics.
    pub(super) fn quality_of(&self, boosts: &BTreeMap<SnippetId, f64>) -> f64 {
        let each = self.topics.iter().map(|topic| {
            let order = ordered(topic, boosts);
            let shown = order.snippets.iter();
            let worths: Vec<f64> = shown
                .map(|one| self.worth(topic, &one.snippet_id))
                .collect();
            let mut best = worths.clone();
            best.sort_by(|one, other| other.total_cmp(one));
            gain(&worths) / gain(&best)
        });
        each.sum::<f64>() / count(self.topics.len())
    }
}

/// The order of a topic under these boosts.
pub(super) fn ordered(topic: &RankingRequest, boosts: &BTreeMap<SnippetId, f64>) -> Ranking {
    rank(topic.clone(), |id| boosts.get(id).copied().unwrap_or(1.0))
}

fn topic(rng: &mut Rng, ids: &[SnippetId]) -> Outcome<RankingRequest> {
    let chosen = rng.choose_multiple(ids, FITTING);
    let snippets = chosen.into_iter().map(|id| {
        Ok(Snippet {
            snippet_id: id.clone(),
            relevance_score: Score::parse(0.4 + 0.6 * rng.f64())?,
            boost_factor: Boost::NONE,
            metadata: Metadata::default(),
        })
    });
    Ok(RankingRequest {
        session_id: SessionId::parse("session")?,
        max_result_window: Limit::DEFAULT,
        snippets: snippets.collect::<Outcome<_>>()?,
        callback_url: None,
        normalization: Normalization::None,
        expected_version: None,
    })
}

fn gain(worths: &[f64]) -> f64 {
    let places = worths.iter().zip(2_u32..);
    places
        .map(|(worth, place)| worth / f64::from(place).log2())
        .sum()
}

/// A small number as a float.
pub(super) fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
