//! A migrated database with an outbox, and somebody who empties it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::SecretString;
use shared::callback::{Caller, Drained, Signer, drain};
use shared::db::Database;
use shared::db::callbacks::{self, NewCallback};
use shared::domain::{ConversationMac, ErasureKey};
use shared::net_guard::{Found, Lookup, Rules};
use shared::secrets::{Secret, Source};
use shared::testing::TestDatabase;
use shared::testing::stage::up;
use tokio::time::Instant;
use tokio_postgres::Client;
use uuid::Uuid;

/// Two keys, as they stand in the secret while they are changed.
pub(crate) const NEW_KEY: &str = "whsec_bmV3IGtleSBvZiB0aGUgY2FsbGJhY2tz";
pub(crate) const OLD_KEY: &str = "whsec_b2xkIGtleSBvZiB0aGUgY2FsbGJhY2tz";

pub(crate) struct Stage {
    pub(crate) test: TestDatabase,
    pub(crate) database: Database,
    pub(crate) bystander: Client,
}

/// Names that somebody else's server resolves for us.
pub(crate) struct Names;

impl Lookup for Names {
    fn addresses(&self, name: &str) -> Found {
        let found: &[IpAddr] = match name {
            "inside.example" => &[IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)],
            "metadata.example" => &[IpAddr::V4(std::net::Ipv4Addr::new(169, 254, 169, 254))],
            _ => &[],
        };
        let found = found.to_vec();
        Box::pin(async move {
            if found.is_empty() {
                return Err(std::io::Error::other("lookup: Name or service not known"));
            }
            Ok(found)
        })
    }
}

pub(crate) fn mac(subject: &str) -> ConversationMac {
    erasure_key().mac_of(subject)
}

pub(crate) fn erasure_key() -> ErasureKey {
    ErasureKey::parse(&SecretString::from("k".repeat(32))).unwrap()
}

/// Calls these ports, and of this machine only these addresses.
pub(crate) fn caller(ports: &[u16], inside: &[&str], keys: &str) -> Caller {
    let rules = Rules {
        ports: ports.to_vec(),
        inside: inside.iter().map(|one| one.parse().unwrap()).collect(),
    };
    let text = Source::Text(SecretString::from(keys));
    let keys = Secret::of(text, SignedDuration::from_mins(5), Signer::parse);
    Caller::new(rules, Arc::new(Names), keys).unwrap()
}

pub(crate) fn keys() -> String {
    format!(r#"{{"keys": ["{NEW_KEY}", "{OLD_KEY}"]}}"#)
}

/// Somebody who calls this port of 127.0.0.1, and nothing else of this machine.
pub(crate) fn caller_of(port: u16) -> Caller {
    caller(&[port], &["127.0.0.1"], &keys())
}

pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
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

    /// Something about this subject is to be told there.
    pub(crate) async fn enqueue(&self, url: &str, subject: &str) -> Uuid {
        let mut connection = self.database.connection().await.unwrap();
        let transaction = connection.transaction().await.unwrap();
        let callback = NewCallback {
            url,
            subject: &mac(subject),
            body: &format!(r#"{{"subject":"{subject}", "umlaut": "ü"}}"#),
        };
        let id = callbacks::enqueue(&transaction, callback).await.unwrap();
        transaction.commit().await.unwrap();
        id
    }

    pub(crate) async fn drain(&self, caller: &Caller) -> Drained {
        drain(&self.database, caller, soon()).await.unwrap()
    }

    /// What is left: tries, seconds until the next one, and why it is dead.
    pub(crate) async fn left(&self) -> Vec<(i32, f64, Option<String>)> {
        let left = "SELECT tries, extract(epoch FROM next_try_at - clock_timestamp())::float8, dead FROM callbacks ORDER BY id";
        let rows = self.bystander.query(left, &[]).await.unwrap();
        rows.iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect()
    }

    /// All that wait are due now.
    pub(crate) async fn hurry(&self) {
        let hurry =
            "UPDATE callbacks SET next_try_at = clock_timestamp(), leased_until = '-infinity'";
        self.bystander.batch_execute(hurry).await.unwrap();
    }
}
