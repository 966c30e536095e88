//! What is shown of a result beside its text: where the words stand, and how the score came about.

use super::found::Found;
use super::legs::damaged;
use super::rows::Row;
use crate::domain::query::{Fusion, SearchOptions};
use crate::error::Error;
use crate::search::answer::{Explanation, TermExplanation};
use crate::search::fuse::Ranked;
use crate::search::highlight::{Highlight, highlight};
use crate::search::words::{Contribution, Doc, explain};
use crate::text::terms::{Analysis, term_spans};

/// Nobody needs more marks in one text, and an answer has to stay small.
const MOST_MARKS: usize = 1_000;

/// What is shown of one result.
pub(super) struct Shown {
    pub(super) highlights: Option<Vec<Highlight>>,
    pub(super) explain: Option<Explanation>,
}

/// What is to be shown of these results, in order.
pub(super) fn show<'a, R: Row + 'a>(
    found: &Found,
    results: impl Iterator<Item = (&'a Ranked<Doc>, &'a R)>,
    options: &SearchOptions,
    fusion: Fusion,
) -> Result<Vec<Shown>, Error> {
    let results: Vec<_> = results.collect();
    let docs: Vec<Doc> = results.iter().map(|(ranked, _)| ranked.doc).collect();
    let terms = if options.explain {
        explain(&found.hits, &found.scores, &docs).map_err(damaged)?
    } else {
        docs.iter().map(|_| Vec::new()).collect()
    };
    let show = |((ranked, row), terms): ((&Ranked<Doc>, &R), Vec<Contribution>)| {
        let terms = terms.into_iter().map(term).collect();
        let explain = || Explanation::of(ranked, fusion, terms);
        Shown {
            highlights: options.highlight.then(|| marks(found, row)),
            explain: options.explain.then(explain),
        }
    };
    Ok(results.into_iter().zip(terms).map(show).collect())
}

fn term(contribution: Contribution) -> TermExplanation {
    TermExplanation {
        term: contribution.term,
        tf: contribution.tf,
        df: contribution.df,
        idf: contribution.idf,
        score: contribution.score,
    }
}

/// Where the words of the question stand, as the text's own analysis reads both.
fn marks(found: &Found, row: &impl Row) -> Vec<Highlight> {
    let analysis = Analysis::of(row.language());
    let hits = found.analyses.iter().zip(&found.hits);
    let own = hits.filter(|(one, _)| **one == analysis);
    let terms: Vec<&str> = own
        .flat_map(|(_, hits)| hits.terms.iter().map(|hit| hit.term.as_str()))
        .collect();
    let spans = term_spans(row.text(), analysis).into_iter();
    let spans = spans.filter(|(_, term)| terms.contains(&term.as_str()));
    let mut marks = highlight(row.text(), spans.map(|(range, _)| range));
    marks.truncate(MOST_MARKS);
    marks
}
