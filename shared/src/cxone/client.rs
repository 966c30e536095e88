//! Calls to one capability, with a token.

#[cfg(feature = "stream")]
mod knock;

use std::sync::Arc;

use jiff::SignedDuration;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, StatusCode, Url};
use tokio::time::Instant;

use super::addresses::{self, Addresses};
use super::answer::{Answer, fetch_judging};
use super::ask::{ask, http};
use super::credentials::Credentials;
use super::profile::{Capability, Endpoint, Profile, Style};
use super::rights::Rights;
use super::tokens::{self, State, Token, Tokens};
use crate::error::Error;
use crate::outbound::{Pace, Peer, Setback, Unsent};
use crate::secrets::{Secret, Source};

/// Credentials are read again after this long, or at once when they are refused.
const CREDENTIALS_TTL: SignedDuration = SignedDuration::from_mins(5);

/// A name in a path, as one step of it. What has no meaning of its own there stands as it is.
pub(super) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One capability of one tenant.
pub(super) struct Client {
    http: reqwest::Client,
    peer: Peer,
    capability: Capability,
    endpoint: Endpoint,
    headers: HeaderMap,
    token_header: HeaderName,
    addresses: Arc<Addresses>,
    tokens: Tokens,
}

/// What is asked for, or told.
pub(super) struct Call<'a> {
    pub(super) path: &'a str,
    pub(super) query: &'a [(&'a str, String)],
    pub(super) headers: HeaderMap,
    /// JSON that is posted. Without it, it is a question.
    pub(super) body: Option<&'a str>,
    /// Failures that the reader judges: the call is not repeated for them, and the breaker takes them for answers.
    pub(super) judged: &'a [StatusCode],
    /// No answer is larger.
    pub(super) most_bytes: usize,
}

impl Client {
    /// Opens no connection yet.
    pub(super) fn new(
        profile: &Profile,
        capability: Capability,
        credentials: Source,
        pace: Pace,
    ) -> Result<Self, Error> {
        let endpoint = profile.endpoint(capability).clone();
        let http = http(&pace)?;
        let discovery = Peer::new(addresses::WHAT, pace);
        let addresses = Arc::new(Addresses::new(profile, http.clone(), discovery));
        let style = endpoint.token.style;
        let parse = move |text: &_| Credentials::parse(style, text);
        let tokens = Tokens {
            http: http.clone(),
            peer: Peer::new(tokens::WHAT, pace),
            addresses: Arc::clone(&addresses),
            settings: endpoint.token.clone(),
            scopes: endpoint.scopes.join(" "),
            secret: Secret::of(credentials, CREDENTIALS_TTL, parse),
            state: State::default(),
        };
        Ok(Self {
            http,
            peer: Peer::new(capability.spoken(), pace),
            capability,
            headers: headers(&endpoint)?,
            token_header: HeaderName::try_from(&endpoint.token.names.header).map_err(unfit)?,
            endpoint,
            addresses,
            tokens,
        })
    }

    /// Drops the token; the next call asks for a new one.
    pub(super) fn forget(&self) {
        self.tokens.forget();
    }

    /// Whether there is a token, and what it allows.
    pub(super) async fn check_token(&self, until: Instant) -> Result<Rights, Error> {
        let token = self.tokens.get(until).await?;
        // Nobody is asked for scopes in the other ways.
        let asked = match self.endpoint.token.style {
            Style::ClientCredentials => self.scopes(),
            Style::Password | Style::AccessKey => "",
        };
        Ok(Rights::of(token.scope.as_deref(), asked))
    }

    /// As errors name the capability.
    pub(super) fn what(&self) -> &'static str {
        self.peer.what
    }

    /// The scopes it asks for.
    pub(super) fn scopes(&self) -> &str {
        &self.tokens.scopes
    }

    /// Asks, and reads the answer by `until` at the latest; with a new token if the one in use is refused, but only once.
    pub(super) async fn call<T>(
        &self,
        call: &Call<'_>,
        until: Instant,
        read: impl Fn(&Answer) -> Result<T, Setback>,
    ) -> Result<T, Error> {
        let url = self.url(call, until).await?;
        let token = self.tokens.get(until).await?;
        if let Some(reply) = self.call_with(&token, &url, call, until, &read).await? {
            return Ok(reply);
        }
        self.tokens.refused(&token);
        let token = self.tokens.get(until).await?;
        let reply = self.call_with(&token, &url, call, until, &read).await?;
        reply.ok_or_else(|| {
            let name = self.capability.as_str();
            Error::misconfigured(format!(
                "{} refuses a token that was issued for it (HTTP 401); check in CXONE_PROFILE that base_url and token.url of endpoints.{name} are the same tenant's, and the token's header and scheme",
                self.peer.what
            ))
        })
    }

    /// No reply means that the token is refused.
    async fn call_with<T>(
        &self,
        token: &Token,
        url: &Url,
        call: &Call<'_>,
        until: Instant,
        read: &impl Fn(&Answer) -> Result<T, Setback>,
    ) -> Result<Option<T>, Error> {
        let exchange = || async {
            let request = self.request(url, call, token);
            let answer = fetch_judging(request, call.most_bytes, call.judged).await?;
            if answer.status == StatusCode::UNAUTHORIZED {
                return Ok(None);
            }
            if answer.status.is_success() && answer.body.is_none() {
                return Err(Setback::Halt(Error::TooLarge {
                    compressed: false,
                    limit: call.most_bytes,
                }));
            }
            read(&answer).map(Some)
        };
        ask(&self.peer, until, exchange).await
    }

    fn request(&self, url: &Url, call: &Call<'_>, token: &Token) -> RequestBuilder {
        let request = match call.body {
            None => self.http.get(url.clone()),
            Some(body) => {
                let request = self.http.post(url.clone());
                let request = request.header(CONTENT_TYPE, "application/json");
                request.body(body.to_owned())
            }
        };
        request
            .headers(self.headers.clone())
            .headers(call.headers.clone())
            .header(&self.token_header, &token.shown)
    }

    async fn url(&self, call: &Call<'_>, until: Instant) -> Result<Url, Error> {
        let base = self.addresses.of(&self.endpoint.base_url, until).await?;
        Ok(completed(base, call.path, call.query))
    }
}

/// Whether there was no connection to send anything on, or nobody even asked for one.
pub(super) fn is_unsent(error: &Error) -> bool {
    let Error::Transient { source, .. } = error else {
        return false;
    };
    let broken = source.downcast_ref::<reqwest::Error>();
    source.is::<Unsent>() || broken.is_some_and(reqwest::Error::is_connect)
}

/// The path after the base's own, and the query. A space is `%20`, which everybody reads.
fn completed(mut url: Url, path: &str, query: &[(&str, String)]) -> Url {
    let path = format!("{}{path}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
        let written = url.query().map(|query| query.replace('+', "%20"));
        url.set_query(written.as_deref());
    }
    url
}

fn headers(endpoint: &Endpoint) -> Result<HeaderMap, Error> {
    let header = |(name, value): (&String, &String)| {
        let name = HeaderName::try_from(name).map_err(unfit)?;
        Ok((name, HeaderValue::try_from(value).map_err(unfit)?))
    };
    endpoint.headers.iter().map(header).collect()
}

/// The profile was checked; this cannot happen.
fn unfit(error: impl Into<crate::error::Source>) -> Error {
    Error::Bug {
        what: "a header of the profile cannot be sent",
        source: Some(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_the_base_and_values_are_encoded() {
        let query = [
            ("limit", "100".to_owned()),
            ("territory", "A+B & c=ü/%".to_owned()),
            ("modifiedSince", "2026-01-15T10:30:00+02:00".to_owned()),
        ];
        for (base, expected) in [
            ("https://x", "https://x/a/b"),
            ("https://x/", "https://x/a/b"),
            ("https://x/base/", "https://x/base/a/b"),
        ] {
            let url = completed(base.parse().unwrap(), "/a/b", &query);
            let encoded = "limit=100&territory=A%2BB%20%26%20c%3D%C3%BC%2F%25&modifiedSince=2026-01-15T10%3A30%3A00%2B02%3A00";
            assert_eq!(url.as_str(), format!("{expected}?{encoded}"));
            let pairs: Vec<_> = url
                .query_pairs()
                .map(|(_, value)| value.into_owned())
                .collect();
            assert_eq!(pairs, query.clone().map(|(_, value)| value));
            assert_eq!(
                completed(base.parse().unwrap(), "/a/b", &[]).as_str(),
                expected
            );
        }
    }
}
