//! The sessions: their locks, and every order that was taken.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::Value;

use super::hand::Order;
use crate::world::lock;

/// Every session that was ever named, behind its lock.
#[derive(Default)]
pub(crate) struct Store(Mutex<HashMap<String, Session>>);

#[derive(Default)]
struct Session {
    lock: Lock,
    orders: Vec<Order>,
}

#[derive(Default)]
enum Lock {
    #[default]
    Open,
    Until(Instant),
    ForEver,
}

impl Session {
    fn is_locked(&self) -> bool {
        match self.lock {
            Lock::Open => false,
            Lock::Until(until) => Instant::now() < until,
            Lock::ForEver => true,
        }
    }
}

impl Store {
    /// Locks a session for a while, or until it is unlocked.
    pub(super) fn lock(&self, id: &str, span: Option<Duration>) {
        let until = span.map_or(Lock::ForEver, |span| Lock::Until(Instant::now() + span));
        lock(&self.0).entry(id.to_owned()).or_default().lock = until;
    }

    pub(super) fn unlock(&self, id: &str) {
        lock(&self.0).entry(id.to_owned()).or_default().lock = Lock::Open;
    }

    pub(super) fn is_locked(&self, id: &str) -> bool {
        lock(&self.0).get(id).is_some_and(Session::is_locked)
    }

    /// Puts an order in the place of the one before, and says its number, from 1; nothing if the session is locked.
    pub(super) fn replace(&self, id: &str, at: Timestamp, body: &[u8]) -> Option<usize> {
        let mut sessions = lock(&self.0);
        let session = sessions.entry(id.to_owned()).or_default();
        if session.is_locked() {
            return None;
        }
        let ranking: Value = serde_json::from_slice(body).unwrap_or_default();
        session.orders.push(Order { at, ranking });
        Some(session.orders.len())
    }

    pub(super) fn orders(&self, id: &str) -> Vec<Order> {
        let sessions = lock(&self.0);
        sessions
            .get(id)
            .map(|session| session.orders.clone())
            .unwrap_or_default()
    }

    /// No sessions.
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}
