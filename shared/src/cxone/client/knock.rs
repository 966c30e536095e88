//! A request whose answer is a connection. It is sent once: whoever wants the connection knocks again when it suits.

use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::{Call, Client, Token};
use crate::error::Error;

impl Client {
    /// The token without what stands before it in a header: some want it in messages.
    pub(in crate::cxone) async fn bare_token(&self, until: Instant) -> Result<String, Error> {
        let token = self.tokens.get(until).await?;
        let shown = String::from_utf8_lossy(token.shown.as_bytes());
        let scheme = self.endpoint.token.names.scheme.as_str();
        Ok(shown
            .strip_prefix(scheme)
            .unwrap_or(&shown)
            .trim()
            .to_owned())
    }

    /// Asks with the token, and once more with a new one if it is refused. The answer may say anything else.
    pub(in crate::cxone) async fn knock(
        &self,
        path: &str,
        headers: &HeaderMap,
        until: Instant,
    ) -> Result<Response, Error> {
        let call = Call {
            path,
            query: &[],
            headers: headers.clone(),
            body: None,
            judged: &[],
            most_bytes: 0,
        };
        let url = self.url(&call, until).await?;
        let token = self.tokens.get(until).await?;
        let ask = async |token: &Token| {
            let sent = self.request(&url, &call, token).send();
            let answer = timeout_at(until, sent).await;
            let answer = answer.map_err(|late| Error::transient(self.peer.what, late))?;
            answer.map_err(|error| Error::transient(self.peer.what, error.without_url()))
        };
        let answer = ask(&token).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.tokens.refused(&token);
        let token = self.tokens.get(until).await?;
        ask(&token).await
    }
}
