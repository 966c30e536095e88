//! What this function needs, built once before the first event.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::SignedDuration;
use shared::aws;
use shared::config::{ConfigError, Env, Reader, read_retention};
use shared::db::embedding_models::ModelId;
use shared::db::vector_segments::FRESH_VALUES;
use shared::db::{self, Database, KnownErasureKey, vector_segments};
use shared::embedding::{self, Embedder};
use shared::error::Error;
use shared::queue::Sender;
use shared::secrets::Secret;
use shared::text::chunk::Limits;
use shared::text::intent::{Intents, Prototypes};
use shared::text::pii::Policy;
use shared::text::schema_map::SchemaMaps;
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    embedding: embedding::Settings,
    dead_letter_queue_url: String,
    segments_queue_url: String,
    segment_values: NonZeroU32,
    erasure_key_id: String,
    rules: Rules,
}

/// What is done to every conversation.
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) maps: SchemaMaps,
    pub(crate) intents: Intents,
    pub(crate) policy: Policy,
    pub(crate) retention: Option<SignedDuration>,
    chunk_tokens: usize,
    chunk_overlap: usize,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) database: Database,
    /// The first decides what an event is about; a second one is being filled beside it.
    pub(crate) models: Vec<Model>,
    pub(crate) parking: Sender,
    /// Hears of full segments.
    pub(crate) keeper: Sender,
    /// With so many numbers a fresh segment is full.
    pub(crate) segment_values: i64,
    pub(crate) erasure_key: KnownErasureKey,
    pub(crate) rules: Rules,
}

/// A model, and what the database knows of it.
pub(crate) struct Model {
    pub(crate) embedder: Embedder,
    pub(crate) limits: Limits,
    id: OnceCell<ModelId>,
    pub(crate) prototypes: OnceCell<Prototypes>,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        let embedding = embedding::Settings::read(&mut read);
        let dead_letter_queue_url: Option<String> =
            read.required("CONVERSATIONS_DEAD_LETTER_QUEUE_URL");
        let segments_queue_url: Option<String> = read.required("SEGMENTS_QUEUE_URL");
        let segment_values = read.or("SEGMENT_VALUES", FRESH_VALUES);
        let erasure_key_id: Option<String> = read.required("ERASURE_KEY_SECRET_ID");
        let rules = Rules::read(&mut read);
        read.build(|| {
            Some(Self {
                database: database?,
                embedding: embedding?,
                dead_letter_queue_url: dead_letter_queue_url?,
                segments_queue_url: segments_queue_url?,
                segment_values,
                erasure_key_id: erasure_key_id?,
                rules,
            })
        })
    }
}

impl Rules {
    fn read(read: &mut Reader<'_>) -> Self {
        Self {
            maps: read.document("SCHEMA_MAP").unwrap_or_default(),
            intents: read.document("INTENTS").unwrap_or_default(),
            policy: read.or("PII_POLICY", Policy::default()),
            retention: read_retention(read),
            chunk_tokens: read.or("CHUNK_TOKENS", 400),
            chunk_overlap: read.or("CHUNK_OVERLAP_TOKENS", 40),
        }
    }
}

impl App {
    /// Reads the environment, the secrets and the models before the first event.
    pub async fn from_env(env: &Env) -> Result<Self, Error> {
        Self::new(Config::from_env(env)?, &aws::config().await).await
    }

    /// Builds the function against any AWS endpoint.
    pub async fn new(config: Config, sdk: &aws::SdkConfig) -> Result<Self, Error> {
        let secrets = aws::secrets_client(sdk);
        let embedders = config.embedding.build(sdk)?;
        let models = embedders
            .into_iter()
            .map(|embedder| Model::new(embedder, &config.rules))
            .collect::<Result<_, _>>()?;
        let database = config.database.open(sdk).await?;
        let erasure_key = Secret::erasure_key(secrets, config.erasure_key_id);
        Ok(Self {
            erasure_key: KnownErasureKey::new(erasure_key, &database),
            database,
            models,
            parking: Sender::new(aws::queue_client(sdk), config.dead_letter_queue_url),
            keeper: Sender::new(aws::queue_client(sdk), config.segments_queue_url),
            segment_values: config.segment_values.get().into(),
            rules: config.rules,
        })
    }
}

impl Model {
    fn new(embedder: Embedder, rules: &Rules) -> Result<Self, Error> {
        let most = embedder.max_tokens();
        let limits = Limits::within(most, rules.chunk_tokens, rules.chunk_overlap)
            .map_err(|why| Error::misconfigured(format!("CHUNK_TOKENS {why}")))?;
        Ok(Self {
            embedder,
            limits,
            id: OnceCell::new(),
            prototypes: OnceCell::new(),
        })
    }

    /// Its number in the database, with a segment that takes its vectors.
    pub(crate) async fn id(&self, database: &Database) -> Result<ModelId, Error> {
        let open = || vector_segments::open(database, self.embedder.space());
        self.id.get_or_try_init(open).await.copied()
    }
}

/// Kept back from the deadline, so that an answer still goes out.
pub(crate) const SPARE: Duration = Duration::from_millis(500);
/// Kept back from the end of the work, for storing what was embedded.
pub(crate) const STORING: Duration = Duration::from_secs(3);

/// An instant before another. The clock may have begun shortly before: then at once.
pub(crate) fn earlier(than: Instant, by: Duration) -> Instant {
    than.checked_sub(by).unwrap_or_else(Instant::now)
}
