//! What stands out.

use crate::assist::{Candidate, outstanding};
use crate::domain::{ArticleId, Locale, Score};

fn found(scores: &[f64]) -> Vec<Candidate> {
    let candidate = |score: &f64| Candidate {
        article: ArticleId::parse("a").unwrap(),
        locale: Locale::parse("en").unwrap(),
        title: String::new(),
        passage: String::new(),
        score: Score::saturating(*score),
    };
    scores.iter().map(candidate).collect()
}

#[test]
fn the_fifth_is_the_crowd() {
    for (scores, least, count) in [
        (&[0.5, 0.4, 0.3, 0.25, 0.2, 0.1][..], 0.15, 2),
        (&[0.5, 0.49, 0.48, 0.47, 0.46, 0.1], 0.1, 0),
        (&[0.9, 0.4, 0.4, 0.4, 0.4], 0.45, 1),
        (&[0.5, 0.3], 0.15, 1),
        (&[0.5], 0.15, 1),
        (&[0.1], 0.15, 0),
        (&[], 0.0, 0),
    ] {
        assert_eq!(outstanding(found(scores), least).len(), count, "{scores:?}");
    }
}
