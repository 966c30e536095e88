//! What is written to `_bulk`, and what it answers. Pure.

use serde::Deserialize;
use serde_json::{Value, json};

/// What happens to one document.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its name in the index.
    pub id: String,
    /// Grows with every change.
    pub version: i64,
    /// The document, or none if it is to go.
    pub document: Option<Value>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is as it should be.
    Done,
    /// It may be taken later.
    Later,
    /// It is not taken, for this reason: a word of Elasticsearch's.
    Refused(String),
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<Value>,
}

/// The index as the reference has it, and what it fills beside.
pub(super) fn mapping(dimensions: u16) -> Value {
    json!({ "mappings": { "properties": {
        "embedding": { "type": "dense_vector", "dims": dimensions, "index": true, "similarity": "cosine" },
        "body_text": { "type": "text" },
        "title": { "type": "keyword", "ignore_above": 8191 },
        "id": { "type": "keyword" },
        "language": { "type": "keyword" },
        "territory": { "type": "keyword" },
        "modified_date": { "type": "date" },
        "version": { "type": "long" },
        "broken_links": { "type": "keyword", "ignore_above": 8191 },
        "indexed_at": { "type": "date" },
    } } })
}

/// The request. A version that is older than what stands in the index changes nothing, the same one does no harm.
pub(super) fn lines(index: &str, actions: &[Action]) -> String {
    let mut lines = String::new();
    for action in actions {
        let target = json!({ "_index": index, "_id": action.id, "version": action.version, "version_type": "external_gte" });
        let (verb, document) = match &action.document {
            Some(document) => ("index", Some(document.to_string())),
            None => ("delete", None),
        };
        lines.push_str(&json!({ verb: target }).to_string());
        lines.push('\n');
        if let Some(document) = document {
            lines.push_str(&document);
            lines.push('\n');
        }
    }
    lines
}

/// One outcome for each of so many actions, or nothing if the answer does not say that.
pub(super) fn read(body: &[u8], actions: usize) -> Option<Vec<Outcome>> {
    let answer: Answer = serde_json::from_slice(body).ok()?;
    let outcomes: Option<Vec<_>> = answer.items.iter().map(outcome).collect();
    outcomes.filter(|outcomes| outcomes.len() == actions)
}

fn outcome(item: &Value) -> Option<Outcome> {
    let (verb, said) = item.as_object()?.iter().next()?;
    let status = said["status"].as_u64()?;
    Some(match status {
        // Also where something newer is.
        200..300 | 409 => Outcome::Done,
        // What is to go is not there.
        404 if verb == "delete" => Outcome::Done,
        404 | 408 | 429 | 500.. => Outcome::Later,
        _ => Outcome::Refused(word(&said["error"]["type"], status)),
    })
}

/// Elasticsearch's sentence may quote the text; its word does not.
fn word(kind: &Value, status: u64) -> String {
    let is_word = |kind: &&str| {
        (1..=64).contains(&kind.len())
            && kind
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let kind = kind.as_str().filter(is_word);
    kind.map_or_else(|| format!("http_{status}"), str::to_owned)
}

/// Whether a refusal to make the index means that there is one.
pub(super) fn says_it_exists(body: &[u8]) -> bool {
    let said: Option<Value> = serde_json::from_slice(body).ok();
    said.is_some_and(|said| said["error"]["type"] == "resource_already_exists_exception")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_has_its_own_outcome_whatever_the_request_says() {
        for (item, expected) in [
            (json!({"index": {"status": 201}}), Some(Outcome::Done)),
            (json!({"index": {"status": 200}}), Some(Outcome::Done)),
            (json!({"delete": {"status": 404}}), Some(Outcome::Done)),
            (
                json!({"index": {"status": 409, "error": {"type": "version_conflict_engine_exception"}}}),
                Some(Outcome::Done),
            ),
            (
                json!({"index": {"status": 429, "error": {"type": "es_rejected_execution_exception"}}}),
                Some(Outcome::Later),
            ),
            (json!({"index": {"status": 503}}), Some(Outcome::Later)),
            (
                json!({"index": {"status": 404, "error": {"type": "index_not_found_exception"}}}),
                Some(Outcome::Later),
            ),
            (
                json!({"index": {"status": 400, "error": {"type": "document_parsing_exception", "reason": "Jane Roe"}}}),
                Some(Outcome::Refused("document_parsing_exception".to_owned())),
            ),
            (
                json!({"index": {"status": 400, "error": {"type": "Jane Roe"}}}),
                Some(Outcome::Refused("http_400".to_owned())),
            ),
            (json!({"index": {}}), None),
            (json!({}), None),
        ] {
            let answer = json!({"errors": false, "items": [item]}).to_string();
            let outcomes = read(answer.as_bytes(), 1);
            assert_eq!(outcomes, expected.map(|outcome| vec![outcome]), "{answer}");
        }
        assert_eq!(read(br#"{"items": []}"#, 1), None, "one is missing");
        assert_eq!(read(b"<html>", 0), None);
    }

    #[test]
    fn a_request_is_a_line_for_each_action_and_each_document() {
        let action = |document| Action {
            id: "a".to_owned(),
            version: 7,
            document,
        };
        let actions = [action(Some(json!({"title": "one\ntwo"}))), action(None)];
        let lines = lines("i", &actions);
        let lines: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(
            (&lines[0]["index"]["version"], &lines[2]["delete"]["_id"]),
            (&7.into(), &"a".into())
        );
    }
}
