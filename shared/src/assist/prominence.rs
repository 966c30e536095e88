//! How far an article stands out. Small talk lies equally near to many articles, and a question to few: the score alone tells them apart
//! badly, its distance from what lies a little deeper tells them apart well. As a share of the score it means the same for every model
//! and every knowledge base.

use super::Candidate;
use crate::domain::ArticleId;

/// An article is compared with the one in this place.
const COMPARED: usize = 5;

/// So many results have to be known.
pub const DEPTH: u64 = 10;

/// By which share of its score an article stands above the crowd of what was found, the best first: 0 if it does not, or was not found.
/// A sole article is compared with nothing, and has 1.
pub fn prominence(found: &[Candidate], article: &ArticleId) -> f64 {
    let crowd = match found {
        [] | [_] => 0.0,
        [.., worst] => found.get(COMPARED - 1).unwrap_or(worst).score.get(),
    };
    let score = found.iter().find(|one| one.article == *article);
    match score.map(|one| one.score.get()) {
        Some(score) if score > crowd => (score - crowd) / score,
        _ => 0.0,
    }
}
