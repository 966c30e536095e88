//! What the documents score for a query.

use std::collections::BTreeSet;

use super::pages::Pages;
use super::{Damaged, Doc, Posting, read_postings};
use crate::domain::Score;
use crate::search::bm25::{Formula, Parameters, Statistics, idf};
use crate::search::normalise::{Bm25, Lexical};

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
    pub(super) analyses: Vec<Scored>,
}

/// The documents of one analysis.
#[derive(Debug, Clone)]
pub(super) struct Scored {
    sums: Pages,
    pub(super) formula: Formula,
    /// For each term, in how many documents it stands, and its idf.
    pub(super) weights: Vec<(u64, f64)>,
    /// What no document exceeds, whatever stands in it: the sum of `idf * (k1 + 1)`.
    bound: Bm25,
}

impl LexicalScores {
    /// What the words say of a document: nothing if no term of the query stands in it.
    pub fn get(&self, doc: Doc) -> Lexical {
        let said = |one: &Scored| one.said(one.sums.get(doc));
        let mut said = self.analyses.iter().map(said);
        let found = said.find(|said| said.score != Bm25::NONE);
        found.unwrap_or(Lexical::NONE)
    }

    /// How many documents have a score.
    pub fn count(&self) -> usize {
        let counts = self.analyses.iter().map(|one| one.sums.iter().count());
        counts.sum()
    }

    /// The `limit` best documents, each with its score as a part of the bound of its analysis, best first; of equal ones the older document.
    pub fn best(&self, limit: usize) -> Vec<(Doc, Score)> {
        let order = |one: &(Doc, Score), other: &(Doc, Score)| {
            other.1.cmp(&one.1).then(one.0.cmp(&other.0))
        };
        let room = limit.max(32).saturating_mul(2);
        let (mut docs, mut least) = (Vec::new(), Score::ZERO);
        for (doc, score) in self.analyses.iter().flat_map(Scored::parts) {
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
}

impl Scored {
    fn of<Bytes: AsRef<[u8]>>(
        hits: &AnalysisHits<Bytes>,
        dead: &[Doc],
        formula: Formula,
    ) -> Result<Self, Damaged> {
        let mut sums = Pages::default();
        let mut weights = Vec::with_capacity(hits.terms.len());
        let (mut live, mut most) = (Vec::new(), 0.0);
        for term in &hits.terms {
            collect_live(term, dead, &mut live)?;
            let df = live.len() as u64;
            let idf = idf(hits.statistics.documents, df);
            let weight = idf * f64::from(term.repeats);
            let share = |posting: &Posting| weight * formula.share(posting.count, posting.length);
            sums.add(live.iter().map(|posting| (posting.doc, share(posting))));
            weights.push((df, idf));
            most += weight * formula.most();
        }
        Ok(Self {
            sums,
            formula,
            weights,
            bound: Bm25::computed(most).unwrap_or_default(),
        })
    }

    fn parts(&self) -> impl Iterator<Item = (Doc, Score)> {
        let sums = self.sums.iter();
        sums.map(|(doc, sum)| (doc, self.said(sum).part()))
    }

    /// What it means that the terms of a document add up to this.
    fn said(&self, sum: f64) -> Lexical {
        Lexical {
            score: Bm25::computed(sum).unwrap_or_default(),
            bound: self.bound,
        }
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
    let scored = |hits: &AnalysisHits<Bytes>| {
        Scored::of(hits, &dead, Formula::new(parameters, hits.statistics))
    };
    let analyses = hits.iter().map(scored).collect::<Result<_, _>>()?;
    Ok(LexicalScores { analyses })
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
        let mut postings = postings.peekable();
        let Some(Ok(first)) = postings.peek() else {
            postings.next().transpose()?;
            continue;
        };
        // Those before a bucket are passed over at once: there are many buckets. From there on both are in order, and neither is searched.
        let before = dead.partition_point(|doc| *doc < first.doc);
        let mut dead = dead.iter().skip(before).copied().peekable();
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
