//! Whoever has the lease of a session posts its newest order, again and again until CXone says what became of it.

use std::time::Duration;

use shared::cxone::ranking::Posted;
use shared::db::ranking::{Ended, Held, Lease, Order, hold};
use shared::error::Error;
use shared::ranking::Ranking;
use shared::retry::Backoff;
use tokio::time::Instant;

use crate::app::App;
use crate::rank::Clock;
use crate::settle::{Grip, Outcome, Problem, settle};

/// Between two looks at a locked session.
const LOCKED_MS: std::ops::RangeInclusive<u64> = 100..=400;
/// No lock is waited for longer: few who wait would keep everybody else out. The next tick posts what is left.
const LONGEST_LOCK: Duration = Duration::from_secs(5);
/// After so long, whoever met a lock may ask again.
const AFTER_LOCK: Duration = Duration::from_secs(15);
/// Between two tries where CXone does not say.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(100),
    most: Duration::from_secs(2),
};
/// A try that has less time is not made: cut off on its way, it would leave behind an order of which nobody knows.
const LEAST_TRY: Duration = Duration::from_millis(500);
/// So often in a row the engine may stumble over an order whose scores lie far apart.
const MOST_STUMBLES: u32 = 3;
/// Scores whose largest is so many times the smallest lie far apart.
const FAR: f64 = 100.0;

/// What a try came to.
pub(crate) enum Tried {
    /// The order has ended.
    Over(Outcome),
    /// The session is locked.
    Locked,
    /// Another try may succeed, after this time.
    Again(Duration),
}

/// The tries of one order under one lease.
struct Poster<'a> {
    app: &'a App,
    order: &'a Order,
    lease: Lease,
    clock: Clock,
    failures: u32,
    stumbles: u32,
    /// Whether a try was made of which nobody knows what became.
    is_in_doubt: bool,
    /// Since when the session is locked, if it was when CXone last said anything of it.
    locked_since: Option<Instant>,
}

/// Posts, and says how the order ended; none if the lease was lost.
pub(crate) async fn post(
    app: &App,
    order: &Order,
    lease: Lease,
    clock: Clock,
) -> Result<Option<Ended>, Error> {
    let mut poster = Poster {
        app,
        order,
        lease,
        clock,
        failures: 0,
        stumbles: 0,
        is_in_doubt: false,
        locked_since: None,
    };
    let Some(outcome) = poster.post().await? else {
        return Ok(None);
    };
    let grip = Grip {
        lease,
        is_in_doubt: poster.is_in_doubt,
    };
    let settled = settle(app, order, Some(grip), &outcome, clock.started).await?;
    match outcome {
        Outcome::Posted | Outcome::Failed { .. } => Ok(settled),
        _ => Err(outcome.into_error()),
    }
}

impl Poster<'_> {
    /// What becomes of the order; none if the lease was lost.
    async fn post(&mut self) -> Result<Option<Outcome>, Error> {
        loop {
            let wait = match self.attempt().await {
                Tried::Over(outcome) => return Ok(Some(outcome)),
                Tried::Locked => locked_pause(),
                Tried::Again(wait) => wait,
            };
            match self.pause(wait).await? {
                Paused::Over(outcome) => return Ok(Some(outcome)),
                Paused::Lost => return Ok(None),
                Paused::Free => {}
            }
        }
    }

    async fn attempt(&mut self) -> Tried {
        let (session, text) = (&self.order.session, self.order.ranking.get());
        let posted = self.app.ranking.post(session, text, self.clock.until).await;
        self.is_in_doubt |= is_doubtful(&posted);
        if let Ok(said) = &posted {
            self.locked_since = match said {
                Posted::Locked => Some(self.locked_since.unwrap_or_else(Instant::now)),
                _ => None,
            };
        }
        self.stumbles = match posted {
            Ok(Posted::Stumbled) => self.stumbles + 1,
            _ => 0,
        };
        let tried = judge(self.order, posted, self.failures);
        if self.stumbles >= MOST_STUMBLES && is_far(self.order) {
            return Tried::Over(Outcome::Failed {
                status: 500,
                problem: Problem::far(),
            });
        }
        self.failures += 1;
        tried
    }

    /// Waits; and looks, before another try, whether there is a newer order and whether the session is free.
    async fn pause(&self, mut wait: Duration) -> Result<Paused, Error> {
        loop {
            if !self.clock.allows(wait + LEAST_TRY) || self.is_locked_for(LONGEST_LOCK) {
                return Ok(Paused::Over(self.late(wait)));
            }
            tokio::time::sleep(wait).await;
            let (session, version) = (&self.order.session, self.order.version);
            match hold(&self.app.database, session, version, self.lease).await? {
                Held::Lost => return Ok(Paused::Lost),
                Held::Superseded(newest) => {
                    return Ok(Paused::Over(Outcome::Superseded(newest)));
                }
                Held::Newest if self.locked_since.is_none() => return Ok(Paused::Free),
                Held::Newest => {}
            }
            // Who cannot be told how the session is finds out by posting.
            let look = self.app.ranking.is_locked(session, self.clock.until).await;
            if !look.unwrap_or_default() && self.clock.allows(LEAST_TRY) {
                return Ok(Paused::Free);
            }
            wait = locked_pause();
        }
    }

    fn is_locked_for(&self, span: Duration) -> bool {
        self.locked_since
            .is_some_and(|since| since.elapsed() >= span)
    }

    fn late(&self, wait: Duration) -> Outcome {
        match self.locked_since {
            Some(_) if self.is_in_doubt => Outcome::Unknown(AFTER_LOCK),
            Some(_) => Outcome::Locked(AFTER_LOCK),
            None => Outcome::Unknown(wait),
        }
    }
}

enum Paused {
    /// Another try may be made.
    Free,
    Over(Outcome),
    /// Somebody else has the lease now.
    Lost,
}

fn locked_pause() -> Duration {
    Duration::from_millis(fastrand::u64(LOCKED_MS))
}

/// Whether nobody knows what became of a try.
pub(crate) fn is_doubtful(posted: &Result<Posted, Error>) -> bool {
    matches!(posted, Ok(Posted::Unsure(_) | Posted::Stumbled))
}

/// What follows from what CXone said. Settings that a person has to mend are waited for, like an outage.
pub(crate) fn judge(order: &Order, posted: Result<Posted, Error>, failures: u32) -> Tried {
    let pause = BACKOFF.pause(failures, 0.5 + fastrand::f64() / 2.0);
    match posted {
        Ok(Posted::Done) => Tried::Over(Outcome::Posted),
        Ok(Posted::Locked) => Tried::Locked,
        Ok(Posted::Busy(wait)) => Tried::Again(wait.unwrap_or(pause)),
        Ok(Posted::Stumbled) => Tried::Again(pause),
        Ok(Posted::Refused { status, why }) => Tried::Over(Outcome::Failed {
            status,
            problem: Problem::of(status, why),
        }),
        Ok(Posted::Unsure(error)) | Err(error) => {
            log(order, &error);
            match error {
                Error::Transient { retry_after, .. } => Tried::Again(pause.max(retry_after)),
                Error::NotFound => Tried::Over(Outcome::Failed {
                    status: 404,
                    problem: Problem::of(404, None),
                }),
                _ => Tried::Again(Duration::from_secs(30)),
            }
        }
    }
}

fn log(order: &Order, error: &Error) {
    let (kind, error) = (error.kind().as_str(), error.chain());
    if kind == "transient" {
        tracing::warn!(version = order.version, error, "an order was not confirmed");
    } else {
        tracing::error!(error.kind = kind, error, "an order cannot be posted");
    }
}

/// Whether the scores lie so far apart that the engine may fail for that.
fn is_far(order: &Order) -> bool {
    let Ok(ranking) = serde_json::from_str::<Ranking>(order.ranking.get()) else {
        return false;
    };
    let scores = ranking.snippets.iter().map(|one| one.relevance_score.get());
    let scores: Vec<f64> = scores.filter(|score| *score > 0.0).collect();
    let least = scores.iter().copied().fold(f64::INFINITY, f64::min);
    scores.iter().any(|score| score / least > FAR)
}
