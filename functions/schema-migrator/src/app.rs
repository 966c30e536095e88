//! What this function needs. The database is reached per event, not before: a setting that is wrong must become an answer.

use secrecy::SecretString;
use shared::aws;
use shared::config::Env;
use shared::db::{Database, DatabaseUrl};
use shared::error::Error;
use shared::secrets::Secret;

/// Exactly the dependencies of this function.
pub struct App {
    env: Env,
}

/// Where the database's address is written.
enum Source {
    Secret(String),
    Url(Box<DatabaseUrl>),
}

impl App {
    /// Keeps the environment for later.
    pub fn from_env(env: Env) -> Self {
        Self { env }
    }

    /// The database of the settings.
    pub(crate) async fn database(&self) -> Result<Database, Error> {
        let mut read = self.env.reader();
        let secret: Option<String> = read.optional("DATABASE_SECRET_ID");
        let url: Option<DatabaseUrl> = read.optional("DATABASE_URL");
        let extra_roots: Option<String> = read.optional("DATABASE_CA_FILE");
        if secret.is_none() && self.env.get("DATABASE_URL").is_none() {
            read.problem("DATABASE_SECRET_ID", "is not set, nor is DATABASE_URL");
        }
        let source = read.build(|| {
            secret
                .map(Source::Secret)
                .or(url.map(Box::new).map(Source::Url))
        });
        let url = match source.map_err(|error| Error::misconfigured(error.to_string()))? {
            Source::Secret(id) => fetch_url(&id).await?,
            Source::Url(url) => *url,
        };
        Database::new(url, read_roots(extra_roots).await?.as_deref())
    }
}

async fn fetch_url(id: &str) -> Result<DatabaseUrl, Error> {
    let client = aws::secrets_client(&aws::config().await);
    let parse = |text: &SecretString| DatabaseUrl::from_secret(text);
    let secret = Secret::new(client, id, jiff::SignedDuration::ZERO, parse);
    Ok(DatabaseUrl::clone(
        &*secret.get(jiff::Timestamp::now()).await?,
    ))
}

async fn read_roots(path: Option<String>) -> Result<Option<Vec<u8>>, Error> {
    let Some(path) = path else { return Ok(None) };
    let read = tokio::fs::read(&path).await;
    read.map(Some)
        .map_err(|_| Error::misconfigured("DATABASE_CA_FILE names a file that cannot be read"))
}
