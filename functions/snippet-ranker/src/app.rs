//! What this function needs, built once before the first event.

use std::sync::Arc;

use jiff::SignedDuration;
use shared::audit::AnchorStore;
use shared::auth::{ApiKeys, Signer};
use shared::aws;
use shared::callback::Caller;
use shared::config::{ConfigError, Env, read_retention};
use shared::cxone;
use shared::cxone::profile::Capability;
use shared::cxone::ranking::Ranking;
use shared::db::{self, Database, ErasureKeySettings, KnownErasureKey};
use shared::error::Error;
use shared::net_guard::{Rules, SystemLookup};
use shared::outbound::Pace;
use shared::ranking::{Learning, LearningMode};
use shared::secrets::{ApiKeySettings, Secret};

use crate::learn::Late;

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    cxone: cxone::Settings,
    keys: ApiKeySettings,
    erasure_key: ErasureKeySettings,
    callback_keys_id: String,
    anchor_id: String,
    learning: LearningMode,
    retention: Option<SignedDuration>,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) database: Database,
    pub(crate) ranking: Ranking,
    /// What the profile does not say of it: then no order is taken.
    pub(crate) lack: Option<String>,
    pub(crate) keys: Secret<ApiKeys>,
    pub(crate) erasure_key: KnownErasureKey,
    pub(crate) callbacks: Callbacks,
    pub(crate) anchors: AnchorStore,
    pub(crate) mode: LearningMode,
    pub(crate) learning: Learning,
    pub(crate) late: Late,
    pub(crate) retention: Option<SignedDuration>,
}

/// Who is told of orders, and where they may live.
pub(crate) struct Callbacks {
    pub(crate) caller: Caller,
    pub(crate) rules: Rules,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        // A tenant without it wants the rest all the same: what is learned, callbacks, and above all the anchors of the audit.
        let cxone = cxone::Settings::read(&mut read, &[]);
        let keys = ApiKeySettings::read(&mut read);
        let erasure_key = ErasureKeySettings::read(&mut read);
        let callback_keys_id: Option<String> = read.required("CALLBACK_KEYS_SECRET_ID");
        let anchor_id: Option<String> = read.required("AUDIT_ANCHOR_SECRET_ID");
        let learning = read.or("RANKING_LEARNING", LearningMode::Shadow);
        let retention = read_retention(&mut read);
        read.build(|| {
            Some(Self {
                database: database?,
                cxone: cxone?,
                keys: keys?,
                erasure_key: erasure_key?,
                callback_keys_id: callback_keys_id?,
                anchor_id: anchor_id?,
                learning,
                retention,
            })
        })
    }
}

impl App {
    /// Reads the environment and the database's secret before the first event.
    pub async fn from_env(env: &Env) -> Result<Self, Error> {
        let sdk = aws::config().await;
        Box::pin(Self::new(Config::from_env(env)?, &sdk)).await
    }

    /// Builds the function against any AWS endpoint.
    pub async fn new(config: Config, sdk: &aws::SdkConfig) -> Result<Self, Error> {
        Self::calling(config, sdk, Rules::default(), Ranking::pace()).await
    }

    /// The same, which may call back to where these rules allow, and asks CXone at this pace: for tests.
    pub async fn calling(
        config: Config,
        sdk: &aws::SdkConfig,
        rules: Rules,
        pace: Pace,
    ) -> Result<Self, Error> {
        let ttl = config.keys.ttl();
        let secrets = aws::secrets_client(sdk);
        let keys = Secret::new(secrets.clone(), config.callback_keys_id, ttl, Signer::parse);
        let caller = Caller::new(rules.clone(), Arc::new(SystemLookup), keys)?;
        let database = config.database.open(sdk).await?;
        Ok(Self {
            erasure_key: config.erasure_key.open(secrets.clone(), &database),
            database,
            ranking: config.cxone.ranking_at(sdk, pace)?,
            lack: config.cxone.lacks(Capability::Ranking),
            keys: config.keys.open(secrets.clone()),
            callbacks: Callbacks { caller, rules },
            anchors: AnchorStore::new(secrets, config.anchor_id),
            mode: config.learning,
            learning: Learning::default(),
            late: Late::default(),
            retention: config.retention,
        })
    }
}
