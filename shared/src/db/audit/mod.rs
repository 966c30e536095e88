//! The tables of the audit: `audit_keys`, `audit_chains`, `audit_entries`. [`crate::audit`] says what they are for.

mod chains;
mod entries;
mod keys;

use deadpool_postgres::Transaction;
use serde_json::Value;
use serde_json::value::to_raw_value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::audit::{Entry, EntryKind, Hash, Position};
use crate::domain::ErasureKey;
use crate::error::Error;
use crate::json;

pub use entries::{Followed, follow, look_again, verify};
pub use keys::forget;
pub(super) use keys::forget_all;

/// Appends an entry to the chain of its subject. The chain is held until the transaction ends: append last, and then commit.
pub async fn append(
    transaction: &Transaction<'_>,
    key: &ErasureKey,
    entry: Entry<'_>,
) -> Result<Position, Error> {
    let own = keys::of(transaction, key, entry.subject).await?;
    let content = written(&own.seal(entry.content))?;
    let pseudonym = own.pseudonym(entry.subject);
    chains::append(transaction, entry.kind, &pseudonym, &content).await
}

/// Appends an entry about something that has no name of a person or conversation, only this one, which its content may say as well.
pub(super) async fn append_plainly(
    transaction: &Transaction<'_>,
    kind: EntryKind,
    name: Uuid,
    content: &Value,
) -> Result<Position, Error> {
    let name: Hash = Sha256::digest(name.as_bytes()).into();
    chains::append(transaction, kind, &name, &written(content)?).await
}

fn written(content: &Value) -> Result<String, Error> {
    let content = to_raw_value(content).map_err(|error| Error::Bug {
        what: "an entry of the audit cannot be written",
        source: Some(error.into()),
    })?;
    json::canonical(&content)
}
