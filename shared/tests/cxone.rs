//! The calls to CXone against a simulator of its tokens and discovery, and a knowledge interface that says what each test wants.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "cxone/api.rs"]
mod api;
#[path = "cxone/caps.rs"]
mod caps;
#[path = "cxone/cards.rs"]
mod cards;
#[path = "cxone/discovery.rs"]
mod discovery;
#[path = "cxone/listing.rs"]
mod listing;
#[path = "cxone/orders.rs"]
mod orders;
#[path = "cxone/refusals.rs"]
mod refusals;
#[path = "cxone/retries.rs"]
mod retries;
#[path = "cxone/settings.rs"]
mod settings;
#[path = "cxone/simulated.rs"]
mod simulated;
#[path = "cxone/storm.rs"]
mod storm;
#[path = "cxone/tokens.rs"]
mod tokens;
#[path = "cxone/transcripts.rs"]
mod transcripts;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use aws_double::AwsDouble;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use cxone_simulator::{Fault, FaultPlan, FaultRule, Recorded, Settings as Simulated, Simulator};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::cxone::Settings;
use shared::cxone::knowledge::{ArticlePage, Knowledge, ListArticles};
use shared::cxone::profile::Capability;
use shared::error::Error;
use shared::outbound::Pace;
use shared::outbound::breaker::Rule;
use shared::retry::Backoff;
use shared::{aws, config::Env, testing};
use tokio::task::JoinSet;
use tokio::time::Instant;

use api::{Api, Seen};

const SECRET_ID: &str = "cxone-credentials";
const TOKEN_PATH: &str = "/as/token.oauth2";

/// A tenant, the secret with our credentials there, and the interface under test.
struct World {
    simulator: Simulator,
    _double: AwsDouble,
    sdk: aws::SdkConfig,
    api: Api,
    knowledge: Arc<Knowledge>,
}

impl World {
    /// An interface that answers every question in this way.
    async fn start(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        Self::with(Simulated::default(), json!({}), quick(), answer).await
    }

    async fn with(
        simulated: Simulated,
        profile: Value,
        pace: Pace,
        answer: impl Fn(&Seen) -> Response + Send + Sync + 'static,
    ) -> Self {
        let simulator = Simulator::start(simulated).unwrap();
        let double = AwsDouble::start(aws_double::Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let credentials = credentials("local-secret");
        testing::create_secrets(&sdk, &[(SECRET_ID, &credentials)]).await;
        let api = Api::start(answer).await;
        let knowledge = settings(&simulator, &api.url, &profile).knowledge_at(&sdk, pace);
        Self {
            simulator,
            _double: double,
            sdk,
            api,
            knowledge: Arc::new(knowledge.unwrap()),
        }
    }

    async fn put_secret(&self, text: String) {
        let put = aws::secrets_client(&self.sdk).put_secret_value();
        let put = put.secret_id(SECRET_ID).secret_string(text);
        put.send().await.unwrap();
    }

    async fn list(&self) -> Result<ArticlePage, Error> {
        self.list_within(Duration::from_secs(30)).await
    }

    async fn list_within(&self, time: Duration) -> Result<ArticlePage, Error> {
        self.knowledge.list(&all(), Instant::now() + time).await
    }

    /// So many calls at once.
    async fn list_at_once(&self, count: usize) -> Vec<Result<ArticlePage, Error>> {
        let mut calls = JoinSet::new();
        for _ in 0..count {
            let knowledge = Arc::clone(&self.knowledge);
            let until = Instant::now() + Duration::from_secs(30);
            calls.spawn(async move { knowledge.list(&all(), until).await });
        }
        calls.join_all().await
    }

    /// From now on, requests to the simulator meet this.
    fn meet(&self, rule: FaultRule) {
        let rules = vec![rule];
        self.simulator
            .set_faults(FaultPlan { seed: 0, rules })
            .unwrap();
    }

    fn token_requests(&self) -> Vec<Recorded> {
        self.simulator.requests(TOKEN_PATH)
    }
}

fn credentials(secret: &str) -> String {
    json!({
        "client_id": "local-client", "client_secret": secret,
        "access_key_id": "local-access-key", "access_key_secret": "local-access-secret==",
    })
    .to_string()
}

/// `v2` at the simulator and at this interface, and what a test wants to be different.
fn settings(simulator: &Simulator, api: &str, profile: &Value) -> Settings {
    let mut document = json!({
        "base_url": api,
        "token": {"url": format!("{}{TOKEN_PATH}", simulator.url())},
    });
    let own = profile.as_object().unwrap().clone();
    document.as_object_mut().unwrap().extend(own);
    read(&[
        ("CXONE_SECRET_ID", SECRET_ID),
        ("CXONE_PROFILE", &document.to_string()),
    ])
    .unwrap()
}

fn read(pairs: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
    let env = Env::from_pairs(pairs.iter().copied());
    let mut reader = env.reader();
    let settings = Settings::read(&mut reader, &[Capability::Knowledge]);
    reader.build(|| settings).map_err(|error| error.problems)
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

fn all() -> ListArticles {
    ListArticles {
        modified_since: None,
        language: None,
        territory: None,
        offset: 0,
        limit: NonZeroU32::new(100).unwrap(),
    }
}

fn says(body: &Value) -> Response {
    axum::Json(body.clone()).into_response()
}

/// A page without articles.
fn empty() -> Response {
    says(&json!({"articles": []}))
}

fn status(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap().into_response()
}

/// When the error says to try again.
fn later<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Duration {
    match outcome {
        Err(Error::Transient { retry_after, .. }) => retry_after,
        other => panic!("{other:?}"),
    }
}

/// What a person has to change.
fn misconfigured<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(error @ Error::Misconfigured { .. }) => error.chain(),
        other => panic!("{other:?}"),
    }
}
