//! Both legs find candidates.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::reach::Reach;
use crate::db::search::{Filter, Near, Snapshot};
use crate::db::words::{WordCounts, Words};
use crate::domain::query::{Fusion, QueryText};
use crate::domain::{Embedding, Locale, Score};
use crate::error::Error;
use crate::search::bm25::Parameters;
use crate::search::fuse::{Candidate, FoundBy, Ranked, Ranking, fuse, unite};
use crate::search::normalise::{Bm25, Cosine};
use crate::search::words::{AnalysisHits, Damaged, Doc, LexicalScores, score};
use crate::text::terms::Analysis;

/// So many candidates each leg has.
const CANDIDATES: usize = 200;
/// So many of the nearest are enough for a short first page, if it can be shown that nothing else belongs there.
pub const NEAREST: usize = 50;
/// Where the candidates do not fill a page though there are more, as where many are of one article, each leg has four times as many, up to
/// this.
const MOST_CANDIDATES: usize = 3_200;

/// How many of the nearest are looked for at first, where the pages reach so far. Places depend on who else is there, scores do not.
pub(super) fn first_depth(fusion: Fusion, wanted: usize) -> usize {
    let is_short = wanted * 4 <= NEAREST;
    if is_short && fusion == Fusion::Weighted {
        NEAREST
    } else {
        CANDIDATES
    }
}

/// How many candidates are asked for after so many.
pub(super) fn deeper(most: usize) -> usize {
    most * 4
}

/// Which documents are candidates, and what is known of them.
pub(super) struct Found {
    pub(super) union: BTreeMap<Doc, FoundBy>,
    pub(super) hits: Vec<AnalysisHits<Vec<u8>>>,
    pub(super) scores: LexicalScores,
    /// The analysis of each of the hits.
    pub(super) analyses: Vec<Analysis>,
    cosines: HashMap<Doc, f64>,
    /// How many of the nearest were asked for.
    most: usize,
    /// What nothing exceeds that is no candidate; `None` if nothing else passes that either leg could find. Of many candidates it is not
    /// known, and taken for nothing.
    left_out: Option<f64>,
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
    /// Asks both legs for so many candidates each. Where they are few, those by words are the ones that could be among the best `wanted`.
    pub(super) async fn ask(
        &self,
        snapshot: &Snapshot<'_>,
        most: usize,
        wanted: usize,
        ranking: &Ranking,
    ) -> Result<Found, Error> {
        let (counts, few) = tokio::try_join!(
            biased;
            snapshot.word_counts(self.filter),
            snapshot.few(self.filter),
        )?;
        let words = self.words(&counts);
        // While the server looks for neighbours, the words are scored here.
        let (near, (hits, scores)) = tokio::try_join!(
            biased;
            self.nearest(snapshot, few.as_deref(), most),
            self.score(snapshot, &counts, &words),
        )?;
        let many = most.max(CANDIDATES);
        let mut lexical = match few {
            Some(few) => best_of(few, &scores, many),
            None => self.best_passing(snapshot, &scores, many).await?,
        };
        let is_all = lexical.len() < many;
        let mut left_out = (near.len() == most || !is_all).then_some(0.0);
        if most < CANDIDATES {
            let reach = Reach::of(ranking, &scores, &near, most, lexical.first());
            left_out = reach.cut(&mut lexical, wanted, is_all);
        }
        Ok(Found {
            left_out,
            union: unite(near.iter().map(|near| near.doc), lexical),
            cosines: near.iter().map(|near| (near.doc, near.cosine)).collect(),
            analyses: words.iter().map(Words::analysis).collect(),
            hits,
            scores,
            most,
        })
    }

    /// How near those lie that only words found.
    pub(super) async fn cosines(
        &self,
        snapshot: &Snapshot<'_>,
        found: &Found,
    ) -> Result<Vec<Near>, Error> {
        let docs = found.union.keys().copied();
        let docs: Vec<Doc> = docs
            .filter(|doc| !found.cosines.contains_key(doc))
            .collect();
        match self.vector {
            Some(vector) => snapshot.cosines(self.filter, &docs, vector).await,
            None => Ok(Vec::new()),
        }
    }

    /// The question as each of the texts was read that it is compared with.
    fn words(&self, counts: &WordCounts) -> Vec<Words> {
        let of = |language: &Locale| Analysis::of(language.as_str());
        let wanted = self.languages;
        let wanted = wanted.map(|wanted| wanted.iter().map(of).collect::<BTreeSet<_>>());
        let analyses = counts.statistics.keys().copied();
        let analyses = analyses.filter(|one| wanted.as_ref().is_none_or(|all| all.contains(one)));
        let count = |analysis| Words::count(self.text.as_str(), analysis);
        analyses.map(count).collect()
    }

    async fn score(
        &self,
        snapshot: &Snapshot<'_>,
        counts: &WordCounts,
        words: &[Words],
    ) -> Result<(Vec<AnalysisHits<Vec<u8>>>, LexicalScores), Error> {
        let hits = snapshot.words(counts, words).await?;
        let scores = score(&hits, &counts.dead, self.parameters).map_err(damaged)?;
        Ok((hits, scores))
    }

    async fn nearest(
        &self,
        snapshot: &Snapshot<'_>,
        few: Option<&[Doc]>,
        most: usize,
    ) -> Result<Vec<Near>, Error> {
        match self.vector {
            Some(vector) => snapshot.nearest(self.filter, few, vector, most).await,
            None => Ok(Vec::new()),
        }
    }

    /// The best by words that pass. Batches grow, because the more did not pass, the fewer pass.
    async fn best_passing(
        &self,
        snapshot: &Snapshot<'_>,
        scores: &LexicalScores,
        most: usize,
    ) -> Result<Vec<Doc>, Error> {
        if self.filter.is_open() {
            return Ok(docs_of(scores.best(most)));
        }
        let (mut passing, mut seen, mut size) = (Vec::new(), 0, most);
        loop {
            let batch: Vec<_> = docs_of(scores.best(seen + size))
                .into_iter()
                .skip(seen)
                .collect();
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
    docs_of(found)
}

fn docs_of(found: Vec<(Doc, f64)>) -> Vec<Doc> {
    found.into_iter().map(|(doc, _)| doc).collect()
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

    /// Ranks those that stand, once it is known how near the others lie that have no [cosine](Question::cosines) yet.
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
            lexical: Bm25::computed(self.scores.get(*doc)).unwrap_or_default(),
            found_by: *found_by,
        };
        let candidates = self.union.iter().filter(|(doc, _)| stands(**doc));
        let bound = Bm25::computed(self.scores.upper_bound()).unwrap_or_default();
        fuse(
            &candidates.map(candidate).collect::<Vec<_>>(),
            ranking,
            bound,
        )
    }
}

pub(super) fn damaged(damage: Damaged) -> Error {
    Error::Bug {
        what: "a block of words cannot be read",
        source: Some(Box::new(damage)),
    }
}
