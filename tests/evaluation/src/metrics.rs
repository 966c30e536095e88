//! How good a ranking is, as numbers from 0 to 1. Pure.
//!
//! They are those of `trec_eval` and of BEIR: a grade is its own gain, and the ideal ranking has everything that was judged. A document
//! that nobody judged counts as not relevant.

use std::collections::BTreeMap;

use serde::Serialize;

/// What was judged for a question: documents with their grades. Grade 0 says that a document is not relevant.
pub type Judgements<D> = BTreeMap<D, u32>;

/// How good a system is: the mean over questions, or one question's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Scores {
    /// Whether the best documents stand first, among ten.
    #[serde(rename = "ndcg@10")]
    pub ndcg: f64,
    /// How many of the relevant documents stand among the first twenty.
    #[serde(rename = "recall@20")]
    pub recall: f64,
    /// How far up the first relevant document stands.
    #[serde(rename = "mrr")]
    pub reciprocal_rank: f64,
}

impl Scores {
    /// The scores of a ranking without repeats; `None` if nothing is relevant, so that no ranking could be good.
    pub fn of<D: Ord>(ranking: &[D], judged: &Judgements<D>) -> Option<Self> {
        let is_answerable = judged.values().any(|grade| *grade > 0);
        is_answerable.then(|| Self {
            ndcg: ndcg(ranking, judged, 10),
            recall: recall(ranking, judged, 20),
            reciprocal_rank: reciprocal_rank(ranking, judged),
        })
    }

    /// The mean of the scores of several questions; zeros of none.
    pub fn mean(all: &[Self]) -> Self {
        let mean =
            |score: fn(&Self) -> f64| all.iter().map(score).sum::<f64>() / float(all.len().max(1));
        Self {
            ndcg: mean(|one| one.ndcg),
            recall: mean(|one| one.recall),
            reciprocal_rank: mean(|one| one.reciprocal_rank),
        }
    }
}

/// The normalised discounted cumulative gain among the first `depth`: grades, each divided by the logarithm to base 2 of its place plus
/// one, as a share of what the ideal ranking gets.
fn ndcg<D: Ord>(ranking: &[D], judged: &Judgements<D>, depth: usize) -> f64 {
    let found = ranking.iter().map(|document| grade(judged, document));
    let mut ideal: Vec<u32> = judged.values().copied().collect();
    ideal.sort_unstable_by(|one, other| other.cmp(one));
    gain(found.take(depth)) / gain(ideal.into_iter().take(depth))
}

fn gain(grades: impl Iterator<Item = u32>) -> f64 {
    let places = (2..).map(float).zip(grades);
    places
        .map(|(place, grade)| f64::from(grade) / place.log2())
        .sum()
}

/// The share of the relevant documents that stand among the first `depth`.
fn recall<D: Ord>(ranking: &[D], judged: &Judgements<D>, depth: usize) -> f64 {
    let found = ranking.iter().take(depth);
    let found = found.filter(|document| grade(judged, document) > 0).count();
    let all = judged.values().filter(|grade| **grade > 0).count();
    float(found) / float(all)
}

/// One divided by the place of the first relevant document; 0 if there is none.
fn reciprocal_rank<D: Ord>(ranking: &[D], judged: &Judgements<D>) -> f64 {
    let mut ranking = ranking.iter();
    let first = ranking.position(|document| grade(judged, document) > 0);
    first.map_or(0.0, |place| 1.0 / float(place + 1))
}

fn grade<D: Ord>(judged: &Judgements<D>, document: &D) -> u32 {
    judged.get(document).copied().unwrap_or_default()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no list here is longer than a float counts"
)]
fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(all: &[(char, u32)]) -> Judgements<char> {
        all.iter().copied().collect()
    }

    fn ranking(letters: &str) -> Vec<char> {
        letters.chars().collect()
    }

    fn assert_near(found: f64, wanted: f64, about: &str) {
        assert!(
            (found - wanted).abs() < 1e-6,
            "{about}: {found}, not {wanted}"
        );
    }

    /// Worked out by hand: 1/log2(3) is 0.630930, 1/log2(4) is 0.5, 1/log2(5) is 0.430677.
    #[test]
    fn ndcg_weighs_grades_by_their_places() {
        let three = [('a', 3), ('b', 2), ('c', 1)];
        for (judgements, letters, wanted) in [
            (&three[..], "abc", 1.0),
            // (1 + 2 × 0.630930 + 3 × 0.5) / (3 + 2 × 0.630930 + 0.5)
            (&three, "cba", 0.789_998),
            // (3 × 0.630930 + 1 × 0.430677) / 4.761860
            (&three, "xaxc", 0.487_932),
            (&three, "xyz", 0.0),
            (&three, "", 0.0),
            (&[('a', 1)], "xxa", 0.5),
            // A document that was judged and found wanting gains nothing, and asks for nothing.
            (&[('a', 1), ('z', 0)], "za", 0.630_930),
        ] {
            let found = ndcg(&ranking(letters), &judged(judgements), 10);
            assert_near(found, wanted, letters);
        }
    }

    #[test]
    fn only_the_first_places_count() {
        let one = judged(&[('a', 2)]);
        assert_near(ndcg(&ranking("0123456789a"), &one, 10), 0.0, "place 11");
        // 1/log2(11)
        assert_near(
            ndcg(&ranking("012345678a"), &one, 10),
            0.289_065,
            "place 10",
        );
        // The ideal ranking has no more room either.
        let many: Judgements<usize> = (0..30).map(|document| (document, 1)).collect();
        let first: Vec<usize> = (0..10).collect();
        assert_near(ndcg(&first, &many, 10), 1.0, "ten of thirty");
    }

    #[test]
    fn recall_counts_whatever_is_relevant() {
        let four = judged(&[('a', 3), ('b', 1), ('c', 2), ('d', 1), ('z', 0)]);
        for (letters, depth, wanted) in [
            ("abcd", 20, 1.0),
            ("xaxd", 20, 0.5),
            ("xaxd", 3, 0.25),
            ("zzz", 20, 0.0),
            ("", 20, 0.0),
        ] {
            assert_near(recall(&ranking(letters), &four, depth), wanted, letters);
        }
    }

    #[test]
    fn the_first_relevant_document_decides_the_reciprocal_rank() {
        let two = judged(&[('a', 1), ('b', 3), ('z', 0)]);
        for (letters, wanted) in [("ab", 1.0), ("xb", 0.5), ("zxxa", 0.25), ("xyz", 0.0)] {
            assert_near(reciprocal_rank(&ranking(letters), &two), wanted, letters);
        }
    }

    #[test]
    fn a_question_without_answers_has_no_scores() {
        assert_eq!(Scores::of(&['a'], &judged(&[('a', 0)])), None);
        assert_eq!(Scores::of(&['a'], &judged(&[])), None);
        let scores = Scores::of(&['x', 'a'], &judged(&[('a', 2)])).unwrap();
        assert_near(scores.ndcg, 0.630_930, "ndcg");
        assert_near(scores.recall, 1.0, "recall");
        assert_near(scores.reciprocal_rank, 0.5, "reciprocal rank");
        let mean = Scores::mean(&[scores, Scores::default()]);
        assert_near(mean.reciprocal_rank, 0.25, "mean");
        assert_eq!(Scores::mean(&[]), Scores::default());
    }
}
