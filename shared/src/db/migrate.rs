//! Brings the schema up. Several migrators at once are safe: each step is one transaction under a transaction-level advisory
//! lock that is tried, never waited for, so no session state is left behind and none is blocked.

use std::time::Duration;

use deadpool_postgres::Transaction;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::types::Type;

use super::Database;
use crate::domain::hex;
use crate::error::Error;

/// Any fixed number: all migrators of this product share it.
const LOCK: i64 = 0x0043_586f_6e65_4d65;
/// Between two tries for the lock.
const PAUSE: Duration = Duration::from_millis(150);
/// Versions of pgvector below this have index corruption bugs.
const SOUND_PGVECTOR: (u32, u32, u32) = (0, 8, 4);

/// One step of the schema. Once released it is never edited; a change is a new step.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Counts up from 1 without gaps.
    pub version: i32,
    /// What it brings, for people.
    pub name: &'static str,
    /// Plain statements, run in one transaction.
    pub sql: &'static str,
}

/// The schema that this code works with.
pub const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "extensions",
    sql: include_str!("migrations/0001_extensions.sql"),
}];

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The version before; 0 for an empty database.
    pub from: i32,
    /// The version after.
    pub to: i32,
    /// The steps that this run applied; others may have applied some at the same time.
    pub applied: Vec<&'static str>,
    /// The version of pgvector, if it is there.
    pub pgvector: Option<String>,
}

enum Step {
    Applied(&'static Migration),
    Done,
    Busy,
}

/// Applies every step that is missing, until `deadline`.
pub async fn migrate(
    database: &Database,
    steps: &'static [Migration],
    deadline: Instant,
) -> Result<Report, Error> {
    let from = current_version(database).await?;
    let mut applied = Vec::new();
    loop {
        match apply_next(database, steps).await? {
            Step::Applied(step) => {
                tracing::info!(
                    migration.version = step.version,
                    migration.name = step.name,
                    "applied a migration"
                );
                applied.push(step.name);
            }
            Step::Done => break,
            Step::Busy if Instant::now() + PAUSE < deadline => tokio::time::sleep(PAUSE).await,
            Step::Busy => {
                return Err(Error::transient(
                    "the schema lock",
                    "another migrator or a long query holds it",
                ));
            }
        }
    }
    let to = current_version(database).await?;
    Ok(Report {
        from,
        to,
        applied,
        pgvector: pgvector_version(database).await?,
    })
}

/// The version that the database is at; 0 before the first migration.
pub async fn current_version(database: &Database) -> Result<i32, Error> {
    let connection = database.connection().await?;
    let exists = "SELECT to_regclass('schema_migrations') IS NOT NULL";
    let is_there: bool = connection
        .query_typed(exists, &[])
        .await
        .map_err(failed)?
        .first()
        .is_some_and(|row| row.get(0));
    if !is_there {
        return Ok(0);
    }
    let rows = connection
        .query_typed(
            "SELECT coalesce(max(version), 0) FROM schema_migrations",
            &[],
        )
        .await;
    Ok(rows.map_err(failed)?.first().map_or(0, |row| row.get(0)))
}

async fn apply_next(database: &Database, steps: &'static [Migration]) -> Result<Step, Error> {
    let mut connection = database.connection().await?;
    let transaction = connection.transaction().await.map_err(failed)?;
    let locked = transaction
        .query_typed(
            "SELECT pg_try_advisory_xact_lock($1)",
            &[(&LOCK, Type::INT8)],
        )
        .await;
    if !locked
        .map_err(failed)?
        .first()
        .is_some_and(|row| row.get(0))
    {
        return Ok(Step::Busy);
    }
    let Some(step) = plan_next(&fetch_applied(&transaction).await?, steps)? else {
        return Ok(Step::Done);
    };
    match apply(&transaction, step).await {
        Ok(()) => transaction.commit().await.map_err(failed)?,
        // A reader holds a table that this step changes. Rather than queue up before it and stall every writer behind us, let go.
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => return Ok(Step::Busy),
        Err(error) if error.as_db_error().is_none_or(is_interruption) => return Err(failed(error)),
        Err(error) => {
            let what = format!("the migration {} ({}) failed", step.version, step.name);
            return Err(Error::Misconfigured {
                what,
                source: Some(Box::new(error)),
            });
        }
    }
    Ok(Step::Applied(step))
}

/// The server was stopped, or told this session to go: the step itself is not at fault.
fn is_interruption(error: &DbError) -> bool {
    matches!(
        error.code().code().get(..2),
        Some("57" | "08" | "53" | "40")
    )
}

async fn fetch_applied(transaction: &Transaction<'_>) -> Result<Vec<(i32, String)>, Error> {
    let table = "CREATE TABLE IF NOT EXISTS schema_migrations (
        version int PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())";
    transaction.batch_execute(table).await.map_err(failed)?;
    let rows = transaction
        .query_typed(
            "SELECT version, sha256 FROM schema_migrations ORDER BY version",
            &[],
        )
        .await;
    Ok(rows
        .map_err(failed)?
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect())
}

/// Which step comes next, if the database's history is a beginning of ours.
fn plan_next(
    applied: &[(i32, String)],
    steps: &'static [Migration],
) -> Result<Option<&'static Migration>, Error> {
    if let Some((newest, _)) = applied.last().filter(|_| applied.len() > steps.len()) {
        return Err(Error::Conflict(format!(
            "the database has schema version {newest}, this code knows only {}: deploy the newer code, or restore a backup",
            steps.len()
        )));
    }
    for ((version, sha256), step) in applied.iter().zip(steps) {
        if *version != step.version || *sha256 != checksum(step) {
            return Err(Error::Conflict(format!(
                "the database's migration {version} is not the one that this code calls {}: a released migration was edited, or \
                 the database belongs to another build",
                step.name
            )));
        }
    }
    Ok(steps.get(applied.len()))
}

async fn apply(
    transaction: &Transaction<'_>,
    step: &Migration,
) -> Result<(), tokio_postgres::Error> {
    transaction
        .batch_execute("SET LOCAL lock_timeout = '400ms'")
        .await?;
    transaction.batch_execute(step.sql).await?;
    let row = "INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3)";
    let values: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] = [
        (&step.version, Type::INT4),
        (&step.name, Type::TEXT),
        (&checksum(step), Type::TEXT),
    ];
    transaction.execute_typed(row, &values).await?;
    Ok(())
}

fn checksum(step: &Migration) -> String {
    hex(&Sha256::digest(step.sql))
}

async fn pgvector_version(database: &Database) -> Result<Option<String>, Error> {
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(
            "SELECT extversion FROM pg_extension WHERE extname = 'vector'",
            &[],
        )
        .await;
    let version: Option<String> = rows.map_err(failed)?.first().map(|row| row.get(0));
    if version.as_deref().is_some_and(|version| !is_sound(version)) {
        tracing::warn!(
            pgvector.version = version,
            "this pgvector can corrupt indexes: update it to 0.8.4 or newer"
        );
    }
    Ok(version)
}

fn is_sound(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= SOUND_PGVECTOR
}

fn failed(error: tokio_postgres::Error) -> Error {
    Error::transient("Postgres", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[Migration] = &[
        Migration {
            version: 1,
            name: "one",
            sql: "SELECT 1",
        },
        Migration {
            version: 2,
            name: "two",
            sql: "SELECT 2",
        },
    ];

    fn applied(steps: &[Migration]) -> Vec<(i32, String)> {
        steps
            .iter()
            .map(|step| (step.version, checksum(step)))
            .collect()
    }

    #[test]
    fn steps_come_in_order_and_then_none() {
        for done in 0..=2 {
            let next = plan_next(&applied(&STEPS[..done]), STEPS)
                .unwrap()
                .map(|step| step.name);
            assert_eq!(next, ["one", "two"].get(done).copied());
        }
    }

    #[test]
    fn a_newer_database_and_an_edited_step_are_named() {
        let newer = plan_next(&applied(STEPS), &STEPS[..1])
            .unwrap_err()
            .to_string();
        assert!(
            newer.contains("version 2") && newer.contains("knows only 1"),
            "{newer}"
        );
        let edited = plan_next(&[(1, checksum(&STEPS[1]))], STEPS)
            .unwrap_err()
            .to_string();
        assert!(edited.contains("edited"), "{edited}");
    }

    #[test]
    fn our_own_steps_count_from_one_without_gaps() {
        assert!(
            MIGRATIONS
                .iter()
                .zip(1..)
                .all(|(step, number)| step.version == number)
        );
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(is_sound("0.8.4") && is_sound("0.10.0") && is_sound("1.0"));
        assert!(!is_sound("0.8.3") && !is_sound("0.7.9") && !is_sound("strange"));
    }
}
