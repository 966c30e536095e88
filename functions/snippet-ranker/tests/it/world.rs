//! A function with its tenant, its database and its keys.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Fault, FaultPlan, FaultRule, Settings, Simulator};
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use shared::audit::Report;
use shared::auth::{ApiKeys, Scope};
use shared::aws;
use shared::config::Env;
use shared::cxone::ranking::Ranking;
use shared::http::Response;
use shared::net_guard::Rules;
use shared::outbound::Pace;
use shared::outbound::breaker::Rule;
use shared::testing::{self, CXONE_CLIENT, TestDatabase, create_secrets, invocation};
pub(crate) use shared::testing::{json_of, request as event};
use snippet_ranker::{Answer, App, Config, handle};
use tokio_postgres::Client;

pub(crate) const SESSION: &str = "/assist/sessions/s-1/ranking";
const CALLBACK_KEYS: &str = r#"{"keys":["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]}"#;
pub(crate) const ERASURE_KEY: &str = "erasure-0123456789abcdef0123456789abcdef";
/// What a caller has in production.
pub(crate) const TIME: Duration = Duration::from_secs(29);

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) app: Arc<App>,
    /// Looks at the rows from outside.
    pub(crate) rows: Client,
    pub(crate) database: TestDatabase,
    /// A key that is good for everything here: that of the fixtures.
    pub(crate) key: String,
    pub(crate) sdk: aws::SdkConfig,
    settings: BTreeMap<&'static str, String>,
    _double: AwsDouble,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str, overrides: &[(&'static str, &str)]) -> Option<Self> {
        let database = TestDatabase::migrated(test).await?;
        let simulator = Simulator::start(Settings::default()).unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let mut keys = ApiKeys::default();
        let scopes = [Scope::AssistWrite, Scope::AssistRead];
        let key = testing::issue(&mut keys, "fixture", &scopes);
        let settings = settings(&simulator, &database, overrides);
        let keys = testing::written(&keys);
        let secrets = [
            ("api-keys", keys.as_str()),
            ("cxone", CXONE_CLIENT),
            ("erasure-key", ERASURE_KEY),
            ("callback-keys", CALLBACK_KEYS),
            ("audit-anchor", "{}"),
        ];
        create_secrets(&sdk, &secrets).await;
        Some(Self {
            app: Arc::new(app(&sdk, &settings).await),
            rows: database.bystander().await?,
            simulator,
            database,
            key,
            sdk,
            settings,
            _double: double,
        })
    }

    /// Another environment of the function.
    pub(crate) async fn another(&self) -> Arc<App> {
        Arc::new(app(&self.sdk, &self.settings).await)
    }

    /// Another one, with other settings.
    pub(crate) async fn another_with(&self, overrides: &[(&'static str, &str)]) -> Arc<App> {
        let mut settings = self.settings.clone();
        let owned = overrides
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        settings.extend(owned);
        Arc::new(app(&self.sdk, &settings).await)
    }

    /// Asks with the good key.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &Value) -> Response {
        self.ask_with(method, path, &[], body).await
    }

    /// The same, with further headers.
    pub(crate) async fn ask_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Response {
        let event = self.event(method, path, headers, body);
        send(&self.app, event, TIME).await
    }

    /// A request with the good key.
    pub(crate) fn event(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Value {
        let key = [("x-api-key", self.key.as_str())];
        event(method, path, &[&key, headers].concat(), &body.to_string())
    }

    /// Orders the snippets of the session `s-1`.
    pub(crate) async fn rank(&self, body: &Value) -> Response {
        self.ask("POST", SESSION, body).await
    }

    /// The minute is over.
    pub(crate) async fn tick(&self) -> Value {
        let outcome = tick(&self.app).await;
        serde_json::to_value(outcome.unwrap()).unwrap()
    }

    /// From now on, so many orders meet this.
    pub(crate) fn meet(&self, count: u64, fault: Fault) {
        let rule = FaultRule {
            method: Some("POST".to_owned()),
            ..FaultRule::next("ranking", count, fault)
        };
        let rules = vec![rule];
        self.simulator
            .set_faults(FaultPlan { seed: 0, rules })
            .unwrap();
    }

    /// How often an order was posted, taken or not.
    pub(crate) fn posted(&self) -> usize {
        let all = self.simulator.requests("/api/v2/agentassist/");
        all.iter().filter(|one| one.method == "POST").count()
    }

    /// One value from the database.
    pub(crate) async fn value<T: for<'a> tokio_postgres::types::FromSql<'a>>(
        &self,
        sql: &str,
    ) -> T {
        self.rows.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Every chain of the audit, followed to its end.
    pub(crate) async fn audit(&self) -> Report {
        let database = self.database.database().unwrap();
        shared::db::audit::verify(&database, None).await.unwrap()
    }
}

fn settings(
    simulator: &Simulator,
    database: &TestDatabase,
    overrides: &[(&'static str, &str)],
) -> BTreeMap<&'static str, String> {
    let mut settings = BTreeMap::from([
        ("DATABASE_URL", database.url.clone()),
        ("CXONE_SECRET_ID", "cxone".to_owned()),
        (
            "CXONE_PROFILE",
            testing::profile(simulator.url()).to_string(),
        ),
        ("API_KEYS_SECRET_ID", "api-keys".to_owned()),
        ("ERASURE_KEY_SECRET_ID", "erasure-key".to_owned()),
        ("CALLBACK_KEYS_SECRET_ID", "callback-keys".to_owned()),
        ("AUDIT_ANCHOR_SECRET_ID", "audit-anchor".to_owned()),
    ]);
    let owned = overrides
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    settings.extend(owned);
    settings
}

/// A function that may call this machine back, and does not leave CXone alone for failing.
async fn app(sdk: &aws::SdkConfig, settings: &BTreeMap<&'static str, String>) -> App {
    let env = Env::from_pairs(settings.clone());
    let rules = Rules {
        ports: (1..=u16::MAX).collect(),
        inside: vec![std::net::Ipv4Addr::LOCALHOST.into()],
    };
    let pace = Ranking::pace();
    let pace = Pace {
        breaker: Rule {
            failures: 1_000,
            ..pace.breaker
        },
        ..pace
    };
    let config = Config::from_env(&env).unwrap();
    App::calling(config, sdk, rules, pace).await.unwrap()
}

/// Invokes the function with a request, which has so much time.
pub(crate) async fn send(app: &App, event: Value, time: Duration) -> Response {
    match invoke(app, event, time).await.unwrap() {
        Answer::Http(response) => response,
        Answer::Direct(_) => panic!("a request is no task"),
    }
}

pub(crate) async fn tick(app: &App) -> Result<Answer, Diagnostic> {
    invoke(app, json!({ "task": "tick" }), TIME).await
}

pub(crate) async fn invoke(app: &App, event: Value, time: Duration) -> Result<Answer, Diagnostic> {
    handle(app, invocation(event, time)).await
}

/// Snippets with these scores.
pub(crate) fn request(scores: &[f64]) -> Value {
    let snippet = |(place, score): (usize, &f64)| json!({ "snippet_id": format!("kb-{place}"), "relevance_score": score });
    let snippets: Vec<_> = scores.iter().enumerate().map(snippet).collect();
    json!({ "snippets": snippets })
}
