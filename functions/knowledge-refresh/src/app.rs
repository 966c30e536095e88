//! What this function needs, built once before the first event.

use shared::auth::ApiKeys;
use shared::aws;
use shared::config::{ConfigError, Env};
use shared::db::{self, Database};
use shared::error::Error;
use shared::queue::Sender;
use shared::secrets::{ApiKeySettings, Secret};

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    queue_url: String,
    keys: ApiKeySettings,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) database: Database,
    pub(crate) queue: Sender,
    pub(crate) keys: Secret<ApiKeys>,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        let queue_url: Option<String> = read.required("KNOWLEDGE_QUEUE_URL");
        let keys = ApiKeySettings::read(&mut read);
        read.build(|| {
            Some(Self {
                database: database?,
                queue_url: queue_url?,
                keys: keys?,
            })
        })
    }
}

impl App {
    /// Reads the environment and the database's secret before the first event.
    pub async fn from_env(env: &Env) -> Result<Self, Error> {
        Self::new(Config::from_env(env)?, &aws::config().await).await
    }

    /// Builds the function against any AWS endpoint.
    pub async fn new(config: Config, sdk: &aws::SdkConfig) -> Result<Self, Error> {
        Ok(Self {
            database: config.database.open(sdk).await?,
            queue: Sender::new(aws::queue_client(sdk), config.queue_url),
            keys: config.keys.open(aws::secrets_client(sdk)),
        })
    }
}
