//! How the order comes about.

use super::snippet::{Boost, Snippet};
use super::{Normalization, Ranked, Ranking, RankingRequest};
use crate::domain::{Score, SnippetId};

/// Scores have four decimal places.
const PLACES: f64 = 1e4;
/// Behind the twelfth place products differ by how floats multiply, not by what they amount to.
const NOISE: f64 = 1e12;

/// Ranks: scores are rounded, normalised if that was asked for, and multiplied by the boost and by what was `learned`. If a product
/// exceeds 1 all are divided by the largest, because cutting them off at 1 would destroy their order. Best first; of equals, the
/// earlier one.
pub fn rank(request: RankingRequest, learned: impl Fn(&SnippetId) -> f64) -> Ranking {
    let scores = scores(&request);
    let products = scores.into_iter().zip(request.snippets);
    let products = products.map(|(score, snippet)| {
        let learned = Boost::saturating(learned(&snippet.snippet_id));
        let product = score * snippet.boost_factor.get() * learned.get();
        (to_places(product, NOISE), snippet)
    });
    let mut products: Vec<_> = products.collect();
    products.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    products.truncate(request.max_result_window.get());
    let largest = products.first().map_or(1.0, |(best, _)| best.max(1.0));
    let snippets = products.into_iter();
    Ranking {
        max_result_window: request.max_result_window.get(),
        session_id: request.session_id,
        snippets: snippets
            .map(|(product, snippet)| place(product / largest, snippet))
            .collect(),
    }
}

/// The scores before any boost.
fn scores(request: &RankingRequest) -> Vec<f64> {
    let snippets = request.snippets.iter();
    let scores = snippets.map(|snippet| rounded(snippet.relevance_score.get()));
    let scores: Vec<f64> = scores.collect();
    match request.normalization {
        Normalization::None => scores,
        Normalization::MinMax => stretched(&scores),
    }
}

/// The same scores, from 0 for the lowest to 1 for the highest. Where all are equal, all are the highest.
fn stretched(scores: &[f64]) -> Vec<f64> {
    let lowest = scores.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = highest - lowest;
    let stretch = |score: &f64| {
        if span > 0.0 {
            (score - lowest) / span
        } else {
            1.0
        }
    };
    scores.iter().map(stretch).collect()
}

fn place(score: f64, snippet: Snippet) -> Ranked {
    Ranked {
        boost_factor: Boost::NONE.get(),
        metadata: snippet.metadata,
        relevance_score: Score::saturating(rounded(score)),
        snippet_id: snippet.snippet_id,
    }
}

/// Half of the last place goes up, as people round what they see written.
fn rounded(number: f64) -> f64 {
    to_places(number, PLACES)
}

fn to_places(number: f64, places: f64) -> f64 {
    (number * places).round() / places
}
