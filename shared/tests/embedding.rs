//! The embedder against a provider that fails in every way it can.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "embedding/keys.rs"]
mod keys;
#[path = "embedding/outage.rs"]
mod outage;
#[path = "embedding/poison.rs"]
mod poison;
#[path = "embedding/retries.rs"]
mod retries;
#[path = "embedding/settings.rs"]
mod settings;
#[path = "embedding/storm.rs"]
mod storm;
#[path = "embedding/wire.rs"]
mod wire;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use aws_double::AwsDouble;
use cxone_simulator::{Fault, FaultPlan, FaultRule, Recorded, Settings as Simulated, Simulator};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::Error;
use shared::domain::Embedding;
use shared::embedding::openai::{Client, Options, key};
use shared::embedding::plan::Limits;
use shared::embedding::{Counted, Embedder, Failure, Model};
use shared::outbound::Pace;
use shared::outbound::breaker::Rule;
use shared::retry::Backoff;
use shared::secrets::Secret;
use shared::{aws, testing};
use tokio::time::Instant;

const SECRET_ID: &str = "embedding-key";
const SMALL: &str = "text-embedding-3-small";

/// A provider, the secret with its key, and an embedder that knows both.
struct World {
    simulator: Simulator,
    double: AwsDouble,
    sdk: aws::SdkConfig,
    embedder: Embedder,
}

impl World {
    async fn start() -> Self {
        Self::with(Simulated::default(), |_| {}).await
    }

    async fn with(simulated: Simulated, tune: impl FnOnce(&mut Options)) -> Self {
        let simulator = Simulator::start(simulated).unwrap();
        let double = AwsDouble::start(aws_double::Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        testing::create_secrets(&sdk, &[(SECRET_ID, "sk-local")]).await;
        let ttl = SignedDuration::from_mins(5);
        let key = Secret::new(aws::secrets_client(&sdk), SECRET_ID, ttl, key::parse);
        let mut options = Options {
            address: simulator.url().parse().unwrap(),
            model: Model::named(SMALL, Some(64)).unwrap(),
            key: Some(key),
            limits: Limits {
                texts: 200,
                tokens: 8_000,
            },
            parallel: NonZeroUsize::new(4).unwrap(),
            pace: quick(),
        };
        tune(&mut options);
        let embedder = Embedder::OpenAi(Box::new(Client::new(options).unwrap()));
        Self {
            simulator,
            double,
            sdk,
            embedder,
        }
    }

    async fn put_key(&self, key: &str) {
        let put = aws::secrets_client(&self.sdk).put_secret_value();
        put.secret_id(SECRET_ID)
            .secret_string(key)
            .send()
            .await
            .unwrap();
    }

    fn faults(&self, seed: u64, rules: Vec<FaultRule>) {
        self.simulator
            .set_faults(FaultPlan { seed, rules })
            .unwrap();
    }

    /// The next `count` requests meet this fault.
    fn next(&self, count: u64, fault: Fault) {
        self.faults(0, vec![FaultRule::next("embeddings", count, fault)]);
    }

    /// All requests meet this fault.
    fn always(&self, fault: Fault) {
        self.faults(0, vec![FaultRule::rate("embeddings", 1.0, fault)]);
    }

    fn requests(&self) -> Vec<Recorded> {
        self.simulator.requests("/v1/embeddings")
    }

    async fn embed(&self, texts: &[&str]) -> Vec<Result<Embedding, Failure>> {
        self.embed_until(texts, Instant::now() + Duration::from_secs(30))
            .await
    }

    async fn embed_until(&self, texts: &[&str], until: Instant) -> Vec<Result<Embedding, Failure>> {
        let texts = counted(&self.embedder, texts);
        can_be_spawned(self.embedder.embed(&texts, until)).await
    }

    async fn embed_one(&self, text: &str) -> Result<Embedding, Failure> {
        let mut outcomes = self.embed(&[text]).await;
        assert_eq!(outcomes.len(), 1);
        outcomes.remove(0)
    }
}

fn counted<'a>(embedder: &Embedder, texts: &[&'a str]) -> Vec<Counted<'a>> {
    texts.iter().map(|text| embedder.counted(text)).collect()
}

/// Workers embed in tasks of their own.
fn can_be_spawned<F: Future + Send>(future: F) -> F {
    future
}

/// The usual numbers of tries, with pauses that a test can wait for.
fn quick() -> Pace {
    Pace {
        backoff: Backoff {
            first: Duration::from_millis(5),
            most: Duration::from_millis(50),
        },
        breaker: Rule {
            failures: 1_000,
            ..Pace::default().breaker
        },
        ..Pace::default()
    }
}

/// A provider that says nothing but this.
fn says(status: u16, body: Value) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
        code: None,
        body: Some(body),
    }
}

/// The provider's vectors, asked for one by one and as floats from a provider without faults.
async fn expected(texts: &[&str]) -> Vec<Vec<f32>> {
    let simulator = Simulator::start(Simulated::default()).unwrap();
    let client = reqwest::Client::new();
    let mut vectors = Vec::new();
    for text in texts {
        let request = client.post(format!("{}/v1/embeddings", simulator.url()));
        let question = json!({"model": SMALL, "input": text, "dimensions": 64});
        let answer = request.bearer_auth("sk-local").json(&question).send();
        let answer: Value = answer.await.unwrap().json().await.unwrap();
        let vector = answer["data"][0]["embedding"].clone();
        vectors.push(serde_json::from_value(vector).unwrap());
    }
    vectors
}

fn numbers(outcomes: &[Result<Embedding, Failure>]) -> Vec<Vec<f32>> {
    let numbers = |outcome: &Result<Embedding, Failure>| match outcome {
        Ok(embedding) => embedding.as_slice().to_vec(),
        Err(failure) => panic!("{failure:?}"),
    };
    outcomes.iter().map(numbers).collect()
}

/// Different texts that share some words.
fn texts(count: usize) -> Vec<String> {
    let text = |number| format!("parcel number {number} came on day {}", number % 7);
    (0..count).map(text).collect()
}

fn borrowed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// The texts of a recorded request.
fn inputs(request: &Recorded) -> Vec<String> {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    serde_json::from_value(body["input"].clone()).unwrap()
}

fn error(outcome: &Result<Embedding, Failure>) -> Arc<Error> {
    match outcome {
        Err(Failure::Failed(error)) => Arc::clone(error),
        other => panic!("{other:?}"),
    }
}

/// When the error says to try again.
fn later(outcome: &Result<Embedding, Failure>) -> Duration {
    match &*error(outcome) {
        Error::Transient { retry_after, .. } => *retry_after,
        other => panic!("{other:?}"),
    }
}

/// What a person has to change.
fn misconfigured(outcome: &Result<Embedding, Failure>) -> String {
    let error = error(outcome);
    assert!(matches!(*error, Error::Misconfigured { .. }), "{error:?}");
    error.chain()
}
