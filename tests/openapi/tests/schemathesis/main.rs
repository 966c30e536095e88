//! Schemathesis sends what `docs/openapi.json` allows and what it forbids, with a key and without, and holds every answer to it; and every
//! route is tried under every scope, and with words that nobody else may read.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod scopes;
mod secrets;
mod world;

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use shared::testing;
use tokio::process::Command;
use world::{BEARER, FUNCTIONS, World};

/// Random requests for each route, in CI and in full; those at the limits come on top.
const REQUESTS: (usize, usize) = (25, 2_000);

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_one_that_the_document_promises() {
    let test = "every_answer_is_one_that_the_document_promises";
    let Some(wheels) = testing::setting("PYTHON_WHEELS") else {
        return testing::skip(test, "PYTHON_WHEELS is not set; `cargo local test` sets it");
    };
    let folder = tempfile::tempdir().unwrap();
    let Some(world) = World::start(test, folder.path(), "info").await else {
        return;
    };
    let outcome = check(&world, &wheels, folder.path()).await;
    let said = String::from_utf8_lossy(&outcome.stdout);
    let errors = String::from_utf8_lossy(&outcome.stderr);
    // A warning names a route that was never let in, or never found what it tells of: then little was tested.
    let is_thorough = !said.contains(" WARNINGS ");
    assert!(
        outcome.status.success() && is_thorough,
        "{said}\n{errors}\n{}",
        logged(folder.path())
    );
}

/// What the functions logged as an error.
fn logged(folder: &Path) -> String {
    let logs = FUNCTIONS.map(|(_, name)| std::fs::read_to_string(folder.join(name)).unwrap());
    let lines = logs.iter().flat_map(|log| log.lines());
    let errors: Vec<_> = lines.filter(|line| line.contains("ERROR")).collect();
    errors.join("\n")
}

/// The document with a question that finds words, and without what random values cannot keep: a cursor is made by an answer, the end of a span of time lies behind its
/// beginning, a session is that of the path, and an address leads to a public server.
fn document(folder: &Path) -> PathBuf {
    let mut document: Value = serde_json::from_str(&openapi::document().unwrap()).unwrap();
    for (question, field) in [
        ("KnowledgeQuery", "cursor"),
        ("KnowledgeQuery", "modified_to"),
        ("ConversationQuery", "cursor"),
        ("ConversationQuery", "to"),
        ("RankingRequest", "session_id"),
        ("RankingRequest", "callback_url"),
    ] {
        let fields = &mut document["components"]["schemas"][question]["properties"];
        assert!(fields[field].is_object(), "{question} has no {field}");
        fields[field] = json!({ "type": "null" });
    }
    // A snippet stands in a request once, and random ids are often the same.
    document["components"]["schemas"]["RankingRequest"]["properties"]["snippets"]["maxItems"] =
        json!(1);
    let metrics = &mut document["paths"]["/assist/metrics"]["get"]["parameters"];
    metrics
        .as_array_mut()
        .unwrap()
        .retain(|one| one["name"] == "window");
    // A question whose words stand in both, so that every part of an answer is seen.
    let asked = json!({ "query": "a full refund, because the item arrived damaged", "highlight": true, "explain": true });
    for path in ["/search/knowledge", "/search/conversations"] {
        let body = &mut document["paths"][path]["post"]["requestBody"]["content"];
        body["application/json"]["examples"] = json!({ "words": { "value": asked } });
    }
    let path = folder.join("openapi.json");
    std::fs::write(&path, document.to_string()).unwrap();
    path
}

async fn check(world: &World, wheels: &str, folder: &Path) -> Output {
    let settings = folder.join("schemathesis.toml");
    let text = include_str!("schemathesis.toml");
    let text = text
        .replace("API_KEY", &world.keys.full)
        .replace("BEARER", BEARER);
    std::fs::write(&settings, text).unwrap();
    let requests = testing::proof_size(REQUESTS.0, REQUESTS.1).to_string();
    let mut command = Command::new("python3");
    command.args(["-m", "schemathesis.cli", "--config-file"]);
    command.arg(&settings);
    command.arg("run").arg(document(folder)).arg("--no-color");
    command.args(["--url", &format!("http://{}", world.address)]);
    command.args(["--max-examples", &requests]);
    command.env("PYTHONPATH", wheels).current_dir(folder);
    command.output().await.unwrap()
}
