//! The keys of a local stack: made once, kept over `down` and `up`, gone with `reset`. They lie beside the data, because data without
//! the keys that they were written under are of no use: a `cargo clean` must not take one and leave the other.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::auth::{ApiKeys, Scope};

use super::postgres;
use super::state::{read, write};
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

/// The bearer token of the webhook; no secret, so that it can stand in fixtures and in the curl line.
pub const BEARER: &str = "local-fixture-token-0123456789";
/// The key that the simulated embedding provider takes.
pub const EMBEDDING_KEY: &str = r#"{"api_key": "sk-local"}"#;
/// The client that the simulated CXone knows.
pub const CXONE_CREDENTIALS: &str =
    r#"{"client_id": "local-client", "client_secret": "local-secret"}"#;
/// The id of the key that `status` shows.
pub const OWN_KEY: &str = "local";

/// The name of the secret that holds the anchors of the audit.
pub const ANCHORS: &str = "audit-anchors";

/// The name of the secret that holds the key of links to the console.
pub const LINK_KEY: &str = "console-link-key";

/// The keys of a local stack.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// The key of the scheme Standard Webhooks.
    pub webhook: String,
    /// A key with all scopes.
    pub api_key: String,
    /// Every API key, as the functions read them.
    pub api_keys: ApiKeys,
    /// The key of tombstones.
    #[serde(default = "new_erasure_key")]
    pub erasure_key: String,
    /// The key that signs callbacks.
    #[serde(default = "new_signing_key")]
    pub callback_key: String,
    /// The key that signs links to the console.
    #[serde(default = "new_erasure_key")]
    pub link_key: String,
}

impl Secrets {
    /// The keys of this stack; made now if there are none. A key that soon expires is made anew.
    pub fn load_or_make(
        workspace: &Workspace,
        stack: &str,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        Self::load_or_make_in(&postgres::make_home(workspace, stack)?, now)
    }

    fn load_or_make_in(home: &Path, now: Timestamp) -> Result<Self, Failure> {
        let path = path(home);
        let mut secrets = read(&path).unwrap_or_else(|| Self {
            webhook: new_signing_key(),
            api_key: String::new(),
            api_keys: ApiKeys::default(),
            erasure_key: new_erasure_key(),
            callback_key: new_signing_key(),
            link_key: new_erasure_key(),
        });
        let soon = now + SignedDuration::from_hours(24);
        // A newer version may know scopes that the key was not made with.
        let may_all = |scopes: &[Scope]| Scope::ALL.iter().all(|scope| scopes.contains(scope));
        if !secrets
            .api_keys
            .keys
            .iter()
            .any(|key| key.id == OWN_KEY && key.expires > soon && may_all(&key.scopes))
        {
            secrets.renew_own_key(now)?;
        }
        write(&path, &secrets)?;
        Ok(secrets)
    }

    /// Keeps the API keys as they are now in Secrets Manager.
    pub fn keep_api_keys(
        workspace: &Workspace,
        stack: &str,
        api_keys: &ApiKeys,
    ) -> Result<(), Failure> {
        let mut secrets = Self::load_or_make(workspace, stack, Timestamp::now())?;
        secrets.api_keys = api_keys.clone();
        write(&path(&postgres::home(workspace, stack)), &secrets)
    }

    /// What the functions read, by the name that the secret has in the template.
    pub fn documents(&self) -> Result<[(&'static str, String); 8], Failure> {
        let api_keys = serde_json::to_string(&self.api_keys);
        let api_keys = api_keys.or_fail(
            "cannot write the API keys",
            "`cargo local reset` makes new ones",
        )?;
        let webhook = serde_json::json!({"standard-webhooks": [self.webhook], "bearer": [BEARER]});
        let callback_keys = serde_json::json!({"keys": [self.callback_key]});
        Ok([
            ("webhook-keys", webhook.to_string()),
            ("api-keys", api_keys),
            ("erasure-key", self.erasure_key.clone()),
            ("embedding-key", EMBEDDING_KEY.to_owned()),
            ("cxone-credentials", CXONE_CREDENTIALS.to_owned()),
            ("callback-keys", callback_keys.to_string()),
            (LINK_KEY, self.link_key.clone()),
            // A Secrets Manager that was started anew knows no anchor.
            (ANCHORS, "{}".to_owned()),
        ])
    }

    fn renew_own_key(&mut self, now: Timestamp) -> Result<(), Failure> {
        self.api_keys.revoke(OWN_KEY);
        let expires = now + SignedDuration::from_hours(24 * 365);
        let key = self
            .api_keys
            .issue(OWN_KEY, rand::random(), Scope::ALL.to_vec(), expires);
        self.api_key = key.or_fail(
            "cannot make an API key",
            "`cargo local reset` starts afresh",
        )?;
        Ok(())
    }
}

fn path(home: &Path) -> PathBuf {
    home.join("secrets.json")
}

fn new_signing_key() -> String {
    format!("whsec_{}", STANDARD.encode(rand::random::<[u8; 32]>()))
}

fn new_erasure_key() -> String {
    STANDARD.encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_and_an_expiring_one_is_renewed() {
        let dir = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let first = Secrets::load_or_make_in(dir.path(), now).unwrap();
        let again = Secrets::load_or_make_in(dir.path(), now).unwrap();
        assert_eq!(
            (&first.webhook, &first.api_key),
            (&again.webhook, &again.api_key)
        );
        let year_later = now + SignedDuration::from_hours(24 * 364 + 1);
        let renewed = Secrets::load_or_make_in(dir.path(), year_later).unwrap();
        assert_eq!(renewed.webhook, first.webhook);
        assert_ne!(renewed.api_key, first.api_key);
        assert_eq!(renewed.api_keys.keys.len(), 1);
        let mut older = renewed;
        older.api_keys.keys[0].scopes.pop();
        write(&path(dir.path()), &older).unwrap();
        let renewed = Secrets::load_or_make_in(dir.path(), year_later).unwrap();
        assert_eq!(renewed.api_keys.keys[0].scopes, Scope::ALL);
        assert_ne!(renewed.api_key, older.api_key);
    }

    #[test]
    fn a_webhook_key_is_one_that_the_receiver_takes() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::load_or_make_in(dir.path(), Timestamp::now()).unwrap();
        let [(_, webhook), (_, api_keys), ..] = secrets.documents().unwrap();
        let schemes = r#"["standard-webhooks", "bearer"]"#.parse().unwrap();
        shared::auth::Keyring::parse(&schemes, &webhook.into()).unwrap();
        assert_eq!(ApiKeys::parse(&api_keys.into()).unwrap(), secrets.api_keys);
    }

    #[test]
    fn callbacks_are_signed_and_nothing_is_anchored_at_first() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::load_or_make_in(dir.path(), Timestamp::now()).unwrap();
        let documents = secrets.documents().unwrap();
        let document = |name| {
            let found = documents.iter().find(|(known, _)| *known == name);
            found.unwrap().1.as_str()
        };
        shared::auth::Signer::parse(&document("callback-keys").into()).unwrap();
        assert_eq!(shared::audit::Anchor::parse(document(ANCHORS)), Ok(None));
    }
}
