//! What the documents score for a query.

use std::collections::BTreeSet;

use super::pages::Pages;
use super::{Damaged, Doc, Posting, read_postings};
use crate::search::bm25::{Formula, Parameters, Statistics, idf};

/// What there is for a query among the documents of one analysis.
#[derive(Debug, Clone)]
pub struct AnalysisHits<Bytes> {
    /// What is known of all its documents, without those that are dead.
    pub statistics: Statistics,
    /// The query's terms, each once.
    pub terms: Vec<TermHits<Bytes>>,
}

/// A term of the query, and where its postings are.
#[derive(Debug, Clone)]
pub struct TermHits<Bytes> {
    /// The term.
    pub term: String,
    /// How often the query says it; it counts as often.
    pub repeats: u32,
    /// Its bucket in every block that has one. Other terms stand in them too.
    pub buckets: Vec<Bytes>,
}

/// The scores of all documents in which a term of the query stands.
#[derive(Debug, Clone)]
pub struct LexicalScores {
    pub(super) sums: Pages,
    pub(super) formulas: Vec<Formula>,
    /// For each analysis and term, in how many documents it stands, and its idf.
    pub(super) weights: Vec<Vec<(u64, f64)>>,
    upper_bound: f64,
}

impl LexicalScores {
    /// The score of a document: 0 if no term of the query stands in it.
    pub fn get(&self, doc: Doc) -> f64 {
        self.sums.get(doc)
    }

    /// How many documents have a score.
    pub fn count(&self) -> usize {
        self.sums.iter().count()
    }

    /// The `limit` best documents, best first; of equal scores the older document.
    pub fn best(&self, limit: usize) -> Vec<(Doc, f64)> {
        let order = |one: &(Doc, f64), other: &(Doc, f64)| {
            other.1.total_cmp(&one.1).then(one.0.cmp(&other.0))
        };
        let room = limit.max(32).saturating_mul(2);
        let (mut docs, mut least) = (Vec::new(), 0.0);
        for (doc, score) in self.sums.iter() {
            // Most documents have a common word and nothing else: they are passed over once there are enough that score more.
            if score < least {
                continue;
            }
            docs.push((doc, score));
            if docs.len() > room {
                docs.select_nth_unstable_by(limit, order);
                least = docs.get(limit).map_or(least, |(_, score)| *score);
                docs.truncate(limit);
            }
        }
        docs.sort_unstable_by(order);
        docs.truncate(limit);
        docs
    }

    /// What no document exceeds, whatever stands in it: the sum of `idf * (k1 + 1)` in the analysis that allows most.
    pub fn upper_bound(&self) -> f64 {
        self.upper_bound
    }

    fn add<Bytes: AsRef<[u8]>>(
        &mut self,
        hits: &AnalysisHits<Bytes>,
        dead: &[Doc],
        formula: Formula,
    ) -> Result<(), Damaged> {
        let mut weights = Vec::with_capacity(hits.terms.len());
        let (mut live, mut most) = (Vec::new(), 0.0);
        for term in &hits.terms {
            collect_live(term, dead, &mut live)?;
            let df = live.len() as u64;
            let idf = idf(hits.statistics.documents, df);
            let weight = idf * f64::from(term.repeats);
            let share = |posting: &Posting| weight * formula.share(posting.count, posting.length);
            let sums = live.iter().map(|posting| (posting.doc, share(posting)));
            self.sums.add(sums);
            weights.push((df, idf));
            most += weight * formula.most();
        }
        self.formulas.push(formula);
        self.weights.push(weights);
        self.upper_bound = self.upper_bound.max(most);
        Ok(())
    }
}

/// Scores every document. Those in `dead` are left out, also where documents are counted.
///
/// A document must stand in one analysis and one block only. Its score does not depend on how documents are spread over blocks.
pub fn score<Bytes: AsRef<[u8]>>(
    hits: &[AnalysisHits<Bytes>],
    dead: &BTreeSet<Doc>,
    parameters: Parameters,
) -> Result<LexicalScores, Damaged> {
    let dead: Vec<_> = dead.iter().copied().collect();
    let mut scores = LexicalScores {
        sums: Pages::default(),
        formulas: Vec::new(),
        weights: Vec::new(),
        upper_bound: 0.0,
    };
    for hits in hits {
        scores.add(hits, &dead, Formula::new(parameters, hits.statistics))?;
    }
    Ok(scores)
}

/// The postings of a term in all blocks, but for those of `dead`, which is in order.
fn collect_live<Bytes: AsRef<[u8]>>(
    term: &TermHits<Bytes>,
    dead: &[Doc],
    live: &mut Vec<Posting>,
) -> Result<(), Damaged> {
    live.clear();
    for bucket in &term.buckets {
        let Some(postings) = read_postings(bucket.as_ref(), &term.term)? else {
            continue;
        };
        // Both are in order: neither is searched.
        let mut dead = dead.iter().copied().peekable();
        for posting in postings {
            let posting = posting?;
            while dead.next_if(|doc| *doc < posting.doc).is_some() {}
            if dead.peek() != Some(&posting.doc) {
                live.push(posting);
            }
        }
    }
    Ok(())
}
