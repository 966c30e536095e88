//! What this function needs, built once before the first event.

use shared::auth::ApiKeys;
use shared::aws;
use shared::config::{ConfigError, Env, read_transcripts_per_hour};
use shared::db::{self, Database, ErasureKeySettings, KnownErasureKey};
use shared::error::Error;
use shared::net_guard::Rules;
use shared::secrets::{ApiKeySettings, Secret};

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    keys: ApiKeySettings,
    erasure_key: ErasureKeySettings,
    per_hour: f64,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) database: Database,
    pub(crate) keys: Secret<ApiKeys>,
    pub(crate) erasure_key: KnownErasureKey,
    /// What the tenant takes in any hour.
    pub(crate) per_hour: f64,
    /// Where those may live who are told of the archive.
    pub(crate) rules: Rules,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        let keys = ApiKeySettings::read(&mut read);
        let erasure_key = ErasureKeySettings::read(&mut read);
        let per_hour = read_transcripts_per_hour(&mut read);
        read.build(|| {
            Some(Self {
                database: database?,
                keys: keys?,
                erasure_key: erasure_key?,
                per_hour,
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
        let secrets = aws::secrets_client(sdk);
        let database = config.database.open(sdk).await?;
        Ok(Self {
            erasure_key: config.erasure_key.open(secrets.clone(), &database),
            database,
            keys: config.keys.open(secrets),
            per_hour: config.per_hour,
            rules: Rules::default(),
        })
    }
}
