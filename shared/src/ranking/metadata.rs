//! What CXone is told beside a snippet.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{SerializeMap as _, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::domain::body::{Flaws, Object, place_of, value};

/// A snippet has no more entries.
const MOST_ENTRIES: usize = 50;
/// All keys and texts of a snippet together have no more bytes.
const MOST_BYTES: usize = 4_096;

/// Up to 50 keys with a text each, together at most 4,096 bytes, without NUL. Nobody here looks into them: they are kept as the JSON that
/// CXone gets, in its canonical form. `None` if there are none.
#[derive(Debug, Clone, Default)]
pub struct Metadata(Option<Box<RawValue>>);

impl Metadata {
    /// An object of texts, its keys sorted.
    pub fn as_json(&self) -> &str {
        self.0.as_ref().map_or("{}", |written| written.get())
    }

    /// Reads entries, and says what is wrong with them.
    pub(super) fn read(written: &RawValue) -> Result<Self, Flaws> {
        let mut object = Object::read(written)?;
        let mut entries = Vec::new();
        for (key, written) in object.rest() {
            // A text that cannot be kept counts as an entry all the same.
            let text = value::text(written).map_err(|flaws| object.add(&place_of(&key), flaws));
            entries.push((key.into(), text.unwrap_or_default().into()));
        }
        let entries = Entries(entries);
        for broken in entries.broken_rules() {
            object.add("", broken);
        }
        object.end(entries.kept())
    }
}

impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(written) => written.serialize(serializer),
            None => serializer.serialize_map(Some(0))?.end(),
        }
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = deserializer.deserialize_map(EveryEntry)?;
        let is_sound = entries.broken_rules().next().is_none() && entries.are_distinct();
        let metadata = if is_sound { entries.kept() } else { None };
        metadata.ok_or_else(|| D::Error::custom("breaks the rules of metadata"))
    }
}

/// Entries, sorted by key.
struct Entries<'doc>(Vec<(Cow<'doc, str>, Cow<'doc, str>)>);

impl Entries<'_> {
    fn broken_rules(&self) -> impl Iterator<Item = &'static str> {
        let size = self.0.iter().map(|(key, text)| key.len() + text.len());
        let has_nul =
            |(key, text): &(Cow<str>, Cow<str>)| key.contains('\0') || text.contains('\0');
        let rules = [
            (self.0.len() > MOST_ENTRIES).then_some("must hold at most 50 entries"),
            (size.sum::<usize>() > MOST_BYTES).then_some("must hold at most 4096 bytes in all"),
            self.0
                .iter()
                .any(has_nul)
                .then_some("holds a NUL character"),
        ];
        rules.into_iter().flatten()
    }

    fn are_distinct(&self) -> bool {
        self.0.is_sorted_by(|(one, _), (next, _)| one < next)
    }

    /// The entries as they are sent.
    fn kept(&self) -> Option<Metadata> {
        if self.0.is_empty() {
            return Some(Metadata::default());
        }
        // Keys are texts, so there is nothing that could fail.
        to_raw_value(self)
            .ok()
            .map(|written| Metadata(Some(written)))
    }
}

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, text)| (key, text)))
    }
}

struct EveryEntry;

/// A text that is borrowed where it can be.
#[derive(Deserialize)]
struct Text<'doc>(#[serde(borrow)] Cow<'doc, str>);

impl<'de> Visitor<'de> for EveryEntry {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((Text(key), Text(text))) = map.next_entry()? {
            entries.push((key, text));
        }
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Entries(entries))
    }
}
