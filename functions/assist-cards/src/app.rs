//! What this function needs, built once before the first event.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::assist::CalmRules;
use shared::aws;
use shared::config::{ConfigError, Env, Reader};
use shared::cxone;
use shared::cxone::assist::Assist;
use shared::cxone::profile::Capability;
use shared::db::{self, Database, ErasureKeySettings, KnownErasureKey};
use shared::domain::Locale;
use shared::domain::query::KnowledgeQuery;
use shared::embedding;
use shared::error::Error;
use shared::outbound::Pace;
use shared::retrieval::{self, Listening, PHRASES, Retriever};
use shared::text::pii::Policy;

/// The interactions of a batch use one connection in turn. None waits for longer until it is its turn.
const TURN: Duration = Duration::from_secs(10);

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    cxone: cxone::Settings,
    erasure_key: ErasureKeySettings,
    embedding: embedding::Settings,
    retrieval: retrieval::Settings,
    rules: CalmRules,
    fresh: SignedDuration,
    listening: Listening,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) retriever: Retriever,
    pub(crate) assist: Assist,
    pub(crate) erasure_key: KnownErasureKey,
    pub(crate) rules: CalmRules,
    pub(crate) fresh: SignedDuration,
    pub(crate) listening: Listening,
    /// What becomes of personal data in what is said.
    pub(crate) policy: Policy,
    /// What is spoken where nobody says.
    pub(crate) language: Locale,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        let cxone = cxone::Settings::read(&mut read, &[Capability::Assist]);
        let erasure_key = ErasureKeySettings::read(&mut read);
        let embedding = embedding::Settings::read(&mut read);
        let retrieval = retrieval::Settings::read(&mut read);
        let rules = read.document("ASSIST_RULES").unwrap_or_default();
        let fresh: u32 = read.or("ASSIST_FRESH_SECONDS", 20);
        let phrases = read.or("ASSIST_PHRASES", PHRASES);
        let filter = read_filter(&mut read);
        read.build(|| {
            let listening = Listening {
                filter: filter?,
                phrases,
            };
            Some(Self {
                database: database?,
                cxone: cxone?,
                erasure_key: erasure_key?,
                embedding: embedding?,
                retrieval: retrieval?,
                rules,
                fresh: SignedDuration::from_secs(fresh.into()),
                listening,
            })
        })
    }
}

/// Filters are read as those of a question are, whose text is another each time.
fn read_filter(read: &mut Reader<'_>) -> Option<KnowledgeQuery> {
    let filter: Option<Value> = read.document("ASSIST_FILTER");
    let mut filter = filter.unwrap_or_else(|| json!({}));
    let Some(fields) = filter.as_object_mut() else {
        read.problem("ASSIST_FILTER", "must be a JSON object");
        return None;
    };
    fields.insert("query".to_owned(), json!("what is said"));
    let query = KnowledgeQuery::parse(filter.to_string().as_bytes());
    let told = |error: Error| {
        let rules = error.violations().iter();
        let rules = rules.map(|rule| format!("{} {}", rule.pointer, rule.detail));
        read.problem("ASSIST_FILTER", rules.collect::<Vec<_>>().join("; "));
    };
    query.map_err(told).ok()
}

impl App {
    /// Reads the environment, the database's secret and the model before the first event.
    pub async fn from_env(env: &Env) -> Result<Self, Error> {
        let config = Config::from_env(env)?;
        Self::new(config, &Box::pin(aws::config()).await).await
    }

    /// Builds the function against any AWS endpoint.
    pub async fn new(config: Config, sdk: &aws::SdkConfig) -> Result<Self, Error> {
        // Boxed, because it is large, and its callers need not be.
        Box::pin(Self::pacing(config, sdk, Assist::pace())).await
    }

    /// The same, which asks CXone at this pace: for tests.
    pub async fn pacing(config: Config, sdk: &aws::SdkConfig, pace: Pace) -> Result<Self, Error> {
        let database = config.database.open(sdk).await?.waiting(TURN);
        let embedders = config.embedding.build(sdk)?;
        Ok(Self {
            policy: config.retrieval.policy,
            language: config.retrieval.language.clone(),
            erasure_key: config.erasure_key.open(aws::secrets_client(sdk), &database),
            retriever: Retriever::new(database, embedders, config.retrieval),
            assist: config.cxone.assist_at(sdk, pace)?,
            rules: config.rules,
            fresh: config.fresh,
            listening: config.listening,
        })
    }

    pub(crate) fn database(&self) -> &Database {
        self.retriever.database()
    }
}
