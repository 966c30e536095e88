//! Conversations put into CXone. One call is one try: whoever injects keeps the tenant's pace, and decides what a lost answer means.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use super::answer::{Answer, why, word};
use super::client::{Call, Client, is_unsent};
use super::profile;
pub use super::profile::AfterLostAnswer;
use crate::domain::{ConversationId, InteractionId};
use crate::error::Error;
use crate::outbound::breaker::Rule;
use crate::outbound::{Pace, Setback};

/// No answer to a transcript is larger.
const MOST_BYTES: usize = 1 << 20;
/// Neither are all conversations of an interaction.
const MOST_FOUND: usize = 8 << 20;
const STRANGE: &str = "CXone's answer about an interaction cannot be read; correct transcripts.lookup in CXONE_PROFILE";
/// What an answer may say that whoever injects judges.
const JUDGED: [StatusCode; 7] = [
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::TOO_EARLY,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

/// The transcript interface of a tenant.
pub struct Transcripts {
    client: Client,
    names: profile::Transcripts,
}

/// What one try came to.
#[derive(Debug)]
pub enum Posted {
    /// CXone has it, as this conversation.
    Created(ConversationId),
    /// CXone does not take it, nor will it later.
    Refused {
        /// The HTTP status.
        status: u16,
        /// CXone's word for it.
        why: Option<String>,
    },
    /// Too many requests; nothing was changed. CXone may say how long to wait.
    Busy(Option<Duration>),
    /// CXone failed, perhaps only after it took it. It may say how long to wait.
    Failed(u16, Option<Duration>),
    /// There was no connection on which to send it.
    Unsent(Error),
    /// Whether CXone has it is not known.
    Unsure(Error),
}

impl Transcripts {
    pub(super) fn new(client: Client, names: profile::Transcripts) -> Self {
        Self { client, names }
    }

    /// One try. Nobody is left alone for failing: whoever injects shares that with others, in the database.
    pub fn pace() -> Pace {
        Pace {
            attempt: Duration::from_secs(30),
            tries: 1,
            breaker: Rule {
                failures: u32::MAX,
                ..Pace::default().breaker
            },
            ..Pace::default()
        }
    }

    /// What a lost answer means with this tenant.
    pub fn after_lost_answer(&self) -> AfterLostAnswer {
        self.names.after_lost_answer
    }

    /// Posts a transcript, once; with a new token if the one in use has not the right to. An error means that it was not sent; one that a
    /// person has to end is [`Error::Misconfigured`], and every other transcript would meet it too.
    pub async fn post(&self, payload: &[u8], until: Instant) -> Result<Posted, Error> {
        let body = std::str::from_utf8(payload).map_err(|error| Error::Bug {
            what: "a transcript is not UTF-8",
            source: Some(error.into()),
        })?;
        match self.try_to(body, until).await? {
            Try::Done(posted) => Ok(posted),
            Try::Forbidden => {
                self.client.forget();
                match self.try_to(body, until).await? {
                    Try::Done(posted) => Ok(posted),
                    Try::Forbidden => Err(self.closed(StatusCode::FORBIDDEN)),
                }
            }
        }
    }

    /// The conversation that has exactly the messages of this transcript, if there is one.
    pub async fn look_up(
        &self,
        interaction: &InteractionId,
        payload: &[u8],
        until: Instant,
    ) -> Result<Option<ConversationId>, Error> {
        let messages = message_ids(payload)?;
        let query = [(
            self.names.lookup.parameter.as_str(),
            interaction.as_str().to_owned(),
        )];
        let call = Call {
            path: &self.names.lookup.path,
            query: &query,
            headers: HeaderMap::new(),
            body: None,
            judged: &[],
            most_bytes: MOST_FOUND,
        };
        let read = |answer: &Answer| match answer.status {
            // Somebody in between made it; it is no reason for a person to change the profile.
            StatusCode::OK if answer.is_page() => {
                Err(Setback::unwell("a page instead of an answer"))
            }
            StatusCode::OK => self.find(answer, &messages).map_err(Setback::Halt),
            status => Err(Setback::Halt(self.closed(status))),
        };
        self.client.call(&call, until, read).await
    }

    async fn try_to(&self, body: &str, until: Instant) -> Result<Try, Error> {
        let call = Call {
            path: &self.names.path,
            query: &[],
            headers: HeaderMap::new(),
            body: Some(body),
            judged: &JUDGED,
            most_bytes: MOST_BYTES,
        };
        match self.client.call(&call, until, |it| self.read(it)).await {
            Err(error @ Error::Transient { what, .. }) if what == self.client.what() => {
                let posted = if is_unsent(&error) {
                    Posted::Unsent(error)
                } else {
                    Posted::Unsure(error)
                };
                Ok(Try::Done(posted))
            }
            Err(error @ Error::TooLarge { .. }) => Ok(Try::Done(Posted::Unsure(error))),
            read => read,
        }
    }

    fn read(&self, answer: &Answer) -> Result<Try, Setback> {
        Ok(Try::Done(match answer.status {
            status if status.is_success() => {
                let said = word(answer, &[&self.names.conversation_id]);
                let id = said.and_then(|id| ConversationId::parse(id).ok());
                // A page that somebody in between made says nothing of CXone.
                let nameless = || Error::transient(self.client.what(), "no conversation is named");
                id.map_or_else(|| Posted::Unsure(nameless()), Posted::Created)
            }
            // Nor does it say that CXone forbids or refuses it.
            status @ (StatusCode::FORBIDDEN
            | StatusCode::BAD_REQUEST
            | StatusCode::CONFLICT
            | StatusCode::UNPROCESSABLE_ENTITY)
                if answer.is_page() =>
            {
                Posted::Failed(status.as_u16(), answer.wait())
            }
            StatusCode::FORBIDDEN => return Ok(Try::Forbidden),
            StatusCode::TOO_MANY_REQUESTS => Posted::Busy(answer.wait()),
            status if JUDGED.contains(&status) || status.is_server_error() => {
                Posted::Failed(status.as_u16(), answer.wait())
            }
            status @ (StatusCode::BAD_REQUEST
            | StatusCode::CONFLICT
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNPROCESSABLE_ENTITY) => Posted::Refused {
                status: status.as_u16(),
                why: why(answer),
            },
            status => return Err(Setback::Halt(self.closed(status))),
        }))
    }

    fn find(
        &self,
        answer: &Answer,
        messages: &BTreeSet<Cow<'_, str>>,
    ) -> Result<Option<ConversationId>, Error> {
        let strange = || Error::misconfigured(STRANGE);
        let names = &self.names.lookup;
        let body = answer.body.as_deref().unwrap_or_default();
        let document: Value = serde_json::from_slice(body).map_err(|_| strange())?;
        let found = document.get(&names.conversations).and_then(Value::as_array);
        let is_it = |conversation: &&Value| {
            let ids = conversation.get(&names.message_ids);
            let ids = ids.and_then(Value::as_array).into_iter().flatten();
            let ids = ids.filter_map(Value::as_str).map(Cow::Borrowed);
            ids.collect::<BTreeSet<_>>() == *messages
        };
        let Some(found) = found.ok_or_else(strange)?.iter().find(is_it) else {
            return Ok(None);
        };
        let id = found.get(&self.names.conversation_id);
        let id = id.and_then(Value::as_str).map(ConversationId::parse);
        id.and_then(Result::ok).map(Some).ok_or_else(strange)
    }

    fn closed(&self, status: StatusCode) -> Error {
        let (status, scopes) = (status.as_u16(), self.client.scopes());
        Error::misconfigured(match status {
            403 => format!(
                "CXone forbids to inject transcripts (HTTP 403); give the client the scopes {scopes}"
            ),
            _ => format!(
                "CXone's transcript interface is somewhere else (HTTP {status}); correct endpoints.transcripts.base_url and transcripts in CXONE_PROFILE"
            ),
        })
    }
}

enum Try {
    Done(Posted),
    Forbidden,
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    messages: Vec<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// By which a transcript is known.
fn message_ids(payload: &[u8]) -> Result<BTreeSet<Cow<'_, str>>, Error> {
    let payload: Payload<'_> = serde_json::from_slice(payload).map_err(|_| Error::Bug {
        what: "a transcript has no messages",
        source: None,
    })?;
    Ok(payload.messages.into_iter().map(|it| it.id).collect())
}
