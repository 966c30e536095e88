//! What stands in the database as words to be sent, also once they were sent. Until it is settled, whoever comes sends it again.

use std::collections::{BTreeSet, HashMap};

use shared::db::Database;
use shared::db::stream::{self, Lease, Offset};
use shared::domain::InteractionId;
use shared::error::Error;

/// Interactions whose messages were stored, and are not settled yet.
#[derive(Default)]
pub(crate) struct Stored(BTreeSet<InteractionId>);

impl Stored {
    /// These are about to be stored.
    pub(crate) fn add(&mut self, ids: impl IntoIterator<Item = InteractionId>) {
        self.0.extend(ids);
    }

    /// What was found of an interaction that was not known any more: its messages were sent, or it would be known.
    pub(crate) fn correct(&self, id: &InteractionId, found: &mut Offset) {
        if self.0.contains(id) {
            found.unsent.clear();
        }
    }

    /// Settles those of which everything is sent. The others stay, and so do these if it fails.
    pub(crate) async fn settle(
        &mut self,
        database: &Database,
        lease: &Lease,
        known: &HashMap<InteractionId, Offset>,
    ) -> Result<(), Error> {
        let waits = |id: &InteractionId| known.get(id).is_some_and(|one| !one.unsent.is_empty());
        let sent: Vec<_> = self.0.iter().filter(|id| !waits(id)).collect();
        if sent.is_empty() {
            return Ok(());
        }
        stream::forget_sent(database, lease, sent).await?;
        self.0.retain(waits);
        Ok(())
    }

    /// Somebody else decides now what is settled.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
