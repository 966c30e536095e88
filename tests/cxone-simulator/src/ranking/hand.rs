//! The test's hand on the sessions, in Rust.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::world::World;

/// An order that was taken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Order {
    /// When.
    pub at: Timestamp,
    /// The body, as it was sent.
    pub ranking: Value,
}

/// What agents do to their sessions in a running simulator.
#[derive(Clone, Copy)]
pub struct Ranking<'a>(pub(crate) &'a World);

impl Ranking<'_> {
    /// Locks a session for a while.
    pub fn lock_for(&self, session: &str, span: Duration) {
        self.0.ranking.lock(session, Some(span));
    }

    /// Locks a session until it is unlocked.
    pub fn lock(&self, session: &str) {
        self.0.ranking.lock(session, None);
    }

    /// Opens a session.
    pub fn unlock(&self, session: &str) {
        self.0.ranking.unlock(session);
    }

    /// Whether it is locked now.
    pub fn is_locked(&self, session: &str) -> bool {
        self.0.ranking.is_locked(session)
    }

    /// Every order of a session that was taken, the oldest first; its version is its place, from 1.
    pub fn orders(&self, session: &str) -> Vec<Order> {
        self.0.ranking.orders(session)
    }

    /// The order that the agent sees.
    pub fn shown(&self, session: &str) -> Option<Value> {
        let last = self.0.ranking.orders(session).pop();
        last.map(|order| order.ranking)
    }
}
