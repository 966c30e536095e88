//! A copy of the knowledge base in Elasticsearch, for those who search there.
//!
//! - **Index**: made with its mapping before anything is written, so that Elasticsearch never guesses one.
//! - **Writes**: `_bulk`, with the number of the change as an external version: whatever is sent twice or late, the newest state stays.
//! - **Answers**: a success of the request says nothing; every item has its own outcome.
//! - **Retries, outages, freezes**: see [`crate::outbound`]. TLS is verified.
//! - **Secrets**: neither credentials nor texts nor Elasticsearch's sentences enter an error or a log.

mod bulk;
mod credentials;
mod settings;

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use tokio::sync::OnceCell;
use tokio::time::Instant;

pub use self::bulk::{Action, Outcome};
use self::credentials::Credentials;
pub use self::settings::Settings;
use crate::error::Error;
use crate::outbound::{Pace, Peer, Setback, Tries, body, http};
use crate::secrets::Secret;

/// As errors name it.
const WHAT: &str = "Elasticsearch";
/// No answer is larger.
const MOST_BYTES: usize = 16 << 20;

/// The copy.
pub struct Mirror {
    http: reqwest::Client,
    peer: Peer,
    base: Url,
    index: String,
    credentials: Secret<Credentials>,
    is_made: OnceCell<()>,
}

impl Mirror {
    fn new(
        base: Url,
        index: String,
        credentials: Secret<Credentials>,
        pace: Pace,
    ) -> Result<Self, Error> {
        let http = http(&pace).build().map_err(|error| Error::Bug {
            what: "an HTTP client cannot be built",
            source: Some(error.into()),
        })?;
        Ok(Self {
            http,
            peer: Peer::new(WHAT, pace),
            base,
            index,
            credentials,
            is_made: OnceCell::new(),
        })
    }

    /// Writes documents whose vectors have so many dimensions; one outcome per action, in order, by `until` at the latest.
    pub async fn write(
        &self,
        actions: &[Action],
        dimensions: u16,
        until: Instant,
    ) -> Result<Vec<Outcome>, Error> {
        let make = || self.make_index(dimensions, until);
        self.is_made.get_or_try_init(make).await?;
        let mut outcomes = Vec::with_capacity(actions.len());
        let mut waiting = vec![actions];
        while let Some(part) = waiting.pop() {
            match (self.bulk(part, until).await?, part.len()) {
                (Some(known), _) => outcomes.extend(known),
                (None, 0 | 1) => outcomes.push(Outcome::Refused("too_large".to_owned())),
                (None, more) => {
                    let (first, second) = part.split_at(more / 2);
                    waiting.extend([second, first]);
                }
            }
        }
        Ok(outcomes)
    }

    /// An index that is there already is left as it is.
    async fn make_index(&self, dimensions: u16, until: Instant) -> Result<(), Error> {
        let mapping = bulk::mapping(dimensions).to_string();
        let url = self.url(&self.index);
        let ask = async || {
            let request = self.http.put(url.clone()).body(mapping.clone());
            let response = self.send(request, "application/json").await?;
            let status = response.status();
            if status.is_success() {
                return Ok(());
            }
            let said = body::read(response, MOST_BYTES).await?.unwrap_or_default();
            if status == StatusCode::BAD_REQUEST && bulk::says_it_exists(&said) {
                return Ok(());
            }
            Err(self.refusal(status, "does not make the index"))
        };
        self.ask(until, ask).await
    }

    /// The outcomes of one request; `None` if it is too large.
    async fn bulk(
        &self,
        actions: &[Action],
        until: Instant,
    ) -> Result<Option<Vec<Outcome>>, Error> {
        let lines = bulk::lines(&self.index, actions);
        let url = self.url("_bulk");
        let ask = async || {
            let request = self.http.post(url.clone()).body(lines.clone());
            let response = self.send(request, "application/x-ndjson").await?;
            match response.status() {
                StatusCode::OK => {}
                StatusCode::PAYLOAD_TOO_LARGE => return Ok(None),
                status => return Err(self.refusal(status, "does not take what is written")),
            }
            let too_large = || Setback::unwell("the answer is too large");
            let said = body::read(response, MOST_BYTES)
                .await?
                .ok_or_else(too_large)?;
            let outcomes = bulk::read(&said, actions.len());
            let unread = || Setback::unwell("the answer is not one outcome for each document");
            outcomes.map(Some).ok_or_else(unread)
        };
        self.ask(until, ask).await
    }

    async fn ask<T>(
        &self,
        until: Instant,
        exchange: impl AsyncFn() -> Result<T, Setback>,
    ) -> Result<T, Error> {
        let mut tries = Tries::new(&self.peer, until);
        loop {
            let hurry = "too little time is left";
            tries.sleep(Duration::ZERO, hurry.into()).await?;
            match self.peer.exchange(until, exchange()).await {
                Ok(reply) => return Ok(reply),
                Err(Setback::Halt(error)) => return Err(error),
                Err(Setback::Again { cause, wait, .. }) => {
                    let wait = tries.failed(wait);
                    tries.pause(wait, cause).await?;
                }
            }
        }
    }

    /// Sends a request; what may be well again is a setback. Written twice is written once, so what may have been lost is sent again.
    async fn send(&self, request: RequestBuilder, content: &str) -> Result<Response, Setback> {
        let credentials = self.credentials.get(Timestamp::now()).await;
        let credentials = credentials.map_err(Setback::Halt)?;
        let request = request.header(reqwest::header::CONTENT_TYPE, content);
        let response = credentials
            .sign(request)
            .send()
            .await
            .map_err(Setback::broken)?;
        let status = response.status();
        let is_busy = status == StatusCode::TOO_MANY_REQUESTS;
        if is_busy || status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
            return Err(Setback::Again {
                cause: format!("HTTP {}", status.as_u16()).into(),
                wait: body::retry_after(&response),
                is_outage: !is_busy,
            });
        }
        Ok(response)
    }

    fn refusal(&self, status: StatusCode, what: &str) -> Setback {
        let advice = match status.as_u16() {
            401 => "check the secret of ELASTICSEARCH_SECRET_ID".to_owned(),
            403 => format!("let the key create and write the index {}", self.index),
            _ => "check ELASTICSEARCH_URL and ELASTICSEARCH_INDEX".to_owned(),
        };
        let status = status.as_u16();
        Setback::Halt(Error::misconfigured(format!(
            "{WHAT} {what} (HTTP {status}); {advice}"
        )))
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }
}
