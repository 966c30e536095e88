//! What this function needs, built once before the first event.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::SignedDuration;
use shared::aws;
use shared::config::{ConfigError, Env, Reader, read_retention};
use shared::db::vector_segments::FRESH_VALUES;
use shared::db::{self, Database, ErasureKeySettings, KnownErasureKey, KnownModel};
use shared::embedding::{self, ChunkSettings, Embedder};
use shared::error::Error;
use shared::queue::Sender;
use shared::text::chunk::Limits;
use shared::text::intent::{Intents, Prototypes};
use shared::text::pii::Policy;
use shared::text::schema_map::SchemaMaps;
use tokio::sync::OnceCell;

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    embedding: embedding::Settings,
    dead_letter_queue_url: String,
    segments_queue_url: String,
    segment_values: NonZeroU32,
    erasure_key: ErasureKeySettings,
    rules: Rules,
}

/// What is done to every conversation.
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) maps: SchemaMaps,
    pub(crate) intents: Intents,
    pub(crate) policy: Policy,
    pub(crate) retention: Option<SignedDuration>,
    chunks: ChunkSettings,
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
    /// Its number in the database.
    pub(crate) id: KnownModel,
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
        let erasure_key = ErasureKeySettings::read(&mut read);
        let rules = Rules::read(&mut read);
        read.build(|| {
            Some(Self {
                database: database?,
                embedding: embedding?,
                dead_letter_queue_url: dead_letter_queue_url?,
                segments_queue_url: segments_queue_url?,
                segment_values,
                erasure_key: erasure_key?,
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
            chunks: ChunkSettings::read(read),
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
        let database = config.database.open(sdk).await?;
        let models = embedders
            .into_iter()
            .map(|embedder| Model::new(embedder, config.rules.chunks, &database))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            erasure_key: config.erasure_key.open(secrets, &database),
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
    fn new(embedder: Embedder, chunks: ChunkSettings, database: &Database) -> Result<Self, Error> {
        Ok(Self {
            limits: chunks.within(embedder.max_tokens())?,
            id: KnownModel::new(embedder.space(), database),
            embedder,
            prototypes: OnceCell::new(),
        })
    }
}

/// Kept back from the deadline, so that an answer still goes out.
pub(crate) const SPARE: Duration = Duration::from_millis(500);
/// Kept back from the end of the work, for storing what was embedded.
pub(crate) const STORING: Duration = Duration::from_secs(3);
