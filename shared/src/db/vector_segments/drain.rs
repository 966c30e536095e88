//! Waiting until nobody writes any more into what was closed.

use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::LOCK;
use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;
use crate::retry::Backoff;

/// Between two looks. A writer's transaction takes milliseconds, and is ended by the server within seconds if its machine is gone.
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(20),
    most: Duration::from_millis(500),
};

/// Waits until all who change rows of segments at this moment have ended; `false` if they have not in time. Whoever begins later sees what
/// was committed before this was called: so what was closed then is written to by nobody afterwards. Nobody waits for this.
pub async fn drain(database: &Database, until: Instant) -> Result<bool, Error> {
    let mut left = fetch_holders(&**database.connection().await?).await?;
    let mut looks = 0;
    while !left.is_empty() {
        if Instant::now() >= until {
            return Ok(false);
        }
        LOOK_AGAIN.sleep(looks).await;
        looks += 1;
        let holders = fetch_holders(&**database.connection().await?).await?;
        left.retain(|one| holders.contains(one));
    }
    Ok(true)
}

/// The transactions that hold the lock of writers. Their names are not used twice.
async fn fetch_holders(client: &Client) -> Result<Vec<String>, Error> {
    let holders = "SELECT virtualtransaction FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid() AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND classid::int8 << 32 | objid::int8 = $1";
    let rows = client.query_typed(holders, &[(&LOCK, Type::INT8)]).await;
    Ok(rows.map_err(failed)?.iter().map(|row| row.get(0)).collect())
}
