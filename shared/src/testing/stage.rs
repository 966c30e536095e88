//! What tests of the tables stand on: a migrated database with a model, and a bystander who looks.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, Row};

use super::TestDatabase;
use crate::db::conversations::erase;
use crate::db::embedding_models::ModelId;
use crate::db::migrate::{MIGRATIONS, migrate};
use crate::db::{Database, vector_segments};
use crate::domain::{ConversationId, ErasureKey, Provider, ReceiptId, Space};

/// How many numbers the vectors of these tests have.
pub const DIMENSIONS: u16 = 4;

/// A migrated database with one model.
pub struct Stage {
    /// The database of the test.
    pub test: TestDatabase,
    /// Access as the functions have it.
    pub database: Database,
    /// Its model: `one`, if no other was asked for.
    pub model: ModelId,
    /// Looks at the rows from outside.
    pub bystander: Client,
}

impl Stage {
    /// Makes one, or skips the test where there is no server.
    ///
    /// # Panics
    ///
    /// If the server does not do as it is told.
    pub async fn set(name: &str) -> Option<Self> {
        Self::set_for(name, &space("one")).await
    }

    /// Makes one with this model, or skips the test where there is no server.
    ///
    /// # Panics
    ///
    /// If the server does not do as it is told.
    pub async fn set_for(name: &str, space: &Space) -> Option<Self> {
        let test = TestDatabase::migrated(name).await?;
        let database = test.database()?;
        let model = vector_segments::open(&database, space).await;
        Some(Self {
            model: model.unwrap_or_else(|error| panic!("no model: {error}")),
            bystander: test.bystander().await?,
            database,
            test,
        })
    }

    /// One number.
    ///
    /// # Panics
    ///
    /// If the statement gives none.
    pub async fn number(&self, sql: &str) -> i64 {
        let row = self.bystander.query_typed_one(sql, &[]).await;
        row.unwrap_or_else(|error| panic!("{sql}: {error}")).get(0)
    }

    /// Waits until nobody is connected but the bystander and whoever uses `database`. Whoever goes hands in first what it counted.
    ///
    /// # Panics
    ///
    /// If others stay for half a minute.
    pub async fn until_alone(&self) {
        let there = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'";
        let late = Instant::now() + Duration::from_secs(30);
        while self.number(there).await > 2 {
            assert!(Instant::now() < late, "others are still connected");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// The rows of a query whose columns are all text, each row joined by spaces.
    ///
    /// # Panics
    ///
    /// If the statement fails.
    pub async fn lines(&self, sql: &str) -> Vec<String> {
        let rows = self.bystander.query_typed(sql, &[]).await;
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let cell = |row: &Row, at| {
            row.get::<_, Option<String>>(at)
                .unwrap_or_else(|| "-".to_owned())
        };
        let cells = |row: &Row| (0..row.len()).map(|at| cell(row, at)).collect::<Vec<_>>();
        rows.iter().map(|row| cells(row).join(" ")).collect()
    }

    /// What comes of `work` that begins while a conversation is being erased: the erasure has begun, and `hold`, a transaction, keeps it
    /// from its end until the work waits for it, or is done.
    ///
    /// # Panics
    ///
    /// If this is no conversation, it cannot be erased, or nothing keeps it.
    pub async fn while_erasing<T>(
        &self,
        conversation: &str,
        hold: &str,
        work: impl Future<Output = T>,
    ) -> T {
        let run = async |sql: &str| {
            let done = self.bystander.batch_execute(sql).await;
            done.unwrap_or_else(|error| panic!("{sql}: {error}"));
        };
        run(hold).await;
        let conversation = ConversationId::parse(conversation);
        let conversation = conversation.unwrap_or_else(|error| panic!("{error}"));
        let key = erasure_key();
        let erasing = erase(&self.database, &key, &conversation, ReceiptId::generate());
        let looker = self.test.bystander().await;
        let looker = looker.unwrap_or_else(|| panic!("nobody can look"));
        let (is_done, done) = oneshot::channel::<()>();
        let works = async {
            until_waiting(&looker, 1).await;
            let outcome = work.await;
            drop(is_done);
            outcome
        };
        let lets_go = async {
            until_waiting(&looker, 1).await;
            tokio::select! {
                () = until_waiting(&looker, 2) => {}
                _ = done => {}
            }
            run("COMMIT").await;
        };
        let (removed, done, ()) = tokio::join!(erasing, works, lets_go);
        removed.unwrap_or_else(|error| panic!("not erased: {error}"));
        done
    }
}

/// Waits until so many wait for a lock in the database of this client, which must not be in a transaction: there it would see the
/// same again and again.
///
/// # Panics
///
/// If they do not within half a minute.
pub async fn until_waiting(client: &Client, count: i64) {
    let late = Instant::now() + Duration::from_secs(30);
    while waiting(client).await < count {
        assert!(Instant::now() < late, "nobody waits");
        sleep(Duration::from_millis(10)).await;
    }
}

/// How many wait for a lock in the database of this client.
async fn waiting(client: &Client) -> i64 {
    let waiting = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE NOT l.granted AND a.datname = current_database()";
    let row = client.query_one(waiting, &[]).await;
    row.unwrap_or_else(|error| panic!("{error}")).get(0)
}

/// The key of a test that erases.
///
/// # Panics
///
/// Never: it is long enough.
pub fn erasure_key() -> ErasureKey {
    let key = ErasureKey::parse(&"erasure-0123456789abcdef0123456789abcdef".into());
    key.unwrap_or_else(|error| panic!("{error}"))
}

/// Migrates a database.
///
/// # Panics
///
/// If that fails.
pub async fn up(database: &Database) {
    let soon = Instant::now() + Duration::from_secs(30);
    let migrated = migrate(database, MIGRATIONS, soon).await;
    migrated.unwrap_or_else(|error| panic!("cannot migrate: {error}"));
}

/// A space of vectors under this name.
pub fn space(name: &str) -> Space {
    Space {
        provider: Provider::Local,
        name: name.to_owned(),
        dimensions: DIMENSIONS,
    }
}
