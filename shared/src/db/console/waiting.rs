//! What waits now, by indexes that hold only what waits.

use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// Work in the database that is still to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// One word for it.
    pub what: String,
    /// How much.
    pub count: i64,
    /// Since when the oldest of it waits.
    pub oldest: Option<Timestamp>,
}

/// How many are in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The state, as it is stored.
    pub state: String,
    /// How many.
    pub count: i64,
}

const WAITING: &str = "
    SELECT 'transcripts', count(*), min(created_at) FROM transcripts WHERE state IN ('pending', 'sending')
    UNION ALL SELECT 'orders', count(*), min(created_at) FROM ranking_orders WHERE state = 'waiting'
    UNION ALL SELECT 'callbacks', count(*), min(created_at) FROM callbacks WHERE dead IS NULL
    UNION ALL SELECT 'knowledge_runs', count(*), min(requested_at) FROM knowledge_runs WHERE state IN ('queued', 'running')
    UNION ALL SELECT 'mirror', count(*), min(waiting_since) FROM knowledge_mirror WHERE set_aside IS NULL";

/// Parts, because each is a post of its own and may be in another state. What waits stands whatever its age; what ended counts since `$1`, and what is dead until somebody looks after it.
const TRANSCRIPTS: &str = "
    SELECT state, count(*) FROM transcripts WHERE state IN ('pending', 'sending') GROUP BY 1
    UNION ALL SELECT state, count(*) FROM transcripts WHERE state IN ('dead', 'outcome_unknown') GROUP BY 1
    UNION ALL SELECT state, count(*) FROM transcripts WHERE ended_at IS NOT NULL AND ended_at >= $1 AND state IN ('injected', 'refused')
        GROUP BY 1";

/// Counts what waits.
pub async fn fetch_waiting(database: &Database) -> Result<Vec<Waiting>, Error> {
    let connection = database.connection().await?;
    let rows = connection.query_typed(WAITING, &[]).await.map_err(failed)?;
    let waiting = rows.iter().map(|row| Waiting {
        what: row.get(0),
        count: row.get(1),
        oldest: row.get(2),
    });
    Ok(waiting.collect())
}

/// Counts the parts of transcripts by their state, those that went well or were refused only since `since`.
pub async fn fetch_transcripts(database: &Database, since: Timestamp) -> Result<Vec<Count>, Error> {
    let since: [(&(dyn ToSql + Sync), Type); 1] = [(&since, Type::TIMESTAMPTZ)];
    let connection = database.connection().await?;
    let rows = connection.query_typed(TRANSCRIPTS, &since).await;
    let rows = rows.map_err(failed)?;
    let counts = rows.iter().map(|row| Count {
        state: row.get(0),
        count: row.get(1),
    });
    Ok(counts.collect())
}
