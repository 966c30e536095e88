//! Both legs find candidates.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::search::{Filter, Snapshot};
use crate::db::words::{WordHits, Words};
use crate::domain::query::QueryText;
use crate::domain::{Embedding, Locale};
use crate::error::Error;
use crate::search::bm25::Parameters;
use crate::search::fuse::{Candidate, FoundBy, unite};
use crate::search::normalise::{Bm25, Cosine};
use crate::search::words::{Damaged, Doc, LexicalScores, score};
use crate::text::terms::Analysis;

/// So many candidates each leg has at first, whatever page is asked for: the pages of a question are parts of one ranking.
pub const CANDIDATES: usize = 200;
/// Where they do not fill a page though there are more, as where many are of one article, each leg has four times as many, up to this.
const MOST_CANDIDATES: usize = 3_200;

/// How many candidates are asked for after so many.
pub(super) fn deeper(most: usize) -> usize {
    most * 4
}

/// Which documents are candidates, and what their words say.
pub(super) struct Found {
    pub(super) union: BTreeMap<Doc, FoundBy>,
    pub(super) hits: WordHits,
    pub(super) scores: LexicalScores,
    /// The analysis of each of the hits.
    pub(super) analyses: Vec<Analysis>,
    /// Whether nothing else passes that either leg could find.
    pub(super) is_all: bool,
}

/// What is asked, whatever it is asked of.
pub(super) struct Question<'a> {
    pub(super) text: &'a QueryText,
    pub(super) filter: &'a Filter,
    /// The languages of the texts, if they are known: others are not read.
    pub(super) languages: Option<&'a [Locale]>,
    pub(super) vector: Option<&'a Embedding>,
    pub(super) parameters: Parameters,
}

impl Question<'_> {
    /// Asks both legs for so many candidates each.
    pub(super) async fn ask(&self, snapshot: &Snapshot<'_>, most: usize) -> Result<Found, Error> {
        let (few, analyses) = tokio::try_join!(snapshot.few(self.filter), self.analyses(snapshot))?;
        let words = analyses.iter();
        let words: Vec<_> = words
            .map(|one| Words::count(self.text.as_str(), *one))
            .collect();
        let near = async {
            match self.vector {
                Some(vector) => {
                    snapshot
                        .nearest(self.filter, few.as_deref(), vector, most)
                        .await
                }
                None => Ok(Vec::new()),
            }
        };
        let (hits, near) = tokio::try_join!(snapshot.words(self.filter, &words), near)?;
        let scores = score(&hits.hits, &hits.dead, self.parameters).map_err(damaged)?;
        let lexical = match few {
            Some(few) => best_of(few, &scores, most),
            None => self.best_passing(snapshot, &scores, most).await?,
        };
        Ok(Found {
            is_all: near.len() < most && lexical.len() < most,
            union: unite(near.into_iter().map(|near| near.doc), lexical),
            hits,
            scores,
            analyses,
        })
    }

    /// How the texts were read that the question is compared with.
    async fn analyses(&self, snapshot: &Snapshot<'_>) -> Result<Vec<Analysis>, Error> {
        let mut analyses = snapshot.analyses(self.filter).await?;
        if let Some(languages) = self.languages {
            let of = |language: &Locale| Analysis::of(language.as_str());
            let wanted: BTreeSet<_> = languages.iter().map(of).collect();
            analyses.retain(|one| wanted.contains(one));
        }
        Ok(analyses)
    }

    /// The best by words that pass. Batches grow, because the more did not pass, the fewer pass.
    async fn best_passing(
        &self,
        snapshot: &Snapshot<'_>,
        scores: &LexicalScores,
        most: usize,
    ) -> Result<Vec<Doc>, Error> {
        let (mut passing, mut seen, mut size) = (Vec::new(), 0, most);
        loop {
            let best = scores.best(seen + size);
            let batch: Vec<Doc> = best.iter().skip(seen).map(|(doc, _)| *doc).collect();
            let room = most - passing.len();
            passing.extend(snapshot.passing(self.filter, &batch, room).await?);
            if passing.len() == most || batch.len() < size {
                return Ok(passing);
            }
            (seen, size) = (seen + size, size * 4);
        }
    }
}

/// The best by words of these.
fn best_of(docs: Vec<Doc>, scores: &LexicalScores, most: usize) -> Vec<Doc> {
    let found = docs.into_iter().map(|doc| (doc, scores.get(doc)));
    let mut found: Vec<_> = found.filter(|(_, score)| *score > 0.0).collect();
    found.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    found.truncate(most);
    found.into_iter().map(|(doc, _)| doc).collect()
}

impl Found {
    /// Whether more candidates could fill a ranking that ends too soon. What scores too little is no reason to ask for more: deeper down
    /// there is still less.
    pub(super) fn may_go_on(&self, most: usize, ranked: usize) -> bool {
        !self.is_all && ranked == self.union.len() && most < MOST_CANDIDATES
    }

    /// The documents.
    pub(super) fn docs(&self) -> Vec<Doc> {
        self.union.keys().copied().collect()
    }

    /// What both legs say of a document that is still there.
    pub(super) fn candidate(&self, doc: Doc, cosine: Option<f64>) -> Candidate<Doc> {
        Candidate {
            doc,
            cosine: cosine.and_then(Cosine::computed),
            lexical: Bm25::computed(self.scores.get(doc)).unwrap_or_default(),
            found_by: self.union.get(&doc).copied().unwrap_or(FoundBy::Vector),
        }
    }

    /// What no document exceeds by these words.
    pub(super) fn bound(&self) -> Bm25 {
        Bm25::computed(self.scores.upper_bound()).unwrap_or_default()
    }
}

pub(super) fn damaged(damage: Damaged) -> Error {
    Error::Bug {
        what: "a block of words cannot be read",
        source: Some(Box::new(damage)),
    }
}
