//! Asks until there is a reply, or no hope for one in time.

use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue};
use tokio::time::{Instant, timeout_at};

use crate::error::Error;
use crate::outbound::{self, Pace, Peer, Setback, Tries, Unsent};

/// Repeats an exchange with a peer for as long as there is reason to.
pub(super) async fn ask<T, F: Future<Output = Result<T, Setback>>>(
    peer: &Peer,
    until: Instant,
    exchange: impl Fn() -> F,
) -> Result<T, Error> {
    let mut tries = Tries::new(peer, until);
    tries.sleep(Duration::ZERO, Unsent::TooLate.into()).await?;
    loop {
        match peer.exchange(until, exchange()).await {
            Ok(reply) => return Ok(reply),
            Err(Setback::Halt(error)) => return Err(error),
            Err(Setback::Again { cause, wait, .. }) => {
                let wait = tries.failed(wait);
                tries.pause(wait, cause).await?;
            }
        }
    }
}

/// Waits for something of ours that is slow at times, but not for longer than the caller does.
pub(super) async fn in_time<T>(
    what: &'static str,
    until: Instant,
    wait: impl Future<Output = T>,
) -> Result<T, Error> {
    let waited = timeout_at(until, wait).await;
    waited.map_err(|late| Error::transient(what, late))
}

/// The HTTP client for CXone: some of its tenants fail over HTTP/2, and none answers JSON unless it is asked to.
pub(super) fn http(pace: &Pace) -> Result<reqwest::Client, Error> {
    let headers = HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static("application/json")),
        (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
    ]);
    let http = outbound::http(pace)
        .http1_only()
        .default_headers(headers)
        .user_agent(concat!("cxone-memory/", env!("CARGO_PKG_VERSION")));
    http.build().map_err(|error| Error::Bug {
        what: "an HTTP client cannot be built",
        source: Some(error.into()),
    })
}
