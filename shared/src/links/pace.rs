//! One request at a time to a host, and not too many a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turns, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// With more hosts, those that nobody waits for are forgotten.
const MOST_HOSTS: usize = 1_024;

/// When the next request to a host may begin.
type Next = Arc<Turns<Option<Instant>>>;

/// Lets requests begin.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    hosts: Mutex<HashMap<String, Next>>,
    running: Arc<Semaphore>,
}

/// The right to have one request under way. It ends when this is dropped.
pub(super) struct Turn {
    _host: OwnedMutexGuard<Option<Instant>>,
    _running: Option<OwnedSemaphorePermit>,
}

impl Pace {
    pub(super) fn new(interval: Duration, parallel: usize) -> Self {
        Self {
            interval,
            hosts: Mutex::default(),
            running: Arc::new(Semaphore::new(parallel)),
        }
    }

    /// Waits for one's turn. Who waits for a slow host keeps nobody from another.
    pub(super) async fn turn(&self, host: &str) -> Turn {
        let mut next = self.host(host).lock_owned().await;
        if let Some(at) = *next {
            sleep_until(at).await;
        }
        // The semaphore is never closed.
        let running = Arc::clone(&self.running).acquire_owned().await.ok();
        *next = Some(Instant::now() + self.interval);
        Turn {
            _host: next,
            _running: running,
        }
    }

    fn host(&self, host: &str) -> Next {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MOST_HOSTS {
            let now = Instant::now();
            hosts.retain(|_, next| {
                Arc::strong_count(next) > 1
                    || next
                        .try_lock()
                        .is_ok_and(|next| next.is_some_and(|at| at > now))
            });
        }
        Arc::clone(hosts.entry(host.to_owned()).or_default())
    }
}
