//! A request whose answer is a connection. It is sent once: whoever wants the connection knocks again when it suits.

use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::{Client, Get};
use crate::error::Error;

impl Client {
    /// Asks with the token, and once more with a new one if it is refused. The answer may say anything else.
    pub(in crate::cxone) async fn knock(
        &self,
        path: &str,
        headers: &HeaderMap,
        until: Instant,
    ) -> Result<Response, Error> {
        let get = Get {
            path,
            query: &[],
            headers: headers.clone(),
            most_bytes: 0,
        };
        let url = self.url(&get, until).await?;
        let token = self.tokens.get(until).await?;
        let ask = async |shown| {
            let request = self.http.get(url.clone()).headers(self.headers.clone());
            let request = request.headers(headers.clone());
            let sent = request.header(&self.token_header, shown).send();
            let answer = timeout_at(until, sent).await;
            let answer = answer.map_err(|late| Error::transient(self.peer.what, late))?;
            answer.map_err(|error| Error::transient(self.peer.what, error.without_url()))
        };
        let answer = ask(&token.shown).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.tokens.refused(&token);
        let token = self.tokens.get(until).await?;
        ask(&token.shown).await
    }
}
