//! A service of someone else: the connections to it, and how it has been lately.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::ClientBuilder;
use tokio::time::{Instant, timeout_at};

use super::breaker::{Breaker, Permit};
use super::{Pace, Setback};
use crate::error::Error;

/// An idle connection is not trusted for longer.
const IDLE: Duration = Duration::from_secs(4);

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsent {
    #[error("it failed several times in a row and is left alone for a while")]
    LeftAlone,
    #[cfg(feature = "cxone")]
    #[error("too little time is left")]
    TooLate,
}

/// A service, as all calls to it share it.
pub(crate) struct Peer {
    /// As errors name it.
    pub(crate) what: &'static str,
    pub(crate) pace: Pace,
    breaker: Mutex<Breaker>,
}

/// An HTTP client as every peer needs it: it follows nobody elsewhere, and trusts no old connection.
pub(crate) fn http(pace: &Pace) -> ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(pace.connect)
        .pool_idle_timeout(IDLE)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
}

impl Peer {
    pub(crate) fn new(what: &'static str, pace: Pace) -> Self {
        let breaker = Mutex::new(Breaker::new(pace.breaker));
        Self {
            what,
            pace,
            breaker,
        }
    }

    /// Lets an exchange happen in its time, unless the peer is to be left alone, and remembers how it went.
    pub(crate) async fn exchange<T>(
        &self,
        until: Instant,
        ask: impl Future<Output = Result<T, Setback>>,
    ) -> Result<T, Setback> {
        let now = Instant::now();
        let admitted = self.breaker().admit(now);
        let permit = admitted.map_err(|wait| {
            Setback::Halt(Error::Transient {
                what: self.what,
                retry_after: wait,
                source: Unsent::LeftAlone.into(),
            })
        })?;
        let latest = until.min(now + self.pace.attempt);
        let outcome = timeout_at(latest, ask).await;
        // The caller's haste says nothing of the service. Whoever tries a service that was down says so all the same, or nobody
        // would for long.
        let is_haste = outcome.is_err() && until == latest && permit == Permit::Usual;
        let outcome = outcome.unwrap_or_else(|late| Err(Setback::unwell(late)));
        if !is_haste {
            self.report(permit, outcome.as_ref().err());
        }
        outcome
    }

    fn report(&self, permit: Permit, setback: Option<&Setback>) {
        let Some(Setback::Again {
            cause,
            is_outage: true,
            ..
        }) = setback
        else {
            return self.breaker().answered();
        };
        let pause = self
            .breaker()
            .failed(permit, Instant::now(), fastrand::f64());
        if let Some(pause) = pause {
            tracing::warn!(
                error = cause.to_string(),
                peer = self.what,
                pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                "a service is left alone for a while"
            );
        }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask_in_vain(peer: &Peer, until: Instant) -> Setback {
        let never = std::future::pending::<Result<(), Setback>>();
        peer.exchange(until, never).await.unwrap_err()
    }

    /// How the sixth request fares after five in vain.
    async fn sixth(attempt: u64, left: u64) -> Setback {
        let pace = Pace {
            attempt: Duration::from_millis(attempt),
            ..Pace::default()
        };
        let peer = Peer::new("a service", pace);
        let until = || Instant::now() + Duration::from_millis(left);
        for _ in 0..5 {
            assert!(matches!(
                ask_in_vain(&peer, until()).await,
                Setback::Again { .. }
            ));
        }
        ask_in_vain(&peer, until()).await
    }

    #[tokio::test]
    async fn only_its_own_slowness_counts_against_a_service() {
        assert!(matches!(sixth(5, 60_000).await, Setback::Halt(_)));
        assert!(matches!(sixth(60_000, 5).await, Setback::Again { .. }));
    }
}
