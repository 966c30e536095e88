//! What this function needs, built once before the first event.

use shared::auth::{ApiKeys, LinkKey};
use shared::aws;
use shared::config::{ConfigError, Env};
use shared::db::{self, Database};
use shared::error::Error;
use shared::secrets::{ApiKeySettings, Secret};

use crate::prices::Prices;

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    keys: ApiKeySettings,
    link_key_secret_id: String,
    queues: Vec<Watched>,
    prices: Prices,
}

/// A queue that is shown.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    pub(crate) name: &'static str,
    pub(crate) url: String,
}

impl Watched {
    /// Whether it is one of AWS; those of a local stack are not.
    fn is_deployed(&self) -> bool {
        self.url.starts_with("https://")
    }
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) database: Database,
    pub(crate) keys: Secret<ApiKeys>,
    pub(crate) links: Secret<LinkKey>,
    pub(crate) sqs: shared::queue::Client,
    pub(crate) queues: Vec<Watched>,
    pub(crate) prices: Prices,
}

impl App {
    /// Whether this is a deployment: what people are told to type says so.
    pub(crate) fn is_deployed(&self) -> bool {
        self.queues.iter().any(Watched::is_deployed)
    }
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        let keys = ApiKeySettings::read(&mut read);
        let link_key_secret_id: Option<String> = read.required("CONSOLE_LINK_KEY_SECRET_ID");
        let queues = [
            ("conversations", read.optional("CONVERSATIONS_QUEUE_URL")),
            ("segments", read.optional("SEGMENTS_QUEUE_URL")),
            ("knowledge", read.optional("KNOWLEDGE_QUEUE_URL")),
            ("interactions", read.optional("INTERACTIONS_QUEUE_URL")),
        ];
        let prices = read.or("EMBEDDING_PRICES", Prices::default());
        let watched = |(name, url): (_, Option<String>)| url.map(|url| Watched { name, url });
        read.build(|| {
            Some(Self {
                database: database?,
                keys: keys?,
                link_key_secret_id: link_key_secret_id?,
                queues: queues.into_iter().filter_map(watched).collect(),
                prices,
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
        let ttl = config.keys.ttl();
        let secrets = aws::secrets_client(sdk);
        let links = config.link_key_secret_id;
        Ok(Self {
            database: config.database.open(sdk).await?,
            keys: config.keys.open(secrets.clone()),
            links: Secret::new(secrets, links, ttl, LinkKey::parse),
            sqs: aws::queue_client(sdk),
            queues: config.queues,
            prices: config.prices,
        })
    }
}
