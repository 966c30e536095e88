//! How a connection is opened: with the password of the start, and once that is refused, with the one that the secret holds now.

use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use deadpool_postgres::{ConfigConnectImpl, Connect};
use jiff::Timestamp;
use rustls::ClientConfig;
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::DatabaseUrl;
use crate::secrets::Secret;

/// Opens connections to one database.
pub(super) struct Door {
    opener: Box<dyn Connect>,
    address: RwLock<Arc<DatabaseUrl>>,
    secret: Option<Secret<DatabaseUrl>>,
}

type Opened = Result<(Client, JoinHandle<()>), Error>;

impl Door {
    /// `tls` is for everything that is not this machine. Without a secret the address stays what it is.
    pub(super) fn new(
        address: Arc<DatabaseUrl>,
        secret: Option<Secret<DatabaseUrl>>,
        tls: Option<ClientConfig>,
    ) -> Self {
        let opener: Box<dyn Connect> = match tls.map(MakeRustlsConnect::new) {
            Some(tls) => Box::new(ConfigConnectImpl { tls }),
            None => Box::new(ConfigConnectImpl { tls: NoTls }),
        };
        Self {
            opener,
            address: RwLock::new(address),
            secret,
        }
    }

    async fn open(&self) -> Opened {
        let known = self.address();
        let outcome = self.opener.connect(&known.0).await;
        match outcome {
            Err(error) if is_refused(&error) => match self.renew(&known).await {
                Some(address) => self.opener.connect(&address.0).await,
                None => Err(error),
            },
            outcome => outcome,
        }
    }

    fn address(&self) -> Arc<DatabaseUrl> {
        let address = self.address.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&address)
    }

    /// What the secret holds now, unless it was looked at a moment ago.
    async fn renew(&self, known: &Arc<DatabaseUrl>) -> Option<Arc<DatabaseUrl>> {
        let newer = self.secret.as_ref()?.refreshed(known, Timestamp::now());
        let newer = newer.await.inspect_err(|error| {
            tracing::warn!(
                error = error.chain(),
                "the database refuses us, and its secret could not be read again"
            );
        });
        let newer = newer.ok()??;
        tracing::info!("the database refused us; its secret was read again");
        *self.address.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&newer);
        Some(newer)
    }
}

impl Connect for Door {
    /// The pool's own settings are those of the start, and are not looked at.
    fn connect(&self, _: &Config) -> Pin<Box<dyn Future<Output = Opened> + Send + '_>> {
        Box::pin(self.open())
    }
}

/// The name or the password is not, or no longer, what the server wants.
fn is_refused(error: &Error) -> bool {
    let code = error.code().map_or("", SqlState::code);
    code.starts_with("28")
}
