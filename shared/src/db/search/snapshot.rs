//! One state of everything, for one question.

use deadpool_postgres::Object;
use tokio_postgres::types::Type;

use super::reading::{Reading, Reads};
use crate::db::embedding_models::{self, ModelId};
use crate::db::{Database, knowledge_sync};
use crate::domain::Space;
use crate::error::Error;

/// A transaction that only reads, and sees nothing of what others do meanwhile.
pub struct Snapshot<'a> {
    pub(in crate::db) transaction: Reading<'a>,
    pub(super) vector: Type,
    active: Option<(ModelId, Space)>,
    generation: i64,
}

impl<'a> Snapshot<'a> {
    /// Begins one on a connection of this database, to be asked of everything.
    pub async fn begin(database: &Database, connection: &'a mut Object) -> Result<Self, Error> {
        Self::begin_for(Reads::Everything, database, connection).await
    }

    /// Begins one that is asked of nothing else. Who reads articles alone never waits for segments of conversations.
    pub async fn begin_for(
        reads: Reads,
        database: &Database,
        connection: &'a mut Object,
    ) -> Result<Self, Error> {
        let transaction = Reading::on(connection);
        let types = database.vector_types();
        // Sent one after the other, without waiting.
        let (begun, active, generation, vector) = tokio::join!(
            biased;
            transaction.begin(reads),
            embedding_models::active(&*transaction),
            knowledge_sync::generation(&*transaction),
            types.one(&*transaction),
        );
        begun?;
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
        self.transaction.end().await
    }
}
