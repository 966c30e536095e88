//! What this function needs, built once before the first event.

use jiff::SignedDuration;
use shared::auth::ApiKeys;
use shared::aws;
use shared::config::{ConfigError, Env};
use shared::db::{self, Database};
use shared::domain::ErasureKey;
use shared::error::Error;
use shared::net_guard::Rules;
use shared::secrets::Secret;

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    keys_secret_id: String,
    keys_ttl_seconds: u32,
    erasure_key_id: String,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) database: Database,
    pub(crate) keys: Secret<ApiKeys>,
    pub(crate) erasure_key: Secret<ErasureKey>,
    /// Where those may live who are told of the archive.
    pub(crate) rules: Rules,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        let keys_secret_id: Option<String> = read.required("API_KEYS_SECRET_ID");
        let keys_ttl_seconds = read.or("KEYS_TTL_SECONDS", 300);
        let erasure_key_id: Option<String> = read.required("ERASURE_KEY_SECRET_ID");
        read.build(|| {
            Some(Self {
                database: database?,
                keys_secret_id: keys_secret_id?,
                keys_ttl_seconds,
                erasure_key_id: erasure_key_id?,
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
        let ttl = SignedDuration::from_secs(config.keys_ttl_seconds.into());
        let secrets = aws::secrets_client(sdk);
        Ok(Self {
            database: config.database.open(sdk).await?,
            keys: Secret::new(secrets.clone(), config.keys_secret_id, ttl, ApiKeys::parse),
            erasure_key: Secret::erasure_key(secrets, config.erasure_key_id),
            rules: Rules::default(),
        })
    }
}
