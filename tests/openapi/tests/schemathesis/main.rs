//! Schemathesis sends what `docs/openapi.json` allows and what it forbids, with a key and without, and holds every answer to it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use std::path::Path;
use std::process::Output;

use shared::testing;
use tokio::process::Command;
use world::{BEARER, World};

/// Requests for each route and phase.
const REQUESTS: (usize, usize) = (60, 2_000);

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_one_that_the_document_promises() {
    let test = "every_answer_is_one_that_the_document_promises";
    let Some(wheels) = testing::setting("PYTHON_WHEELS") else {
        return testing::skip(test, "PYTHON_WHEELS is not set; `cargo local test` sets it");
    };
    let folder = tempfile::tempdir().unwrap();
    let Some(world) = World::start(test, folder.path()).await else {
        return;
    };
    let outcome = check(&world, &wheels, folder.path()).await;
    let said = String::from_utf8_lossy(&outcome.stdout);
    let logs = ["data-action-webhook", "knowledge-refresh"].map(|name| {
        let log = std::fs::read_to_string(folder.path().join(name)).unwrap();
        log.lines()
            .filter(|line| line.contains("ERROR"))
            .collect::<Vec<_>>()
            .join("\n")
    });
    let errors = String::from_utf8_lossy(&outcome.stderr);
    assert!(outcome.status.success(), "{said}\n{errors}\n{logs:?}");
}

async fn check(world: &World, wheels: &str, folder: &Path) -> Output {
    let credentials = folder.join("schemathesis.toml");
    let text = format!(
        "[auth.openapi]\napi_key = {{ api_key = \"{}\" }}\nwebhook_bearer = {{ bearer = \"{BEARER}\" }}\n",
        world.key
    );
    std::fs::write(&credentials, text).unwrap();
    let requests = testing::proof_size(REQUESTS.0, REQUESTS.1).to_string();
    let mut command = Command::new("python3");
    command
        .args(["-m", "schemathesis.cli", "--config-file"])
        .arg(&credentials);
    command.args([
        "run",
        openapi::PATH,
        "--url",
        &format!("http://{}", world.address),
    ]);
    command.args([
        "--checks",
        "all",
        "--max-examples",
        &requests,
        "--generation-deterministic",
    ]);
    command.args(["--no-color"]);
    command.env("PYTHONPATH", wheels).current_dir(folder);
    command.output().await.unwrap()
}
