//! The way to Postgres: a connection that is proven before it is used, and what a failure on it means.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;

use super::address::DatabaseUrl;
use super::door::Door;
use super::tls::tls;
use super::vector_types::VectorTypes;
use crate::error::Error;
use crate::secrets::Secret;

/// A database that does not answer in this time, from asking to a proven connection, is down, and the caller is told so.
pub(super) const PATIENCE: Duration = Duration::from_millis(2_500);

/// A connection that does not answer in this time has died unnoticed. What is left of [`PATIENCE`] suffices for another one.
const ALIVE: Duration = Duration::from_secs(1);

/// What a connection is asked before it is used again. It answers if it lives, and fails if its server gave way to another and only reads
/// since: such a connection answers for ever, and takes nothing. Asked outside of any transaction, so it is the server that speaks.
const WRITES: &str = "SELECT (CASE current_setting('transaction_read_only') WHEN 'off' THEN '1' ELSE 'this server only reads' END)::int4";

/// Access to one database, through one connection.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    vector_types: VectorTypes,
    /// How long a connection is waited for, also while others of this process use it.
    wait: Duration,
}

impl Database {
    /// A way to the database. Nothing is connected yet.
    pub fn new(url: DatabaseUrl, extra_roots: Option<&[u8]>) -> Result<Self, Error> {
        Self::through(Arc::new(url), None, extra_roots)
    }

    /// The same; once the server refuses us, the secret is read again, as often as it allows.
    pub(super) fn through(
        url: Arc<DatabaseUrl>,
        secret: Option<Secret<DatabaseUrl>>,
        extra_roots: Option<&[u8]>,
    ) -> Result<Self, Error> {
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Custom(WRITES.to_owned()),
        };
        let settings = url.0.clone();
        let tls = match settings.get_ssl_mode() {
            SslMode::Disable => None,
            _ => Some(tls(extra_roots)?),
        };
        let manager = Manager::from_connect(settings, Door::new(url, secret, tls), recycling);
        let vector_types = VectorTypes::default();
        let known = vector_types.clone();
        let learn = Hook::async_fn(move |client, _| {
            let known = known.clone();
            Box::pin(async move { known.learn(&**client).await.map_err(HookError::Backend) })
        });
        let pool = Pool::builder(manager)
            .max_size(1)
            .post_create(learn)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(ALIVE))
            .build();
        let bug = |error| Error::Bug {
            what: "the pool's settings contradict each other",
            source: Some(Box::new(error)),
        };
        Ok(Self {
            pool: pool.map_err(bug)?,
            vector_types,
            wait: PATIENCE,
        })
    }

    /// The same, for work whose parts wait for one another: that one of them takes long is no sign of a database that is down.
    #[must_use]
    pub fn waiting(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// A connection that answered just now, from a server that writes.
    pub async fn connection(&self) -> Result<Object, Error> {
        match tokio::time::timeout(self.wait, self.pool.get()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(
                PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)),
            )) => Err(failed(error)),
            Ok(Err(error)) => Err(Error::transient("Postgres", error)),
            Err(late) => Err(Error::transient("Postgres", late)),
        }
    }

    /// The types of pgvector, as this database numbers them.
    pub(super) fn vector_types(&self) -> &VectorTypes {
        &self.vector_types
    }
}

/// What a failure of Postgres asks of the caller. The server going, full or busy, one that only reads, and a lost connection, pass; a wrong
/// password, a missing database or a missing right do not; a value that cannot be kept is the sender's; a row that breaks a rule of
/// its table is our mistake.
pub(super) fn failed(error: tokio_postgres::Error) -> Error {
    if passes(&error) {
        return Error::transient("Postgres", error);
    }
    let code = error.code().map_or("", SqlState::code).to_owned();
    let is_of = |classes: &[&str]| classes.iter().any(|class| code.starts_with(class));
    if is_of(&["22", "54"]) {
        return Error::invalid("", format!("Postgres cannot keep it (SQLSTATE {code})"));
    }
    if is_of(&["23"]) {
        // Not the failure itself: it may quote the row.
        return Error::Bug {
            what: "a row breaks a rule of its table",
            source: Some(format!("SQLSTATE {code}").into()),
        };
    }
    Error::Misconfigured {
        what: format!("Postgres refuses (SQLSTATE {code})"),
        source: Some(error.into()),
    }
}

/// Whether it may work in a moment. Without a code it is the connection that failed.
pub(super) fn passes(error: &tokio_postgres::Error) -> bool {
    let classes = ["08", "40", "53", "57", "58", "25006", "25P03", "55P03"];
    error
        .code()
        .is_none_or(|code| classes.iter().any(|class| code.code().starts_with(class)))
}
