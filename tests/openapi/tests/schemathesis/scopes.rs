//! Who may call what: every route under every scope, and with everything that is no key.
//!
//! The table is written by hand. The document is held to it, and the template to the document, so that a new route or another scope
//! changes a line here or fails.

use std::collections::BTreeSet;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use shared::auth::Scope;
use shared::testing;
use tempfile::TempDir;

use crate::world::{BEARER, Keys, World};

/// Who is let in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opens {
    To(Scope),
    /// To whoever holds a key of the webhook.
    ToSenders,
    ToAll,
}

use Opens::{To, ToAll, ToSenders};

/// Method, path as in the document, who is let in, what is called, and what they are answered who are let in.
pub(crate) type Route = (
    &'static str,
    &'static str,
    Opens,
    &'static str,
    &'static [u16],
);

const NOBODY: &str = "0190f000-0000-7000-8000-000000000000";

pub(crate) const ROUTES: [Route; 15] = [
    (
        "GET",
        "/assist/metrics",
        To(Scope::AssistRead),
        "/assist/metrics",
        &[200],
    ),
    (
        "POST",
        "/assist/sessions/{session_id}/clicks",
        To(Scope::AssistWrite),
        "/assist/sessions/s-1/clicks",
        &[200, 201],
    ),
    (
        "POST",
        "/assist/sessions/{session_id}/ranking",
        To(Scope::AssistWrite),
        "/assist/sessions/s-1/ranking",
        &[200],
    ),
    (
        "GET",
        "/assist/snippets/{snippet_id}/boost",
        To(Scope::AssistRead),
        "/assist/snippets/kb-1/boost",
        &[200],
    ),
    ("GET", "/console", To(Scope::OpsRead), "/console", &[200]),
    (
        "GET",
        "/conversations/{id}",
        To(Scope::ConversationsRead),
        "/conversations/nobody",
        &[404],
    ),
    (
        "POST",
        "/knowledge/refresh",
        To(Scope::KnowledgeRefresh),
        "/knowledge/refresh",
        &[202],
    ),
    (
        "GET",
        "/knowledge/runs/{id}",
        To(Scope::KnowledgeRefresh),
        "/knowledge/runs/{nobody}",
        &[404],
    ),
    (
        "POST",
        "/search/conversations",
        To(Scope::ConversationsRead),
        "/search/conversations",
        &[200],
    ),
    (
        "POST",
        "/search/knowledge",
        To(Scope::SearchRead),
        "/search/knowledge",
        &[200],
    ),
    (
        "POST",
        "/transcripts",
        To(Scope::TranscriptsWrite),
        "/transcripts",
        &[202],
    ),
    (
        "GET",
        "/transcripts/metrics",
        To(Scope::TranscriptsRead),
        "/transcripts/metrics",
        &[200],
    ),
    (
        "GET",
        "/transcripts/{id}",
        To(Scope::TranscriptsRead),
        "/transcripts/{nobody}",
        &[404],
    ),
    (
        "POST",
        "/webhooks/data-action",
        ToSenders,
        "/webhooks/data-action",
        &[202],
    ),
    (
        "GET",
        "/webhooks/data-action/health",
        ToAll,
        "/webhooks/data-action/health",
        &[200],
    ),
];

#[test]
fn the_table_has_every_operation_of_the_document_with_its_scope() {
    let document: Value = serde_json::from_str(&openapi::document().unwrap()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let security = operation["security"].as_array().unwrap();
            let wanted = security.iter().flat_map(|way| way.as_object().unwrap());
            let wanted: BTreeSet<_> = wanted
                .map(|(scheme, scopes)| format!("{scheme} {scopes}"))
                .collect();
            documented.insert((method.to_uppercase(), path.clone(), wanted));
        }
    }
    let table = ROUTES
        .map(|(method, path, opens, ..)| (method.to_owned(), path.to_owned(), security(opens)));
    assert_eq!(documented, BTreeSet::from(table));
}

/// What the document says of such a route.
fn security(opens: Opens) -> BTreeSet<String> {
    let senders = [
        "standard_webhooks",
        "cxone_expert",
        "webhook_bearer",
        "webhook_basic",
    ];
    match opens {
        To(scope) => ["api_key", "api_key_bearer"]
            .map(|scheme| format!("{scheme} [\"{}\"]", scope.as_str()))
            .into(),
        ToSenders => senders.map(|scheme| format!("{scheme} []")).into(),
        ToAll => BTreeSet::new(),
    }
}

pub(crate) fn body(path: &str) -> Option<String> {
    let side = |kind: &str| json!({ "id": "one", "type": kind });
    let body = match path.split('?').next()?.rsplit('/').next()? {
        "clicks" => json!({ "snippet_id": "kb-1", "rank_position": 1, "action": "click" }),
        "ranking" => json!({ "snippets": [{ "snippet_id": "kb-1", "relevance_score": 0.5 }] }),
        "conversations" | "knowledge" => json!({ "query": "where is my parcel" }),
        "transcripts" => json!({
            "interaction_id": "i-1", "agent_id": "one", "customer_id": "one",
            "messages": [{ "from": side("agent"), "to": side("customer"), "text": "Hello", "timestamp": "2026-01-15T10:30:00Z" }],
        }),
        "data-action" => return Some(testing::conversation(1, 400)),
        _ => return None,
    };
    Some(body.to_string())
}

/// Whoever calls, and all that there is to be called.
pub(crate) struct Caller {
    client: Client,
    pub(crate) world: World,
    /// Where the functions log.
    pub(crate) folder: TempDir,
}

impl Caller {
    /// A world of its own, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str, level: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let world = World::start(test, folder.path(), level).await?;
        Some(Self {
            client: Client::new(),
            world,
            folder,
        })
    }

    /// A good request but for its method and whoever sends it.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let address = format!(
            "http://{}{}",
            self.world.address,
            path.replace("{nobody}", NOBODY)
        );
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, address);
        let request = request.header("content-type", "application/json");
        match body(path) {
            Some(body) => request.body(body),
            None => request,
        }
    }

    async fn status(&self, method: &str, path: &str, header: Option<&(&str, String)>) -> u16 {
        let mut request = self.request(method, path);
        if let Some((name, value)) = header {
            request = request.header(*name, value);
        }
        request.send().await.unwrap().status().as_u16()
    }
}

/// Both ways to show an API key.
pub(crate) fn shown(key: &str) -> [(&'static str, String); 2] {
    [
        ("x-api-key", key.to_owned()),
        ("authorization", format!("Bearer {key}")),
    ]
}

/// What opens nothing, and what opens only the webhook.
fn strangers(keys: &Keys) -> Vec<(&'static str, String)> {
    let (id, secret) = keys.full.split_once('.').unwrap();
    let (other, _) = keys.narrow[0].1.split_once('.').unwrap();
    let bad = [
        String::new(),
        id.to_owned(),
        ".".to_owned(),
        format!(".{secret}"),
        format!("{id}."),
        format!("nobody.{secret}"),
        format!("{other}.{secret}"),
        format!("{id}.{secret}x"),
        keys.full.to_uppercase(),
        keys.expired.clone(),
    ];
    let mut headers: Vec<_> = bad.iter().flat_map(|key| shown(key)).collect();
    headers.push(("authorization", keys.full.clone()));
    headers.push(("authorization", "Basic bm9ib2R5Om5vYm9keQ==".to_owned()));
    headers.push(("x-api-key", BEARER.to_owned()));
    headers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_opens_to_its_scope_and_to_nothing_else() {
    let Some(caller) = Caller::start("a_route_opens_to_its_scope", "info").await else {
        return;
    };
    let keys = &caller.world.keys;
    let mut tried = 0;
    for (method, _, opens, path, good) in ROUTES {
        for (scope, key) in &keys.narrow {
            for header in shown(key) {
                let status = caller.status(method, path, Some(&header)).await;
                let said = format!("{method} {path} with {}: {status}", scope.as_str());
                match opens {
                    To(wanted) if wanted != *scope => assert_eq!(status, 403, "{said}"),
                    ToSenders => assert_eq!(status, 401, "{said}"),
                    To(_) | ToAll => assert!(good.contains(&status), "{said}"),
                }
                tried += 1;
            }
        }
        let strangers = strangers(keys);
        for header in strangers.iter().map(Some).chain([None]) {
            let status = caller.status(method, path, header).await;
            let said = format!("{method} {path} with {header:?}: {status}");
            match opens {
                ToAll => assert!(good.contains(&status), "{said}"),
                To(_) | ToSenders => assert_eq!(status, 401, "{said}"),
            }
            tried += 1;
        }
    }
    let sender = ("authorization", format!("Bearer {BEARER}"));
    for (method, _, opens, path, good) in ROUTES {
        let status = caller.status(method, path, Some(&sender)).await;
        let is_in = good.contains(&status);
        assert_eq!(
            is_in,
            !matches!(opens, To(_)),
            "{method} {path} with the sender's key: {status}"
        );
        tried += 1;
    }
    println!("{tried} requests to {} routes", ROUTES.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_is_refused_whoever_asks() {
    let Some(caller) = Caller::start("another_method_is_refused", "info").await else {
        return;
    };
    let keys = &caller.world.keys;
    let [key, _] = shown(&keys.full);
    for (own, _, _, path, _) in ROUTES {
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "get",
        ] {
            for header in [Some(&key), None] {
                if method != own {
                    let status = caller.status(method, path, header).await;
                    assert_eq!(status, 405, "{method} {path}");
                }
            }
        }
    }
}
