//! What this function needs, built once before the first event.

use jiff::SignedDuration;
use shared::aws;
use shared::config::{ConfigError, Env, Reader, read_retention, read_transcripts_per_hour};
use shared::cxone;
use shared::cxone::profile::Capability;
use shared::cxone::transcripts::Transcripts;
use shared::db::{self, Database, ErasureKeySettings, KnownErasureKey};
use shared::error::Error;
use shared::injection::Pace;
use shared::outbound;

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    cxone: cxone::Settings,
    erasure_key: ErasureKeySettings,
    pace: Pace,
    retention: Option<SignedDuration>,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) database: Database,
    pub(crate) transcripts: Transcripts,
    pub(crate) erasure_key: KnownErasureKey,
    pub(crate) pace: Pace,
    pub(crate) retention: Option<SignedDuration>,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        let cxone = cxone::Settings::read(&mut read, &[Capability::Transcripts]);
        let erasure_key = ErasureKeySettings::read(&mut read);
        let pace = read_pace(&mut read);
        let retention = read_retention(&mut read);
        read.build(|| {
            Some(Self {
                database: database?,
                cxone: cxone?,
                erasure_key: erasure_key?,
                pace,
                retention,
            })
        })
    }
}

/// With less than one at once, nothing would ever be posted.
fn read_pace(read: &mut Reader<'_>) -> Pace {
    let pace = Pace {
        per_minute: read.or("TRANSCRIPTS_PER_MINUTE", 17.0),
        burst: read.or("TRANSCRIPTS_BURST", 250.0),
        per_hour: read_transcripts_per_hour(read),
    };
    if !(pace.per_minute.is_finite() && pace.per_minute > 0.0) {
        read.problem("TRANSCRIPTS_PER_MINUTE", "must be more than 0");
    }
    if !(pace.burst.is_finite() && pace.burst >= 1.0) {
        read.problem("TRANSCRIPTS_BURST", "must be 1 or more");
    }
    pace
}

impl App {
    /// Reads the environment and the database's secret before the first event.
    pub async fn from_env(env: &Env) -> Result<Self, Error> {
        let sdk = aws::config().await;
        Box::pin(Self::new(Config::from_env(env)?, &sdk)).await
    }

    /// Builds the function against any AWS endpoint.
    pub async fn new(config: Config, sdk: &aws::SdkConfig) -> Result<Self, Error> {
        Self::asking(config, sdk, Transcripts::pace()).await
    }

    /// The same, with another patience towards CXone: for tests.
    pub async fn asking(
        config: Config,
        sdk: &aws::SdkConfig,
        pace: outbound::Pace,
    ) -> Result<Self, Error> {
        let secrets = aws::secrets_client(sdk);
        let database = config.database.open(sdk).await?;
        Ok(Self {
            erasure_key: config.erasure_key.open(secrets, &database),
            database,
            transcripts: config.cxone.transcripts_at(sdk, pace)?,
            pace: config.pace,
            retention: config.retention,
        })
    }
}
