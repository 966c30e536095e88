//! The archive of what was injected, and whoever wants to know of it. Its failure undoes no injection.

use deadpool_postgres::Transaction;
use serde_json::json;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::claim::Claimed;
use crate::db::Database;
use crate::db::callbacks::{self, NewCallback};
use crate::db::connect::failed;
use crate::db::transaction::begin;
use crate::domain::{ConversationId, ErasureKey, TranscriptId};
use crate::error::Error;

/// A part that CXone has.
pub(super) struct Injected {
    id: TranscriptId,
    part: i16,
    parts: i16,
    interaction: String,
    conversation: String,
    callback_url: Option<String>,
}

impl Injected {
    pub(super) fn of(claimed: &Claimed, conversation: &ConversationId) -> Self {
        Self {
            id: claimed.id,
            part: claimed.part,
            parts: claimed.parts,
            interaction: claimed.interaction.as_str().to_owned(),
            conversation: conversation.as_str().to_owned(),
            callback_url: claimed.archive_callback_url.clone(),
        }
    }

    fn read(row: &Row) -> Self {
        Self {
            id: row.get::<_, Uuid>(0).into(),
            part: row.get(1),
            parts: row.get(2),
            interaction: row.get(3),
            conversation: row.get(4),
            callback_url: row.get(5),
        }
    }

    /// What whoever wants to know is told.
    fn told(&self) -> String {
        let told = json!({
            "conversation_id": self.conversation, "interaction_id": self.interaction, "transcript_id": self.id,
            "part": self.part, "parts": self.parts,
        });
        told.to_string()
    }
}

/// Archives a part in a part of the transaction: if it fails, the rest of the transaction stands.
pub(super) async fn archive(
    transaction: &mut Transaction<'_>,
    key: &ErasureKey,
    injected: &Injected,
) -> Result<(), Error> {
    let within = transaction.transaction().await.map_err(failed)?;
    let subject = key.mac_of(&injected.interaction);
    let callback_id = match &injected.callback_url {
        None => None,
        Some(url) => {
            let callback = NewCallback {
                url,
                subject: &subject,
                body: &injected.told(),
            };
            Some(callbacks::enqueue(&within, callback).await?)
        }
    };
    insert(&within, injected, callback_id).await?;
    within.commit().await.map_err(failed)
}

async fn insert(
    transaction: &Transaction<'_>,
    injected: &Injected,
    callback_id: Option<Uuid>,
) -> Result<(), Error> {
    let insert = "WITH marked AS (UPDATE transcripts SET archived = true WHERE id = $1 AND part = $2)
        INSERT INTO transcript_archive (id, part, interaction_id, conversation_id, callback_id) VALUES ($1, $2, $3, $4, $5)";
    let values: [(&(dyn ToSql + Sync), Type); 5] = [
        (&injected.id.as_uuid(), Type::UUID),
        (&injected.part, Type::INT2),
        (&injected.interaction, Type::TEXT),
        (&injected.conversation, Type::TEXT),
        (&callback_id, Type::UUID),
    ];
    let inserted = transaction.execute_typed(insert, &values).await;
    inserted.map(drop).map_err(failed)
}

/// Archives up to `most` parts whose archiving failed before; says how many were archived.
pub async fn archive_waiting(
    database: &Database,
    key: &ErasureKey,
    most: i64,
) -> Result<u64, Error> {
    let waiting = "SELECT id, part, parts, interaction_id, conversation_id, archive_callback_url FROM transcripts
        WHERE state = 'injected' AND NOT archived ORDER BY number LIMIT $1 FOR UPDATE SKIP LOCKED";
    let mut connection = database.connection().await?;
    let mut transaction = begin(&mut connection).await?;
    let rows = transaction
        .query_typed(waiting, &[(&most, Type::INT8)])
        .await;
    let mut archived = 0;
    for row in &rows.map_err(failed)? {
        archive(&mut transaction, key, &Injected::read(row)).await?;
        archived += 1;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(archived)
}
