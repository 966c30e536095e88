//! A database for one run of one side, on the server that `DATABASE_URL` names.

use std::time::Duration;

use shared::db::embedding_models::ModelId;
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::db::{Database, vector_segments};
use shared::domain::{Provider, Space};
use shared::testing::{self, TestDatabase};
use tokio::time::Instant;
use tokio_postgres::{Client, NoTls};

use crate::bench::Outcome;
use crate::provider::{DIMENSIONS, MODEL};

const PATIENCE: Duration = Duration::from_secs(30);

/// An empty database.
pub(crate) struct Scratch {
    pub(crate) url: String,
    /// Looks at it from outside.
    pub(crate) client: Client,
    database: TestDatabase,
}

/// A database with our schema, and a fresh segment for the model.
pub(crate) struct Ready {
    pub(crate) scratch: Scratch,
    pub(crate) database: Database,
    pub(crate) model: ModelId,
}

impl Scratch {
    /// Makes one. What earlier runs left to be written is written first, so that nobody pays for another.
    pub(crate) async fn create(name: &str) -> Outcome<Self> {
        let missing = "DATABASE_URL names no Postgres; `cargo local bench` starts one";
        testing::setting("DATABASE_URL").ok_or(missing)?;
        let database = TestDatabase::create(name).await.ok_or(missing)?;
        let client = database
            .bystander()
            .await
            .ok_or("cannot connect to the new database")?;
        client.batch_execute("CHECKPOINT").await?;
        Ok(Self {
            url: database.url.clone(),
            client,
            database,
        })
    }

    /// One number out of it.
    pub(crate) async fn count(&self, from_where: &str) -> Outcome<i64> {
        let sql = format!("SELECT count(*) FROM {from_where}");
        Ok(self.client.query_one(&sql, &[]).await?.get(0))
    }

    /// That exactly `wanted` rows are in the table, each with a vector.
    pub(crate) async fn check(&self, table: &str, wanted: usize) -> Outcome<()> {
        let found = self
            .count(&format!(
                "{table} WHERE vector_dims(embedding) = {DIMENSIONS}"
            ))
            .await?;
        if usize::try_from(found)? == wanted {
            Ok(())
        } else {
            Err(format!("{table} holds {found} rows with vectors, not {wanted}").into())
        }
    }

    /// Removes it.
    pub(crate) async fn remove(self) -> Outcome<()> {
        drop(self.client);
        let server = testing::setting("DATABASE_URL").unwrap_or_default();
        let (client, connection) = tokio_postgres::connect(&server, NoTls).await?;
        let driver = tokio::spawn(connection);
        let name = self.url.rsplit('/').next().unwrap_or_default();
        client
            .batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
            .await?;
        drop(client);
        Ok(driver.await??)
    }
}

impl Ready {
    /// Makes one.
    pub(crate) async fn create(name: &str) -> Outcome<Self> {
        Self::of(name, DIMENSIONS).await
    }

    /// The same, for vectors of so many numbers.
    pub(crate) async fn of(name: &str, dimensions: usize) -> Outcome<Self> {
        let scratch = Scratch::create(name).await?;
        let database = scratch
            .database
            .database()
            .ok_or("the new database has no address")?;
        migrate(&database, MIGRATIONS, Instant::now() + PATIENCE).await?;
        let space = Space {
            provider: Provider::OpenAi,
            name: MODEL.to_owned(),
            dimensions: u16::try_from(dimensions)?,
        };
        let model = vector_segments::open(&database, &space).await?;
        Ok(Self {
            scratch,
            database,
            model,
        })
    }
}
