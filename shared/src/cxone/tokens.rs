//! The token of a capability: kept while it is good, asked for by one caller at a time.
//!
//! - It is kept until 60 s before it expires; one that lives for less than two minutes, for half its life.
//! - Whoever was refused with it says so; only if it still is the current one it is dropped.
//! - Refused credentials are looked up anew once; if they are refused still, nobody asks for 30 s: a locked client helps nobody.

mod grant;
mod question;

use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderValue;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::addresses::Addresses;
use super::answer::fetch;
use super::ask::{ask, in_time};
use super::credentials::Credentials;
use super::profile;
use crate::error::Error;
use crate::outbound::Peer;
use crate::secrets::Secret;
use grant::{Grant, Refused};

/// As errors name it.
pub(super) const WHAT: &str = "CXone's token service";
/// So long before its end a token is no longer used.
const SPARE: SignedDuration = SignedDuration::from_secs(60);
/// So long nobody asks after a refusal that a person has to end.
const REFUSED_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// An answer with a token is small.
const MOST_BYTES: usize = 64 << 10;

/// A token, ready to be shown.
pub(super) struct Token {
    pub(super) shown: HeaderValue,
    /// The scopes that it was given, where the answer says so.
    pub(super) scope: Option<String>,
    good_until: Timestamp,
}

/// What it takes to get tokens, and the one in use.
pub(super) struct Tokens {
    pub(super) http: reqwest::Client,
    pub(super) peer: Peer,
    pub(super) addresses: Arc<Addresses>,
    pub(super) settings: profile::Token,
    pub(super) scopes: String,
    pub(super) secret: Secret<Credentials>,
    pub(super) state: State,
}

/// What is known of tokens so far.
#[derive(Default)]
pub(super) struct State {
    current: RwLock<Option<Arc<Token>>>,
    /// Held by the one who asks; the last refusal, when it was and what it said.
    asking: Mutex<Option<(Timestamp, String)>>,
}

impl Tokens {
    /// The current token, or a new one.
    pub(super) async fn get(&self, until: Instant) -> Result<Arc<Token>, Error> {
        if let Some(token) = self.fresh() {
            return Ok(token);
        }
        let mut refusal = in_time(WHAT, until, self.state.asking.lock()).await?;
        if let Some(token) = self.fresh() {
            return Ok(token);
        }
        let now = Timestamp::now();
        if let Some((at, what)) = &*refusal
            && now.duration_since(*at) < REFUSED_PAUSE
        {
            return Err(Error::misconfigured(what.clone()));
        }
        match self.new_token(until).await {
            Ok(token) => {
                *refusal = None;
                let token = Arc::new(token);
                self.set(Some(Arc::clone(&token)));
                Ok(token)
            }
            Err(error) => {
                if let Error::Misconfigured { what, .. } = &error {
                    *refusal = Some((Timestamp::now(), what.clone()));
                }
                Err(error)
            }
        }
    }

    /// Somebody was refused with this token.
    pub(super) fn refused(&self, token: &Arc<Token>) {
        let mut current = self
            .state
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|it| Arc::ptr_eq(it, token)) {
            *current = None;
        }
    }

    /// Drops the token, whatever it is.
    pub(super) fn forget(&self) {
        self.set(None);
    }

    fn set(&self, token: Option<Arc<Token>>) {
        let current = self.state.current.write();
        *current.unwrap_or_else(PoisonError::into_inner) = token;
    }

    fn fresh(&self) -> Option<Arc<Token>> {
        let current = self.state.current.read();
        let token = current.unwrap_or_else(PoisonError::into_inner).clone();
        token.filter(|token| Timestamp::now() < token.good_until)
    }

    /// Asks, and once more if there are newer credentials than those that were refused.
    async fn new_token(&self, until: Instant) -> Result<Token, Error> {
        let secret = in_time("Secrets Manager", until, self.secret.get(Timestamp::now()));
        let credentials = secret.await??;
        if let Grant::Token(token) = self.ask(&credentials, until).await? {
            return Ok(token);
        }
        let newer = self.secret.refreshed(&credentials, Timestamp::now());
        let newer = in_time("Secrets Manager", until, newer).await??;
        if let Some(newer) = newer.filter(|newer| !newer.is_same(&credentials))
            && let Grant::Token(token) = self.ask(&newer, until).await?
        {
            return Ok(token);
        }
        Err(Refused::Credentials.error(&self.scopes))
    }

    async fn ask(&self, credentials: &Credentials, until: Instant) -> Result<Grant, Error> {
        let url = self.addresses.of(&self.settings.url, until).await?;
        let exchange = || async {
            let request = self.http.post(url.clone());
            let request = question::put(request, credentials, &self.settings.names, &self.scopes);
            let answer = fetch(request, MOST_BYTES).await?;
            grant::read(
                &answer,
                &self.settings.names,
                &self.scopes,
                Timestamp::now(),
            )
        };
        ask(&self.peer, until, exchange).await
    }
}
