//! What stands out.

use crate::assist::{Candidate, prominence};
use crate::domain::{ArticleId, Locale, Score};

pub(super) fn found(scores: &[f64]) -> Vec<Candidate> {
    let candidate = |(place, score): (usize, &f64)| Candidate {
        article: ArticleId::parse(place.to_string()).unwrap(),
        locale: Locale::parse("en").unwrap(),
        title: String::new(),
        passage: String::new(),
        score: Score::saturating(*score),
    };
    scores.iter().enumerate().map(candidate).collect()
}

#[test]
fn the_fifth_is_the_crowd() {
    for (scores, place, share) in [
        (&[0.5, 0.4, 0.3, 0.25, 0.2, 0.1][..], 0, 0.6),
        (&[0.5, 0.4, 0.3, 0.25, 0.2, 0.1], 1, 0.5),
        (&[0.5, 0.4, 0.3, 0.25, 0.2, 0.1], 4, 0.0),
        (&[0.5, 0.4, 0.3, 0.25, 0.2, 0.1], 5, 0.0),
        (&[0.4, 0.1], 0, 0.75),
        (&[0.4, 0.1], 1, 0.0),
        (&[0.4], 0, 1.0),
        (&[0.0], 0, 0.0),
        (&[0.4], 7, 0.0),
        (&[], 0, 0.0),
    ] {
        let article = ArticleId::parse(place.to_string()).unwrap();
        let got = prominence(&found(scores), &article);
        assert!((got - share).abs() < 1e-12, "{scores:?} {place}: {got}");
    }
}
