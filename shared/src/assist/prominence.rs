//! How far an article stands out. Small talk lies equally near to many articles, and a question to few: the score alone tells them apart
//! badly, its distance from what lies a little deeper tells them apart well.

use super::Candidate;

/// An article is compared with the one in this place.
const COMPARED: usize = 5;

/// So many results have to be known.
pub const DEPTH: u64 = 10;

/// Those that stand out by so much, out of all that were found, the best first. A sole article is compared with nothing.
pub fn outstanding(found: Vec<Candidate>, least: f64) -> Vec<Candidate> {
    let crowd = match found.as_slice() {
        [] | [_] => 0.0,
        [.., worst] => found.get(COMPARED - 1).unwrap_or(worst).score.get(),
    };
    let stands_out = |one: &Candidate| one.score.get() - crowd >= least;
    found.into_iter().filter(stands_out).collect()
}
