//! One try to tell somebody.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, Response};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::outcome::Met;
use crate::auth::Signer;
use crate::db::callbacks::{Callback, Outcome};
use crate::error::Error;
use crate::net_guard::{Failure, Lookup, Outside, Refusal, Rules};
use crate::secrets::Secret;

/// A try takes no longer.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

const AGENT: &str = "cxone-memory callback";

/// Calls the servers that are to be told something.
pub struct Caller {
    outside: Outside,
    keys: Secret<Signer>,
}

impl Caller {
    /// Opens no connection yet, and reads no secret.
    pub fn new(rules: Rules, lookup: Arc<dyn Lookup>, keys: Secret<Signer>) -> Result<Self, Error> {
        let outside = Outside::new(rules, lookup, AGENT)?;
        Ok(Self { outside, keys })
    }

    /// The keys that are in force.
    pub(super) async fn signer(&self) -> Result<Arc<Signer>, Error> {
        self.keys.get(Timestamp::now()).await
    }

    /// Tries once, within five seconds and before `until`.
    pub async fn deliver(&self, signer: &Signer, callback: &Callback, until: Instant) -> Outcome {
        let until = until.min(Instant::now() + PATIENCE);
        let sent = timeout_at(until, self.send(signer, callback)).await;
        let met = match sent {
            Ok(Ok(response)) => Met::Status(response.status().as_u16(), retry_after(&response)),
            Ok(Err(failure)) => Met::Failure(failure),
            Err(_) => Met::Failure(Failure::TimedOut),
        };
        met.judge(callback.tries, callback.age, fastrand::f64())
    }

    /// The body of the answer is dropped unread with it, and so is its connection.
    async fn send(&self, signer: &Signer, callback: &Callback) -> Result<Response, Failure> {
        let url = Url::parse(&callback.url).map_err(|_| Refusal::Scheme)?;
        let mut request = self
            .outside
            .request(Method::POST, &url)?
            .header(CONTENT_TYPE, "application/json");
        let id = callback.id.to_string();
        let body = &callback.body;
        for (name, value) in signer.sign(&id, Timestamp::now(), body.as_bytes()) {
            request = request.header(name, value);
        }
        Ok(request.body(body.clone()).send().await?)
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    crate::retry::retry_after(value, Timestamp::now())
}
