//! How the stream is opened: a question over HTTP, after which the connection is a WebSocket.

use std::time::Duration;

use reqwest::header::{CONNECTION, HeaderMap, HeaderName, HeaderValue, UPGRADE};
use reqwest::{Response, StatusCode, Upgraded};
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::InteractionStream;
use crate::error::Error;
use crate::outbound::body;

/// As errors name it.
const WHAT: &str = "CXone's stream of interactions";
/// A frame above the limit of frames is left out; one above this ends the connection, because it would have to be kept to be left out. Frames
/// grow with what was said, and one that ends the connection does so with every word that follows: so this is far beyond.
const MOST_BYTES: usize = 16 << 20;

impl InteractionStream {
    /// Opens it, or says what is to be done.
    pub(super) async fn open(&self, until: Instant) -> Result<WebSocketStream<Upgraded>, Error> {
        let key = generate_key();
        let headers = question(&key)?;
        let answer = self.client.knock(&self.stream.path, &headers, until);
        let answer = answer.await?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(self.refusal(&answer));
        }
        let accepted = answer.headers().get("sec-websocket-accept");
        if accepted.is_none_or(|accepted| accepted != derive_accept_key(key.as_bytes()).as_str()) {
            return Err(Error::transient(WHAT, "the answer is another question's"));
        }
        let upgraded = timeout_at(until, answer.upgrade()).await;
        let upgraded = upgraded.map_err(|late| Error::transient(WHAT, late))?;
        let upgraded = upgraded.map_err(|error| Error::transient(WHAT, error.without_url()))?;
        let limits = WebSocketConfig::default()
            .max_message_size(Some(MOST_BYTES))
            .max_frame_size(Some(MOST_BYTES));
        Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(limits)).await)
    }

    fn refusal(&self, answer: &Response) -> Error {
        let status = answer.status().as_u16();
        if matches!(status, 408 | 425 | 429 | 500..) {
            return Error::Transient {
                what: WHAT,
                retry_after: body::retry_after(answer).unwrap_or(Duration::from_secs(5)),
                source: format!("HTTP {status}").into(),
            };
        }
        let scopes = self.client.scopes();
        Error::misconfigured(match status {
            401 => "CXone's stream refuses a token that was issued for it (HTTP 401); check in CXONE_PROFILE that base_url and token.url of endpoints.assist are the same tenant's, and the token's header and scheme".to_owned(),
            403 => format!("CXone forbids to listen to interactions (HTTP 403); give the client the scopes {scopes}"),
            _ => format!("CXone has no stream of interactions at this address (HTTP {status}); check endpoints.assist.base_url and stream.path in CXONE_PROFILE"),
        })
    }
}

fn question(key: &str) -> Result<HeaderMap, Error> {
    let key = HeaderValue::try_from(key).map_err(|error| Error::Bug {
        what: "a key that is no header",
        source: Some(error.into()),
    })?;
    Ok(HeaderMap::from_iter([
        (CONNECTION, HeaderValue::from_static("Upgrade")),
        (UPGRADE, HeaderValue::from_static("websocket")),
        (
            HeaderName::from_static("sec-websocket-version"),
            HeaderValue::from_static("13"),
        ),
        (HeaderName::from_static("sec-websocket-key"), key),
    ]))
}
