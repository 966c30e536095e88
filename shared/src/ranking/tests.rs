//! Rankings and clicks as they are asked for, and what holds for all of them.

mod bodies;
mod clicks;
mod orders;
mod properties;

use serde_json::{Value, json};

use super::*;
use crate::domain::SessionId;
use crate::error::Error;

fn session() -> SessionId {
    SessionId::parse("session-1").unwrap()
}

fn request(body: &Value) -> Result<RankingRequest, Error> {
    RankingRequest::parse(&session(), body.to_string().as_bytes())
}

/// A body with snippets of these scores and boosts, called `s0`, `s1` and so on.
fn body_of(snippets: &[(f64, f64)]) -> Value {
    let snippets = snippets.iter().enumerate().map(|(place, (score, boost))| {
        json!({ "snippet_id": format!("s{place}"), "relevance_score": score, "boost_factor": boost })
    });
    json!({ "max_result_window": 50, "snippets": snippets.collect::<Value>() })
}

/// Whoever breaks rules is told where.
fn pointers<T>(parsed: Result<T, Error>) -> Vec<String> {
    match parsed {
        Ok(_) => Vec::new(),
        Err(error) => {
            assert!(!error.violations().is_empty(), "{error}");
            let violations = error.violations().iter();
            violations.map(|wrong| wrong.pointer.clone()).collect()
        }
    }
}

/// The ids and scores of an order.
fn places(ranking: &Ranking) -> Vec<(&str, f64)> {
    let snippets = ranking.snippets.iter();
    snippets
        .map(|one| (one.snippet_id.as_str(), one.relevance_score.get()))
        .collect()
}
