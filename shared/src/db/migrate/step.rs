//! One step: one transaction, under the lock that all migrators share.

use deadpool_postgres::Transaction;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};

use super::super::Database;
use super::super::connect::{failed, passes};
use super::plan::{Migration, checksum, plan_next};
use crate::error::Error;

/// Any fixed number: all migrators of this product share it.
const LOCK: i64 = 0x0043_586f_6e65_4d65;
/// For this transaction only, so that a pooler may stand between. A step waits briefly for a table, because every writer queues
/// behind it; it may run for as long as it takes; and if this machine vanishes, its locks go within seconds.
const LIMITS: &str = "SET LOCAL lock_timeout = '400ms'; SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// What one try came to.
pub(super) enum Step {
    Applied(&'static Migration),
    /// Nothing is missing; the schema is at this version.
    Done(i32),
    /// Another migrator is at work.
    Busy,
    /// Someone holds a table that the step changes.
    Blocked,
}

/// Applies the step that comes next.
pub(super) async fn apply_next(
    database: &Database,
    steps: &'static [Migration],
) -> Result<Step, Error> {
    let mut connection = database.connection().await?;
    let transaction = connection.transaction().await.map_err(failed)?;
    let try_lock = "SELECT pg_try_advisory_xact_lock($1)";
    let rows = transaction
        .query_typed(try_lock, &[(&LOCK, Type::INT8)])
        .await
        .map_err(failed)?;
    if !rows.first().is_some_and(|row| row.get(0)) {
        return Ok(Step::Busy);
    }
    let applied = fetch_applied(&transaction).await?;
    let Some(step) = plan_next(&applied, steps)? else {
        return Ok(Step::Done(
            applied.last().map_or(0, |(version, _)| *version),
        ));
    };
    match apply(&transaction, step).await {
        Ok(()) => transaction.commit().await.map_err(failed)?,
        // Rather than queue up before its holder and stall every writer behind us, let go.
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
            return Ok(Step::Blocked);
        }
        Err(error) => return Err(blame(step, error)),
    }
    Ok(Step::Applied(step))
}

async fn fetch_applied(transaction: &Transaction<'_>) -> Result<Vec<(i32, String)>, Error> {
    let table = "CREATE TABLE IF NOT EXISTS schema_migrations (
        version int PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())";
    transaction.batch_execute(LIMITS).await.map_err(failed)?;
    transaction.batch_execute(table).await.map_err(failed)?;
    let history = "SELECT version, sha256 FROM schema_migrations ORDER BY version";
    let rows = transaction
        .query_typed(history, &[])
        .await
        .map_err(failed)?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

async fn apply(
    transaction: &Transaction<'_>,
    step: &Migration,
) -> Result<(), tokio_postgres::Error> {
    transaction.batch_execute(step.sql).await?;
    let row = "INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3)";
    let checksum = checksum(step);
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&step.version, Type::INT4),
        (&step.name, Type::TEXT),
        (&checksum, Type::TEXT),
    ];
    transaction.execute_typed(row, &values).await?;
    Ok(())
}

/// An interruption is nobody's fault; anything else is the step's, and says which.
fn blame(step: &Migration, error: tokio_postgres::Error) -> Error {
    if passes(&error) {
        return failed(error);
    }
    let state = error.code().map_or("", SqlState::code).to_owned();
    let what = format!(
        "the migration {} ({}) failed with SQLSTATE {state}",
        step.version, step.name
    );
    Error::Misconfigured {
        what,
        source: Some(error.into()),
    }
}
