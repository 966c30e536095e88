//! Asks until there is a reply, or no hope for one in time.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::answer::Gap;
use super::call::Call;
use super::turns::Turn;
use crate::domain::Embedding;
use crate::error::Error;
use crate::outbound::{LONGEST_WAIT, Setback, Tries};

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
        let turns = &self.client.turns;
        let mut tries = Tries::new(&self.client.peer, self.until);
        let mut served = turns.served();
        loop {
            let turn = self.pass_gate(&tries).await?;
            let setback = match self.client.attempt(texts, self.until).await {
                Ok(reply) => {
                    turns.serve();
                    return Ok(reply);
                }
                Err(setback) => setback,
            };
            match setback {
                Setback::Halt(error) => return Err(self.halt(error)),
                Setback::Again {
                    cause,
                    wait: told,
                    is_outage,
                } => {
                    let before = std::mem::replace(&mut served, turns.served());
                    if !is_outage {
                        turns.refuse(turn);
                    }
                    if !is_outage && served > before {
                        tries.is_overtaken();
                    }
                    let wait = tries.failed(told);
                    // A provider that names a time, or is busy, means all requests.
                    if told.is_some_and(|told| !told.is_zero()) || !is_outage {
                        self.close_gate(wait);
                    }
                    tries.pause(wait, cause).await?;
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
    async fn pass_gate(&self, tries: &Tries<'_>) -> Result<Turn, Arc<Error>> {
        loop {
            let (halted, closed_until) = {
                let gate = self.gate();
                (gate.halted.clone(), gate.closed_until)
            };
            if let Some(error) = halted {
                return Err(error);
            }
            let wait = closed_until.map(|until| until.saturating_duration_since(Instant::now()));
            let closed = wait.filter(|wait| !wait.is_zero()).map_or(Ok(()), Err);
            let turn = closed.and_then(|()| self.client.turns.take());
            let cause = "it asked for a pause, or too little time is left";
            let wait = turn.err().unwrap_or_default();
            tries.sleep(wait, cause.into()).await?;
            if let Ok(turn) = turn {
                return Ok(turn);
            }
        }
    }

    fn close_gate(&self, wait: Duration) {
        let now = Instant::now();
        let until = now
            .checked_add(wait)
            .unwrap_or(now + Duration::from_hours(24));
        let mut gate = self.gate();
        gate.closed_until = gate.closed_until.max(Some(until));
        // After a longer one the next call may try: nobody is shut out for hours by one answer.
        if wait <= LONGEST_WAIT {
            self.client.turns.close(until);
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
