//! The poller against a real SQS API (moto, at `MOTO_ENDPOINT`) and a runtime API that answers as told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Json, Router};
use local::event_sources::{Invoker, Log, Mapping, Poller};
use local::stack::aws;
use serde_json::{Value, json};
use shared::testing;

/// Seconds until a failed message comes back; longer than every window here, or messages would come back while a batch fills up.
const VISIBLE_AGAIN: &str = "8";

/// Every invocation, in order: the function and its event.
type Seen = Arc<Mutex<Vec<(String, Value)>>>;

/// A stand-in for `cargo lambda watch`: a message whose body is `poison` fails, `crash` fails the whole batch, `nonsense` makes the
/// answer unreadable.
async fn invoke(
    State(seen): State<Seen>,
    Path(function): Path<String>,
    Json(event): Json<Value>,
) -> impl IntoResponse {
    let records = event["Records"].as_array().cloned().unwrap_or_default();
    seen.lock().unwrap().push((function, event));
    let with = |body: &str| {
        records
            .iter()
            .filter(|record| record["body"] == body)
            .cloned()
            .collect::<Vec<_>>()
    };
    if !with("crash").is_empty() {
        return (
            StatusCode::INTERNAL_SERVER_ERROR,
            Json(json!({"errorType": "bug", "errorMessage": "crash"})),
        );
    }
    if !with("nonsense").is_empty() {
        return (
            StatusCode::OK,
            Json(json!({"batchItemFailures": [{"itemIdentifier": "nobody"}]})),
        );
    }
    let failures: Vec<_> = with("poison")
        .iter()
        .map(|record| json!({"itemIdentifier": record["messageId"]}))
        .collect();
    (StatusCode::OK, Json(json!({"batchItemFailures": failures})))
}

struct Bench {
    sqs: Client,
    endpoint: String,
    queue: String,
    seen: Seen,
    poller: tokio::task::JoinHandle<()>,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.poller.abort();
    }
}

/// A queue with a dead-letter queue, and these messages in it.
async fn fill_queue(endpoint: &str, bodies: &[&str]) -> (String, Client) {
    let sqs = Client::new(&aws::config(endpoint).await);
    let queue = format!("events-{}", uuid::Uuid::new_v4().simple());
    let dead = format!("{queue}-dlq");
    sqs.create_queue().queue_name(&dead).send().await.unwrap();
    let policy =
        json!({"deadLetterTargetArn": aws::queue_arn(&dead), "maxReceiveCount": 2}).to_string();
    let create = sqs
        .create_queue()
        .queue_name(&queue)
        .attributes(QueueAttributeName::VisibilityTimeout, VISIBLE_AGAIN);
    create
        .attributes(QueueAttributeName::RedrivePolicy, policy)
        .send()
        .await
        .unwrap();
    for body in bodies {
        let url = aws::queue_url(endpoint, &queue);
        sqs.send_message()
            .queue_url(url)
            .message_body(*body)
            .send()
            .await
            .unwrap();
    }
    (queue, sqs)
}

/// A filled queue, and a poller between it and the stand-in; `None` where there is no moto.
async fn bench(test: &str, batch_size: usize, window: u64, bodies: &[&str]) -> Option<Bench> {
    let Some(endpoint) = testing::setting("MOTO_ENDPOINT") else {
        testing::skip(test, "MOTO_ENDPOINT is not set; `cargo local test` sets it");
        return None;
    };
    let (queue, sqs) = fill_queue(&endpoint, bodies).await;
    let seen = Seen::default();
    let app = Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mapping = Mapping {
        function: "worker".to_owned(),
        queue: queue.clone(),
        batch_size,
        window: Duration::from_secs(window),
        partial_answers: true,
        max_concurrency: Some(2),
    };
    let poller = Poller {
        mapping,
        queue_url: aws::queue_url(&endpoint, &queue),
        sqs: sqs.clone(),
        invoker: Invoker::new(base, Duration::from_secs(10)).unwrap(),
        log: Log::default(),
    };
    let poller = tokio::spawn(poller.run(4));
    Some(Bench {
        sqs,
        endpoint,
        queue,
        seen,
        poller,
    })
}

impl Bench {
    /// Messages in the queue, visible or not.
    async fn depth(&self, queue: &str) -> u64 {
        let all = self
            .sqs
            .get_queue_attributes()
            .queue_url(aws::queue_url(&self.endpoint, queue));
        let all = all
            .attribute_names(QueueAttributeName::All)
            .send()
            .await
            .unwrap();
        let count =
            |name: QueueAttributeName| all.attributes().unwrap()[&name].parse::<u64>().unwrap();
        count(QueueAttributeName::ApproximateNumberOfMessages)
            + count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
    }

    async fn wait_for_depths(&self, waiting: u64, dead: u64) {
        let dead_queue = format!("{}-dlq", self.queue);
        for _ in 0..1_200 {
            if self.depth(&self.queue).await == waiting && self.depth(&dead_queue).await == dead {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let (in_queue, in_dead) = (self.depth(&self.queue).await, self.depth(&dead_queue).await);
        panic!("expected {waiting} waiting and {dead} dead, found {in_queue} and {in_dead}");
    }

    /// How often each body was delivered.
    fn deliveries(&self) -> BTreeMap<String, usize> {
        let mut count = BTreeMap::new();
        for (_, event) in self.seen.lock().unwrap().iter() {
            for record in event["Records"].as_array().unwrap() {
                *count
                    .entry(record["body"].as_str().unwrap().to_owned())
                    .or_default() += 1;
            }
        }
        count
    }
}

#[tokio::test]
async fn a_window_gathers_a_batch_and_done_messages_are_gone() {
    let bodies: Vec<_> = (0..23).map(|number| format!("m{number}")).collect();
    let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
    let Some(bench) = bench("a_window_gathers_a_batch", 25, 5, &bodies).await else {
        return;
    };
    bench.wait_for_depths(0, 0).await;
    let seen = bench.seen.lock().unwrap();
    assert!(seen.len() <= 2, "gathered into {} batches", seen.len());
    assert!(seen.iter().all(|(function, _)| function == "worker"));
    let record = &seen[0].1["Records"][0];
    assert_eq!(record["eventSource"], "aws:sqs");
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    drop(seen);
    assert!(bench.deliveries().values().all(|count| *count == 1) && bench.deliveries().len() == 23);
}

#[tokio::test]
async fn named_failures_come_back_and_end_in_the_dead_letter_queue() {
    let Some(bench) = bench(
        "named_failures_come_back",
        10,
        1,
        &["a", "b", "poison", "c"],
    )
    .await
    else {
        return;
    };
    bench.wait_for_depths(0, 1).await;
    let deliveries = bench.deliveries();
    assert_eq!(deliveries["poison"], 2, "as often as maxReceiveCount says");
    assert!(
        ["a", "b", "c"].iter().all(|body| deliveries[*body] == 1),
        "{deliveries:?}"
    );
}

async fn fail_whole(bad: &str) {
    let Some(bench) = bench("a_bad_answer_fails_the_batch", 10, 1, &["a", bad]).await else {
        return;
    };
    bench.wait_for_depths(0, 2).await;
    let deliveries = bench.deliveries();
    assert_eq!(deliveries.values().sum::<usize>(), 4, "{bad}: both, twice");
}

#[tokio::test]
async fn a_crash_or_an_answer_that_makes_no_sense_fails_the_whole_batch() {
    tokio::join!(fail_whole("crash"), fail_whole("nonsense"));
}
