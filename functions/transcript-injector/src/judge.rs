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

/// A try, as far as it matters for what its answer means.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Try {
    /// Which one it is, from 1.
    pub(crate) number: u32,
    /// Whether an earlier one may have arrived.
    pub(crate) is_in_doubt: bool,
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
                (self.untried(Some(429), "HTTP 429"), Effect::Pause(wait))
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
            Error::Misconfigured { .. } => {
                let untried = self.untried(None, "CXone lets nobody in");
                (untried, Effect::Trouble(TROUBLE, error))
            }
            Error::Transient { .. } => (
                self.untried(None, "CXone gave no token"),
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
    fn untried(self, status: Option<u16>, reason: &str) -> Outcome {
        Outcome::Again {
            wait: Duration::ZERO,
            status,
            reason: reason.to_owned(),
            is_in_doubt: self.is_in_doubt,
            counts: false,
        }
    }
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
mod tests {
    use super::*;

    use AfterLostAnswer::{Hold, LookUp, SendAgain};

    fn tried(number: u32, after_lost_answer: AfterLostAnswer) -> Try {
        Try {
            number,
            is_in_doubt: false,
            after_lost_answer,
            took: Duration::from_millis(5),
            random: 1.0,
        }
    }

    /// What came of it: the state, whether the try counts, whether it may have arrived, and the pause.
    fn told(outcome: &Outcome) -> (State, bool, bool, u64) {
        match outcome {
            Outcome::Injected { .. } => (State::Injected, true, false, 0),
            Outcome::Again {
                wait,
                is_in_doubt,
                counts,
                ..
            } => (State::Pending, *counts, *is_in_doubt, wait.as_secs()),
            Outcome::Over {
                state, is_in_doubt, ..
            } => (*state, true, *is_in_doubt, 0),
        }
    }

    fn broken() -> Error {
        Error::transient("CXone", "gone")
    }

    #[test]
    fn every_answer_has_its_outcome() {
        let (pending, unknown) = (State::Pending, State::OutcomeUnknown);
        let told_s = |seconds| Some(Duration::from_secs(seconds));
        let refused = || Posted::Refused {
            status: 400,
            why: None,
        };
        for (after, posted, expected) in [
            (SendAgain, refused(), (State::Refused, true, false, 0)),
            (
                SendAgain,
                Posted::Busy(told_s(7)),
                (pending, false, false, 0),
            ),
            (
                SendAgain,
                Posted::Failed(500, None),
                (pending, true, true, 10),
            ),
            (
                LookUp,
                Posted::Failed(503, told_s(99)),
                (pending, true, true, 99),
            ),
            (Hold, Posted::Failed(503, None), (pending, true, false, 10)),
            (Hold, Posted::Failed(504, None), (unknown, true, true, 0)),
            (
                SendAgain,
                Posted::Unsent(broken()),
                (pending, true, false, 10),
            ),
            (Hold, Posted::Unsent(broken()), (pending, true, false, 10)),
            (
                SendAgain,
                Posted::Unsure(broken()),
                (pending, true, true, 10),
            ),
            (LookUp, Posted::Unsure(broken()), (pending, true, true, 10)),
            (Hold, Posted::Unsure(broken()), (unknown, true, true, 0)),
        ] {
            let said = format!("{after:?} {posted:?}");
            let (outcome, _) = tried(1, after).judge(Ok(posted));
            assert_eq!(told(&outcome), expected, "{said}");
        }
    }

    #[test]
    fn what_is_not_the_transcripts_fault_does_not_count_and_ends_the_run() {
        let closed = Err(Error::misconfigured("the scope is missing"));
        let (outcome, effect) = tried(12, SendAgain).judge(closed);
        assert_eq!(told(&outcome), (State::Pending, false, false, 0));
        assert!(matches!(effect, Effect::Trouble(..)));
        let (outcome, effect) = tried(12, SendAgain).judge(Err(broken()));
        assert_eq!(told(&outcome), (State::Pending, false, false, 0));
        assert!(matches!(effect, Effect::Stop(_)));
        let (_, effect) = tried(12, SendAgain).judge(Ok(Posted::Busy(None)));
        assert!(matches!(effect, Effect::Pause(span) if span == Duration::from_secs(45)));
    }

    #[test]
    fn pauses_grow_and_the_last_try_ends_it() {
        let pause = |number| {
            let (outcome, _) = tried(number, SendAgain).judge(Ok(Posted::Unsure(broken())));
            told(&outcome)
        };
        let pauses: Vec<_> = (1..12).map(|number| pause(number).3).collect();
        let expected = [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600];
        assert_eq!(pauses, expected);
        assert_eq!(pause(12), (State::Dead, true, true, 0));
    }
}
