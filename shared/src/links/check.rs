//! Asks whether there is something behind a link.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::pace::Pace;
use super::verdict::{Unknown, Verdict};
use crate::error::Error;
use crate::net_guard::{Failure, Lookup, Outside, Rules, Step};

/// Servers that refuse programs without a name answer this one.
const AGENT: &str = "Mozilla/5.0 (compatible; cxone-memory link check)";

/// How links are checked.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The least time between the beginnings of two requests to a host.
    pub interval: Duration,
    /// How many requests are under way at once, to all hosts together.
    pub parallel: NonZeroUsize,
    /// The most time for a link, from its first request to its last answer; the wait for a turn counts for the run only.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval: Duration::from_millis(500),
            parallel: NonZeroUsize::MIN.saturating_add(7),
            patience: Duration::from_secs(10),
        }
    }
}

/// Checks links, at the pace of their hosts.
#[derive(Debug)]
pub struct LinkChecker {
    outside: Outside,
    pace: Pace,
    patience: Duration,
}

impl LinkChecker {
    /// Opens no connection yet.
    pub fn new(rules: Rules, lookup: Arc<dyn Lookup>, settings: Settings) -> Result<Self, Error> {
        Ok(Self {
            outside: Outside::new(rules, lookup, AGENT)?,
            pace: Pace::new(settings.interval, settings.parallel.get()),
            patience: settings.patience,
        })
    }

    /// What is to be said of the link. Never takes longer than `until`; what is not known by then stays unknown.
    pub async fn check(&self, link: &Url, until: Instant) -> Verdict {
        let head = self.ask(Method::HEAD, link, until).await;
        if !head.is_worth_a_get() {
            return head;
        }
        self.ask(Method::GET, link, until).await
    }

    async fn ask(&self, method: Method, link: &Url, until: Instant) -> Verdict {
        match timeout_at(until, self.follow(method, link)).await {
            Ok(Ok(status)) => Verdict::of_status(status),
            Ok(Err(failure)) => Verdict::of_failure(failure),
            Err(_) => Verdict::Unknown(Unknown::NoTime),
        }
    }

    /// The status at the end of all redirects. Each of them waits for the turn of its host.
    async fn follow(&self, method: Method, link: &Url) -> Result<u16, Failure> {
        let mut way = self.outside.way(method, link);
        let mut patience = self.patience;
        loop {
            let host = way.next().host_str().unwrap_or_default().to_owned();
            let _turn = self.pace.turn(&host).await;
            let begun = Instant::now();
            let step = timeout_at(begun + patience, way.step()).await;
            patience = patience.saturating_sub(begun.elapsed());
            match step.map_err(|_| Failure::TimedOut)?? {
                // The body is dropped with the answer, and its connection closed.
                Step::Arrived(response) => return Ok(response.status().as_u16()),
                Step::Further => {}
            }
        }
    }
}
