//! Somebody who holds an API key, orders snippets for an agent, and says what was clicked.

use std::time::Duration;

use serde_json::{Value, json};

use super::sample::ADVICE;
use crate::failure::{Failure, OrFail as _};
use crate::stack::state::Status;

/// A little more than API Gateway waits for a function.
const TIMEOUT: Duration = Duration::from_secs(40);

/// The orders of one session.
pub(super) struct Orders {
    http: reqwest::Client,
    url: String,
    key: String,
}

impl Orders {
    /// Those of a session.
    pub(super) fn of(status: &Status, session: &str) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT);
        Ok(Self {
            http: http.build().or_fail("cannot make an HTTP client", ADVICE)?,
            url: format!("{}/assist/sessions/{session}", status.http_url),
            key: status.api_key.clone(),
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
        let unreachable = "snippet-ranker cannot be reached";
        let request = self.http.post(format!("{}/{what}", self.url));
        let request = request.header("x-api-key", &self.key).json(body);
        let answer = request.send().await.or_fail(unreachable, ADVICE)?;
        let status = answer.status();
        let body = answer.bytes().await.or_fail(unreachable, ADVICE)?;
        if status.is_success() {
            let read = serde_json::from_slice(&body);
            return read.or_fail("snippet-ranker answered something else", ADVICE);
        }
        let (code, said) = (status.as_u16(), String::from_utf8_lossy(&body));
        Err(Failure::new(
            format!("snippet-ranker answered {code}: {said}"),
            ADVICE,
        ))
    }
}
