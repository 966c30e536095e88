//! A function with its database, its model's service, its tenant, and something to find.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use assist_cards::{App, Config, handle};
use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use jiff::{SignedDuration, Timestamp};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::aws;
use shared::config::Env;
use shared::db::knowledge::{ArticleChange, PageChanges};
use shared::db::knowledge_chunks::NewChunk;
use shared::db::knowledge_documents::NewDocument;
use shared::db::words::Words;
use shared::db::{Database, vector_segments};
use shared::domain::{ArticleId, Locale, TextHash};
use shared::embedding::{self, Embedder};
use shared::testing::{
    self, CXONE_CLIENT, TestDatabase, create_secrets, invocation, new_article, store_articles,
};
use shared::text::terms::Analysis;
use tokio::time::Instant;
use tokio_postgres::Client;

/// What there is to find. Each has words of its own.
pub(crate) const ARTICLES: [(&str, &str); 7] = [
    (
        "refund",
        "A refund reaches the credit card five banking days after the return was checked.",
    ),
    (
        "router",
        "If the router blinks red, pull the plug for ten seconds and wait for green.",
    ),
    (
        "roaming",
        "Roaming abroad is included in Europe; elsewhere a daily pass is needed.",
    ),
    (
        "invoice",
        "The invoice on paper costs two euros and comes in the first week.",
    ),
    (
        "camera",
        "The camera warns of motion; zones in the app make it calmer.",
    ),
    (
        "voucher",
        "A voucher is entered in the basket before paying, one an order.",
    ),
    (
        "heating",
        "The thermostat lowers the heating at night by two degrees.",
    ),
];
pub(crate) const REFUND: &str =
    "When does the refund reach my credit card after the return was checked?";
pub(crate) const ROUTER: &str = "My router blinks red, which plug do I pull for ten seconds?";

pub(crate) const ERASURE_KEY: &str = "erasure-0123456789abcdef0123456789abcdef";

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) app: App,
    pub(crate) database: Database,
    /// Looks at the rows from outside.
    pub(crate) rows: Client,
    sdk: aws::SdkConfig,
    settings: BTreeMap<&'static str, String>,
    embedder: Embedder,
    _double: AwsDouble,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let database = TestDatabase::migrated(test).await?;
        let access = database.database()?;
        let double = AwsDouble::start(Options::default()).unwrap();
        let simulator = Simulator::start(Settings::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let secrets = [
            ("cxone", CXONE_CLIENT),
            ("embedding-key", "sk-local"),
            ("erasure-key", ERASURE_KEY),
        ];
        create_secrets(&sdk, &secrets).await;
        let url = simulator.url();
        let settings = BTreeMap::from([
            ("DATABASE_URL", database.url.clone()),
            ("CXONE_SECRET_ID", "cxone".to_owned()),
            ("CXONE_PROFILE", testing::profile(url).to_string()),
            ("ERASURE_KEY_SECRET_ID", "erasure-key".to_owned()),
            ("EMBEDDING_BASE_URL", url.to_owned()),
            ("EMBEDDING_KEY_SECRET_ID", "embedding-key".to_owned()),
            ("ASSIST_RULES", r#"{"cooldown_seconds": 0}"#.to_owned()),
        ]);
        let env = Env::from_pairs(settings.clone());
        let embedders = embedding::Settings::read(&mut env.reader()).unwrap();
        let embedder = embedders.build(&sdk).unwrap().remove(0);
        let config = Config::from_env(&env).unwrap();
        let world = Self {
            app: App::new(config, &sdk).await.unwrap(),
            rows: database.bystander().await.unwrap(),
            database: access,
            simulator,
            sdk,
            settings,
            embedder,
            _double: double,
        };
        world.articles(&ARTICLES).await;
        Some(world)
    }

    /// Another instance, with other settings.
    pub(crate) async fn app_with(&self, name: &'static str, value: &str) -> App {
        let mut settings = self.settings.clone();
        settings.insert(name, value.to_owned());
        let config = Config::from_env(&Env::from_pairs(settings)).unwrap();
        App::new(config, &self.sdk).await.unwrap()
    }

    async fn vector(&self, text: &str) -> Arc<shared::domain::Embedding> {
        let soon = Instant::now() + Duration::from_secs(10);
        let text = [self.embedder.counted(text)];
        let mut vectors = self.embedder.embed(&text, soon).await;
        Arc::new(vectors.remove(0).unwrap())
    }

    /// Stores articles in English, of a piece each, by name.
    pub(crate) async fn articles(&self, articles: &[(&str, &str)]) {
        let model = vector_segments::open(&self.database, self.embedder.space());
        let model = model.await.unwrap();
        let mut page = PageChanges::default();
        for (name, text) in articles {
            let chunk = NewChunk {
                heading: String::new(),
                text: (*text).to_owned(),
                hash: TextHash::of(text),
                vectors: vec![(model, self.vector(text).await)],
                words: Words::count(text, Analysis::English),
            };
            let document = NewDocument {
                title: format!("About {name}"),
                metadata: RawValue::from_string("{}".to_owned()).unwrap(),
                chunks: vec![chunk],
            };
            let change = ArticleChange::Live {
                article: new_article(text, Timestamp::UNIX_EPOCH),
                links: BTreeSet::new(),
                documents: BTreeMap::from([(Locale::parse("en").unwrap(), document)]),
            };
            let name = ArticleId::parse(*name).unwrap();
            page.articles.insert(name, change);
        }
        store_articles(&self.database, &page).await;
    }

    /// The function hears a batch; gives the places of those that are reported.
    pub(crate) async fn hear(&self, said: &[Value]) -> Vec<usize> {
        hear(&self.app, said).await
    }

    /// The articles on the screen of an interaction, and where each stood in its post.
    pub(crate) fn screen(&self, interaction: &str) -> Vec<String> {
        let cards = self.simulator.assist().cards(interaction).into_iter();
        let title = |body: &str| body.lines().next().unwrap().trim_matches('*').to_owned();
        cards
            .map(|card| title(&card.body).trim_start_matches("About ").to_owned())
            .collect()
    }

    /// What is kept of the cards of an interaction.
    pub(crate) async fn kept(&self, interaction: &str) -> Vec<(String, String)> {
        let kept = "SELECT snippet_id, state FROM assist_impressions WHERE session_id = $1 ORDER BY shown_at, snippet_id";
        let rows = self.rows.query(kept, &[&interaction]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

/// A customer's utterance that was heard just now.
pub(crate) fn said(interaction: &str, sequence: u64, text: &str) -> Value {
    said_by("customer", interaction, sequence, text, 0)
}

/// An utterance that was heard so many seconds ago.
pub(crate) fn said_by(
    speaker: &str,
    interaction: &str,
    sequence: u64,
    text: &str,
    ago: i64,
) -> Value {
    let at = Timestamp::now() - SignedDuration::from_secs(ago);
    json!({
        "v": 1, "interaction_id": interaction, "sequence": sequence, "offset": sequence * 100, "speaker": speaker, "text": text,
        "language": "en", "at": at, "complete": true,
    })
}

/// Gives messages to an instance as the queue would; gives the places of those that are reported.
pub(crate) async fn hear(app: &App, said: &[Value]) -> Vec<usize> {
    let bodies: Vec<_> = said.iter().map(Value::to_string).collect();
    hear_texts(app, &bodies).await
}

/// The same with any text.
pub(crate) async fn hear_texts(app: &App, bodies: &[String]) -> Vec<usize> {
    let record =
        |(place, body): (usize, &String)| json!({ "messageId": place.to_string(), "body": body });
    let records: Vec<_> = bodies.iter().enumerate().map(record).collect();
    let answer = invoke(app, json!({ "Records": records })).await;
    let failures = answer["batchItemFailures"].as_array().unwrap();
    let place = |one: &Value| one["itemIdentifier"].as_str().unwrap().parse().unwrap();
    failures.iter().map(place).collect()
}

/// Invokes the function with any event.
pub(crate) async fn invoke(app: &App, event: Value) -> Value {
    let answer = handle(app, invocation(event, Duration::from_secs(20))).await;
    answer.unwrap()
}
