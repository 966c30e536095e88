//! What the simulator knows and how it behaves when no fault is set.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    knowledge::{KnowledgeSettings, KnowledgeUpdate},
    ranking::{RankingSettings, RankingUpdate},
    transcripts::{TranscriptSettings, TranscriptUpdate},
};

/// Every scope that the profile `v2` names.
pub const ALL_SCOPES: [&str; 9] = [
    "knowledge:read",
    "interactions:read",
    "assist:write",
    "agentassist:session:write",
    "agentassist:snippet:write",
    "dataaction:read",
    "webhook:read",
    "conversations:chat:write",
    "conversations:read",
];

/// How a simulator starts; `reset` brings it back to this.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// How long a token is good for.
    pub token_lifetime: Duration,
    /// How long every embedding request takes.
    pub embedding_latency: Duration,
    /// The OAuth clients.
    pub clients: Vec<Client>,
    /// The access keys of the real tenants' token styles.
    pub access_keys: Vec<AccessKey>,
    /// The bearer keys of the embedding provider.
    pub embedding_keys: Vec<String>,
    /// The provider refuses a whole request when one of its inputs contains this, and does not say which one.
    pub refused_text: Option<String>,
    /// How many seconds CXone's clock is ahead of ours, behind when negative: it dates every answer and every edit.
    pub clock_skew_s: i64,
    /// How the knowledge base behaves.
    pub knowledge: KnowledgeSettings,
    /// How ranking behaves.
    pub ranking: RankingSettings,
    /// How the chat channel behaves.
    pub transcripts: TranscriptSettings,
    /// How many requests are remembered; the oldest go first.
    pub recorded_requests: usize,
    /// How many bytes of request bodies are remembered; the oldest requests go first.
    pub recorded_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            token_lifetime: Duration::from_hours(1),
            embedding_latency: Duration::ZERO,
            clients: vec![Client::with_all_scopes("local-client", "local-secret")],
            access_keys: vec![AccessKey {
                id: "local-access-key".to_owned(),
                // It ends in `=` as real ones do, which a form has to percent-encode.
                secret: "local-access-secret==".to_owned(),
            }],
            embedding_keys: vec!["sk-local".to_owned()],
            refused_text: None,
            clock_skew_s: 0,
            knowledge: KnowledgeSettings::default(),
            ranking: RankingSettings::default(),
            transcripts: TranscriptSettings::default(),
            recorded_requests: 100_000,
            recorded_bytes: 256 << 20,
        }
    }
}

/// An OAuth client and what it may ask for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The client id.
    pub id: String,
    /// The client secret.
    pub secret: String,
    /// The scopes it is granted.
    pub scopes: Vec<String>,
}

impl Client {
    /// A client that is granted [`ALL_SCOPES`].
    pub fn with_all_scopes(id: &str, secret: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            scopes: ALL_SCOPES.map(str::to_owned).to_vec(),
        }
    }
}

/// An access key of a CXone user; its tokens carry [`ALL_SCOPES`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKey {
    /// The access key id.
    pub id: String,
    /// The access key secret.
    pub secret: String,
}

/// A change of the running settings: what is absent stays, lists are added to (the same id is replaced).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsUpdate {
    /// The lifetime, in seconds, of tokens issued from now on.
    pub token_lifetime_s: Option<u64>,
    /// How long every embedding request takes, in milliseconds.
    pub embedding_latency_ms: Option<u64>,
    /// Further OAuth clients.
    pub clients: Vec<Client>,
    /// Further access keys.
    pub access_keys: Vec<AccessKey>,
    /// Further bearer keys of the embedding provider.
    pub embedding_keys: Vec<String>,
    /// See [`Settings::refused_text`]; an empty string takes it away.
    pub refused_text: Option<String>,
    /// See [`Settings::clock_skew_s`].
    pub clock_skew_s: Option<i64>,
    /// A change of the knowledge base's behaviour.
    pub knowledge: KnowledgeUpdate,
    /// A change of ranking's behaviour.
    pub ranking: RankingUpdate,
    /// A change of the chat channel's behaviour.
    pub transcripts: TranscriptUpdate,
}

impl Settings {
    pub(crate) fn apply(&mut self, update: SettingsUpdate) {
        if let Some(seconds) = update.token_lifetime_s {
            self.token_lifetime = Duration::from_secs(seconds);
        }
        if let Some(millis) = update.embedding_latency_ms {
            self.embedding_latency = Duration::from_millis(millis);
        }
        for client in update.clients {
            self.clients.retain(|known| known.id != client.id);
            self.clients.push(client);
        }
        for key in update.access_keys {
            self.access_keys.retain(|known| known.id != key.id);
            self.access_keys.push(key);
        }
        self.embedding_keys.extend(update.embedding_keys);
        if let Some(text) = update.refused_text {
            self.refused_text = (!text.is_empty()).then_some(text);
        }
        if let Some(seconds) = update.clock_skew_s {
            self.clock_skew_s = seconds;
        }
        self.knowledge.apply(update.knowledge);
        self.ranking.apply(&update.ranking);
        self.transcripts.apply(&update.transcripts);
    }
}
