//! What this function needs. The database is reached per event, not before: a setting that is wrong must become an answer.

use shared::aws;
use shared::config::Env;
use shared::db::{Database, Settings};
use shared::error::Error;

/// Exactly the dependencies of this function.
pub struct App {
    env: Env,
}

impl App {
    /// Keeps the environment for later.
    pub fn from_env(env: Env) -> Self {
        Self { env }
    }

    /// The database of the settings.
    pub(crate) async fn database(&self) -> Result<Database, Error> {
        let mut read = self.env.reader();
        let settings = Settings::read(&mut read);
        let settings = read
            .build(|| settings)
            .map_err(|error| Error::misconfigured(error.to_string()))?;
        settings.open(&aws::config().await).await
    }
}
