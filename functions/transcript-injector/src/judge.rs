//! What an answer means for a transcript, and for all others. Pure.

use std::time::Duration;

use shared::cxone::transcripts::{AfterLostAnswer, Posted};
use shared::db::transcripts::{Outcome, State};
use shared::error::Error;
use shared::retry::Backoff;

/// No more tries than these, the first included.
pub(crate) const MOST_TRIES: u32 = 12;
/// Between tries, which so go on for hours.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(10),
    most: Duration::from_hours(1),
};
/// How long nobody posts after 429, where CXone does not say.
const BUSY: Duration = Duration::from_secs(30);
/// How long nobody posts while a person has to change something; then one tries.
const TROUBLE: Duration = Duration::from_mins(5);
/// Whoever met that waits longer: the one that tries is another, so that what only one of them meets does not hold up all.
const TURNED_AWAY: Duration = TROUBLE.saturating_add(Duration::from_mins(1));
/// What is written down of it.
const NOBODY_IN: &str = "CXone lets nobody in";

/// A try, as far as it matters for what its answer means.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Try {
    /// Which one it is, from 1.
    pub(crate) number: u32,
    /// Whether an earlier one may have arrived.
    pub(crate) is_in_doubt: bool,
    /// Whether it was turned away before, and others were let in since.
    pub(crate) is_alone: bool,
    /// What the tenant's profile says.
    pub(crate) after_lost_answer: AfterLostAnswer,
    /// From the post to the answer.
    pub(crate) took: Duration,
    /// In 0..1.
    pub(crate) random: f64,
}

/// What follows for everybody.
#[derive(Debug)]
pub(crate) enum Effect {
    /// CXone lets us in.
    Welcome,
    /// Nothing.
    None,
    /// CXone fails, or cannot be reached.
    Outage,
    /// Nobody is to post for this long.
    Pause(Duration),
    /// The same, until a person has changed something.
    Trouble(Duration, Error),
    /// This run is over.
    Stop(Error),
}

impl Try {
    /// What came of it.
    pub(crate) fn judge(self, posted: Result<Posted, Error>) -> (Outcome, Effect) {
        match posted {
            Ok(Posted::Created(conversation)) => {
                let injected = Outcome::Injected {
                    conversation,
                    status: Some(201),
                    latency: Some(self.took),
                };
                (injected, Effect::Welcome)
            }
            Ok(Posted::Refused { status, why }) => {
                let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                let reason = format!("HTTP {status}{why}");
                let refused = over(State::Refused, Some(status), reason, false);
                (refused, Effect::Welcome)
            }
            Ok(Posted::Busy(told)) => {
                let wait = told.unwrap_or_else(|| BUSY.mul_f64(0.5 + self.random));
                let untried = self.untried(Some(429), "HTTP 429", Duration::ZERO);
                (untried, Effect::Pause(wait))
            }
            Ok(Posted::Failed(status, told)) => self.failed(status, told.unwrap_or_default()),
            Ok(Posted::Unsent(_)) => {
                let is_in_doubt = self.is_in_doubt;
                let again = self.again(None, "no connection", Duration::ZERO, is_in_doubt);
                (again, Effect::Outage)
            }
            Ok(Posted::Unsure(_)) => (self.lost(None, "no readable answer"), Effect::Outage),
            Err(error) => self.unsent(error),
        }
    }

    /// Not a word of it was sent, and that is not its fault.
    pub(crate) fn unsent(self, error: Error) -> (Outcome, Effect) {
        match error {
            // It is this one, then: it is tried no more than any other, and nobody else waits.
            Error::Misconfigured { .. } if self.is_alone => {
                let reason = format!("{NOBODY_IN} with it: {error}");
                let again = self.again(None, &reason, TURNED_AWAY, self.is_in_doubt);
                (again, Effect::Stop(error))
            }
            Error::Misconfigured { .. } => {
                let untried = self.untried(None, NOBODY_IN, TURNED_AWAY);
                (untried, Effect::Trouble(TROUBLE, error))
            }
            Error::Transient { .. } => (
                self.untried(None, "CXone gave no token", Duration::ZERO),
                Effect::Stop(error),
            ),
            _ => {
                let reason = error.to_string();
                let is_in_doubt = self.is_in_doubt;
                let dead = over(State::Dead, None, reason, is_in_doubt);
                (dead, Effect::None)
            }
        }
    }

    /// CXone says that it failed. Where it does not know messages that come again, only what surely was not carried out is sent again.
    fn failed(self, status: u16, told: Duration) -> (Outcome, Effect) {
        let reason = format!("HTTP {status}");
        let is_held = self.after_lost_answer == AfterLostAnswer::Hold;
        let outcome = if !is_held {
            self.again(Some(status), &reason, told, true)
        } else if matches!(status, 425 | 503) {
            self.again(Some(status), &reason, told, false)
        } else {
            self.lost(Some(status), &reason)
        };
        (outcome, Effect::Outage)
    }

    /// Whether CXone has it is not known.
    pub(crate) fn lost(self, status: Option<u16>, reason: &str) -> Outcome {
        if self.after_lost_answer == AfterLostAnswer::Hold {
            return over(State::OutcomeUnknown, status, reason.to_owned(), true);
        }
        self.again(status, reason, Duration::ZERO, true)
    }

    /// Later, unless that was the last try.
    fn again(
        self,
        status: Option<u16>,
        reason: &str,
        told: Duration,
        is_in_doubt: bool,
    ) -> Outcome {
        let reason = reason.to_owned();
        if self.number >= MOST_TRIES {
            return over(State::Dead, status, reason, is_in_doubt);
        }
        Outcome::Again {
            wait: BACKOFF.pause(self.number - 1, self.random).max(told),
            status,
            reason,
            is_in_doubt,
            counts: true,
        }
    }

    /// As if it had not been tried.
    fn untried(self, status: Option<u16>, reason: &str, wait: Duration) -> Outcome {
        Outcome::Again {
            wait,
            status,
            reason: reason.to_owned(),
            is_in_doubt: self.is_in_doubt,
            counts: false,
        }
    }
}

/// Whether this is what is written down of one that was turned away.
pub(crate) fn is_turned_away(reason: &str) -> bool {
    reason.starts_with(NOBODY_IN)
}

/// No other try is made.
fn over(state: State, status: Option<u16>, reason: String, is_in_doubt: bool) -> Outcome {
    Outcome::Over {
        state,
        status,
        reason,
        is_in_doubt,
    }
}

#[cfg(test)]
mod tests;
