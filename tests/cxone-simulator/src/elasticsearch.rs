//! `/elasticsearch`: as much of Elasticsearch as a mirror of the knowledge base needs: an index is made, documents are written in bulk
//! under external versions.

mod bulk;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
};

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::{post, put},
};
use serde_json::{Value, json};

use crate::{
    fault::Fault,
    world::{Shared, World, lock},
};

/// What all its paths start with.
pub(crate) const PREFIX: &str = "/elasticsearch/";
/// `ApiKey local-key`, and `elastic` with `local-password` in Basic.
const KNOWN: [&str; 2] = ["ApiKey local-key", "Basic ZWxhc3RpYzpsb2NhbC1wYXNzd29yZA=="];

/// Every index, behind its lock.
#[derive(Default)]
pub(crate) struct Store(Mutex<HashMap<String, Index>>);

#[derive(Default)]
struct Index {
    mapping: Value,
    documents: BTreeMap<String, Document>,
}

/// A document, or where one was: versions outlive their documents.
struct Document {
    version: i64,
    source: Option<Value>,
}

impl Store {
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}

/// The test's eye on the indexes of a running simulator.
#[derive(Clone, Copy)]
pub struct Elasticsearch<'a>(pub(crate) &'a World);

impl Elasticsearch<'_> {
    /// The mapping that an index was made with; none if there is no such index.
    pub fn mapping(&self, index: &str) -> Option<Value> {
        let indexes = lock(&self.0.elasticsearch.0);
        indexes.get(index).map(|index| index.mapping.clone())
    }

    /// The documents of an index, by their ids.
    pub fn documents(&self, index: &str) -> BTreeMap<String, Value> {
        let indexes = lock(&self.0.elasticsearch.0);
        let documents = indexes.get(index).into_iter().flat_map(|it| &it.documents);
        let source =
            |(id, document): (&String, &Document)| Some((id.clone(), document.source.clone()?));
        documents.filter_map(source).collect()
    }
}

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/elasticsearch/_bulk", post(write))
        .route("/elasticsearch/{index}", put(make))
}

async fn make(
    State(world): State<Shared>,
    Path(index): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_known(&headers) {
        return error(StatusCode::UNAUTHORIZED, "security_exception");
    }
    let Ok(mapping) = serde_json::from_slice(&body) else {
        return error(StatusCode::BAD_REQUEST, "parse_exception");
    };
    let mut indexes = lock(&world.elasticsearch.0);
    if indexes.contains_key(&index) {
        return error(StatusCode::BAD_REQUEST, "resource_already_exists_exception");
    }
    let made = Index {
        mapping,
        ..Index::default()
    };
    indexes.insert(index, made);
    Json(json!({ "acknowledged": true })).into_response()
}

async fn write(
    State(world): State<Shared>,
    fault: Option<Extension<Fault>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_known(&headers) {
        return error(StatusCode::UNAUTHORIZED, "security_exception");
    }
    let fault = fault.map(|Extension(fault)| fault);
    let items = bulk::write(&mut lock(&world.elasticsearch.0), &body, fault.as_ref());
    match items {
        Some(items) => {
            let errors = items.iter().any(bulk::is_error);
            Json(json!({ "took": 1, "errors": errors, "items": items })).into_response()
        }
        None => error(StatusCode::BAD_REQUEST, "illegal_argument_exception"),
    }
}

fn is_known(headers: &HeaderMap) -> bool {
    let given = headers.get(AUTHORIZATION);
    given.is_some_and(|given| KNOWN.iter().any(|known| given == known))
}

fn error(status: StatusCode, kind: &str) -> Response {
    let body =
        json!({ "error": { "type": kind, "reason": "simulated" }, "status": status.as_u16() });
    (status, Json(body)).into_response()
}
