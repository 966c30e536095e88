//! Our side: environments of the released function, each given batches as the queue would give them.

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_double::{AwsDouble, Options};
use end_to_end::Function;
use jiff::Timestamp;
use reqwest::Client;
use serde_json::{Value, json};
use shared::domain::DataActionEvent;
use shared::queue::ConversationMessage;
use shared::testing;
use tokio::process::Command;

use super::{BATCH, Corpus, corpus};
use crate::bench::Outcome;
use crate::process::peak_memory;
use crate::provider::MODEL;
use crate::scratch::Ready;
use crate::stage::{self, post};

const ERASURE_KEY: &str = "bench-0123456789-0123456789-0123";

/// What the function needs around it.
pub(super) struct Ours {
    double: AwsDouble,
    dead_letters: String,
    segments: String,
    released: PathBuf,
    log: File,
    events: Vec<String>,
}

/// What a run took.
pub(super) struct Run {
    pub(super) time: Duration,
    /// The most memory that one environment had, in megabytes.
    pub(super) peak: f64,
}

impl Ours {
    /// Builds the function, and packs the conversations into batches.
    pub(super) async fn prepare(corpus: &Corpus) -> Outcome<Self> {
        let released = stage::released("conversation-embedder")?;
        let double = AwsDouble::start(Options::default())?;
        let (client, endpoint) = (Client::new(), double.endpoint());
        let create = async |name: &str| {
            let queue = json!({ "QueueName": name }).to_string();
            let queue = post(&client, &endpoint, "AmazonSQS.CreateQueue", queue).await?;
            let queue: Value = serde_json::from_slice(&queue)?;
            Outcome::Ok(queue["QueueUrl"].as_str().unwrap_or_default().to_owned())
        };
        let (dead_letters, segments) = (
            create("conversations-dlq").await?,
            create("segments").await?,
        );
        let secrets = [("erasure-key", ERASURE_KEY), ("embedding-key", "sk-bench")];
        testing::create_secrets(&testing::aws_at(&endpoint).await, &secrets).await;
        let events = corpus.payloads.chunks(BATCH).map(event);
        Ok(Self {
            dead_letters,
            segments,
            double,
            released,
            log: File::create(stage::folder()?.join("conversations-ours.log"))?,
            events: events.collect::<Outcome<_>>()?,
        })
    }

    /// Gives the first `batches` batches to so many environments, each of which takes the next one when it has answered.
    pub(super) async fn run(
        &self,
        corpus: &Corpus,
        environments: usize,
        batches: usize,
    ) -> Outcome<Run> {
        let ready = Ready::create("conversations").await?;
        let mut functions = Vec::new();
        for number in 0..environments {
            let function = Function::spawn(self.command(corpus, &ready), &self.log).await?;
            // The first call opens the connections; on Lambda it belongs to the start.
            let first = corpus::payload(usize::MAX - number);
            invoke(&function, event(&[first])?).await?;
            functions.push(function);
        }
        let (started, next) = (Instant::now(), AtomicUsize::new(0));
        let events = &self.events[..batches];
        let work = functions.iter().map(async |function| {
            while let Some(event) = events.get(next.fetch_add(1, Ordering::Relaxed)) {
                invoke(function, event.clone()).await?;
            }
            Outcome::Ok(())
        });
        futures_util::future::try_join_all(work).await?;
        let time = started.elapsed();
        let wanted = corpus.payloads.len().min(batches * BATCH) + environments;
        ready
            .scratch
            .check("conversation_embeddings", wanted)
            .await?;
        let mut peak = 0.0_f64;
        for function in functions {
            let id = function.id().ok_or("the function has ended")?;
            peak = peak.max(peak_memory(id)?);
            function.kill().await?;
        }
        ready.scratch.remove().await?;
        Ok(Run { time, peak })
    }

    fn command(&self, corpus: &Corpus, ready: &Ready) -> Command {
        let mut command = stage::environment(&self.released, self.double.endpoint());
        command
            .env("DATABASE_URL", &ready.scratch.url)
            .env("CONVERSATIONS_DEAD_LETTER_QUEUE_URL", &self.dead_letters)
            .env("SEGMENTS_QUEUE_URL", &self.segments)
            .env("ERASURE_KEY_SECRET_ID", "erasure-key")
            .env("EMBEDDING_PROVIDER", "openai")
            .env("EMBEDDING_BASE_URL", &corpus.provider)
            .env("EMBEDDING_MODEL", MODEL)
            .env("EMBEDDING_KEY_SECRET_ID", "embedding-key")
            // A conversation is one row on every side.
            .env("CHUNK_TOKENS", "1000")
            .envs(super::EMBEDDING);
        command
    }
}

/// A batch as the queue hands it over.
fn event(payloads: &[String]) -> Outcome<String> {
    let record = |(number, payload): (usize, &String)| {
        let event = DataActionEvent::parse(payload.as_bytes())?;
        let message = ConversationMessage::pack(event, payload.as_bytes(), Timestamp::now())?;
        Ok(json!({
            "messageId": format!("00000000-0000-4000-8000-{number:012}"),
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": message.to_text()?,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1768473000000",
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1768473000010"
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:conversations",
            "awsRegion": "us-east-1"
        }))
    };
    let records: Outcome<Vec<Value>> = payloads.iter().enumerate().map(record).collect();
    Ok(json!({ "Records": records? }).to_string())
}

async fn invoke(function: &Function, event: String) -> Outcome<()> {
    let answer = function.invoke(event).await;
    let log = "see target/bench/conversations-ours.log";
    let answer = answer.ok_or_else(|| format!("the function did not answer in 10 s; {log}"))?;
    let body: Value = serde_json::from_slice(&answer.body)?;
    let failures = body["batchItemFailures"].as_array().map(Vec::len);
    if answer.is_ok && failures.is_none_or(|failures| failures == 0) {
        Ok(())
    } else {
        Err(format!("the function failed {failures:?} messages; {log}").into())
    }
}
