//! The keeper beside the writers, as it is deployed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use shared::config::Env;
use shared::testing;
use vector_keeper::{App, Config, handle};

use super::ours::MEMORY_MB;
use crate::bench::Outcome;

/// What the function has.
const LIMIT: Duration = Duration::from_mins(15);

/// The function, invoked again and again, until it has nothing left to do after the writers have ended.
pub(super) async fn keep(url: String, writers_done: Arc<AtomicBool>) -> Outcome<()> {
    let memory = MEMORY_MB.to_string();
    let env = Env::from_pairs([
        ("DATABASE_URL", url.as_str()),
        ("MAINTENANCE_MEMORY_MB", memory.as_str()),
    ]);
    let nobody = testing::aws_at("http://127.0.0.1:9").await;
    let app = App::new(Config::from_env(&env)?, &nobody).await?;
    loop {
        let is_last = writers_done.load(Ordering::Relaxed);
        let report = invoke(&app).await?;
        let models = report["models"].as_array().into_iter().flatten();
        let done = |one: &Value| {
            let count = |what: &str| one[what].as_array().map_or(0, Vec::len);
            count("sealed") + count("merged")
        };
        let is_idle = models.map(done).sum::<usize>() == 0;
        if is_last && is_idle {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn invoke(app: &App) -> Outcome<Value> {
    let event = testing::invocation(json!({ "task": "keep" }), LIMIT);
    let kept = handle(app, event).await;
    kept.map_err(|diagnostic| diagnostic.error_message.into())
}
