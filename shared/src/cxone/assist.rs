//! Cards on an agent's screen. What CXone refused is tried again as long as it may be taken; what may have been taken is not, because a card
//! that stands there twice is worse than one that is missing.

use std::time::Duration;

use percent_encoding::utf8_percent_encode;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::answer::Answer;
use super::client::{Call, Client, ENCODED, is_unsent};
use super::profile;
use crate::assist::Card;
use crate::domain::InteractionId;
use crate::error::Error;
use crate::outbound::{Pace, Setback};
use crate::retry::Backoff;

/// No answer to a card is larger.
const MOST_BYTES: usize = 64 << 10;
/// The pauses between two tries where CXone names none.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(250),
    most: Duration::from_secs(2),
};
/// CXone answered, and took nothing; it may take the same later. Not among them is 504: somebody in between waited for an answer in vain, and it
/// is lost as one that we wait for in vain. Nor does anybody know with 502, but mostly nobody was there who could have taken anything.
const AGAIN: [StatusCode; 4] = [
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
];

/// The assist interface of a tenant.
pub struct Assist {
    client: Client,
    margin: Duration,
    names: profile::Assist,
}

/// What became of cards.
#[derive(Debug)]
pub enum Posted {
    /// The agent sees them.
    Shown,
    /// The interaction is over: nobody sees cards in it any more. So it is said where another path should be asked, too.
    Ended(StatusCode),
    /// CXone does not take them, nor will it later, or not in time.
    Refused(StatusCode),
    /// Whether the agent sees them is not known.
    Unsure(Error),
}

/// What one try came to.
enum Try {
    Done(Posted),
    Again(StatusCode, Option<Duration>),
}

impl Assist {
    pub(super) fn new(client: Client, pace: Pace, names: profile::Assist) -> Self {
        Self {
            client,
            margin: pace.margin,
            names,
        }
    }

    /// One try each, because only what was answered is tried again.
    pub fn pace() -> Pace {
        Pace {
            attempt: Duration::from_secs(5),
            tries: 1,
            ..Pace::default()
        }
    }

    /// Asks for a token if there is none, so that the first card need not wait for it.
    pub async fn prepare(&self, until: Instant) -> Result<(), Error> {
        self.client.check_token(until).await.map(drop)
    }

    /// Puts cards on the screen of an interaction, all at once. An error means that surely none is there.
    pub async fn post_cards(
        &self,
        interaction: &InteractionId,
        cards: &[Card],
        until: Instant,
    ) -> Result<Posted, Error> {
        let path = self.path(interaction)?;
        let body = self.body(cards).to_string();
        let call = Call {
            path: &path,
            query: &[],
            headers: HeaderMap::new(),
            body: Some(&body),
            judged: &AGAIN,
            most_bytes: MOST_BYTES,
        };
        for failures in 0.. {
            let (status, told) = match self.try_once(&call, until).await? {
                Try::Done(posted) => return Ok(posted),
                Try::Again(status, told) => (status, told),
            };
            let wait = told.unwrap_or_else(|| BACKOFF.pause(failures, fastrand::f64()));
            if Instant::now() + wait + self.margin >= until {
                return Ok(Posted::Refused(status));
            }
            tokio::time::sleep(wait).await;
        }
        Err(Error::NotFound)
    }

    async fn try_once(&self, call: &Call<'_>, until: Instant) -> Result<Try, Error> {
        match self.client.call(call, until, |it| self.read(it)).await {
            Err(error @ Error::Transient { what, .. })
                if what == self.client.what() && !is_unsent(&error) =>
            {
                Ok(Try::Done(Posted::Unsure(error)))
            }
            Err(error @ Error::TooLarge { .. }) => Ok(Try::Done(Posted::Unsure(error))),
            read => read,
        }
    }

    fn read(&self, answer: &Answer) -> Result<Try, Setback> {
        Ok(match answer.status {
            status if status.is_success() && answer.is_page() => {
                let error = Error::transient(self.client.what(), "a page instead of an answer");
                Try::Done(Posted::Unsure(error))
            }
            status if status.is_success() => Try::Done(Posted::Shown),
            status @ (StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::GONE)
                if !answer.is_page() =>
            {
                Try::Done(Posted::Ended(status))
            }
            status if AGAIN.contains(&status) => Try::Again(status, answer.wait()),
            status if status == StatusCode::FORBIDDEN || status.is_redirection() => {
                return Err(Setback::Halt(self.closed(status)));
            }
            status => Try::Done(Posted::Refused(status)),
        })
    }

    fn body(&self, cards: &[Card]) -> Value {
        let names = &self.names.names;
        let message = |card: &Card| {
            let content = json!({
                names.title.as_str(): card.content.title,
                names.body.as_str(): card.content.body,
                names.score.as_str(): card.content.score,
            });
            json!({ names.r#type.as_str(): names.card, names.content.as_str(): content })
        };
        let messages: Vec<_> = cards.iter().map(message).collect();
        json!({ names.messages.as_str(): messages })
    }

    /// The path of an interaction. One that is named as steps up a path would lead elsewhere.
    fn path(&self, interaction: &InteractionId) -> Result<String, Error> {
        if matches!(interaction.as_str(), "." | "..") {
            return Err(Error::NotFound);
        }
        let encoded = utf8_percent_encode(interaction.as_str(), ENCODED);
        let fill = |gap: &str| (gap == "interaction").then(|| encoded.to_string());
        let filled = self.names.path.fill(fill);
        filled.map_err(|gap| Error::misconfigured(format!("CXONE_PROFILE: assist has a gap {gap}")))
    }

    fn closed(&self, status: StatusCode) -> Error {
        let (status, scopes) = (status.as_u16(), self.client.scopes());
        Error::misconfigured(match status {
            403 => format!(
                "CXone forbids to show cards (HTTP 403); give the client the scopes {scopes}"
            ),
            _ => format!(
                "CXone's assist interface is somewhere else (HTTP {status}); correct endpoints.assist.base_url in CXONE_PROFILE"
            ),
        })
    }
}
