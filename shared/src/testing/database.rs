//! A real database per test.

use std::net::SocketAddr;

use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::db::{Database, DatabaseUrl};

/// An empty database on the server that `DATABASE_URL` names. It goes when the test stack goes.
pub struct TestDatabase {
    /// Its address.
    pub url: String,
}

impl TestDatabase {
    /// Makes one, or skips the test where there is no server.
    ///
    /// # Panics
    ///
    /// If a server is named and does not do as it is told.
    pub async fn create(test: &str) -> Option<Self> {
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
        Some(Self {
            url: format!("{base}/{name}"),
        })
    }

    /// Access as the functions have it.
    pub fn database(&self) -> Option<Database> {
        Database::new(self.url.parse::<DatabaseUrl>().ok()?, None).ok()
    }

    /// Where the server listens.
    pub async fn address(&self) -> Option<SocketAddr> {
        let authority = self.url.rsplit('@').next()?.split('/').next()?;
        tokio::net::lookup_host(authority).await.ok()?.next()
    }

    /// Its address through a proxy that listens at `address`.
    pub fn url_through(&self, address: SocketAddr) -> Option<String> {
        let (before, after) = self.url.rsplit_once('@')?;
        let (_, name) = after.split_once('/')?;
        Some(format!("{before}@{address}/{name}"))
    }

    /// Access through a proxy that listens at `address`.
    pub fn database_through(&self, address: SocketAddr) -> Option<Database> {
        let url = self.url_through(address)?;
        Database::new(url.parse::<DatabaseUrl>().ok()?, None).ok()
    }

    /// Access as a bystander has it, for looking and for holding locks.
    pub async fn bystander(&self) -> Option<Client> {
        connect(&self.url).await.ok()
    }
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
