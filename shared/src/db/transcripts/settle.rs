//! What came of a post is written down, under the epoch of its claim: the row, the archive, and what the audit says, in one transaction.

use deadpool_postgres::Transaction;
use serde_json::{Value, json};
use tokio_postgres::types::{ToSql, Type};

use super::State;
use super::archive::{Injected, archive};
use super::claim::Claimed;
use super::outcome::{Columns, Outcome};
use super::store::append;
use crate::db::connect::failed;
use crate::db::transaction::begin;
use crate::db::{Database, conversations, erased_conversations};
use crate::domain::ErasureKey;
use crate::error::Error;

/// What came of settling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is written down.
    Done,
    /// Nothing was: somebody else claimed it meanwhile, or it was erased.
    Lost,
}

/// Writes down what came of a post.
pub async fn settle(
    database: &Database,
    key: &ErasureKey,
    claimed: &Claimed,
    outcome: &Outcome,
) -> Result<Settled, Error> {
    let mut connection = database.connection().await?;
    let mut transaction = begin(&mut connection).await?;
    if !write(&transaction, claimed, outcome).await? {
        drop(transaction);
        // There is one connection.
        drop(connection);
        erase_late(database, key, claimed, outcome).await?;
        return Ok(Settled::Lost);
    }
    if let Some(said) = conclude(&mut transaction, key, claimed, outcome).await? {
        let said = with_place(said, claimed);
        append(&transaction, key, claimed.interaction.as_str(), said).await?;
    }
    crate::fail_point::reach("settle_transcript.before_commit");
    transaction.commit().await.map_err(failed)?;
    Ok(Settled::Done)
}

/// What CXone made of an interaction that was erased meanwhile goes too, under the same receipt: here alone is known that it is one.
async fn erase_late(
    database: &Database,
    key: &ErasureKey,
    claimed: &Claimed,
    outcome: &Outcome,
) -> Result<(), Error> {
    let Outcome::Injected { conversation, .. } = outcome else {
        return Ok(());
    };
    let interaction = key.mac_of(claimed.interaction.as_str());
    let connection = database.connection().await?;
    let receipt = erased_conversations::fetch_receipt(&**connection, &interaction).await?;
    drop(connection);
    if let Some(receipt) = receipt {
        conversations::erase(database, key, conversation, receipt).await?;
        tracing::info!(receipt.id = %receipt, "what became of an erased interaction was erased");
    }
    Ok(())
}

/// What follows from an end, and what the audit says of it.
async fn conclude(
    transaction: &mut Transaction<'_>,
    key: &ErasureKey,
    claimed: &Claimed,
    outcome: &Outcome,
) -> Result<Option<Value>, Error> {
    Ok(match outcome {
        Outcome::Again { .. } => None,
        Outcome::Over { state, status, .. } => {
            let left = give_up_rest(transaction, claimed, *state).await?;
            let state = state.as_str();
            Some(json!({
                "status": "injection_failed", "state": state, "http_status": status, "parts_given_up": left,
            }))
        }
        Outcome::Injected {
            conversation,
            status,
            latency,
        } => {
            let injected = Injected::of(claimed, conversation);
            let archived = archive(transaction, key, &injected).await;
            if let Err(error) = &archived {
                tracing::error!(
                    transcript.id = %claimed.id,
                    transcript.part = claimed.part,
                    error = error.chain(),
                    "a transcript was injected, but not archived; that is tried again"
                );
            }
            let latency_ms = latency.and_then(|it| u64::try_from(it.as_millis()).ok());
            Some(json!({
                "status": "injected", "archive_success": archived.is_ok(), "http_status": status, "latency_ms": latency_ms,
            }))
        }
    })
}

fn with_place(mut entry: Value, claimed: &Claimed) -> Value {
    for (name, value) in [
        ("part", i64::from(claimed.part)),
        ("parts", i64::from(claimed.parts)),
        ("message_count", i64::from(claimed.messages)),
        ("attempts", i64::from(claimed.attempts)),
    ] {
        if let Some(fields) = entry.as_object_mut() {
            fields.insert(name.to_owned(), value.into());
        }
    }
    entry
}

/// Says whether the claim still stood.
async fn write(
    transaction: &Transaction<'_>,
    claimed: &Claimed,
    outcome: &Outcome,
) -> Result<bool, Error> {
    let write = "UPDATE transcripts SET state = $4, lease_until = NULL, http_status = $6, reason = $7, conversation_id = $8, latency_ms = $9,
            next_try_at = clock_timestamp() + coalesce($5, 0) * interval '1 second', in_doubt = $10,
            attempts = attempts - CASE WHEN $11 THEN 0 ELSE 1 END, payload = CASE WHEN $4 <> 'injected' THEN payload END,
            ended_at = CASE WHEN $4 <> 'pending' THEN clock_timestamp() END
        WHERE id = $1 AND part = $2 AND epoch = $3 AND state = 'sending'";
    let columns = Columns::of(outcome);
    let values: [(&(dyn ToSql + Sync), Type); 11] = [
        (&claimed.id.as_uuid(), Type::UUID),
        (&claimed.part, Type::INT2),
        (&claimed.epoch, Type::INT8),
        (&columns.state.as_str(), Type::TEXT),
        (
            &columns
                .wait
                .map(|wait| wait.as_secs_f64().min(LONGEST_WAIT)),
            Type::FLOAT8,
        ),
        (&columns.status, Type::INT2),
        (&columns.reason, Type::TEXT),
        (&columns.conversation, Type::TEXT),
        (&columns.latency_ms, Type::FLOAT4),
        (&columns.is_in_doubt, Type::BOOL),
        (&columns.counts, Type::BOOL),
    ];
    let written = transaction.execute_typed(write, &values).await;
    written.map(|rows| rows > 0).map_err(failed)
}

/// A day, in seconds. Nobody is waited for longer.
const LONGEST_WAIT: f64 = 86_400.0;

/// What follows a part that CXone does not take is not posted either: a transcript without its middle is none. Says how many those are.
async fn give_up_rest(
    transaction: &Transaction<'_>,
    claimed: &Claimed,
    state: State,
) -> Result<u64, Error> {
    if state != State::Refused || claimed.part == claimed.parts {
        return Ok(0);
    }
    let give_up = "UPDATE transcripts SET state = 'refused', reason = 'an earlier part was refused', ended_at = clock_timestamp()
        WHERE id = $1 AND part > $2 AND state = 'pending'";
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&claimed.id.as_uuid(), Type::UUID),
        (&claimed.part, Type::INT2),
    ];
    let left = transaction.execute_typed(give_up, &values).await;
    left.map_err(failed)
}
