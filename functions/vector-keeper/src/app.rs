//! What this function needs, built once before the first event.

use shared::aws;
use shared::config::{ConfigError, Env};
use shared::db::{self, Database};
use shared::error::Error;

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) database: Database,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        read.build(|| {
            Some(Self {
                database: database?,
            })
        })
    }
}

impl App {
    /// Reads the environment before the first event.
    pub async fn from_env(env: &Env) -> Result<Self, Error> {
        Self::new(Config::from_env(env)?, &aws::config().await).await
    }

    /// Builds the function against any AWS endpoint.
    pub async fn new(config: Config, sdk: &aws::SdkConfig) -> Result<Self, Error> {
        Ok(Self {
            database: config.database.open(sdk).await?,
        })
    }
}
