//! Asks until there is a reply, or no hope for one in time.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::answer::Gap;
use super::call::Call;
use super::exchange::Setback;
use crate::domain::Embedding;
use crate::error::{Error, Source};

/// As errors name it.
pub(super) const WHAT: &str = "the embedding provider";
/// Who is told to wait for longer hands the work back.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// Who waited for the same instant does not start at the same instant.
const SPREAD: Duration = Duration::from_millis(100);

/// What the provider made of the texts of a request.
pub(super) enum Reply {
    /// One outcome per text, in order.
    Vectors(Vec<Result<Embedding, Gap>>),
    /// It does not take at least one of them, or all of them together.
    Refused,
}

/// What the requests of a call have learnt for those that follow.
#[derive(Default)]
pub(super) struct Gate {
    /// Nothing more is sent.
    halted: Option<Arc<Error>>,
    /// Nothing is sent before.
    closed_until: Option<Instant>,
}

impl Call<'_> {
    /// Asks for the vectors of these texts, again if there is reason to hope.
    pub(super) async fn ask(&self, texts: &[&str]) -> Result<Reply, Arc<Error>> {
        let mut failures = 0;
        loop {
            self.pass_gate().await?;
            let setback = match self.client.attempt(texts, self.until).await {
                Ok(reply) => return Ok(reply),
                Err(setback) => setback,
            };
            match setback {
                Setback::Halt(error) => return Err(self.halt(error)),
                Setback::Again {
                    cause,
                    wait,
                    is_outage,
                } => {
                    failures += 1;
                    let wait = self.wait(wait, is_outage, failures);
                    if failures >= self.client.options.pace.tries {
                        return Err(later(wait, cause));
                    }
                    self.sleep(wait, cause).await?;
                }
            }
        }
    }

    /// Ends the call with this error: what is under way is finished, nothing else is begun.
    pub(super) fn halt(&self, error: Error) -> Arc<Error> {
        let error = Arc::new(error);
        Arc::clone(self.gate().halted.get_or_insert(error))
    }

    /// Waits until a request may be sent.
    async fn pass_gate(&self) -> Result<(), Arc<Error>> {
        loop {
            let (halted, closed_until) = {
                let gate = self.gate();
                (gate.halted.clone(), gate.closed_until)
            };
            if let Some(error) = halted {
                return Err(error);
            }
            let wait = closed_until.map(|until| until.saturating_duration_since(Instant::now()));
            let wait = wait.unwrap_or_default();
            let cause = "it asked for a pause, or too little time is left";
            self.sleep(wait, cause.into()).await?;
            if wait.is_zero() {
                return Ok(());
            }
        }
    }

    /// How long to wait after so many failures. Who is told not to wait at all is believed once. A provider that names a time, or is
    /// busy, means all requests.
    fn wait(&self, told: Option<Duration>, is_outage: bool, failures: u32) -> Duration {
        let told = told.filter(|told| failures == 1 || !told.is_zero());
        let backoff = self.client.options.pace.backoff;
        let wait = told.unwrap_or_else(|| backoff.pause(failures - 1, fastrand::f64()));
        if told.is_some() || !is_outage {
            let now = Instant::now();
            let until = now
                .checked_add(wait)
                .unwrap_or(now + Duration::from_hours(24));
            let mut gate = self.gate();
            gate.closed_until = gate.closed_until.max(Some(until));
        }
        wait
    }

    /// Sleeps if that leaves time for a request.
    async fn sleep(&self, wait: Duration, cause: Source) -> Result<(), Arc<Error>> {
        let left = self.until.saturating_duration_since(Instant::now());
        let spare = left.checked_sub(self.client.options.pace.margin);
        let Some(most) = spare.filter(|spare| wait <= *spare && wait <= LONGEST_WAIT) else {
            return Err(later(wait, cause));
        };
        if !wait.is_zero() {
            let spread = SPREAD.min(wait).mul_f64(fastrand::f64());
            tokio::time::sleep((wait + spread).min(most)).await;
        }
        Ok(())
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later(wait: Duration, cause: Source) -> Arc<Error> {
    Arc::new(Error::Transient {
        what: WHAT,
        retry_after: wait,
        source: cause,
    })
}
