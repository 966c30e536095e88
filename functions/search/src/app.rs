//! What this function needs, built once before the first event.

use shared::auth::ApiKeys;
use shared::aws;
use shared::config::{ConfigError, Env};
use shared::db;
use shared::embedding;
use shared::error::Error;
use shared::retrieval::{self, Retriever};
use shared::secrets::{ApiKeySettings, Secret};

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    embedding: embedding::Settings,
    retrieval: retrieval::Settings,
    keys: ApiKeySettings,
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
        let keys = ApiKeySettings::read(&mut read);
        read.build(|| {
            Some(Self {
                database: database?,
                embedding: embedding?,
                retrieval: retrieval?,
                keys: keys?,
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
        let database = config.database.open(sdk).await?;
        let embedders = config.embedding.build(sdk)?;
        Ok(Self {
            retriever: Retriever::new(database, embedders, config.retrieval),
            keys: config.keys.open(aws::secrets_client(sdk)),
        })
    }
}
