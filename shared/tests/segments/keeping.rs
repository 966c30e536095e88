//! What a keeper does, for these tests: segments are closed, sealed and merged on demand.

use std::time::Duration;

use shared::Error;
use shared::db::Database;
use shared::db::embedding_models::ModelId;
use shared::db::vector_segments::{
    Lease, MergeRules, Merged, Sealing, SegmentId, choose_closed, discard, drain, fetch_closed,
    is_hindered, merge, prepare_next, release, seal, seal_beside, take_lease,
};
use tokio::sync::RwLock;
use tokio::time::Instant;

use crate::calls::Stage;

/// What is full gives way to what is next.
pub(crate) const ROLL_OVER: &str = "WITH closed AS (UPDATE vector_segments SET state = 'closed', closed_at = now()
            WHERE state = 'fresh' AND model_id = 1
                AND EXISTS (SELECT FROM vector_segments WHERE state = 'next' AND model_id = 1) RETURNING model_id)
    UPDATE vector_segments s SET state = 'fresh', first_doc = (SELECT last_value FROM conversation_docs)
    FROM closed WHERE s.state = 'next' AND s.model_id = closed.model_id";

/// Two become one, and two of those.
pub(crate) const RULES: MergeRules = MergeRules {
    fan: 2,
    most_values: 1_000_000,
    memory: None,
};

/// Whoever lets the work die at some place does so alone: the places are the whole process's.
pub(crate) static FATES: RwLock<()> = RwLock::const_new(());

pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// Takes the lease, waiting for whoever has it.
pub(crate) async fn lease(database: &Database, model: ModelId) -> Lease {
    let limit = soon();
    loop {
        let taken = take_lease(database, model, Duration::from_secs(30)).await;
        if let Some(lease) = taken.unwrap() {
            return lease;
        }
        assert!(Instant::now() < limit, "somebody keeps the lease");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Seals all that is closed, one after the other.
pub(crate) async fn seal_all(database: &Database, lease: &Lease) {
    assert!(drain(database, soon()).await.unwrap());
    loop {
        let closed = fetch_closed(database, lease.model()).await.unwrap();
        let Some(segment) = closed.first() else {
            return;
        };
        seal_chosen(database, lease, &[*segment]).await.unwrap();
    }
}

/// Seals all that is closed as the keeper does: where enough of them wait, they become one. Says how often they did.
pub(crate) async fn seal_together(
    database: &Database,
    lease: &Lease,
    fan: usize,
) -> Result<usize, Error> {
    let (rules, mut several) = (MergeRules { fan, ..RULES }, 0);
    loop {
        let chosen = choose_closed(database, lease, &rules, soon()).await?;
        if chosen.is_empty() {
            return Ok(several);
        }
        drain(database, soon()).await?;
        if !seal_chosen(database, lease, &chosen).await? {
            return Ok(several);
        }
        several += usize::from(chosen.len() > 1);
    }
}

/// Seals these, or goes on with what was begun of others; `false` if it is to be done later.
async fn seal_chosen(
    database: &Database,
    lease: &Lease,
    chosen: &[SegmentId],
) -> Result<bool, Error> {
    if let [segment] = *chosen
        && !is_hindered(database, segment).await?
    {
        while seal(database, lease, segment).await? == Sealing::Busy {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        return Ok(true);
    }
    let sealed = seal_beside(database, lease, chosen, &RULES, soon()).await?;
    Ok(matches!(sealed, Merged::Done { .. }))
}

/// Merges until there is nothing to do.
pub(crate) async fn merge_all(database: &Database, lease: &Lease) -> Vec<Merged> {
    discard(database, lease).await.unwrap();
    let mut all = Vec::new();
    loop {
        let merged = merge(database, lease, &RULES, soon()).await;
        match merged.unwrap_or_else(|error| panic!("{}", error.chain())) {
            Merged::Nothing => return all,
            merged => all.push(merged),
        }
    }
}

impl Stage {
    /// Closes the fresh segment and makes another next one.
    pub(crate) async fn roll_over(&self) {
        self.bystander.batch_execute(ROLL_OVER).await.unwrap();
        prepare_next(&self.database, self.model).await.unwrap();
    }

    /// So many closed segments of so many passages each.
    pub(crate) async fn closed(&self, segments: usize, rows: usize) {
        for segment in 0..segments {
            self.fill(&format!("s{segment}"), rows).await;
            self.roll_over().await;
        }
    }

    /// So many sealed segments of so many passages each.
    pub(crate) async fn sealed(&self, segments: usize, rows: usize) {
        self.closed(segments, rows).await;
        let lease = lease(&self.database, self.model).await;
        seal_all(&self.database, &lease).await;
        release(&self.database, lease).await.unwrap();
    }

    /// The segments that have rows or had some: state, tier and rows of each.
    pub(crate) async fn segments(&self) -> Vec<String> {
        self.lines(
            "SELECT state, tier::text, row_count::text FROM vector_segments WHERE state NOT IN ('next', 'fresh') ORDER BY first_doc, id",
        )
        .await
    }
}
