//! A migrated database, and short words for what is done with it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};
use shared::audit::{
    self, Anchor, AnchorStore, Anchoring, Entry, EntryKind, Fault, Position, Report,
};
use shared::db::{Database, audit as chains};
use shared::domain::ErasureKey;
use shared::error::Error;
use shared::testing::TestDatabase;
use shared::testing::stage::up;
use tokio::time::Instant;
use tokio_postgres::Client;

pub(crate) struct Stage {
    pub(crate) test: TestDatabase,
    pub(crate) database: Database,
    pub(crate) bystander: Client,
}

/// The key of tombstones of all these tests.
pub(crate) fn key() -> ErasureKey {
    ErasureKey::parse(&SecretString::from("k".repeat(32))).unwrap()
}

pub(crate) fn entry(subject: &str, content: Value) -> Entry<'_> {
    Entry {
        kind: EntryKind::Ranking,
        subject,
        content,
    }
}

/// Appends one in a transaction of its own.
pub(crate) async fn append(database: &Database, subject: &str, number: usize) -> Position {
    let mut connection = database.connection().await.unwrap();
    let transaction = connection.transaction().await.unwrap();
    let content = json!({ "number": number, "checksum": "é\u{0}\"" });
    let entry = entry(subject, content);
    let position = chains::append(&transaction, &key(), entry).await.unwrap();
    transaction.commit().await.unwrap();
    position
}

/// So many minutes after the test began.
pub(crate) fn at(minute: i64) -> Timestamp {
    let begin: Timestamp = "2026-01-15T10:30:00Z".parse().unwrap();
    begin + SignedDuration::from_mins(minute)
}

/// Keeps an anchor, with time enough.
pub(crate) async fn anchor(
    database: &Database,
    store: &AnchorStore,
    now: Timestamp,
) -> Result<Anchoring, Error> {
    let until = Instant::now() + Duration::from_mins(1);
    audit::anchor(database, store, now, until).await
}

impl Stage {
    pub(crate) async fn set(name: &str) -> Option<Self> {
        let test = TestDatabase::create(name).await?;
        let database = test.database()?;
        up(&database).await;
        Some(Self {
            bystander: test.bystander().await?,
            database,
            test,
        })
    }

    /// So many entries about one subject, which stand in one chain.
    pub(crate) async fn append(&self, subject: &str, count: usize) -> i16 {
        let mut shard = 0;
        for number in 0..count {
            shard = append(&self.database, subject, number).await.shard;
        }
        shard
    }

    pub(crate) async fn verify(&self, anchor: Option<&Anchor>) -> Report {
        chains::verify(&self.database, anchor).await.unwrap()
    }

    /// The faults that are found, with their chains.
    pub(crate) async fn faults(&self, anchor: Option<&Anchor>) -> Vec<(i16, Fault)> {
        let chains = self.verify(anchor).await.chains.into_iter();
        chains
            .filter_map(|chain| Some((chain.shard, chain.fault?)))
            .collect()
    }

    /// As somebody who owns the tables.
    pub(crate) async fn forge(&self, sql: &str) {
        let sql = format!(
            "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_stand; {sql};
             ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_stand"
        );
        self.bystander.batch_execute(&sql).await.unwrap();
    }

    pub(crate) async fn text(&self, sql: &str) -> Option<String> {
        let row = self.bystander.query_one(sql, &[]).await.unwrap();
        row.get(0)
    }
}
