//! Where the database's address is written: `DATABASE_SECRET_ID`, or `DATABASE_URL` for local use, and `DATABASE_CA_FILE`.

use jiff::{SignedDuration, Timestamp};

use super::{Database, DatabaseUrl};
use crate::aws::{self, SdkConfig};
use crate::config::Reader;
use crate::error::Error;
use crate::secrets::Secret;

/// A rotation changes the password at the server, and a few seconds later the secret. Whoever comes between the two must not wait for long.
const REREAD: SignedDuration = SignedDuration::from_secs(2);

/// The settings of the database, all of them sound.
#[derive(Clone)]
pub struct Settings {
    source: Source,
    authorities: Option<String>,
}

#[derive(Clone)]
enum Source {
    Secret(String),
    Url(Box<DatabaseUrl>),
}

impl Settings {
    /// Reads the settings; `None` where they are missing, which the reader has noted.
    pub fn read(read: &mut Reader<'_>) -> Option<Self> {
        let secret: Option<String> = read.optional("DATABASE_SECRET_ID");
        let url: Option<DatabaseUrl> = read.optional("DATABASE_URL");
        let authorities: Option<String> = read.optional("DATABASE_CA_FILE");
        if secret.is_none() && !read.is_set("DATABASE_URL") {
            read.problem("DATABASE_SECRET_ID", "is not set, nor is DATABASE_URL");
        }
        let url = url.map(Box::new).map(Source::Url);
        secret.map(Source::Secret).or(url).map(|source| Self {
            source,
            authorities,
        })
    }

    /// The way to this database. Nothing is connected yet; a secret is read, and read again once the database refuses what it held.
    pub async fn open(&self, sdk: &SdkConfig) -> Result<Database, Error> {
        let authorities = self.read_authorities().await?;
        let id = match &self.source {
            Source::Secret(id) => id,
            Source::Url(url) => {
                return Database::new(DatabaseUrl::clone(url), authorities.as_deref());
            }
        };
        let client = aws::secrets_client(sdk);
        let secret = Secret::new(client, id, SignedDuration::ZERO, DatabaseUrl::from_secret)
            .reread_after(REREAD);
        let url = secret.get(Timestamp::now()).await?;
        Database::through(url, Some(secret), authorities.as_deref())
    }

    async fn read_authorities(&self) -> Result<Option<Vec<u8>>, Error> {
        let Some(path) = &self.authorities else {
            return Ok(None);
        };
        tokio::fs::read(path)
            .await
            .map(Some)
            .map_err(|_| Error::misconfigured("DATABASE_CA_FILE names a file that cannot be read"))
    }
}
