//! Brings the schema up. Several migrators at once are safe: each step is one transaction under a transaction-level advisory
//! lock that is tried, never waited for, so no session state is left behind and none is blocked.

mod plan;
mod step;

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use self::step::Step;
use super::Database;
use super::connect::failed;
use crate::error::{Error, Kind};
use crate::retry::Backoff;

pub use self::plan::{MIGRATIONS, Migration};

/// Another migrator is at work, and will be done soon.
const BUSY: Backoff = Backoff {
    first: Duration::from_millis(300),
    most: Duration::from_millis(300),
};
/// A reader holds a table, or the database is away.
const BLOCKED: Backoff = Backoff {
    first: Duration::from_millis(400),
    most: Duration::from_secs(5),
};
/// A database that stays away for longer than this is not just waking up.
const PATIENCE: Duration = Duration::from_mins(1);
/// Versions of pgvector below this have index corruption bugs.
const SOUND_PGVECTOR: (u32, u32, u32) = (0, 8, 4);

/// Of a database where a newer release was.
const NEWER: &str =
    "the database is newer than this code; the newer schema stays, and older code works with it";

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
    /// What a person should know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

/// How far the schema is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The version that the database is at; 0 for an empty one.
    pub version: i32,
    /// The version that this code brings it to.
    pub newest: i32,
    /// The version of pgvector, if it is there.
    pub pgvector: Option<String>,
    /// Whether that version is free of known holes.
    pub is_pgvector_sound: bool,
}

/// Looks, and changes nothing.
pub async fn inspect(database: &Database, steps: &'static [Migration]) -> Result<Standing, Error> {
    let pgvector = pgvector_version(database).await?;
    Ok(Standing {
        version: current_version(database).await?,
        newest: newest(steps),
        is_pgvector_sound: pgvector.as_deref().is_some_and(is_sound),
        pgvector,
    })
}

fn newest(steps: &[Migration]) -> i32 {
    steps.last().map_or(0, |step| step.version)
}

/// Applies every step that is missing, until `deadline`. A database that is away is waited for, up to a minute.
pub async fn migrate(
    database: &Database,
    steps: &'static [Migration],
    deadline: Instant,
) -> Result<Report, Error> {
    let mut applied = Vec::new();
    let mut from = None;
    let (mut failures, mut progress) = (0, Instant::now());
    let to = loop {
        let outcome = advance(database, steps, &mut from).await;
        let backoff = match outcome {
            Ok(Step::Done(version)) => break version,
            Ok(Step::Applied(step)) => {
                tracing::info!(
                    migration.version = step.version,
                    migration.name = step.name,
                    "applied a migration"
                );
                applied.push(step.name);
                (failures, progress) = (0, Instant::now());
                continue;
            }
            Ok(Step::Busy) => BUSY,
            Ok(Step::Blocked) => BLOCKED,
            Err(error) if error.kind() == Kind::Transient && progress.elapsed() < PATIENCE => {
                give_up_at(deadline, BLOCKED, Some(error))?;
                BLOCKED
            }
            Err(error) => return Err(error),
        };
        give_up_at(deadline, backoff, None)?;
        backoff.sleep(failures).await;
        failures += 1;
    };
    let from = from.unwrap_or(to);
    Ok(Report {
        from,
        to,
        applied,
        pgvector: pgvector_version(database).await?,
        note: (to > newest(steps)).then_some(NEWER),
    })
}

async fn advance(
    database: &Database,
    steps: &'static [Migration],
    from: &mut Option<i32>,
) -> Result<Step, Error> {
    if from.is_none() {
        *from = Some(current_version(database).await?);
    }
    step::apply_next(database, steps).await
}

/// Without time for another pause and another try, the reason is said now.
fn give_up_at(deadline: Instant, backoff: Backoff, reason: Option<Error>) -> Result<(), Error> {
    if Instant::now() + backoff.most < deadline {
        return Ok(());
    }
    let held = || {
        Error::transient(
            "the schema lock",
            "another migrator or a long query holds it",
        )
    };
    Err(reason.unwrap_or_else(held))
}

/// The version that the database is at; 0 before the first migration.
pub async fn current_version(database: &Database) -> Result<i32, Error> {
    let connection = database.connection().await?;
    let exists = "SELECT to_regclass('schema_migrations') IS NOT NULL";
    let rows = connection.query_typed(exists, &[]).await.map_err(failed)?;
    if !rows.first().is_some_and(|row| row.get(0)) {
        return Ok(0);
    }
    let newest = "SELECT coalesce(max(version), 0) FROM schema_migrations";
    let rows = connection.query_typed(newest, &[]).await.map_err(failed)?;
    Ok(rows.first().map_or(0, |row| row.get(0)))
}

async fn pgvector_version(database: &Database) -> Result<Option<String>, Error> {
    let connection = database.connection().await?;
    let installed = "SELECT extversion FROM pg_extension WHERE extname = 'vector'";
    let rows = connection
        .query_typed(installed, &[])
        .await
        .map_err(failed)?;
    let version: Option<String> = rows.first().map(|row| row.get(0));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(is_sound("0.8.4") && is_sound("0.10.0") && is_sound("1.0"));
        assert!(!is_sound("0.8.3") && !is_sound("0.7.9") && !is_sound("strange"));
    }
}
