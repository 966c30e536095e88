//! Both legs find candidates.

use std::collections::BTreeSet;

use super::found::Found;
use super::reach::Reach;
use crate::db::search::{Filter, Near, Snapshot};
use crate::db::words::{WordCounts, Words};
use crate::domain::query::{Fusion, QueryText};
use crate::domain::{Embedding, Locale, Score};
use crate::error::Error;
use crate::search::bm25::Parameters;
use crate::search::fuse::{Ranking, unite};
use crate::search::words::{AnalysisHits, Damaged, Doc, LexicalScores, score};
use crate::text::terms::Analysis;

/// So many candidates each leg has.
const CANDIDATES: usize = 200;
/// So many of the nearest are enough for a short first page, if it can be shown that nothing else belongs there.
pub const NEAREST: usize = 50;
/// Where the candidates do not fill a page though there are more, as where many are of one article, each leg has four times as many, up to
/// this.
pub(super) const MOST_CANDIDATES: usize = 3_200;

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
        let many = most.max(CANDIDATES);
        let (near, (hits, scores, best)) = tokio::try_join!(
            biased;
            self.nearest(snapshot, few.as_deref(), most),
            self.score(snapshot, &counts, &words, many),
        )?;
        let mut lexical = match few {
            Some(few) => best_of(few, &scores, many),
            None if self.filter.is_open() => best,
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

    /// What the words find and score, and the best by them of all.
    async fn score(
        &self,
        snapshot: &Snapshot<'_>,
        counts: &WordCounts,
        words: &[Words],
        most: usize,
    ) -> Result<(Vec<AnalysisHits<Vec<u8>>>, LexicalScores, Vec<Doc>), Error> {
        let hits = snapshot.words(counts, words).await?;
        let scores = score(&hits, &counts.dead, self.parameters).map_err(damaged)?;
        let best = docs_of(scores.best(most));
        Ok((hits, scores, best))
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
    let found = docs.into_iter().map(|doc| (doc, scores.get(doc).part()));
    let mut found: Vec<_> = found.filter(|(_, part)| *part > Score::ZERO).collect();
    found.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
    found.truncate(most);
    docs_of(found)
}

fn docs_of(found: Vec<(Doc, Score)>) -> Vec<Doc> {
    found.into_iter().map(|(doc, _)| doc).collect()
}

pub(super) fn damaged(damage: Damaged) -> Error {
    Error::Bug {
        what: "a block of words cannot be read",
        source: Some(Box::new(damage)),
    }
}
