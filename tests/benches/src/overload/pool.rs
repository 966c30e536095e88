//! So many environments of a function, as Lambda keeps them at its concurrency limit: whoever comes while all are at work is turned away.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use end_to_end::Function;
use hdrhistogram::Histogram;

use crate::bench::Outcome;
use crate::load::{Arrivals, offer_some};

/// Whether an answer is right, and when it came.
type Check = fn(&end_to_end::Answer) -> Outcome<()>;

/// The environments, and what they are asked.
pub(super) struct Pool {
    idle: Mutex<Vec<Function>>,
    events: Vec<String>,
    check: Check,
    /// How many right answers were given.
    pub(super) answered: AtomicU64,
}

/// What came of a load.
pub(super) struct Borne {
    pub(super) latencies: Histogram<u64>,
    /// Of how many that came, how many were turned away.
    pub(super) turned_away: f64,
}

impl Pool {
    pub(super) fn new(functions: Vec<Function>, events: Vec<String>, check: Check) -> Arc<Self> {
        Arc::new(Self {
            idle: Mutex::new(functions),
            events,
            check,
            answered: AtomicU64::new(0),
        })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Function>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the answer came; nothing if nobody was idle.
    async fn ask(&self, number: usize) -> Outcome<Option<Instant>> {
        let Some(function) = self.idle().pop() else {
            return Ok(None);
        };
        let event = self.events[number % self.events.len()].clone();
        let answer = function.invoke(event).await;
        self.idle().push(function);
        let answer =
            answer.ok_or("a function did not answer in 10 s; see target/bench/functions.log")?;
        (self.check)(&answer)?;
        self.answered.fetch_add(1, Ordering::Relaxed);
        Ok(Some(answer.at))
    }

    /// What all of them together can answer in a second, when each is asked again as soon as it has answered.
    pub(super) async fn capacity(self: &Arc<Self>, time: Duration) -> Outcome<f64> {
        let environments = self.idle().len();
        let started = Instant::now();
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..environments {
            let pool = Arc::clone(self);
            callers.spawn(async move {
                let mut count = 0_u32;
                while started.elapsed() < time {
                    pool.ask(caller + usize::try_from(count)?).await?;
                    count += 1;
                }
                Outcome::Ok(count)
            });
        }
        let mut count = 0;
        while let Some(caller) = callers.join_next().await {
            count += caller??;
        }
        Ok(f64::from(count) / started.elapsed().as_secs_f64())
    }

    /// Lets requests arrive when they are due, whatever became of those before.
    pub(super) async fn bear(self: &Arc<Self>, arrivals: Arrivals) -> Outcome<Borne> {
        let pool = Arc::clone(self);
        let ask = move |number| {
            let pool = Arc::clone(&pool);
            async move { pool.ask(number).await }
        };
        let latencies = offer_some(arrivals, ask).await?;
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let turned_away = 1.0 - latencies.len() as f64 / arrivals.count() as f64;
        Ok(Borne {
            latencies,
            turned_away,
        })
    }
}
