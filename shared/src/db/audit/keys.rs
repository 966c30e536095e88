//! The table `audit_keys`: the key of every subject's pseudonym, until it is erased.

use deadpool_postgres::Transaction;
use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use crate::audit::SubjectKey;
use crate::db::connect::failed;
use crate::domain::{ConversationMac, ErasureKey};
use crate::error::Error;

/// Once is enough unless somebody else makes the key at this moment.
const MOST_LOOKS: u8 = 3;

/// The key of this subject. That of an erased one is new each time, and nobody keeps it.
pub(super) async fn of(
    transaction: &Transaction<'_>,
    key: &ErasureKey,
    subject: &str,
) -> Result<SubjectKey, Error> {
    let mac = key.mac_of(subject);
    for _ in 0..MOST_LOOKS {
        if let Some(key) = look(transaction, &mac).await? {
            return Ok(SubjectKey::new(key));
        }
    }
    Err(Error::Bug {
        what: "a key of the audit is neither there nor can be made",
        source: None,
    })
}

/// The key; `None` if somebody else made it after this statement began.
async fn look(
    transaction: &Transaction<'_>,
    mac: &ConversationMac,
) -> Result<Option<Vec<u8>>, Error> {
    let look = "
        WITH random (key) AS MATERIALIZED (SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))),
        made AS (
            INSERT INTO audit_keys (subject_mac, key) SELECT $1, key FROM random ON CONFLICT (subject_mac) DO NOTHING RETURNING key),
        known AS (SELECT key FROM made UNION ALL SELECT key FROM audit_keys WHERE subject_mac = $1)
        SELECT coalesce(known.key, random.key) FROM known, random";
    let rows = transaction
        .query_typed(look, &[(&mac.as_bytes(), Type::BYTEA)])
        .await
        .map_err(failed)?;
    Ok(rows.first().map(|row| row.get(0)))
}

/// How many keys were taken away without an erasure, which leaves a tombstone of the same name in its transaction.
pub(super) async fn lost(client: &impl GenericClient) -> Result<i64, Error> {
    let lost = "SELECT count(*) FROM audit_keys k WHERE key IS NULL
        AND NOT EXISTS (SELECT FROM erased_conversations e WHERE e.conversation_mac = k.subject_mac)";
    let rows = client.query_typed(lost, &[]).await.map_err(failed)?;
    Ok(rows.first().map_or(0, |row| row.get(0)))
}

/// Takes the key of this subject away, for good, and when it was made: that is when the first entry was appended. Last in a transaction that holds rows of the subject, but before an entry is appended:
/// who appends one waits here for those who hold the key, and holds those rows.
pub async fn forget(transaction: &Transaction<'_>, subject: &ConversationMac) -> Result<(), Error> {
    let forget = "INSERT INTO audit_keys (subject_mac, key, made_at) VALUES ($1, NULL, 'epoch')
        ON CONFLICT (subject_mac) DO UPDATE SET key = NULL, made_at = 'epoch'";
    let forgotten = transaction
        .execute_typed(forget, &[(&subject.as_bytes(), Type::BYTEA)])
        .await;
    forgotten.map(drop).map_err(failed)
}

/// The same for several, in one order, so that nobody waits in a circle.
pub(in crate::db) async fn forget_all(
    transaction: &Transaction<'_>,
    mut subjects: Vec<ConversationMac>,
) -> Result<(), Error> {
    subjects.sort_unstable_by(|one, other| one.as_bytes().cmp(other.as_bytes()));
    subjects.dedup();
    for subject in &subjects {
        forget(transaction, subject).await?;
    }
    Ok(())
}
