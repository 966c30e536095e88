//! Why a document scores what it does.

use super::{AnalysisHits, Damaged, Doc, LexicalScores, read_postings};

/// What one term of the query adds to the score of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The term.
    pub term: String,
    /// How often it stands in the document.
    pub tf: u32,
    /// In how many documents it stands.
    pub df: u64,
    /// How much it says, for each time the query says it.
    pub idf: f64,
    /// What it adds. The contributions of a document sum up to its score.
    pub score: f64,
}

/// The contributions to each of a handful of documents, in the order of `docs`; `scores` are those of the same `hits`.
pub fn explain<Bytes: AsRef<[u8]>>(
    hits: &[AnalysisHits<Bytes>],
    scores: &LexicalScores,
    docs: &[Doc],
) -> Result<Vec<Vec<Contribution>>, Damaged> {
    let mut answer = vec![Vec::new(); docs.len()];
    for (hits, scored) in hits.iter().zip(&scores.analyses) {
        for (hit, &(df, idf)) in hits.terms.iter().zip(&scored.weights) {
            for bucket in &hit.buckets {
                for posting in read_postings(bucket.as_ref(), &hit.term)?
                    .into_iter()
                    .flatten()
                {
                    let posting = posting?;
                    let Some(place) = docs.iter().position(|doc| *doc == posting.doc) else {
                        continue;
                    };
                    let share = scored.formula.share(posting.count, posting.length);
                    answer[place].push(Contribution {
                        term: hit.term.clone(),
                        tf: posting.count,
                        df,
                        idf,
                        score: idf * f64::from(hit.repeats) * share,
                    });
                }
            }
        }
    }
    Ok(answer)
}
