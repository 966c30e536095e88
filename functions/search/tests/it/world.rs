//! A function with its database, its provider and its keys, and something to find.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use jiff::Timestamp;
use search::{App, Config, handle};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::auth::{ApiKeys, Scope};
use shared::aws;
use shared::config::Env;
use shared::db::conversation_embeddings;
use shared::db::conversation_events::{NewEvent, TextState};
use shared::db::conversations::{self, Prepared, Rendition};
use shared::db::embedding_models::ModelId;
use shared::db::knowledge::{ArticleChange, PageChanges};
use shared::db::knowledge_chunks;
use shared::db::knowledge_documents::NewDocument;
use shared::db::words::Words;
use shared::db::{Database, vector_segments};
use shared::domain::{
    ArticleId, ConversationId, ConversationMac, Embedding, EventKey, EventName, Locale, ReceiptId,
    TextHash,
};
use shared::embedding::{self, Embedder};
use shared::http::Response;
use shared::testing::stage::erasure_key;
use shared::testing::{
    self, TestDatabase, create_secrets, invocation, new_article, store_articles,
};
pub(crate) use shared::testing::{json_of, pointers};
use shared::text::schema_map::SchemaMaps;
use shared::text::terms::Analysis;
use tokio::time::Instant;

pub(crate) const KNOWLEDGE: &str = "/search/knowledge";
pub(crate) const CONVERSATIONS: &str = "/search/conversations";
const API_KEYS: &str = "api-keys";

pub(crate) struct World {
    pub(crate) double: AwsDouble,
    pub(crate) simulator: Simulator,
    pub(crate) app: App,
    pub(crate) database: Database,
    pub(crate) keys: ApiKeys,
    /// A key that is good: that of the fixtures.
    pub(crate) key: String,
    sdk: aws::SdkConfig,
    settings: BTreeMap<&'static str, String>,
    model: ModelId,
    embedder: Embedder,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let database = TestDatabase::migrated(test).await?;
        let access = database.database()?;
        let double = AwsDouble::start(Options::default()).unwrap();
        let simulator = Simulator::start(Settings::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let mut keys = ApiKeys::default();
        let key = testing::issue(
            &mut keys,
            "fixture",
            &[Scope::SearchRead, Scope::ConversationsRead],
        );
        let stored = testing::written(&keys);
        let secrets = [(API_KEYS, stored.as_str()), ("embedding-key", "sk-local")];
        create_secrets(&sdk, &secrets).await;
        let settings = BTreeMap::from([
            ("DATABASE_URL", database.url.clone()),
            ("API_KEYS_SECRET_ID", API_KEYS.to_owned()),
            ("EMBEDDING_BASE_URL", simulator.url().to_owned()),
            ("EMBEDDING_KEY_SECRET_ID", "embedding-key".to_owned()),
        ]);
        let env = Env::from_pairs(settings.clone());
        let embedders = embedding::Settings::read(&mut env.reader()).unwrap();
        let embedder = embedders.build(&sdk).unwrap().remove(0);
        let model = vector_segments::open(&access, embedder.space())
            .await
            .unwrap();
        let config = Config::from_env(&env).unwrap();
        Some(Self {
            app: App::new(config, &sdk).await.unwrap(),
            database: access,
            key,
            double,
            simulator,
            keys,
            sdk,
            settings,
            model,
            embedder,
        })
    }

    /// Another instance, with other settings.
    pub(crate) async fn app_with(&self, name: &'static str, value: &str) -> App {
        let mut settings = self.settings.clone();
        settings.insert(name, value.to_owned());
        let config = Config::from_env(&Env::from_pairs(settings)).unwrap();
        App::new(config, &self.sdk).await.unwrap()
    }

    /// Writes the keys as they are now into the secret.
    pub(crate) async fn put_keys(&self) {
        let put = aws::secrets_client(&self.sdk)
            .put_secret_value()
            .secret_id(API_KEYS);
        let text = testing::written(&self.keys);
        put.secret_string(text).send().await.unwrap();
    }

    async fn vector(&self, text: &str) -> Arc<Embedding> {
        let soon = Instant::now() + Duration::from_secs(10);
        let mut vectors = self
            .embedder
            .embed(&[self.embedder.counted(text)], soon)
            .await;
        Arc::new(vectors.remove(0).unwrap())
    }

    /// Stores articles in English, of a piece each, by name.
    pub(crate) async fn articles(&self, articles: &[(&str, &str)]) {
        let mut page = PageChanges::default();
        let modified = Timestamp::from_second(1_768_473_000).unwrap();
        for (name, text) in articles {
            let chunk = knowledge_chunks::NewChunk {
                heading: "Help".to_owned(),
                text: (*text).to_owned(),
                hash: TextHash::of(text),
                vectors: vec![(self.model, self.vector(text).await)],
                words: Words::count(text, Analysis::English),
            };
            let metadata = json!({ "article_id": name, "territory": "US", "category": "help", "status": "published" });
            let document = NewDocument {
                title: format!("About {name}"),
                metadata: RawValue::from_string(metadata.to_string()).unwrap(),
                chunks: vec![chunk],
            };
            let change = ArticleChange::Live {
                article: new_article(text, modified),
                links: BTreeSet::new(),
                documents: BTreeMap::from([(Locale::parse("en-US").unwrap(), document)]),
            };
            page.articles
                .insert(ArticleId::parse(*name).unwrap(), change);
        }
        store_articles(&self.database, &page).await;
    }

    /// Stores an event of a conversation, of one piece.
    pub(crate) async fn conversation(&self, name: &str, text: &str, second: i64) {
        let maps: SchemaMaps = r#"{"note": "Note"}"#.parse().unwrap();
        let event = EventName::parse("conversation.completed").unwrap();
        let map = maps.for_event(&event).version().clone();
        let at = Timestamp::from_second(1_768_473_000 + second).unwrap();
        let tags = json!({
            "source": "cxone_data_action", "conversation_id": name, "content_length": text.len(), "contains_pii": false,
            "intent_category": "complaint", "language": "en",
        });
        // No model takes the whole of what is stored as it may not be any more.
        let beginning = &text[..text.floor_char_boundary(8_000)];
        let chunk = conversation_embeddings::NewChunk {
            text: text.to_owned(),
            hash: TextHash::of(text),
            embedding: Some(self.vector(beginning).await),
            metadata: tags.to_string(),
            words: Words::count(text, Analysis::English),
        };
        let prepared = Prepared {
            mac: mac(name),
            event: NewEvent {
                key: EventKey::try_from(hex(&TextHash::of(&format!("{name} {text}")))).unwrap(),
                conversation_id: ConversationId::parse(name).unwrap(),
                event,
                occurred_at: at,
                received_at: at,
                receipt_id: ReceiptId::generate(),
                raw: "{}".to_owned(),
                raw_masked: false,
                supersedes: true,
                state: TextState::Searchable,
            },
            renditions: vec![Rendition {
                model: self.model,
                map,
                chunks: vec![chunk],
                is_finished: true,
            }],
        };
        conversations::store(&self.database, &[prepared])
            .await
            .unwrap();
    }

    /// Asks with the good key.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.post_text(path, &body.to_string()).await
    }

    /// The same with any body.
    pub(crate) async fn post_text(&self, path: &str, body: &str) -> Response {
        let mut event = event("POST", path, &[("x-api-key", &self.key)]);
        event["body"] = json!(body);
        send(&self.app, event).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        send(&self.app, event("GET", path, &[("x-api-key", &self.key)])).await
    }
}

/// Its name on a tombstone.
fn mac(conversation: &str) -> ConversationMac {
    erasure_key().mac_of(conversation)
}

fn hex(hash: &TextHash) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16);
    let bytes = hash.as_bytes().iter();
    bytes
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .flatten()
        .collect()
}

/// What the gateway makes of a request.
pub(crate) fn event(method: &str, path: &str, headers: &[(&str, &str)]) -> Value {
    testing::request(method, path, headers, "")
}

/// Invokes the function.
pub(crate) async fn send(app: &App, event: Value) -> Response {
    let answer = handle(app, invocation(event, Duration::from_secs(20))).await;
    answer.unwrap()
}
