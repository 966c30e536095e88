//! Segments change places, in one short transaction.

use std::time::Duration;

use deadpool_postgres::Transaction;
use tokio::time::Instant;

use super::expired;
use super::work::{self, Work};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::transaction::begin;
use crate::db::vector_segments::keeper::hold_lease;
use crate::db::vector_segments::{Lease, SegmentId, is_through};
use crate::error::Error;
use crate::fail_point;
use crate::retry::Backoff;

/// While this waits for who reads or writes, everybody who comes later waits for it: so it does not wait for long …
const PATIENCE: &str = "SET LOCAL lock_timeout = '50ms'";
/// … and comes again when they may be through.
const PAUSE: Backoff = Backoff {
    first: Duration::from_millis(200),
    most: Duration::from_secs(2),
};

/// What changes places.
#[derive(Debug, Clone, Copy)]
pub(super) enum Exchange<'a> {
    /// The target of this work comes, its sources go.
    Merge(&'a Work),
    /// This goes, and nothing comes.
    Drop(SegmentId),
}

impl Exchange<'_> {
    /// What goes.
    pub(super) fn sources(&self) -> Vec<SegmentId> {
        match self {
            Self::Merge(work) => work.sources.clone(),
            Self::Drop(segment) => vec![*segment],
        }
    }

    /// What comes.
    pub(super) fn target(&self) -> Option<SegmentId> {
        match self {
            Self::Merge(work) => Some(work.target),
            Self::Drop(_) => None,
        }
    }

    /// The server may be cleaning up in one of the tables that change places. It gives way, but not to who waits for so short a time: it is
    /// told before. Nobody who reads or writes waits for this. With what goes also goes what was too long for its rows, and lies in a table
    /// that cannot be locked by name: but who says that neither is to be cleaned up locks both.
    fn clear(&self) -> String {
        let still = "SET (autovacuum_enabled = off, toast.autovacuum_enabled = off)";
        let sources = self.sources().into_iter();
        let sources = sources.map(|source| {
            let (table, signs) = (source.table(), source.signs());
            format!("ALTER TABLE {table} {still}; ALTER TABLE IF EXISTS {signs} SET (autovacuum_enabled = off);")
        });
        let target = self.target().map(|target| {
            let table = target.table();
            format!("LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE;")
        });
        sources.chain(target).collect()
    }

    /// What was deleted from the sources goes from the target.
    fn remove(&self) -> Option<String> {
        Some(work::remove(self.target()?, &self.sources()))
    }

    /// Everything that is done while all others wait, and its end: were that told from here, they would wait for the way there and back,
    /// and for seconds if this machine is frozen just then.
    fn change(&self) -> String {
        // Not only out of sight: what is erased later is not looked for in it. The server removes the files when nobody waits any more.
        let attach = |segment: SegmentId| {
            let (table, id) = (segment.table(), segment.0);
            format!(
                "ALTER TABLE conversation_embeddings ATTACH PARTITION {table} FOR VALUES IN ({id});
                UPDATE vector_segments SET state = 'sealed', sealed_at = clock_timestamp() WHERE id = {id};"
            )
        };
        let sources = self.sources();
        let dropped: String = sources
            .iter()
            .copied()
            .map(SegmentId::drop_tables)
            .collect();
        let attached = self.target().map(attach).unwrap_or_default();
        let (removed, sources) = (self.remove().unwrap_or_default(), work::numbers(&sources));
        format!(
            "{PATIENCE}; LOCK TABLE ONLY conversation_embeddings IN ACCESS EXCLUSIVE MODE;
            {removed} {dropped} {attached}
            UPDATE vector_segments SET state = 'replaced' WHERE id IN ({sources}); COMMIT"
        )
    }
}

/// Lets them change places; `false` if others were in the way until time was up, or there is nothing to change any more. Whoever reads or
/// writes at that moment waits for a few milliseconds, or for 50 if this has to give way.
pub(super) async fn exchange(
    database: &Database,
    lease: &Lease,
    change: &Exchange<'_>,
    until: Instant,
) -> Result<bool, Error> {
    for failures in 0.. {
        match attempt(database, lease, change).await? {
            Attempt::Through => return Ok(true),
            Attempt::Pointless => return Ok(false),
            Attempt::InTheWay => {}
        }
        if Instant::now() + PAUSE.most >= until {
            break;
        }
        PAUSE.sleep(failures).await;
    }
    Ok(false)
}

/// What came of trying once.
enum Attempt {
    Through,
    /// Somebody is in the way, for a moment or for longer.
    InTheWay,
    /// What was to go is gone, or another is being made of it.
    Pointless,
}

async fn attempt(
    database: &Database,
    lease: &Lease,
    change: &Exchange<'_>,
) -> Result<Attempt, Error> {
    let mut connection = database.connection().await?;
    // Most of what was deleted goes before anybody has to wait.
    if let Some(remove) = change.remove() {
        let transaction = begin(&mut connection).await?;
        let removed = transaction.batch_execute(&remove).await;
        removed.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
    }
    let transaction = begin(&mut connection).await?;
    hold_lease(&transaction, lease).await?;
    if let Exchange::Drop(segment) = change
        && !expired::hold(&transaction, *segment).await?
    {
        let stands = expired::stands(&transaction, *segment).await?;
        return Ok(if stands {
            Attempt::InTheWay
        } else {
            Attempt::Pointless
        });
    }
    if !make(&transaction, change).await? {
        return Ok(Attempt::InTheWay);
    }
    // It is committed already. The driver only has to know.
    transaction.commit().await.map_err(failed)?;
    Ok(Attempt::Through)
}

/// Changes places in a transaction that was begun, and ends it; `false` if others are in the way, and then nothing is changed, and the
/// transaction has failed.
pub(super) async fn make(
    transaction: &Transaction<'_>,
    change: &Exchange<'_>,
) -> Result<bool, Error> {
    let cleared = transaction.batch_execute(&change.clear()).await;
    if !is_through(cleared)? {
        return Ok(false);
    }
    fail_point::reach("merge.before_exchanged");
    is_through(transaction.batch_execute(&change.change()).await)
}
