//! What this function needs, built once before the first event.

use jiff::SignedDuration;
use shared::auth::ApiKeys;
use shared::aws;
use shared::config::{ConfigError, Env};
use shared::db;
use shared::embedding;
use shared::error::Error;
use shared::retrieval::{self, Retriever};
use shared::secrets::Secret;

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    embedding: embedding::Settings,
    retrieval: retrieval::Settings,
    keys_secret_id: String,
    keys_ttl_seconds: u32,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) retriever: Retriever,
    pub(crate) keys: Secret<ApiKeys>,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        let embedding = embedding::Settings::read(&mut read);
        let retrieval = retrieval::Settings::read(&mut read);
        let keys_secret_id: Option<String> = read.required("API_KEYS_SECRET_ID");
        let keys_ttl_seconds = read.or("KEYS_TTL_SECONDS", 300);
        read.build(|| {
            Some(Self {
                database: database?,
                embedding: embedding?,
                retrieval: retrieval?,
                keys_secret_id: keys_secret_id?,
                keys_ttl_seconds,
            })
        })
    }
}

impl App {
    /// Reads the environment, the database's secret and the model before the first event.
    pub async fn from_env(env: &Env) -> Result<Self, Error> {
        Self::new(Config::from_env(env)?, &aws::config().await).await
    }

    /// Builds the function against any AWS endpoint.
    pub async fn new(config: Config, sdk: &aws::SdkConfig) -> Result<Self, Error> {
        let ttl = SignedDuration::from_secs(config.keys_ttl_seconds.into());
        let secrets = aws::secrets_client(sdk);
        let database = config.database.open(sdk).await?;
        let embedders = config.embedding.build(sdk)?;
        Ok(Self {
            retriever: Retriever::new(database, embedders, config.retrieval),
            keys: Secret::new(secrets, config.keys_secret_id, ttl, ApiKeys::parse),
        })
    }
}
