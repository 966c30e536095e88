//! What this function needs, built once before the first event.

use std::time::Duration;

use jiff::SignedDuration;
use shared::aws;
use shared::config::{ConfigError, Env};
use shared::cxone;
use shared::cxone::profile::Capability;
use shared::cxone::stream::{InteractionStream, Pulse};
use shared::db::{self, Database, ErasureKeySettings, KnownErasureKey};
use shared::error::Error;
use shared::queue::Sender;

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    cxone: cxone::Settings,
    erasure_key: ErasureKeySettings,
    queue_url: String,
    /// How often what happens.
    pub rhythm: Rhythm,
    /// How the stream is kept open.
    pub pulse: Pulse,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) database: Database,
    pub(crate) stream: InteractionStream,
    pub(crate) sender: Sender,
    pub(crate) erasure_key: KnownErasureKey,
    pub(crate) rhythm: Rhythm,
}

/// How often what happens, and for how long. Only tests change more of it than the quiet.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// After so much quiet, words are forwarded although their sentence has no end.
    pub quiet: SignedDuration,
    /// Whoever has not renewed the lease for so long is taken for dead.
    pub lease: Duration,
    /// How often it is renewed.
    pub renewal: Duration,
    /// How often who stands by asks for it.
    pub asking: Duration,
    /// So long before the holder means to leave, another listener is needed.
    pub early: Duration,
    /// So long before its deadline a holder means to leave; it stays until the deadline if nobody stands by.
    pub leaving: Duration,
    /// A holder that has heard nothing for longer than its lease makes way for one that hears. One with a deadline leaves after this time,
    /// whether or not there is one: the next tick brings a new one, by another way perhaps.
    pub deaf: Duration,
    /// Kept back from the deadline, for giving up the lease.
    pub spare: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self {
            quiet: SignedDuration::from_millis(1_500),
            lease: Duration::from_secs(10),
            renewal: Duration::from_secs(3),
            asking: Duration::from_millis(500),
            early: Duration::from_mins(2),
            leaving: Duration::from_mins(1),
            deaf: Duration::from_mins(1),
            spare: Duration::from_secs(5),
        }
    }
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        let cxone = cxone::Settings::read(&mut read, &[Capability::Assist]);
        let erasure_key = ErasureKeySettings::read(&mut read);
        let queue_url = read.required("INTERACTIONS_QUEUE_URL");
        let quiet_ms: u32 = read.or("UTTERANCE_QUIET_MS", 1_500);
        read.build(|| {
            Some(Self {
                database: database?,
                cxone: cxone?,
                erasure_key: erasure_key?,
                queue_url: queue_url?,
                rhythm: Rhythm {
                    quiet: SignedDuration::from_millis(quiet_ms.into()),
                    ..Rhythm::default()
                },
                pulse: Pulse::default(),
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
        let database = config.database.open(sdk).await?;
        Ok(Self {
            erasure_key: config.erasure_key.open(aws::secrets_client(sdk), &database),
            database,
            stream: config.cxone.stream(sdk, config.pulse)?,
            sender: Sender::new(aws::queue_client(sdk), config.queue_url),
            rhythm: config.rhythm,
        })
    }
}
