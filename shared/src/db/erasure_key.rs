//! The table `erasure_key`: a mark of the key under which erased conversations are remembered, and the key as functions take it: held
//! against that mark.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_secretsmanager::Client;
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::Database;
use super::connect::failed;
use crate::config::Reader;
use crate::domain::{ConversationMac, ErasureKey};
use crate::error::Error;
use crate::secrets::Secret;

/// Read by everybody after the first, so that this comes first.
const MARK: &str = "SELECT mark FROM erasure_key";
/// Of two that come first, the second waits, and is given what the other one kept: only written rows are returned.
const KEEP: &str = "INSERT INTO erasure_key AS known (mark) VALUES ($1)
    ON CONFLICT (only_row) DO UPDATE SET mark = known.mark RETURNING mark";
const ADVICE: &str = "this erasure key is not the one that the database was used with, and with it erased conversations could come back: \
    deploy with ErasureKeySecretArn naming the secret of before (docs/deploy.md, Tear down)";

/// Where the erasure key is.
#[derive(Debug, Clone)]
pub struct ErasureKeySettings {
    secret_id: String,
}

impl ErasureKeySettings {
    /// Reads `ERASURE_KEY_SECRET_ID`.
    pub fn read(read: &mut Reader<'_>) -> Option<Self> {
        let secret_id = read.required("ERASURE_KEY_SECRET_ID")?;
        Some(Self { secret_id })
    }

    /// The key, for this database. Nothing is read yet.
    pub fn open(self, client: Client, database: &Database) -> KnownErasureKey {
        KnownErasureKey::new(Secret::erasure_key(client, self.secret_id), database)
    }
}

/// The erasure key: from its secret, and refused where it is not the database's.
pub struct KnownErasureKey {
    secret: Secret<ErasureKey>,
    database: Database,
    /// The mark that was found to be the database's, so that each environment asks once for each key.
    known: Mutex<Option<ConversationMac>>,
}

impl KnownErasureKey {
    /// The key of this secret, for this database. Nothing is read yet.
    pub fn new(secret: Secret<ErasureKey>, database: &Database) -> Self {
        Self {
            secret,
            database: database.clone(),
            known: Mutex::default(),
        }
    }

    /// The key. Of a database that was never asked it becomes the one for good.
    pub async fn get(&self, now: Timestamp) -> Result<Arc<ErasureKey>, Error> {
        let key = self.secret.get(now).await?;
        let mark = key.mark();
        if *self.known() != Some(mark) {
            if fetch_or_keep(&self.database, &mark).await? != mark.as_bytes() {
                return Err(Error::misconfigured(ADVICE));
            }
            *self.known() = Some(mark);
        }
        Ok(key)
    }

    fn known(&self) -> MutexGuard<'_, Option<ConversationMac>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The mark that the database keeps; this one, if it keeps none yet.
async fn fetch_or_keep(database: &Database, mark: &ConversationMac) -> Result<Vec<u8>, Error> {
    let connection = database.connection().await?;
    let first = |rows: Vec<Row>| rows.first().map(|row| row.get(0));
    let rows = connection.query_typed(MARK, &[]).await.map_err(failed)?;
    if let Some(known) = first(rows) {
        return Ok(known);
    }
    let rows = connection
        .query_typed(KEEP, &[(&mark.as_bytes(), Type::BYTEA)])
        .await
        .map_err(failed)?;
    Ok(first(rows).unwrap_or_default())
}
