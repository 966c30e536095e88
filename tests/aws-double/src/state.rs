//! Everything the double remembers, behind one lock.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::fault::Faults;
use crate::secrets::Secrets;
use crate::sqs::Sqs;

/// The shared state. The lock is never held across an await.
#[derive(Default)]
pub(crate) struct World(Mutex<State>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) sqs: Sqs,
    pub(crate) secrets: Secrets,
    pub(crate) faults: Faults,
    pub(crate) calls: HashMap<String, u64>,
}

impl World {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts a call and says which fault, if any, meets it.
    pub(crate) fn begin_call(&mut self, operation: &str) -> Option<crate::Fault> {
        match self.calls.get_mut(operation) {
            Some(calls) => *calls += 1,
            None => {
                self.calls.insert(operation.to_owned(), 1);
            }
        }
        self.faults.draw(operation)
    }
}
