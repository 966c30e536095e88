//! A real database per test.

use std::net::SocketAddr;

use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::db::{Database, DatabaseUrl};

/// An empty database on the server that `DATABASE_URL` names. It goes when the test stack goes.
pub struct TestDatabase {
    /// Its address as the code under test has it: through the pooler, where `cargo local test --pooler` has put one between.
    pub url: String,
    /// Its address on the server itself.
    server: String,
}

impl TestDatabase {
    /// Makes one, or skips the test where there is no server.
    ///
    /// # Panics
    ///
    /// If a server is named and does not do as it is told.
    pub async fn create(test: &str) -> Option<Self> {
        let made = Self::make(test).await?;
        match super::setting("DATABASE_POOLER") {
            Some(pooler) => made.behind(&pooler),
            None => Some(made),
        }
    }

    /// Makes one that is reached directly also where a pooler stands between others and theirs, because of what `why` says.
    ///
    /// # Panics
    ///
    /// If a server is named and does not do as it is told.
    pub async fn create_direct(test: &str, why: &str) -> Option<Self> {
        if super::setting("DATABASE_POOLER").is_some() {
            super::note(&format!("direct: {test}: {why}"));
        }
        Self::make(test).await
    }

    async fn make(test: &str) -> Option<Self> {
        let Some(server) = super::setting("DATABASE_URL") else {
            super::skip(test, "DATABASE_URL is not set; `cargo local test` sets it");
            return None;
        };
        let name = format!("test_{}", Uuid::new_v4().simple());
        let created = async {
            connect(&server)
                .await?
                .batch_execute(&format!("CREATE DATABASE {name}"))
                .await
        };
        if let Err(error) = created.await {
            panic!("the database server that DATABASE_URL names cannot be used: {error}");
        }
        let base = server
            .rsplit_once('/')
            .map_or(server.as_str(), |(base, _)| base);
        Some(Self::at(format!("{base}/{name}")))
    }

    /// One that is there already, reached directly.
    pub fn at(url: String) -> Self {
        Self {
            server: url.clone(),
            url,
        }
    }

    fn behind(self, pooler: &str) -> Option<Self> {
        let url = elsewhere(&self.server, pooler)?;
        Some(Self { url, ..self })
    }

    /// The same, with the schema of today.
    ///
    /// # Panics
    ///
    /// If a server is named and does not do as it is told.
    pub async fn migrated(test: &str) -> Option<Self> {
        let made = Self::create(test).await?;
        super::stage::up(&made.database()?).await;
        Some(made)
    }

    /// Access as the functions have it.
    pub fn database(&self) -> Option<Database> {
        Database::new(self.url.parse::<DatabaseUrl>().ok()?, None).ok()
    }

    /// Where the code under test reaches it.
    pub async fn address(&self) -> Option<SocketAddr> {
        address(&self.url).await
    }

    /// Where the server itself listens.
    pub async fn server_address(&self) -> Option<SocketAddr> {
        address(&self.server).await
    }

    /// Its address through a proxy that listens at `address`.
    pub fn url_through(&self, address: SocketAddr) -> Option<String> {
        elsewhere(&self.url, &address.to_string())
    }

    /// Access through a proxy that listens at `address`.
    pub fn database_through(&self, address: SocketAddr) -> Option<Database> {
        let url = self.url_through(address)?;
        Database::new(url.parse::<DatabaseUrl>().ok()?, None).ok()
    }

    /// Access as a bystander has it, for looking and for holding locks: never through a pooler.
    pub async fn bystander(&self) -> Option<Client> {
        connect(&self.server).await.ok()
    }
}

/// The same database, at another address.
fn elsewhere(url: &str, address: &str) -> Option<String> {
    let (before, after) = url.rsplit_once('@')?;
    let (_, name) = after.split_once('/')?;
    Some(format!("{before}@{address}/{name}"))
}

async fn address(url: &str) -> Option<SocketAddr> {
    let authority = url.rsplit('@').next()?.split('/').next()?;
    tokio::net::lookup_host(authority).await.ok()?.next()
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
