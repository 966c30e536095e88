//! The body that everybody ranks.

use std::fs;
use std::path::PathBuf;

use fastrand::Rng;
use serde_json::{Value, json};

use crate::bench::Outcome;
use crate::stage;

/// The session that is ranked.
pub(super) const SESSION: &str = "session-1";
/// How many snippets a body has.
pub(super) const SNIPPETS: usize = 50;
const CATEGORIES: [&str; 5] = ["billing", "technical", "account", "general", "escalation"];

/// A body, and the file in which the peer finds it.
pub(super) struct Body {
    pub(super) text: Vec<u8>,
    pub(super) file: PathBuf,
}

/// Snippets as in the reference's example. No product exceeds 1, so that both sides have to find the same scores.
pub(super) fn write() -> Outcome<Body> {
    let mut rng = Rng::with_seed(7);
    let mut snippet = |number: usize| {
        json!({
            "snippet_id": format!("KB-{number:03}"),
            "relevance_score": f64::from(rng.u8(5..=75)) / 100.0,
            "boost_factor": f64::from(rng.u8(8..=13)) / 10.0,
            "metadata": { "category": CATEGORIES[number % CATEGORIES.len()] },
        })
    };
    let snippets: Value = (0..SNIPPETS).map(&mut snippet).collect();
    let body = json!({ "session_id": SESSION, "max_result_window": 50, "snippets": snippets });
    let file = stage::folder()?.join("ranking-body.json");
    let text = body.to_string().into_bytes();
    fs::write(&file, &text)?;
    Ok(Body { text, file })
}
