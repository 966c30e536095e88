//! The secret of the keys by which callers are known.

use aws_sdk_secretsmanager::Client;
use jiff::SignedDuration;

use super::Secret;
use crate::auth::ApiKeys;
use crate::config::{Reader, read_keys_ttl};

/// Where the API keys of callers are, and how long they are kept.
#[derive(Debug, Clone)]
pub struct ApiKeySettings {
    secret_id: String,
    ttl: SignedDuration,
}

impl ApiKeySettings {
    /// Reads `API_KEYS_SECRET_ID` and `KEYS_TTL_SECONDS`.
    pub fn read(read: &mut Reader<'_>) -> Option<Self> {
        let secret_id: Option<String> = read.required("API_KEYS_SECRET_ID");
        let ttl = read_keys_ttl(read);
        Some(Self {
            secret_id: secret_id?,
            ttl,
        })
    }

    /// How long keys are kept before they are read again; keys of other kinds are kept for as long.
    pub fn ttl(&self) -> SignedDuration {
        self.ttl
    }

    /// The keys. Nothing is read yet.
    pub fn open(self, client: Client) -> Secret<ApiKeys> {
        let parse = |text: &_| {
            let keys = ApiKeys::parse(text)?;
            for problem in keys.problems() {
                // Its caller is told 401, and the doctor tells of it. With a kind it would ring with every read, and hold the alarm that others
                // are meant to ring.
                tracing::warn!(error = problem, "an API key was left out");
            }
            Ok(keys)
        };
        Secret::new(client, self.secret_id, self.ttl, parse)
    }
}
