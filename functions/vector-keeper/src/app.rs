//! What this function needs, built once before the first event.

use std::num::{NonZeroU8, NonZeroU32};

use shared::aws;
use shared::config::{ConfigError, Env};
use shared::db::vector_segments::MergeRules;
use shared::db::{self, Database};
use shared::error::Error;

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    merging: MergeRules,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) database: Database,
    /// Another connection to the same one: what is done while the first builds for minutes.
    pub(crate) beside: Database,
    pub(crate) merging: MergeRules,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        let usual = MergeRules::default();
        let memory: Option<NonZeroU32> = read.optional("MAINTENANCE_MEMORY_MB");
        let merging = MergeRules {
            fan: usize::from(
                read.or("MERGE_SEGMENTS", NonZeroU8::MIN.saturating_add(7))
                    .get(),
            ),
            memory: memory.map(|megabytes| i64::from(megabytes.get()) << 20),
            ..usual
        };
        read.build(|| {
            Some(Self {
                database: database?,
                merging,
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
            beside: config.database.open(sdk).await?,
            merging: config.merging,
        })
    }
}
