//! What the function adds to CXone's answer: an order through the released function, beside the very order posted by a bare client.

use std::fs::File;
use std::time::{Duration, Instant};

use aws_double::{AwsDouble, Options};
use cxone_simulator::{RankingSettings, Settings, Simulator};
use end_to_end::Function;
use reqwest::Client;
use serde_json::{Value, json};
use shared::auth::{ApiKeys, Scope};
use shared::testing::{self, CXONE_CLIENT};
use tokio::process::Command;

use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::report::{Goal, Row};
use crate::scratch::Ready;
use crate::stage;

/// CXone takes its time; so long, here.
const DELAY: Duration = Duration::from_millis(20);
const SESSIONS: u32 = 50;
/// So many orders warm up connections, caches and sessions.
const WARMING: u32 = 50;

/// What is known of one order.
struct Pair {
    ours: Duration,
    upstream: Duration,
}

/// A function with its tenant, its database and its keys.
struct Scene {
    function: Function,
    simulator: Simulator,
    client: Client,
    token: String,
    key: String,
    ready: Ready,
    _double: AwsDouble,
}

/// Orders through both ways in turn.
pub(super) async fn rows(body: &[u8], size: Size) -> Outcome<Vec<Row>> {
    let body = String::from_utf8(body.to_vec())?;
    let scene = Scene::set().await?;
    let orders = size.pick(50, 400, 2_000);
    let mut pairs = Vec::new();
    for turn in 0..WARMING + orders {
        let session = format!("bench-{}", turn % SESSIONS);
        let ours = scene.order(&session, &body).await?;
        let upstream = scene.upstream(&session).await?;
        pairs.extend((turn >= WARMING).then_some(Pair { ours, upstream }));
    }
    scene.end().await?;
    Ok(told(&pairs))
}

fn told(pairs: &[Pair]) -> Vec<Row> {
    let sorted = |times: fn(&Pair) -> Duration| {
        let mut times: Vec<_> = pairs.iter().map(times).collect();
        times.sort_unstable();
        times
    };
    let at = |times: &[Duration], percent: usize| {
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(place).copied().map(Figure::time)
    };
    let (ours, upstream) = (sorted(|pair| pair.ours), sorted(|pair| pair.upstream));
    let added = sorted(|pair| pair.ours.saturating_sub(pair.upstream));
    vec![
        Row::new(
            "an order through the function, p50",
            at(&ours, 50),
            None,
            at(&upstream, 50),
        ),
        Row::new(
            "an order through the function, p95",
            at(&ours, 95),
            None,
            at(&upstream, 95),
        ),
        Row::new(
            "of it, added to CXone's answer, p50",
            at(&added, 50),
            None,
            None,
        ),
        Row::new(
            "of it, added to CXone's answer, p95",
            at(&added, 95),
            None,
            None,
        )
        .aiming_at(Goal::AtMost(10.0)),
    ]
}

impl Scene {
    async fn set() -> Outcome<Self> {
        let simulator = Simulator::start(Settings {
            token_lifetime: Duration::from_hours(24),
            ranking: RankingSettings {
                delay: DELAY,
                ..RankingSettings::default()
            },
            ..Settings::default()
        })?;
        let double = AwsDouble::start(Options::default())?;
        let mut keys = ApiKeys::default();
        let key = testing::issue(&mut keys, "bench", &[Scope::AssistWrite]);
        let client = Client::new();
        let keys = testing::written(&keys);
        let secrets = [
            ("api-keys", keys.as_str()),
            ("cxone", CXONE_CLIENT),
            ("erasure-key", "erasure-0123456789abcdef0123456789abcdef"),
            (
                "callback-keys",
                r#"{"keys":["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]}"#,
            ),
            ("audit-anchor", "{}"),
        ];
        let sdk = testing::aws_at(&double.endpoint()).await;
        testing::create_secrets(&sdk, &secrets).await;
        let ready = Ready::create("ranking").await?;
        let log = File::create(stage::folder()?.join("ranking-ours.log"))?;
        let command = command(&simulator, &double, &ready)?;
        Ok(Self {
            function: Function::spawn(command, &log).await?,
            token: token(&client, &simulator).await?,
            client,
            simulator,
            key,
            ready,
            _double: double,
        })
    }

    /// From the gateway's event to the function's answer.
    async fn order(&self, session: &str, body: &str) -> Outcome<Duration> {
        let path = format!("/assist/sessions/{session}/ranking");
        // The body names a session of its own; the path's is meant.
        let mut order: Value = serde_json::from_str(body)?;
        if let Some(fields) = order.as_object_mut() {
            fields.remove("session_id");
        }
        let event = json!({
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": "",
            "headers": { "x-api-key": self.key },
            "requestContext": { "http": { "method": "POST", "path": path } },
            "body": order.to_string(),
            "isBase64Encoded": false,
        });
        let event = event.to_string();
        let started = Instant::now();
        let answer = self.function.invoke(event).await;
        let time = started.elapsed();
        let answer = answer.ok_or("the function did not answer")?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        if answer["statusCode"] == 200 {
            Ok(time)
        } else {
            Err(format!("an order was answered {answer}").into())
        }
    }

    /// The same order, posted by nothing but a client.
    async fn upstream(&self, session: &str) -> Outcome<Duration> {
        let shown = self.simulator.ranking().shown(session);
        let order = shown.ok_or("the order did not arrive")?.to_string();
        let url = self.simulator.url();
        let url = format!("{url}/api/v2/agentassist/sessions/{session}/snippets/ranking");
        let request = self.client.post(url).bearer_auth(&self.token);
        let request = request
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .header("x-cxone-client-version", "1.0.0")
            .body(order);
        let started = Instant::now();
        let answer = request.send().await?.error_for_status()?;
        answer.bytes().await?;
        Ok(started.elapsed())
    }

    async fn end(self) -> Outcome<()> {
        self.function.kill().await?;
        self.ready.scratch.remove().await
    }
}

fn command(simulator: &Simulator, double: &AwsDouble, ready: &Ready) -> Outcome<Command> {
    let profile = testing::profile(simulator.url());
    let program = stage::released("snippet-ranker")?;
    let mut command = stage::environment(program, double.endpoint());
    command
        .env("DATABASE_URL", &ready.scratch.url)
        .env("CXONE_SECRET_ID", "cxone")
        .env("CXONE_PROFILE", profile.to_string())
        .env("API_KEYS_SECRET_ID", "api-keys")
        .env("ERASURE_KEY_SECRET_ID", "erasure-key")
        .env("CALLBACK_KEYS_SECRET_ID", "callback-keys")
        .env("AUDIT_ANCHOR_SECRET_ID", "audit-anchor");
    Ok(command)
}

async fn token(client: &Client, simulator: &Simulator) -> Outcome<String> {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "local-client"),
        ("client_secret", "local-secret"),
        (
            "scope",
            "agentassist:session:write agentassist:snippet:write",
        ),
    ];
    let request = client.post(format!("{}/oauth/token", simulator.url()));
    // Whoever does not ask for JSON is answered in XML.
    let request = request.header("accept", "application/json").form(&form);
    let answer = request.send().await?.error_for_status()?;
    let answer: Value = serde_json::from_slice(&answer.bytes().await?)?;
    let token = answer["access_token"].as_str();
    Ok(token.ok_or("there is no token")?.to_owned())
}
