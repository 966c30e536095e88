//! The order of snippets that an agent sees. One call is one try: whoever posts looks before each try whether there is a newer order.

use std::time::Duration;

use percent_encoding::utf8_percent_encode;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::answer::{Answer, why, word};
use super::client::{Call, Client, ENCODED};
use super::profile::{self, Template};
use crate::domain::SessionId;
use crate::error::Error;
use crate::outbound::{Pace, Setback};

/// No answer to an order, and no session, is larger.
const MOST_BYTES: usize = 1 << 20;
/// What an answer may say that is no failure of the service as a whole.
const JUDGED: [StatusCode; 2] = [
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::INTERNAL_SERVER_ERROR,
];

/// The ranking interface of a tenant.
pub struct Ranking {
    client: Client,
    names: profile::Ranking,
}

/// What one try came to.
#[derive(Debug)]
pub enum Posted {
    /// The agent sees this order.
    Done,
    /// The session is locked; nothing was changed.
    Locked,
    /// Too many requests; nothing was changed. CXone may say how long to wait.
    Busy(Option<Duration>),
    /// The engine failed (500), perhaps on this order.
    Stumbled,
    /// CXone does not take this order, nor will it later. It says why, if it does.
    Refused {
        /// The HTTP status.
        status: u16,
        /// CXone's word for it.
        why: Option<String>,
    },
    /// Whether the agent sees this order is not known.
    Unsure(Error),
}

impl Ranking {
    pub(super) fn new(client: Client, names: profile::Ranking) -> Self {
        Self { client, names }
    }

    /// One try, of less than the time for which somebody may post undisturbed.
    pub fn pace() -> Pace {
        Pace {
            attempt: Duration::from_secs(5),
            tries: 1,
            ..Pace::default()
        }
    }

    /// Posts an order, once. An error means that it was not sent.
    pub async fn post(
        &self,
        session: &SessionId,
        order: &str,
        until: Instant,
    ) -> Result<Posted, Error> {
        let path = path(&self.names.path, session)?;
        let call = Call {
            path: &path,
            query: &[],
            headers: HeaderMap::new(),
            body: Some(order),
            judged: &JUDGED,
            most_bytes: MOST_BYTES,
        };
        match self.client.call(&call, until, |it| self.read(it)).await {
            Err(error @ Error::Transient { what, .. }) if what == self.client.what() => {
                Ok(Posted::Unsure(error))
            }
            Err(error @ Error::TooLarge { .. }) => {
                Ok(Posted::Unsure(Error::transient(self.client.what(), error)))
            }
            read => read,
        }
    }

    /// Whether no order would be taken now.
    pub async fn is_locked(&self, session: &SessionId, until: Instant) -> Result<bool, Error> {
        let path = path(&self.names.session_path, session)?;
        let call = Call {
            path: &path,
            query: &[],
            headers: HeaderMap::new(),
            body: None,
            judged: &[],
            most_bytes: MOST_BYTES,
        };
        let read = |answer: &Answer| match answer.status {
            StatusCode::OK => {
                let state = word(answer, &[&self.names.state]);
                Ok(state.is_some_and(|state| self.names.locked.contains(&state)))
            }
            status => Err(Setback::Halt(self.closed(status))),
        };
        self.client.call(&call, until, read).await
    }

    fn read(&self, answer: &Answer) -> Result<Posted, Setback> {
        Ok(match answer.status {
            StatusCode::TOO_MANY_REQUESTS => Posted::Busy(answer.wait()),
            StatusCode::INTERNAL_SERVER_ERROR => Posted::Stumbled,
            status @ StatusCode::FORBIDDEN => return Err(Setback::Halt(self.closed(status))),
            status if status.is_redirection() => return Err(Setback::Halt(self.closed(status))),
            _ if answer.is_page() => {
                let error = Error::transient(self.client.what(), "a page instead of an answer");
                Posted::Unsure(error)
            }
            status if status.is_success() => Posted::Done,
            StatusCode::CONFLICT => Posted::Locked,
            status => Posted::Refused {
                status: status.as_u16(),
                why: why(answer),
            },
        })
    }

    fn closed(&self, status: StatusCode) -> Error {
        let (status, scopes) = (status.as_u16(), self.client.scopes());
        Error::misconfigured(match status {
            403 => format!(
                "CXone forbids to order snippets (HTTP 403); give the client the scopes {scopes}"
            ),
            _ => format!(
                "CXone has no sessions at this address (HTTP {status}); check endpoints.ranking.base_url and ranking.session_path in CXONE_PROFILE"
            ),
        })
    }
}

/// The path of a session. One that is named as steps up a path would lead elsewhere.
fn path(template: &Template, session: &SessionId) -> Result<String, Error> {
    if matches!(session.as_str(), "." | "..") {
        return Err(Error::NotFound);
    }
    let encoded = utf8_percent_encode(session.as_str(), ENCODED);
    let filled = template.fill(|gap| (gap == "session").then(|| encoded.to_string()));
    filled.map_err(|gap| Error::misconfigured(format!("CXONE_PROFILE: ranking has a gap {gap}")))
}
