//! Somebody who holds an API key and searches.

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::Api;
use crate::failure::Failure;
use crate::stack::state::Status;

/// How much of a text is shown.
const SHOWN: usize = 110;

/// The search of the local stack.
pub(super) struct Questions(Api);

/// What is shown of an answer.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    results: Vec<Value>,
    model: Option<Value>,
}

impl Questions {
    pub(super) fn of(status: &Status) -> Result<Self, Failure> {
        Api::of(status).map(Self)
    }

    /// Asks for the best three of `place`.
    pub(super) async fn ask(&self, place: &str, question: &str) -> Result<Found, Failure> {
        let body = json!({ "query": question, "limit": 3, "explain": true });
        let path = format!("/search/{place}");
        self.0.post("search", &path, &body).await
    }
}

impl Found {
    /// A line for the model, and two for each result.
    pub(super) fn lines(&self) -> Vec<String> {
        let model = self.model.as_ref().and_then(|model| model["name"].as_str());
        let first = format!(
            "{} results, vectors of {}",
            self.results.len(),
            model.unwrap_or("no model")
        );
        let lines = self.results.iter().flat_map(|one| [place(one), text(one)]);
        std::iter::once(first).chain(lines).collect()
    }
}

fn place(one: &Value) -> String {
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    let explain = &one["explain"];
    let name = ["article_id", "conversation_id"].map(|field| one[field].as_str());
    let name = name.into_iter().flatten().next().unwrap_or("?");
    format!(
        "{:.3}  {name}  (cosine {:.3}, BM25 {:.2})",
        number(&one["score"]),
        number(&explain["vector"]["raw"]),
        number(&explain["lexical"]["raw"])
    )
}

fn text(one: &Value) -> String {
    let text = one["text"].as_str().unwrap_or_default().replace('\n', " ");
    let shown: String = text.chars().take(SHOWN).collect();
    format!("       {shown}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_told_in_lines() {
        let result = json!({
            "score": 0.75, "article_id": "a-1", "text": "Reset\nthe router.",
            "explain": { "vector": { "raw": 0.5 }, "lexical": { "raw": 3.25 } },
        });
        let found = Found {
            results: vec![result],
            model: Some(json!({ "name": "minilm" })),
        };
        assert_eq!(
            found.lines(),
            [
                "1 results, vectors of minilm",
                "0.750  a-1  (cosine 0.500, BM25 3.25)",
                "       Reset the router.…",
            ]
        );
    }
}
