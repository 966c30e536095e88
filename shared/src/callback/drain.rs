//! Whatever is due is told, several at a time.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::caller::{Caller, PATIENCE};
use crate::db::Database;
use crate::db::callbacks::{self, Callback, Outcome};
use crate::error::Error;

/// So many servers are called at once, and so many callbacks are claimed.
const PARALLEL: i64 = 8;

/// Outlasts a try and writing down what came of it.
const LEASE: Duration = Duration::from_secs(20);

/// With less than this left, nothing is begun: for a try, and for writing down what came of it.
const LEAST: Duration = PATIENCE.saturating_add(Duration::from_secs(2));

/// What a drain came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drained {
    /// Callbacks that were delivered.
    pub delivered: u64,
    /// Callbacks that are tried again later.
    pub again: u64,
    /// Callbacks that are tried no more.
    pub dead: u64,
}

/// Tells everything that is due, as long as there is time. Others may drain at the same moment.
pub async fn drain(database: &Database, caller: &Caller, until: Instant) -> Result<Drained, Error> {
    let mut drained = Drained::default();
    while until.saturating_duration_since(Instant::now()) >= LEAST {
        // Before anything is claimed: without a key no try is used up.
        let signer = caller.signer().await?;
        let claimed = callbacks::claim(database, PARALLEL, LEASE).await?;
        if claimed.is_empty() {
            break;
        }
        let deliveries = claimed
            .iter()
            .map(|one| caller.deliver(&signer, one, until));
        let outcomes = join_all(deliveries).await;
        let outcomes: Vec<_> = claimed.into_iter().zip(outcomes).collect();
        callbacks::settle(database, &outcomes).await?;
        outcomes
            .iter()
            .for_each(|(one, outcome)| drained.count(one, outcome));
    }
    Ok(drained)
}

impl Drained {
    /// Its address stays out of the log: it may hold a secret of its owner.
    fn count(&mut self, callback: &Callback, outcome: &Outcome) {
        match outcome {
            Outcome::Delivered => self.delivered += 1,
            Outcome::Again(_) => self.again += 1,
            Outcome::Dead(reason) => {
                self.dead += 1;
                tracing::warn!(
                    callback.id = %callback.id,
                    callback.tries = callback.tries,
                    callback.reason = reason,
                    "a callback is dead"
                );
            }
        }
    }
}
