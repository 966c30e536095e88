//! The candidates, and how they rank.

use std::collections::{BTreeMap, HashMap};

use super::legs::MOST_CANDIDATES;
use crate::db::search::Near;
use crate::domain::Score;
use crate::search::fuse::{Candidate, FoundBy, Ranked, Ranking, fuse};
use crate::search::normalise::Cosine;
use crate::search::words::{AnalysisHits, Doc, LexicalScores};
use crate::text::terms::Analysis;

/// Which documents are candidates, and what is known of them.
pub(super) struct Found {
    pub(super) union: BTreeMap<Doc, FoundBy>,
    pub(super) hits: Vec<AnalysisHits<Vec<u8>>>,
    pub(super) scores: LexicalScores,
    /// The analysis of each of the hits.
    pub(super) analyses: Vec<Analysis>,
    pub(super) cosines: HashMap<Doc, f64>,
    /// How many of the nearest were asked for.
    pub(super) most: usize,
    /// What nothing exceeds that is no candidate; `None` if nothing else passes that either leg could find. Of many candidates it is not
    /// known, and taken for nothing.
    pub(super) left_out: Option<f64>,
}

impl Found {
    /// Whether all that score as much as this are candidates, or as many as are ever looked at.
    pub(super) fn is_settled(&self, least: Score) -> bool {
        let reaches = |most: f64| most > 0.0 && most >= least.get();
        !self.left_out.is_some_and(reaches)
    }

    /// Whether more candidates could fill a ranking that ends too soon. What scores too little is no reason to ask for more: deeper down
    /// there is still less.
    pub(super) fn may_go_on(&self, ranked: usize) -> bool {
        self.left_out.is_some() && ranked == self.union.len() && self.most < MOST_CANDIDATES
    }

    /// The documents.
    pub(super) fn docs(&self) -> Vec<Doc> {
        self.union.keys().copied().collect()
    }

    /// Ranks those that stand, once it is known how near the others lie that have no [cosine](super::legs::Question::cosines) yet.
    pub(super) fn rank(
        &self,
        others: &[Near],
        ranking: &Ranking,
        stands: impl Fn(Doc) -> bool,
    ) -> Vec<Ranked<Doc>> {
        let mut cosines = self.cosines.clone();
        cosines.extend(others.iter().map(|near| (near.doc, near.cosine)));
        let candidate = |(doc, found_by): (&Doc, &FoundBy)| Candidate {
            doc: *doc,
            cosine: cosines.get(doc).copied().and_then(Cosine::computed),
            lexical: self.scores.get(*doc),
            found_by: *found_by,
        };
        let candidates = self.union.iter().filter(|(doc, _)| stands(**doc));
        fuse(&candidates.map(candidate).collect::<Vec<_>>(), ranking)
    }
}
