//! The map as people write it: only its shape. What the paths and labels must be is decided when the map is built.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The whole configuration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenMaps {
    pub(super) default: Option<WrittenMap>,
    #[serde(default)]
    pub(super) events: Entries<WrittenMap>,
}

/// One map.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenMap {
    #[serde(default)]
    pub(super) fields: Entries<String>,
    #[serde(default)]
    pub(super) turns: Vec<WrittenTurns>,
    #[serde(default)]
    pub(super) required: Vec<String>,
    #[serde(default = "yes")]
    pub(super) supersedes: bool,
}

/// Where turns stand, and in each of them its speaker and its words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenTurns {
    pub(super) each: String,
    pub(super) who: Option<String>,
    pub(super) what: String,
    #[serde(default = "somebody")]
    pub(super) label: String,
}

/// The members of an object in the order in which they are written, which is the order of the text.
pub(super) struct Entries<V>(pub(super) Vec<(String, V)>);

impl WrittenMaps {
    pub(super) fn from_default(map: WrittenMap) -> Self {
        Self {
            default: Some(map),
            events: Entries::default(),
        }
    }
}

impl WrittenMap {
    pub(super) fn from_fields(fields: Entries<String>) -> Self {
        Self {
            fields,
            turns: Vec::new(),
            required: Vec::new(),
            supersedes: yes(),
        }
    }
}

/// The fields of the short form: an object that holds strings and nothing else.
pub(super) fn short(text: &str) -> Option<Entries<String>> {
    let Entries(members) = serde_json::from_str::<Entries<&RawValue>>(text).ok()?;
    let is_short = !members.is_empty()
        && members
            .iter()
            .all(|(_, value)| value.get().starts_with('"'));
    is_short.then(|| serde_json::from_str(text).ok()).flatten()
}

fn yes() -> bool {
    true
}

fn somebody() -> String {
    "Speaker".to_owned()
}

impl<V> Default for Entries<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Entries<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

struct InOrder<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for InOrder<V> {
    type Value = Entries<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    /// What is wrong with a value is said with its name.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value();
            let value = value.map_err(|flaw| A::Error::custom(format!("{name}: {flaw}")))?;
            members.push((name, value));
        }
        Ok(Entries(members))
    }
}
