//! Secrets from Secrets Manager: parsed once, kept for a while, refreshed by one caller at a time.
//!
//! - Past its time to live, a value is read again; if that fails for now, or what is there cannot be understood, the old one serves for up
//!   to an hour: a slip of whoever edits it loses nothing. If the secret is gone or may not be read, the old value is given up at once: what
//!   was taken away stays taken away.
//! - When a key is not known ([`Secret::refreshed`]), the value is read again at once, but at most every 30 s: forged traffic
//!   costs one call in that time, and a rotated key works at once, or within 30 s if forgers have used up the call.
//!   Where nobody forges ([`Secret::reread_after`]) the time may be shorter.

mod api_keys;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::domain::ErasureKey;
use crate::error::{Error, Kind};

pub use api_keys::ApiKeySettings;

/// Between two reads that unknown keys cause, unless it is said otherwise.
const FORCED_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// After a failed read, this long before the next.
const FAILED_PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// How long an old value may serve while Secrets Manager cannot be read.
const MOST_STALE: SignedDuration = SignedDuration::from_hours(1);

/// How long the erasure key may be old before it is read again. An old one serves for an hour while it cannot be read, so this is far less.
const ERASURE_KEY_TTL: SignedDuration = SignedDuration::from_mins(5);

/// How the text of a secret becomes what it means.
type Parse<T> = Box<dyn Fn(&SecretString) -> Result<T, Error> + Send + Sync>;

/// Where the text of a secret comes from.
pub enum Source {
    /// Secrets Manager, under this name or ARN.
    Manager(Client, String),
    /// It is at hand; reading it again gives the same. For people who try credentials.
    Text(SecretString),
}

/// One secret, parsed.
pub struct Secret<T> {
    source: Source,
    ttl: SignedDuration,
    forced_pause: SignedDuration,
    parse: Parse<T>,
    current: RwLock<Option<Entry<T>>>,
    reading: Mutex<Attempts>,
}

struct Entry<T> {
    value: Arc<T>,
    read_at: Timestamp,
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            read_at: self.read_at,
        }
    }
}

#[derive(Default)]
struct Attempts {
    last_failed: Option<Timestamp>,
    last_forced: Option<Timestamp>,
}

impl Secret<ErasureKey> {
    /// The key of tombstones and pseudonyms, from the secret of `ERASURE_KEY_SECRET_ID`.
    pub fn erasure_key(client: Client, id: impl Into<String>) -> Self {
        let wrong =
            |what| Error::misconfigured(format!("the secret of ERASURE_KEY_SECRET_ID {what}"));
        let parse = move |text: &SecretString| ErasureKey::parse(text).map_err(wrong);
        Self::new(client, id, ERASURE_KEY_TTL, parse)
    }
}

impl<T> Secret<T> {
    /// The secret with this name or ARN. Nothing is read yet.
    pub fn new(
        client: Client,
        id: impl Into<String>,
        ttl: SignedDuration,
        parse: impl Fn(&SecretString) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Self {
        Self::of(Source::Manager(client, id.into()), ttl, parse)
    }

    /// The secret that comes from there. Nothing is read yet.
    pub fn of(
        source: Source,
        ttl: SignedDuration,
        parse: impl Fn(&SecretString) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Self {
        let (current, reading) = (RwLock::new(None), Mutex::new(Attempts::default()));
        Self {
            source,
            ttl,
            forced_pause: FORCED_PAUSE,
            parse: Box::new(parse),
            current,
            reading,
        }
    }

    /// The same, with so long between two reads that unknown keys cause.
    #[must_use]
    pub fn reread_after(mut self, pause: SignedDuration) -> Self {
        self.forced_pause = pause;
        self
    }

    /// The value, read again if it is older than its time to live.
    pub async fn get(&self, now: Timestamp) -> Result<Arc<T>, Error> {
        if let Some(value) = self.fresh(now) {
            return Ok(value);
        }
        let mut attempts = self.reading.lock().await;
        if let Some(value) = self.fresh(now) {
            return Ok(value);
        }
        let outcome = self.try_read(&mut attempts, now).await;
        outcome.or_else(|error| self.stale(now, error))
    }

    /// What the value says of a caller. Whoever is refused may hold a key that is newer than ours: then the value is read again, rarely,
    /// and asked once more.
    pub async fn ask<A>(
        &self,
        now: Timestamp,
        ask: impl Fn(&T) -> Result<A, Error>,
    ) -> Result<A, Error> {
        let known = self.get(now).await?;
        let refused = match ask(&known) {
            Err(Error::Unauthorized(reason)) if reason.may_be_a_new_key() => reason,
            decided => return decided,
        };
        match self.refreshed(&known, now).await? {
            Some(fresh) => ask(&fresh),
            None => Err(Error::Unauthorized(refused)),
        }
    }

    /// A value that is newer than `known`, or `None` if it was read too recently to be read again.
    pub async fn refreshed(&self, known: &Arc<T>, now: Timestamp) -> Result<Option<Arc<T>>, Error> {
        let newer = |entry: Entry<T>| (!Arc::ptr_eq(&entry.value, known)).then_some(entry.value);
        if let Some(value) = self.entry().and_then(newer) {
            return Ok(Some(value));
        }
        let mut attempts = self.reading.lock().await;
        if let Some(value) = self.entry().and_then(newer) {
            return Ok(Some(value));
        }
        if is_within(attempts.last_forced, now, self.forced_pause) {
            return Ok(None);
        }
        let value = self.try_read(&mut attempts, now).await?;
        attempts.last_forced = Some(now);
        Ok(Some(value))
    }

    /// While it is down, one caller in a while waits for it, not everyone in turn.
    async fn try_read(&self, attempts: &mut Attempts, now: Timestamp) -> Result<Arc<T>, Error> {
        if is_within(attempts.last_failed, now, FAILED_PAUSE) {
            return Err(Error::transient(
                "Secrets Manager",
                "it failed a moment ago",
            ));
        }
        let started = Instant::now();
        let outcome = self.read(now).await;
        // A read can take longer than the pause, which therefore begins at its end.
        let ended = now.saturating_add(started.elapsed()).unwrap_or(now);
        attempts.last_failed = outcome.is_err().then_some(ended);
        outcome
    }

    fn fresh(&self, now: Timestamp) -> Option<Arc<T>> {
        let is_fresh = |entry: &Entry<T>| now.duration_since(entry.read_at) < self.ttl;
        self.entry().filter(is_fresh).map(|entry| entry.value)
    }

    fn entry(&self) -> Option<Entry<T>> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn stale(&self, now: Timestamp, error: Error) -> Result<Arc<T>, Error> {
        match self.entry() {
            Some(entry) if now.duration_since(entry.read_at) < MOST_STALE => {
                if error.kind() == Kind::Transient {
                    tracing::warn!(
                        error = error.chain(),
                        "the secret could not be read again; the old value serves"
                    );
                } else {
                    tracing::error!(
                        error.kind = error.kind().as_str(),
                        error = error.chain(),
                        "the secret cannot be understood; the old value serves"
                    );
                }
                Ok(entry.value)
            }
            _ => Err(error),
        }
    }

    /// If that does not pass, nothing serves until it is mended.
    fn give_up(&self, error: &Error) {
        if error.kind() == Kind::Transient {
            return;
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.take().is_some() {
            tracing::error!(
                error.kind = error.kind().as_str(),
                error = error.chain(),
                "the secret cannot be used any more; its old value is given up"
            );
        }
    }

    async fn read(&self, now: Timestamp) -> Result<Arc<T>, Error> {
        let text = match &self.source {
            Source::Manager(client, id) => {
                let looked_up = look_up(client, id).await;
                looked_up.inspect_err(|error| self.give_up(error))?
            }
            Source::Text(text) => text.clone(),
        };
        let value = Arc::new((self.parse)(&text)?);
        let entry = Entry {
            value: Arc::clone(&value),
            read_at: now,
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(entry);
        Ok(value)
    }
}

async fn look_up(client: &Client, id: &str) -> Result<SecretString, Error> {
    let answer = client.get_secret_value().secret_id(id).send().await;
    let answer = answer.map_err(|error| match error.code().and_then(refusal) {
        Some(why) => Error::Misconfigured {
            what: format!("the secret {id} {why}"),
            source: Some(error.into()),
        },
        None => Error::transient("Secrets Manager", error),
    })?;
    let text = answer.secret_string;
    text.map(SecretString::from)
        .ok_or_else(|| Error::misconfigured(format!("the secret {id} is not text")))
}

/// What a person has to change, if it is that. Everything else passes: throttling, what takes too long, their own failures.
fn refusal(code: &str) -> Option<&'static str> {
    match code {
        "ResourceNotFoundException" => Some("does not exist"),
        "AccessDeniedException" => Some("may not be read"),
        "DecryptionFailure" => Some("cannot be decrypted"),
        "InvalidRequestException" => {
            Some("cannot be read as it stands: it may be marked for deletion")
        }
        "InvalidParameterException" => Some("cannot be asked for under this name"),
        _ => None,
    }
}

fn is_within(last: Option<Timestamp>, now: Timestamp, pause: SignedDuration) -> bool {
    last.is_some_and(|last| now.duration_since(last) < pause)
}

#[cfg(test)]
mod tests;
