//! Whose words an article answers. What lies near to the agent's own words was just said, or is being said: nobody asks for it.

use super::Candidate;
use crate::domain::ArticleId;

/// Whether the turn that goes on calls for an article: alone, it gives it at least this share of the score that the turn before gives it
/// alone. An article that was not found has the score 0.
pub fn is_called_for(
    share: f64,
    latest: &[Candidate],
    before: &[Candidate],
    article: &ArticleId,
) -> bool {
    let score = |found: &[Candidate]| {
        let found = found.iter().find(|one| one.article == *article);
        found.map_or(0.0, |one| one.score.get())
    };
    score(latest) >= share * score(before)
}
