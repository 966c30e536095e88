//! Gives the function events as Lambda would.

use std::time::Duration;

use conversation_embedder::{App, handle};
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use shared::testing::invocation;

/// Gives an environment of the function a batch; answers the ids that it reports, which are positions.
pub(crate) async fn deliver(app: &App, bodies: &[String], time: Duration) -> Vec<String> {
    let record = |(position, body): (usize, &String)| json!({"messageId": position.to_string(), "body": body});
    let records: Vec<_> = bodies.iter().enumerate().map(record).collect();
    let answer = invoke(app, json!({ "Records": records }), time)
        .await
        .unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap().iter();
    failures
        .map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned())
        .collect()
}

pub(crate) async fn invoke(app: &App, event: Value, time: Duration) -> Result<Value, Diagnostic> {
    handle(app, invocation(event, time)).await
}

/// As the queue does: what is reported is given again, until nothing is or after so many rounds. Answers what is left.
pub(crate) async fn redeliver(app: &App, mut bodies: Vec<String>, rounds: usize) -> Vec<String> {
    for _ in 0..rounds {
        if bodies.is_empty() {
            break;
        }
        let mut left = Vec::new();
        for batch in bodies.chunks(100) {
            let failed = deliver(app, batch, Duration::from_secs(20)).await;
            let place = |id: &String| id.parse::<usize>().unwrap();
            left.extend(failed.iter().map(|id| batch[place(id)].clone()));
        }
        bodies = left;
    }
    bodies
}
