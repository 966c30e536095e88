//! What the engine takes for an order.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

/// Why an order is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It breaks a rule: 400.
    Rule(&'static str),
    /// The engine fails on it: 500.
    Disparity,
}

/// An order as it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Payload {
    session_id: String,
    #[serde(default = "ten")]
    max_result_window: usize,
    snippets: Vec<Snippet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Snippet {
    snippet_id: String,
    relevance_score: f64,
    #[serde(default = "one")]
    boost_factor: f64,
    #[serde(default, rename = "metadata")]
    _metadata: BTreeMap<String, String>,
}

const fn ten() -> usize {
    10
}

const fn one() -> f64 {
    1.0
}

impl Payload {
    /// Checks an order for this session.
    pub(super) fn read(
        body: &[u8],
        session: &str,
        most_disparity: Option<f64>,
    ) -> Result<(), Flaw> {
        let payload: Self =
            serde_json::from_slice(body).map_err(|_| Flaw::Rule("the body cannot be read"))?;
        let snippets = &payload.snippets;
        let mut ids = HashSet::new();
        let score = |it: &Snippet| it.relevance_score * it.boost_factor;
        let rules = [
            (payload.session_id == session, "session_id is another"),
            (
                (1..=50).contains(&payload.max_result_window),
                "max_result_window is not within 1 and 50",
            ),
            (
                snippets.len() <= payload.max_result_window,
                "there are more snippets than the window holds",
            ),
            (
                snippets.iter().all(|it| ids.insert(&it.snippet_id)),
                "a snippet_id is doubled",
            ),
            (
                snippets.iter().all(|it| (0.0..=1.0).contains(&score(it))),
                "a score is not within 0 and 1",
            ),
            (
                snippets.is_sorted_by(|a, b| score(a) >= score(b)),
                "the snippets are not in the order of their scores",
            ),
        ];
        if let Some((_, rule)) = rules.iter().find(|(is_kept, _)| !is_kept) {
            return Err(Flaw::Rule(rule));
        }
        let scores = || snippets.iter().map(score).filter(|score| *score > 0.0);
        let (least, most) = (scores().fold(1.0, f64::min), scores().fold(0.0, f64::max));
        match most_disparity {
            Some(limit) if most / least > limit => Err(Flaw::Disparity),
            _ => Ok(()),
        }
    }
}
