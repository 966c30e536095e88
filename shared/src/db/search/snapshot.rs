//! One state of everything, for one question.

use deadpool_postgres::{Object, Transaction};
use tokio_postgres::IsolationLevel;
use tokio_postgres::types::Type;

use crate::db::connect::failed;
use crate::db::embedding_models::{self, ModelId};
use crate::db::{Database, knowledge_sync};
use crate::domain::Space;
use crate::error::Error;

/// For this transaction only, so that a pooler may stand between. A graph goes on until it has as many as are wanted: in relaxed
/// order, because all is sorted again. Compiling and calling for help cost more than these statements do.
const LIMITS: &str = "SET LOCAL statement_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL jit = off;
    SET LOCAL max_parallel_workers_per_gather = 0;
    SET LOCAL hnsw.iterative_scan = relaxed_order";

/// A transaction that only reads, and sees nothing of what others do meanwhile.
pub struct Snapshot<'a> {
    pub(in crate::db) transaction: Transaction<'a>,
    pub(super) vector: Type,
    active: Option<(ModelId, Space)>,
    generation: i64,
}

impl<'a> Snapshot<'a> {
    /// Begins one on a connection of this database.
    pub async fn begin(database: &Database, connection: &'a mut Object) -> Result<Self, Error> {
        let begun = connection.build_transaction();
        let begun = begun
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true);
        let transaction = begun.start().await.map_err(failed)?;
        let types = database.vector_types();
        // Sent one after the other, without waiting.
        let (limited, active, generation, vector) = tokio::join!(
            transaction.batch_execute(LIMITS),
            embedding_models::active(&*transaction),
            knowledge_sync::generation(&*transaction),
            types.one(&*transaction),
        );
        limited.map_err(failed)?;
        Ok(Self {
            vector: vector?,
            active: active?,
            generation: generation?,
            transaction,
        })
    }

    /// The space that queries use.
    pub fn active(&self) -> Option<&(ModelId, Space)> {
        self.active.as_ref()
    }

    /// Another number than before means that search in articles may find something else than before.
    pub fn generation(&self) -> i64 {
        self.generation
    }

    /// Ends it. Dropped, it ends as well, but the next question waits for that.
    pub async fn end(self) -> Result<(), Error> {
        self.transaction.commit().await.map_err(failed)
    }
}
