//! A bulk request, line by line.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Document, Index};
use crate::fault::Fault;

/// Does what a request says; gives an outcome for each action, or nothing if it is no bulk request.
pub(super) fn write(
    indexes: &mut HashMap<String, Index>,
    body: &[u8],
    fault: Option<&Fault>,
) -> Option<Vec<Value>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let mut items = Vec::new();
    while let Some(line) = lines.next() {
        let action: Value = serde_json::from_str(line).ok()?;
        let (verb, target) = action.as_object()?.iter().next()?;
        let source = match verb.as_str() {
            "index" => Some(serde_json::from_str(lines.next()?).ok()?),
            "delete" => None,
            _ => return None,
        };
        let refused = match fault {
            Some(Fault::RefusedItem { status, error }) if items.is_empty() => {
                Some((*status, error.as_str()))
            }
            _ => None,
        };
        let outcome = refused.or_else(|| apply(indexes, target, source));
        let (status, error) = outcome?;
        let mut said = json!({ "_id": target["_id"], "status": status });
        if !error.is_empty() {
            said["error"] = json!({ "type": error, "reason": "simulated" });
        }
        items.push(json!({ verb.as_str(): said }));
    }
    Some(items)
}

/// The status of an action, and the word of its error.
fn apply(
    indexes: &mut HashMap<String, Index>,
    target: &Value,
    source: Option<Value>,
) -> Option<(u16, &'static str)> {
    let (id, version) = (target["_id"].as_str()?, target["version"].as_i64()?);
    if target["version_type"] != "external_gte" {
        return Some((400, "action_request_validation_exception"));
    }
    let Some(index) = indexes.get_mut(target["_index"].as_str()?) else {
        return Some((404, "index_not_found_exception"));
    };
    let dims = &index.mapping["mappings"]["properties"]["embedding"]["dims"];
    let numbers = source.as_ref().and_then(|it| it["embedding"].as_array());
    if numbers.is_some_and(|numbers| Some(numbers.len() as u64) != dims.as_u64()) {
        return Some((400, "document_parsing_exception"));
    }
    let known = index.documents.get(id);
    if known.is_some_and(|known| known.version > version) {
        return Some((409, "version_conflict_engine_exception"));
    }
    let was_there = known.is_some_and(|known| known.source.is_some());
    let status = match (&source, was_there) {
        (Some(_), false) => 201,
        (None, false) => 404,
        (_, true) => 200,
    };
    let document = Document { version, source };
    index.documents.insert(id.to_owned(), document);
    Some((status, ""))
}

/// Whether an outcome is one that `errors` tells of; a document that is not there to be deleted is none.
pub(super) fn is_error(item: &Value) -> bool {
    let said = item.as_object().and_then(|item| item.values().next());
    said.is_some_and(|said| said.get("error").is_some())
}
