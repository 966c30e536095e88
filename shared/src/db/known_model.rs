//! A model as functions take it: its number in the database is asked for once.

use tokio::sync::OnceCell;

use super::embedding_models::ModelId;
use super::{Database, vector_segments};
use crate::domain::Space;
use crate::error::Error;

/// The number of a model, which each environment asks for once.
pub struct KnownModel {
    space: Space,
    database: Database,
    id: OnceCell<ModelId>,
}

impl KnownModel {
    /// The model of this space, in this database. Nothing is asked yet.
    pub fn new(space: &Space, database: &Database) -> Self {
        Self {
            space: space.clone(),
            database: database.clone(),
            id: OnceCell::new(),
        }
    }

    /// Its number, with a segment that takes its vectors.
    pub async fn get(&self) -> Result<ModelId, Error> {
        let open = || vector_segments::open(&self.database, &self.space);
        self.id.get_or_try_init(open).await.copied()
    }
}
