//! The secret of API keys as it is written, with what stands in it and is no key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ApiKeys, StoredKey};
use crate::auth::Scope;

/// An entry that cannot be read.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Unread {
    /// Its place in the secret, from 0.
    pub(super) index: usize,
    entry: Value,
}

/// The secret as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    keys: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Entry {
    Key(StoredKey),
    Unread(Value),
}

impl From<Written> for ApiKeys {
    fn from(written: Written) -> Self {
        let mut read = Self::default();
        for (index, entry) in written.keys.into_iter().enumerate() {
            match entry {
                Entry::Key(key) => read.keys.push(key),
                Entry::Unread(entry) => read.unread.push(Unread { index, entry }),
            }
        }
        read
    }
}

impl From<ApiKeys> for Written {
    fn from(keys: ApiKeys) -> Self {
        let read = keys.keys.into_iter().map(Entry::Key);
        let unread = keys.unread.into_iter().map(|one| Entry::Unread(one.entry));
        Self {
            keys: read.chain(unread).collect(),
        }
    }
}

impl Unread {
    pub(super) fn has_id(&self, id: &str) -> bool {
        self.entry["id"] == id
    }

    /// What is wrong with it, without a word of it.
    pub(super) fn fault(&self) -> &'static str {
        let reads = |text: &str| text.parse::<Timestamp>().is_ok();
        let is_scope = |scope: &Value| {
            scope
                .as_str()
                .is_some_and(|one| one.parse::<Scope>().is_ok())
        };
        let are_scopes = |scopes: &Vec<Value>| scopes.iter().all(is_scope);
        let entry = &self.entry;
        if !entry["id"].is_string() {
            "has no id"
        } else if !entry["sha256"].is_string() {
            "has no sha256"
        } else if !entry["scopes"].as_array().is_some_and(are_scopes) {
            "has scopes that are none"
        } else if !entry["expires"].as_str().is_some_and(reads) {
            "has no time for expires"
        } else {
            "has a field that nobody knows"
        }
    }
}

/// Somebody may have written a key where its digest should be.
impl std::fmt::Debug for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unread({}, {})", self.index, self.fault())
    }
}
