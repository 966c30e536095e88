//! What this function needs, built once before the first event.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::auth::Keyring;
use shared::auth::scheme::Schemes;
use shared::aws;
use shared::config::{ConfigError, Env, read_keys_ttl};
use shared::error::Error;
use shared::queue::Sender;
use shared::secrets::Secret;
use tokio::sync::Mutex;

use crate::health::Health;

/// Longer than this the start does not wait for a dependency.
const WARM_UP: Duration = Duration::from_secs(2);

/// The settings, all of them sound.
#[derive(Debug, Clone)]
pub struct Config {
    queue_url: String,
    keys_secret_id: String,
    schemes: Schemes,
    max_body_bytes: usize,
    keys_ttl: SignedDuration,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) keys: Secret<Keyring>,
    pub(crate) queue: Sender,
    pub(crate) max_body_bytes: usize,
    pub(crate) health: Mutex<Option<(Timestamp, Health)>>,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let queue_url: Option<String> = read.required("CONVERSATIONS_QUEUE_URL");
        let keys_secret_id: Option<String> = read.required("WEBHOOK_KEYS_SECRET_ID");
        let schemes: Option<Schemes> = match env.get("WEBHOOK_SCHEMES") {
            Some(_) => read.optional("WEBHOOK_SCHEMES"),
            None => r#"["standard-webhooks"]"#.parse().ok(),
        };
        let max_body_bytes = read.or("WEBHOOK_MAX_BODY_BYTES", 4 * 1_024 * 1_024);
        let keys_ttl = read_keys_ttl(&mut read);
        read.build(|| {
            let (queue_url, keys_secret_id, schemes) = (queue_url?, keys_secret_id?, schemes?);
            Some(Self {
                queue_url,
                keys_secret_id,
                schemes,
                max_body_bytes,
                keys_ttl,
            })
        })
    }
}

impl App {
    /// Reads the environment and opens the connections before the first event, so that it need not wait for them.
    pub async fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let config = Config::from_env(env)?;
        let app = Self::new(config, &aws::config().await);
        app.warm_up().await;
        Ok(app)
    }

    /// Builds the function against any AWS endpoint.
    pub fn new(config: Config, sdk: &aws::SdkConfig) -> Self {
        let schemes = config.schemes;
        let parse = move |text: &_| {
            let keyring = Keyring::parse(&schemes, text)?;
            for problem in keyring.problems() {
                tracing::error!(
                    error.kind = "misconfigured",
                    error = problem,
                    "a webhook key was left out"
                );
            }
            Ok(keyring)
        };
        Self {
            keys: Secret::new(
                aws::secrets_client(sdk),
                config.keys_secret_id,
                config.keys_ttl,
                parse,
            ),
            queue: Sender::new(aws::queue_client(sdk), config.queue_url),
            max_body_bytes: config.max_body_bytes,
            health: Mutex::new(None),
        }
    }

    /// A failure here is no reason to die: requests are answered with 503 until the other side is well.
    async fn warm_up(&self) {
        let check = async {
            let outcome = tokio::time::timeout(WARM_UP, self.queue.check()).await;
            outcome.unwrap_or_else(|late| Err(Error::transient("SQS", late)))
        };
        let (keys, queue) = tokio::join!(self.keys.get(Timestamp::now()), check);
        for error in [keys.err(), queue.err()].into_iter().flatten() {
            log_failure(&error, "a dependency is not reachable at start");
        }
    }
}

/// Logs what a person should look at, once, at the boundary.
pub(crate) fn log_failure(error: &Error, message: &'static str) {
    tracing::error!(
        error.kind = error.kind().as_str(),
        error = error.chain(),
        message
    );
}
