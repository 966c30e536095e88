//! What all calls to other people's services have in common: how patient they are, what ends them, and what is believed.
//!
//! - **Time**: a try has a limit, and nothing outlasts the caller's deadline.
//! - **Again**: what may be well again is asked again, with full jitter or after `Retry-After`; who is told to wait for longer than
//!   two minutes hands the work back. See `Tries`.
//! - **Outages**: a breaker leaves a service alone that is down. See [`breaker`] and `Peer`.
//! - **Answers**: a body is counted before it is believed. See `body`.
//! - **Freezes**: an idle connection is dropped after four seconds; one that died unnoticed costs an immediate second try.

pub(crate) mod address;
pub(crate) mod body;
pub mod breaker;
mod peer;
mod tries;

use std::time::Duration;

use crate::error::{Error, Source};
use crate::retry::Backoff;
use breaker::Rule;
#[cfg(feature = "cxone")]
pub(crate) use peer::Unsent;
pub(crate) use peer::{Peer, http};
#[cfg(feature = "embedding")]
pub(crate) use tries::LONGEST_WAIT;
pub(crate) use tries::Tries;

/// Times and numbers of tries.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// To open a connection.
    pub connect: Duration,
    /// For one try, answer included.
    pub attempt: Duration,
    /// How often a request is tried in all.
    pub tries: u32,
    /// The pauses between the tries where the service names none.
    pub backoff: Backoff,
    /// With less than this left, no request begins.
    pub margin: Duration,
    /// When the service is left alone.
    pub breaker: Rule,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(30),
            tries: 5,
            backoff: Backoff {
                first: Duration::from_millis(250),
                most: Duration::from_secs(8),
            },
            margin: Duration::from_millis(100),
            breaker: Rule {
                failures: 5,
                first: Duration::from_secs(10),
                most: Duration::from_mins(1),
            },
        }
    }
}

/// Why there is no reply.
pub(crate) enum Setback {
    /// A person has to change something, or it is known that nothing gets through now: nothing more is to be sent.
    Halt(Error),
    /// Another try may succeed.
    Again {
        cause: Source,
        /// How long to wait, where that is known.
        wait: Option<Duration>,
        /// Whether the service is unwell, rather than busy.
        is_outage: bool,
    },
}

impl Setback {
    /// The service did not do what a service that is well does.
    pub(crate) fn unwell(cause: impl Into<Source>) -> Self {
        Self::Again {
            cause: cause.into(),
            wait: None,
            is_outage: true,
        }
    }

    /// A connection that had died unnoticed while it was idle is worth another try at once.
    pub(crate) fn broken(error: reqwest::Error) -> Self {
        let is_lost = error.is_request() && !error.is_connect() && !error.is_timeout();
        Self::Again {
            cause: error.without_url().into(),
            wait: is_lost.then_some(Duration::ZERO),
            is_outage: true,
        }
    }
}
