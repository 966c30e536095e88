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
    /// Of these, those that a client did not make because an earlier one was not answered in time.
    pub(crate) first_calls: HashMap<String, u64>,
}

impl World {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts a call and says which fault, if any, meets it.
    pub(crate) fn begin_call(&mut self, operation: &str, is_first: bool) -> Option<crate::Fault> {
        count(&mut self.calls, operation);
        if is_first {
            count(&mut self.first_calls, operation);
        }
        self.faults.draw(operation)
    }
}

fn count(calls: &mut HashMap<String, u64>, operation: &str) {
    match calls.get_mut(operation) {
        Some(calls) => *calls += 1,
        None => {
            calls.insert(operation.to_owned(), 1);
        }
    }
}
