//! One transaction for all; if one event cannot be kept, halves, until it stands alone.

use std::sync::Arc;

use shared::db::Database;
use shared::db::conversations::{self, Prepared, Stored};
use shared::error::{Error, Kind};

/// Stores the events; one outcome each, in order.
pub(crate) async fn store(
    database: &Database,
    batch: Vec<Prepared>,
) -> Vec<Result<Stored, Arc<Error>>> {
    let mut outcomes = Vec::with_capacity(batch.len());
    // The parts that wait, the first on top, so that outcomes come in order.
    let mut waiting = vec![batch.as_slice()];
    while let Some(part) = waiting.pop() {
        match conversations::store(database, part).await {
            Ok(stored) => outcomes.extend(stored.into_iter().map(Ok)),
            Err(error) if error.kind() == Kind::Invalid && part.len() > 1 => {
                let (first, second) = part.split_at(part.len() / 2);
                waiting.extend([second, first]);
            }
            Err(error) => {
                let error = Arc::new(error);
                outcomes.extend(part.iter().map(|_| Err(Arc::clone(&error))));
            }
        }
    }
    outcomes
}
