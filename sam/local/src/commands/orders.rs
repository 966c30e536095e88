//! Somebody who holds an API key, orders snippets for an agent, and says what was clicked.

use reqwest::Method;
use serde_json::{Value, json};

use super::api::Api;
use crate::failure::Failure;
use crate::stack::state::Status;

const FUNCTION: &str = "snippet-ranker";

/// The orders of one session.
pub(super) struct Orders {
    api: Api,
    path: String,
}

impl Orders {
    /// Those of a session.
    pub(super) fn of(status: &Status, session: &str) -> Result<Self, Failure> {
        Ok(Self {
            api: Api::of(status)?,
            path: format!("/assist/sessions/{session}"),
        })
    }

    /// Orders snippets by their scores and boosts; gives what the agent sees, a line each.
    pub(super) async fn rank(&self, snippets: &[(&str, f64, f64)]) -> Result<Vec<String>, Failure> {
        let snippet = |(id, score, boost): &(&str, f64, f64)| json!({ "snippet_id": id, "relevance_score": score, "boost_factor": boost });
        let snippets: Vec<_> = snippets.iter().map(snippet).collect();
        let order = self
            .post("ranking", &json!({ "snippets": snippets }))
            .await?;
        let ranked = order["snippets"].as_array().into_iter().flatten();
        let line = |(place, one): (usize, &Value)| {
            let score = one["relevance_score"].as_f64().unwrap_or_default();
            format!(
                "{place}. {}  ({score:.3})",
                one["snippet_id"].as_str().unwrap_or("?")
            )
        };
        Ok((1..).zip(ranked).map(line).collect())
    }

    /// The agent clicks the first one.
    pub(super) async fn click(&self, snippet: &str) -> Result<Value, Failure> {
        let click = json!({ "snippet_id": snippet, "rank_position": 1, "action": "click" });
        self.post("clicks", &click).await
    }

    async fn post(&self, what: &str, body: &Value) -> Result<Value, Failure> {
        let path = format!("{}/{what}", self.path);
        let said = self.api.ask(FUNCTION, Method::POST, &path, Some(body));
        said.await?.read(FUNCTION, &[200, 201])
    }
}
