//! How far a document can come that is no candidate, and so which candidates a page needs.
//!
//! All scores by words are known, and a document that is not among the nearest lies no nearer than the last of them. What that makes in a
//! weighted sum is the most that it can score: what is ranked above is ranked for good, however deep one looks.

use std::collections::HashSet;

use crate::db::search::Near;
use crate::domain::Score;
use crate::search::fuse::Ranking;
use crate::search::normalise::{Cosine, Lexical, Scale};
use crate::search::words::{Doc, LexicalScores};

/// What is known after the nearest were found.
pub(super) struct Reach<'a> {
    ranking: &'a Ranking,
    scores: &'a LexicalScores,
    near: &'a [Near],
    scale: Scale,
    /// How near anything else lies at most; nothing else has a vector if it is `None`.
    farthest: Option<f64>,
}

impl<'a> Reach<'a> {
    /// `near` are the nearest, the nearest first: `most` of them unless there are no more. `best` is the best by words.
    pub(super) fn of(
        ranking: &'a Ranking,
        scores: &'a LexicalScores,
        near: &'a [Near],
        most: usize,
        best: Option<&Doc>,
    ) -> Self {
        let best = best.map_or(Score::ZERO, |doc| scores.get(*doc).part());
        let last = near.last().filter(|_| near.len() >= most);
        Self {
            ranking,
            scores,
            near,
            scale: ranking.normalisation.scale(best),
            farthest: last.map(|last| last.cosine),
        }
    }

    /// Leaves those out of `lexical`, the best by words first, that cannot come before `wanted` of the nearest. Says what nothing exceeds
    /// that is neither near nor in `lexical` now; `None` if nothing else is there. `is_all` says that no others have any words.
    pub(super) fn cut(&self, lexical: &mut Vec<Doc>, wanted: usize, is_all: bool) -> Option<f64> {
        let known = self.near.iter();
        let mut known: Vec<f64> = known
            .map(|near| self.score(near.doc, near.cosine))
            .collect();
        known.sort_unstable_by(|one, other| other.total_cmp(one));
        let floor = known.get(wanted).copied().unwrap_or_default();
        let farthest = self.farthest.unwrap_or_default();
        let behind = lexical.partition_point(|doc| self.score(*doc, farthest) >= floor);
        // A graph may miss one of the nearest: the best by words stay, whatever is said of them.
        let behind = behind.max(wanted).min(lexical.len());
        let last = lexical.last().copied();
        let near: HashSet<Doc> = self.near.iter().map(|near| near.doc).collect();
        let (both, out): (Vec<Doc>, Vec<Doc>) = lexical
            .split_off(behind)
            .into_iter()
            .partition(|doc| near.contains(doc));
        lexical.extend(both);
        match out.first().copied().or(last.filter(|_| !is_all)) {
            Some(next) => Some(self.score(next, farthest)),
            None => self
                .farthest
                .map(|farthest| self.sum(farthest, Lexical::NONE)),
        }
    }

    fn score(&self, doc: Doc, cosine: f64) -> f64 {
        self.sum(cosine, self.scores.get(doc))
    }

    fn sum(&self, cosine: f64, lexical: Lexical) -> f64 {
        let near = Cosine::computed(cosine).map_or(Score::ZERO, Cosine::normalised);
        let said = self.scale.normalised(lexical);
        let weights = &self.ranking.weights;
        weights.vector_share() * near.get() + weights.lexical_share() * said.get()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::query::{Fusion, Weights};
    use crate::search::bm25::{Parameters, Statistics};
    use crate::search::normalise::Normalisation;
    use crate::search::words::{AnalysisHits, TermHits, build_block, score};
    use crate::text::terms::Terms;

    /// The scores of a query of two terms, of which these documents have so many each. Every third is in another language.
    fn scores(counts: &[(u32, u32)]) -> LexicalScores {
        let of_third = |number: i64| number % 3 == 0;
        let docs = (0..).zip(counts.iter().copied());
        let (third, others): (Vec<_>, Vec<_>) = docs.partition(|(number, _)| of_third(*number));
        let hits = [hits(&third), hits(&others)];
        score(&hits, &BTreeSet::new(), Parameters::default()).unwrap()
    }

    fn hits(counts: &[(i64, (u32, u32))]) -> AnalysisHits<Vec<u8>> {
        let terms = |(_, (one, other)): &(i64, (u32, u32))| {
            let counts = [("one", *one), ("two", *other)].into_iter();
            let counts = counts.filter(|(_, count)| *count > 0);
            Terms {
                counts: counts.map(|(term, count)| (term.into(), count)).collect(),
                length: one + other,
            }
        };
        let terms: Vec<_> = counts.iter().map(terms).collect();
        let docs = counts.iter().map(|(number, _)| Doc(*number));
        let docs: Vec<_> = docs.zip(&terms).collect();
        let buckets = build_block(&docs).map_or_else(Vec::new, |block| block.buckets);
        let buckets: Vec<_> = buckets.into_iter().map(|(_, bytes)| bytes).collect();
        let hit = |term: &str| TermHits {
            term: term.to_owned(),
            repeats: 1,
            buckets: buckets.clone(),
        };
        AnalysisHits {
            statistics: Statistics {
                documents: counts.len() as u64,
                length: terms.iter().map(|terms| u64::from(terms.length)).sum(),
            },
            terms: vec![hit("one"), hit("two")],
        }
    }

    proptest! {
        #[test]
        fn what_is_left_out_scores_no_more_than_is_said(
            docs in proptest::collection::vec(((0_u32..4, 0_u32..3), -0.2..1.0_f64), 0..50),
            weight in 0.0..=1.0_f64, most in 1_usize..20, many in 1_usize..40, wanted in 0_usize..20, by_best: bool,
        ) {
            let counts: Vec<_> = docs.iter().map(|(counts, _)| *counts).collect();
            let scores = scores(&counts);
            let mut all: Vec<_> = (0..).zip(&docs).map(|(doc, (_, cosine))| Near { doc: Doc(doc), cosine: *cosine }).collect();
            all.sort_by(|one, other| other.cosine.total_cmp(&one.cosine));
            let near = &all[..most.min(all.len())];
            let ranking = Ranking {
                fusion: Fusion::Weighted,
                weights: Weights::parse(weight, 1.0 - weight).unwrap(),
                normalisation: if by_best { Normalisation::BestScore } else { Normalisation::UpperBound },
                min_score: Score::ZERO,
            };
            let mut lexical: Vec<_> = scores.best(many).into_iter().map(|(doc, _)| doc).collect();
            let is_all = lexical.len() < many;
            let reach = Reach::of(&ranking, &scores, near, most, lexical.first());
            let left_out = reach.cut(&mut lexical, wanted, is_all);
            let seen: BTreeSet<_> = near.iter().map(|near| near.doc).chain(lexical).collect();
            for one in all.iter().filter(|one| !seen.contains(&one.doc)) {
                let score = reach.score(one.doc, one.cosine);
                prop_assert!(left_out.is_some_and(|most| score <= most), "{score} {left_out:?}");
            }
        }
    }
}
